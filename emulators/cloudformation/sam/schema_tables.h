#pragma once

#include <string_view>

namespace skafu::cloudformation::sam {

/// The properties of SAM's resources and events, in the order in which the translator checks them:
/// "TYPE: NAME FORM, NAME FORM.", where FORM is s (string), m (map), b (boolean), i (integer),
/// l (list), * (anything), [..] (list of), {..} (map to), forms with | between them; ! before it:
/// required, -: no function of CloudFormation instead. "@TYPE" stands for all that TYPE has.
extern const std::string_view kSchemaTables;

}  // namespace skafu::cloudformation::sam
