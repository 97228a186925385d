#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "cloudwatch/statistics.h"
#include "core/cloud.h"

namespace skafu::cloudwatch {

/// A metric: a namespace, a name, and dimensions in the order of their names.
struct MetricId {
    std::string name_space;
    std::string name;
    std::map<std::string, std::string> dimensions;

    /// From an input with Namespace, MetricName and Dimensions [{Name, Value}].
    static MetricId from_json(const Json& json);
    Json dimensions_json() const;
    std::string key() const;
};

struct Metric {
    MetricId id;
    std::string unit = "None";
    std::map<std::int64_t, Statistics> points;  ///< by second
};

/// Values over time of all metrics, in memory and in the database.
class Metrics {
  public:
    explicit Metrics(Cloud& cloud);

    void add(const Scope& scope, const MetricId& id, std::int64_t second, const std::string& unit,
             const Statistics& values);
    const Metric* find(const Scope& scope, const MetricId& id) const;
    void for_each(const Scope& scope, const std::function<void(const Metric&)>& visit) const;
    /// The values in [from, to), by the start of each period.
    static std::map<std::int64_t, Statistics> by_period(const Metric& metric, std::int64_t from,
                                                        std::int64_t to, std::int64_t period);
    void reset(const Scope* scope);

  private:
    void load();

    Cloud& cloud_;
    Statement store_;
    std::map<Scope, std::map<std::string, Metric>> metrics_;
};

/// A member that is a time: epoch seconds or ISO 8601, as seconds; throws InvalidParameterValue.
std::int64_t seconds_of(const Json& input, std::string_view member);

}  // namespace skafu::cloudwatch
