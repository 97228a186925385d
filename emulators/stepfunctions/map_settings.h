#pragma once

#include <optional>

#include "stepfunctions/failure.h"
#include "stepfunctions/program.h"
#include "stepfunctions/scope.h"

namespace skafu::stepfunctions {

/// MaxConcurrency of a Map; 0 means no limit. Throws Failure for a value that is no whole number.
std::size_t max_concurrency(const State& state, StateScope& scope);

/// The items of a Map without an ItemReader. Throws Failure where they are not an array.
Json map_items(const State& state, StateScope& scope);

struct FailureTolerance {
    std::int64_t count = 0;
    double percentage = 0;
    bool has_count = false;
    bool has_percentage = false;
};

/// How many children of a distributed Map may fail. Throws Failure.
FailureTolerance tolerated_failures(const State& state, StateScope& scope);

/// The failure of a Map where more children failed than that.
Failure too_many_failures();

/// A whole number out of a setting; nothing where it is not given. `field` without "Path".
std::optional<std::int64_t> whole_number(const Setting& setting, StateScope& scope,
                                         const std::string& field);

}  // namespace skafu::stepfunctions
