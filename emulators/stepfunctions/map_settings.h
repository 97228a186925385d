#pragma once

#include <optional>

#include "stepfunctions/failure.h"
#include "stepfunctions/program.h"
#include "stepfunctions/scope.h"

namespace skafu::stepfunctions {

/// MaxConcurrency of a Map; 0 means no limit. Throws Failure for a value that is no whole number.
std::size_t max_concurrency(const State& state, StateScope& scope);

/// What a Map iterates over.
struct MapItems {
    Json list = Json::array();
    bool has_keys = false;  ///< the items are the entries {Key, Value} of an object
    /// Where items come from (`$$.Map.Item.Source`), from the item of that index on.
    std::vector<std::pair<std::size_t, std::string>> sources;

    /// `$$.Map.Item` of an item that was taken out of the list.
    Json described(std::size_t index, Json item) const;
};

/// The items of a Map without an ItemReader: an array, or in distributed mode an object too.
/// Throws Failure for anything else.
MapItems map_items(const State& state, StateScope& scope);

/// The members of an object as items {Key, Value}.
Json entries_of(Json object);

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
