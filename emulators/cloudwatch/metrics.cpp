#include "cloudwatch/metrics.h"

#include "core/aws_error.h"

namespace skafu::cloudwatch {
namespace {

constexpr std::string_view kSchema =
    "CREATE TABLE cloudwatch_points(account TEXT, region TEXT, metric TEXT, second INTEGER,"
    " unit TEXT, body TEXT NOT NULL, PRIMARY KEY(account, region, metric, second)) WITHOUT ROWID";
constexpr std::size_t kMostPoints = 100'000;

}  // namespace

MetricId MetricId::from_json(const Json& json) {
    MetricId id{string_member(json, "Namespace"), string_member(json, "MetricName"), {}};
    if (const Json* dimensions = find_member(json, "Dimensions"); dimensions != nullptr) {
        for (const Json& dimension : *dimensions) {
            id.dimensions[string_member(dimension, "Name")] = string_member(dimension, "Value");
        }
    }
    return id;
}

Json MetricId::dimensions_json() const {
    Json out = Json::array();
    for (const auto& [key, value] : dimensions) out.push_back({{"Name", key}, {"Value", value}});
    return out;
}

std::string MetricId::key() const {
    return to_text(
        Json{{"Namespace", name_space}, {"MetricName", name}, {"Dimensions", dimensions_json()}});
}

Metrics::Metrics(Cloud& cloud) : cloud_(cloud) {
    cloud.database().migrate("cloudwatch", {kSchema});
    store_ = cloud.database().prepare(
        "INSERT OR REPLACE INTO cloudwatch_points VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    if (!cloud.database().untouched()) load();
    cloud.database().on_rollback([this] { load(); });
}

void Metrics::load() {
    metrics_.clear();
    Statement all = cloud_.database().prepare("SELECT * FROM cloudwatch_points");
    while (all.step()) {
        const Scope scope{std::string(all.text(0)), std::string(all.text(1))};
        const std::string key(all.text(2));
        Metric& metric = metrics_[scope][key];
        metric.id = MetricId::from_json(parse_json(key));
        metric.unit = all.text(4);
        metric.points[all.integer(3)] = Statistics::from_json(parse_json(all.text(5)));
    }
}

void Metrics::add(const Scope& scope, const MetricId& id, std::int64_t second,
                  const std::string& unit, const Statistics& values) {
    const std::string key = id.key();
    Metric& metric = metrics_[scope][key];
    metric.id = id;
    metric.unit = unit;
    Statistics& point = metric.points[second];
    point.merge(values);
    cloud_.database().write();
    const std::string body = to_text(point.to_json());
    store_.bind(1, scope.account).bind(2, scope.region).bind(3, key).bind(4, second);
    store_.bind(5, unit).bind(6, body).run();
    if (metric.points.size() > kMostPoints) metric.points.erase(metric.points.begin());
}

const Metric* Metrics::find(const Scope& scope, const MetricId& id) const {
    const auto in_scope = metrics_.find(scope);
    if (in_scope == metrics_.end()) return nullptr;
    const auto found = in_scope->second.find(id.key());
    return found == in_scope->second.end() ? nullptr : &found->second;
}

void Metrics::for_each(const Scope& scope, const std::function<void(const Metric&)>& visit) const {
    const auto in_scope = metrics_.find(scope);
    if (in_scope == metrics_.end()) return;
    for (const auto& [key, metric] : in_scope->second) visit(metric);
}

std::map<std::int64_t, Statistics> Metrics::by_period(const Metric& metric, std::int64_t from,
                                                      std::int64_t to, std::int64_t period) {
    std::map<std::int64_t, Statistics> out;
    for (auto at = metric.points.lower_bound(from); at != metric.points.end() && at->first < to;
         ++at) {
        out[at->first / period * period].merge(at->second);
    }
    return out;
}

void Metrics::reset(const Scope* scope) {
    Database& database = cloud_.database();
    database.write();
    Statement wipe = database.prepare(
        "DELETE FROM cloudwatch_points WHERE ?1 IS NULL OR (account = ?1 AND region = ?2)");
    if (scope != nullptr) {
        wipe.bind(1, scope->account).bind(2, scope->region);
        metrics_.erase(*scope);
    } else {
        metrics_.clear();
    }
    wipe.run();
}

std::int64_t seconds_of(const Json& input, std::string_view member) {
    const Json* given = find_member(input, member);
    if (given != nullptr && given->is_number())
        return static_cast<std::int64_t>(given->get<double>());
    const std::string text =
        given != nullptr && given->is_string() ? given->get<std::string>() : "";
    try {
        return epoch_millis(parse_iso8601(text)) / 1000;
    } catch (const std::invalid_argument&) {
        throw AwsError("InvalidParameterValueException",
                       fmt::format("The parameter {} must be a valid timestamp.", member));
    }
}

}  // namespace skafu::cloudwatch
