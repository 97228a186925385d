#include "logs/insights_stats.h"

#include <cmath>
#include <set>

#include "core/aws_error.h"

namespace skafu::logs {

namespace {

/// The values of the function's argument that are there.
std::vector<Json> values_of(const Expression& function, const std::vector<const Row*>& rows) {
    std::vector<Json> values;
    if (function.parts.empty()) return values;
    for (const Row* row : rows) {
        Json value = function.parts[0].value(*row);
        if (!value.is_null()) values.push_back(std::move(value));
    }
    return values;
}

std::vector<double> numbers_of(const std::vector<Json>& values) {
    std::vector<double> numbers;
    for (const Json& value : values) {
        if (const std::optional<double> number = number_of(value)) numbers.push_back(*number);
    }
    return numbers;
}

double mean(const std::vector<double>& numbers) {
    double sum = 0;
    for (const double number : numbers) sum += number;
    return sum / static_cast<double>(numbers.size());
}

Json percentile(std::vector<double> numbers, double percent) {
    std::sort(numbers.begin(), numbers.end());
    const double rank = std::ceil(percent / 100 * static_cast<double>(numbers.size()));
    const auto at = static_cast<std::size_t>(std::max(1.0, rank)) - 1;
    return numbers[std::min(at, numbers.size() - 1)];
}

Json of_numbers(const Expression& function, const std::vector<double>& numbers) {
    if (numbers.empty()) return Json();
    const std::string& name = function.name;
    if (name == "avg") return mean(numbers);
    if (name == "sum") return mean(numbers) * static_cast<double>(numbers.size());
    if (name == "min") return *std::min_element(numbers.begin(), numbers.end());
    if (name == "max") return *std::max_element(numbers.begin(), numbers.end());
    if (name == "median") return percentile(numbers, 50);
    if (name == "pct" || name == "percentile") {
        const double percent =
            function.parts.size() > 1 ? number_of(function.parts[1].constant).value_or(50) : 50;
        return percentile(numbers, percent);
    }
    const double center = mean(numbers);
    double squares = 0;
    for (const double number : numbers) squares += (number - center) * (number - center);
    return std::sqrt(squares / static_cast<double>(numbers.size()));
}

/// The value of the first or last event of the group by time.
Json at_end(const Expression& function, const std::vector<const Row*>& rows, bool latest) {
    const Row* best = nullptr;
    for (const Row* row : rows) {
        const std::int64_t time = row->value("@timestamp", std::int64_t{0});
        const std::int64_t other = best == nullptr ? 0 : best->value("@timestamp", std::int64_t{0});
        if (best == nullptr || (latest ? time >= other : time < other)) best = row;
    }
    return best == nullptr || function.parts.empty() ? Json() : function.parts[0].value(*best);
}

}  // namespace

Json aggregate(const Expression& function, const std::vector<const Row*>& rows) {
    const std::string& name = function.name;
    if (function.kind == Expression::Kind::call) {
        const bool counts_rows = function.parts.empty() || function.parts[0].constant == "*";
        if (name == "count" && counts_rows) return rows.size();
        const std::vector<Json> values = values_of(function, rows);
        if (name == "count") return values.size();
        if (name == "count_distinct") {
            std::set<std::string> distinct;
            for (const Json& value : values) distinct.insert(shown(value));
            return distinct.size();
        }
        if (name == "earliest" || name == "latest") {
            return at_end(function, rows, name == "latest");
        }
        for (const char* known :
             {"avg", "sum", "min", "max", "median", "pct", "percentile", "stddev"}) {
            if (name == known) return of_numbers(function, numbers_of(values));
        }
    }
    throw AwsError("MalformedQueryException",
                   fmt::format("{} is not an aggregation that is known", function.text));
}

}  // namespace skafu::logs
