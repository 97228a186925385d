#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skafu::stepfunctions {

/// What is wrong with a text that is not JSON, near `offset`, as the Java library behind AWS's
/// service words it ("Unrecognized token 'not': was expecting (…)").
std::string describe_json_fault(std::string_view text, std::size_t offset);

/// `[Source: (String)"…"; line: 1, column: 4]`
std::string source_location(std::string_view text, std::size_t offset);

}  // namespace skafu::stepfunctions
