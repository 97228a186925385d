#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"

namespace skafu::cloudwatch {

/// What is known of the values of a metric in some span of time.
struct Statistics {
    double sum = 0;
    double count = 0;
    double minimum = 0;
    double maximum = 0;
    /// Values with how often each came, for percentiles; sets of statistics have none.
    std::vector<std::pair<double, double>> samples;

    void add(double value, double times);
    /// A set of statistics that somebody else computed.
    void add_set(double set_sum, double set_count, double set_minimum, double set_maximum);
    void merge(const Statistics& other);
    /// "Average", "Sum", "Minimum", "Maximum", "SampleCount" or a percentile "p99.9"; nothing for
    /// another name, and for percentiles of statistic sets.
    std::optional<double> value_of(std::string_view name) const;

    Json to_json() const;
    static Statistics from_json(const Json& json);
};

}  // namespace skafu::cloudwatch
