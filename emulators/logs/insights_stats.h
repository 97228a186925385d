#pragma once

#include <string>
#include <vector>

#include "logs/insights_expression.h"

namespace skafu::logs {

/// A column of `fields` or `stats`: an expression and the name it goes by.
struct Column {
    Expression expression;
    std::string name;
};

/// What one of `stats`' functions gives for a group of rows: count, count_distinct, sum, avg, min,
/// max, pct, stddev, earliest, latest. Throws AwsError MalformedQueryException for another one.
Json aggregate(const Expression& function, const std::vector<const Row*>& rows);

}  // namespace skafu::logs
