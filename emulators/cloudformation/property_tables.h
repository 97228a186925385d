#pragma once

#include <string_view>

namespace skafu::cloudformation {

/// The properties in CloudFormation's schemas of the types that are emulated: "TYPE: NAME, NAME."
/// and "TYPE.MAP: NAME, NAME." for the maps inside them. After a name: ! required, then # number,
/// ? boolean, * anything, :MAP such a map, nothing for texts. Of a list it is told what it holds.
extern const std::string_view kPropertyTables;

}  // namespace skafu::cloudformation
