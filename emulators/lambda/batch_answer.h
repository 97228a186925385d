#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace skafu::lambda {

/// The records that a function reported as failed ("Reporting batch item failures", Lambda
/// Developer Guide), out of those it was given. Nothing failed where the answer says nothing; all
/// did (nullopt) where it cannot be understood or names what was not in the batch.
std::optional<std::set<std::string>> reported_failures(std::string_view answer,
                                                       const std::vector<std::string>& given);

}  // namespace skafu::lambda
