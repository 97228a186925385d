#include "cloudwatch/alarms.h"
#include "cloudwatch/cloudwatch.h"
#include "cloudwatch/metrics.h"
#include "cloudwatch/resources.h"
#include "core/arn.h"
#include "core/aws_error.h"
#include "core/data_reset.h"

namespace skafu::cloudwatch {
namespace {

constexpr std::size_t kMostListed = 500;

class CloudWatch {
  public:
    explicit CloudWatch(Cloud& cloud)
        : cloud_(cloud),
          metrics_(cloud),
          alarms_(cloud, metrics_),
          dashboards_(cloud.database(), "cloudwatch", "dashboard") {}

    Alarms& alarms() { return alarms_; }
    void clear_points(const Scope* scope) { metrics_.reset(scope); }
    void reset(const Scope* scope) {
        metrics_.reset(scope);
        alarms_.clear(scope);
        dashboards_.clear(scope);
    }

    Json put_metric_data(Context& context, const Json& input) {
        const std::string name_space = string_member(input, "Namespace");
        const bool is_service = context.caller.principal.ends_with(".amazonaws.com");
        if (name_space.starts_with("AWS/") && !is_service) {
            throw AwsError("InvalidParameterValueException",
                           "The value AWS/ for parameter Namespace is invalid.");
        }
        for (const Json& datum : input.at("MetricData")) {
            Json identity = datum;
            identity["Namespace"] = name_space;
            const MetricId id = MetricId::from_json(identity);
            const std::int64_t second = datum.contains("Timestamp")
                                            ? seconds_of(datum, "Timestamp")
                                            : epoch_millis(cloud_.clock().now()) / 1000;
            metrics_.add(context.caller.scope(), id, second, string_member(datum, "Unit", "None"),
                         values_of(datum));
            alarms_.evaluate(context, &id);
        }
        return Json::object();
    }

    Json get_metric_statistics(Context& context, const Json& input) {
        const auto period = input.value("Period", std::int64_t{60});
        const MetricId id = MetricId::from_json(input);
        Json points = Json::array();
        const Metric* metric = metrics_.find(context.caller.scope(), id);
        const std::int64_t from = seconds_of(input, "StartTime");
        const std::int64_t to = seconds_of(input, "EndTime");
        if (metric != nullptr) {
            for (const auto& [second, values] : Metrics::by_period(*metric, from, to, period)) {
                points.push_back(datapoint(second, values, metric->unit, input));
            }
        }
        return {{"Label", id.name}, {"Datapoints", std::move(points)}};
    }

    Json get_metric_data(Context& context, const Json& input) {
        const std::int64_t from = seconds_of(input, "StartTime");
        const std::int64_t to = seconds_of(input, "EndTime");
        const bool ascending = string_member(input, "ScanBy") == "TimestampAscending";
        Json results = Json::array();
        for (const Json& query : input.at("MetricDataQueries")) {
            const Json* stat = find_member(query, "MetricStat");
            if (stat == nullptr) {
                throw AwsError("ValidationError",
                               "Metric math expressions are not emulated: use MetricStat.");
            }
            const MetricId id = MetricId::from_json(stat->value("Metric", Json::object()));
            const auto period = stat->value("Period", std::int64_t{60});
            std::vector<std::pair<std::int64_t, double>> points;
            if (const Metric* metric = metrics_.find(context.caller.scope(), id)) {
                for (const auto& [second, values] : Metrics::by_period(*metric, from, to, period)) {
                    const auto value = values.value_of(string_member(*stat, "Stat"));
                    if (value) points.emplace_back(second, *value);
                }
            }
            if (!ascending) std::reverse(points.begin(), points.end());
            if (query.value("ReturnData", true)) {
                results.push_back(to_result(query, id.name, points));
            }
        }
        return {{"MetricDataResults", std::move(results)}, {"Messages", Json::array()}};
    }

    Json list_metrics(Context& context, const Json& input) {
        const std::string name_space = string_member(input, "Namespace");
        const std::string name = string_member(input, "MetricName");
        const Json filters = input.value("Dimensions", Json::array());
        Json all = Json::array();
        metrics_.for_each(context.caller.scope(), [&](const Metric& metric) {
            if (!name_space.empty() && metric.id.name_space != name_space) return;
            if (!name.empty() && metric.id.name != name) return;
            for (const Json& filter : filters) {
                const auto found = metric.id.dimensions.find(string_member(filter, "Name"));
                const std::string value = string_member(filter, "Value");
                if (found == metric.id.dimensions.end()) return;
                if (!value.empty() && found->second != value) return;
            }
            if (all.size() == kMostListed) return;
            all.push_back({{"Namespace", metric.id.name_space},
                           {"MetricName", metric.id.name},
                           {"Dimensions", metric.id.dimensions_json()}});
        });
        return {{"Metrics", std::move(all)}};
    }

    Json put_dashboard(Context& context, const Json& input) {
        const std::string body = string_member(input, "DashboardBody");
        try {
            parse_json(body);
        } catch (const JsonError& error) {
            throw AwsError("DashboardInvalidInputError",
                           fmt::format("The field DashboardBody must be a valid JSON object ({})",
                                       error.what()));
        }
        dashboards_.put(context.caller.scope(), string_member(input, "DashboardName"),
                        {{"body", body}, {"modified", iso8601_millis(cloud_.clock().now())}});
        return {{"DashboardValidationMessages", Json::array()}};
    }

    Json get_dashboard(Context& context, const Json& input) {
        const std::string name = string_member(input, "DashboardName");
        const Json* found = dashboards_.find(context.caller.scope(), name);
        if (found == nullptr) throw no_dashboard(name);
        return {{"DashboardArn", arn_of(context, name)},
                {"DashboardBody", found->at("body")},
                {"DashboardName", name}};
    }

    Json list_dashboards(Context& context, const Json& input) {
        const std::string prefix = string_member(input, "DashboardNamePrefix");
        Json all = Json::array();
        dashboards_.for_each(context.caller.scope(),
                             [&](const std::string& name, const Json& dashboard) {
                                 if (!name.starts_with(prefix)) return true;
                                 all.push_back({{"DashboardName", name},
                                                {"DashboardArn", arn_of(context, name)},
                                                {"LastModified", dashboard.at("modified")},
                                                {"Size", string_member(dashboard, "body").size()}});
                                 return true;
                             });
        return {{"DashboardEntries", std::move(all)}};
    }

    Json delete_dashboards(Context& context, const Json& input) {
        for (const Json& name : input.at("DashboardNames")) {
            if (!dashboards_.erase(context.caller.scope(), name.get<std::string>())) {
                throw no_dashboard(name.get<std::string>());
            }
        }
        return Json::object();
    }

  private:
    static AwsError no_dashboard(const std::string& name) {
        return {"DashboardNotFoundError", fmt::format("Dashboard {} does not exist", name), 404};
    }

    static std::string arn_of(const Context& context, const std::string& name) {
        return make_arn("cloudwatch", "", context.caller.account, "dashboard/" + name);
    }

    static Statistics values_of(const Json& datum) {
        Statistics out;
        if (const Json* set = find_member(datum, "StatisticValues")) {
            out.add_set(set->value("Sum", 0.0), set->value("SampleCount", 0.0),
                        set->value("Minimum", 0.0), set->value("Maximum", 0.0));
            return out;
        }
        const Json* values = find_member(datum, "Values");
        if (values == nullptr || !values->is_array() || values->empty()) {
            out.add(datum.value("Value", 0.0), 1);
            return out;
        }
        const Json counts = datum.value("Counts", Json::array());
        for (std::size_t i = 0; i < values->size(); ++i) {
            out.add((*values)[i].get<double>(), i < counts.size() ? counts[i].get<double>() : 1);
        }
        return out;
    }

    static std::string time_text(std::int64_t second) {
        const TimePoint time{std::chrono::seconds(second)};
        return iso8601_seconds(time);
    }

    static Json datapoint(std::int64_t second, const Statistics& values, const std::string& unit,
                          const Json& input) {
        Json out = {{"Timestamp", time_text(second)}};
        for (const Json& name : input.value("Statistics", Json::array())) {
            if (const auto value = values.value_of(name.get<std::string>())) {
                out[name.get<std::string>()] = *value;
            }
        }
        const Json extended = input.value("ExtendedStatistics", Json::array());
        for (const Json& name : extended) {
            if (const auto value = values.value_of(name.get<std::string>())) {
                out["ExtendedStatistics"][name.get<std::string>()] = *value;
            }
        }
        out["Unit"] = unit;
        return out;
    }

    static Json to_result(const Json& query, const std::string& label,
                          const std::vector<std::pair<std::int64_t, double>>& points) {
        Json times = Json::array();
        Json values = Json::array();
        for (const auto& [second, value] : points) {
            times.push_back(time_text(second));
            values.push_back(value);
        }
        return {{"Id", string_member(query, "Id")},
                {"Label", string_member(query, "Label", label)},
                {"Timestamps", std::move(times)},
                {"Values", std::move(values)},
                {"StatusCode", "Complete"}};
    }

    Cloud& cloud_;
    Metrics metrics_;
    Alarms alarms_;
    Collection dashboards_;
};

Shape dimensions() {
    using namespace shape;
    return list(structure({required("Name", string()), optional("Value", string())}));
}

void add_metric_operations(Service& service, CloudWatch& watch) {
    using namespace shape;
    const auto add = [&](std::string name, std::vector<Shape::Member> members,
                         Json (CloudWatch::*handler)(Context&, const Json&)) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = structure(std::move(members));
        operation.xml.map_names = {{"Datapoints.ExtendedStatistics", {"key", "value"}}};
        service.add(std::move(operation), [&watch, handler](Context& context, const Json& input) {
            return (watch.*handler)(context, input);
        });
    };
    const Shape set = structure({required("SampleCount", number()), required("Sum", number()),
                                 required("Minimum", number()), required("Maximum", number())});
    const Shape datum =
        structure({required("MetricName", string(1, 255)), optional("Dimensions", dimensions()),
                   optional("Timestamp", timestamp()), optional("Value", number()),
                   optional("StatisticValues", set), optional("Values", list(number())),
                   optional("Counts", list(number())), optional("Unit", string()),
                   optional("StorageResolution", integer())});
    const Shape::Member name_space = required("Namespace", string(1, 255));
    const Shape::Member metric_name = required("MetricName", string(1, 255));
    const Shape::Member from = required("StartTime", timestamp());
    const Shape::Member to = required("EndTime", timestamp());
    add("PutMetricData", {name_space, required("MetricData", list(datum))},
        &CloudWatch::put_metric_data);
    add("GetMetricStatistics",
        {name_space, metric_name, optional("Dimensions", dimensions()), from, to,
         required("Period", integer(1)), optional("Statistics", list(string())),
         optional("ExtendedStatistics", list(string())), optional("Unit", string())},
        &CloudWatch::get_metric_statistics);
    const Shape metric =
        structure({optional("Namespace", string()), optional("MetricName", string()),
                   optional("Dimensions", dimensions())});
    const Shape stat = structure({required("Metric", metric), required("Period", integer(1)),
                                  required("Stat", string()), optional("Unit", string())});
    const Shape query =
        structure({required("Id", string(1, 255)), optional("MetricStat", stat),
                   optional("Expression", string()), optional("Label", string()),
                   optional("ReturnData", boolean()), optional("Period", integer())});
    add("GetMetricData",
        {required("MetricDataQueries", list(query)), from, to, optional("ScanBy", string())},
        &CloudWatch::get_metric_data);
    add("ListMetrics",
        {optional("Namespace", string()), optional("MetricName", string()),
         optional("Dimensions", dimensions()), optional("NextToken", string())},
        &CloudWatch::list_metrics);
    const Shape::Member dashboard = required("DashboardName", string(1, 255));
    add("PutDashboard", {dashboard, required("DashboardBody", string())},
        &CloudWatch::put_dashboard);
    add("GetDashboard", {dashboard}, &CloudWatch::get_dashboard);
    add("ListDashboards", {optional("DashboardNamePrefix", string())},
        &CloudWatch::list_dashboards);
    add("DeleteDashboards", {required("DashboardNames", list(string()))},
        &CloudWatch::delete_dashboards);
}

void add_alarm_operations(Service& service, Alarms& alarms) {
    using namespace shape;
    const auto add = [&](std::string name, std::vector<Shape::Member> members,
                         Json (Alarms::*handler)(Context&, const Json&)) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = structure(std::move(members));
        service.add(std::move(operation), [&alarms, handler](Context& context, const Json& input) {
            return (alarms.*handler)(context, input);
        });
    };
    const Shape texts = list(string());
    const Shape::Member name = required("AlarmName", string(1, 255));
    const Shape::Member names = required("AlarmNames", texts);
    const Shape comparison =
        enumeration({"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold",
                     "LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold",
                     "LessThanLowerThreshold", "GreaterThanUpperThreshold"});
    add("PutMetricAlarm",
        {name, optional("AlarmDescription", string(0, 1024)), optional("ActionsEnabled", boolean()),
         optional("OKActions", texts), optional("AlarmActions", texts),
         optional("InsufficientDataActions", texts), optional("MetricName", string(1, 255)),
         optional("Namespace", string(1, 255)),
         optional("Statistic",
                  enumeration({"SampleCount", "Average", "Sum", "Minimum", "Maximum"})),
         optional("ExtendedStatistic", string()), optional("Dimensions", dimensions()),
         optional("Period", integer(1)), optional("Unit", string()),
         required("EvaluationPeriods", integer(1)), optional("DatapointsToAlarm", integer(1)),
         optional("Threshold", number()), required("ComparisonOperator", comparison),
         optional("TreatMissingData", string(1, 255))},
        &Alarms::put);
    add("DescribeAlarms",
        {optional("AlarmNames", texts), optional("AlarmNamePrefix", string()),
         optional("StateValue", string())},
        &Alarms::describe);
    add("DescribeAlarmsForMetric",
        {required("MetricName", string()), required("Namespace", string()),
         optional("Dimensions", dimensions())},
        &Alarms::describe_for_metric);
    add("DeleteAlarms", {names}, &Alarms::remove);
    add("SetAlarmState",
        {name, required("StateValue", enumeration({"OK", "ALARM", "INSUFFICIENT_DATA"})),
         required("StateReason", string(0, 1023))},
        &Alarms::set_state);
    add("EnableAlarmActions", {names}, &Alarms::switch_actions);
    add("DisableAlarmActions", {names}, &Alarms::switch_actions);
}

}  // namespace

void register_cloudwatch(Cloud& cloud) {
    CloudWatch& watch = cloud.own(std::make_unique<CloudWatch>(cloud));
    Service service;
    service.name = "cloudwatch";
    service.protocols = {Protocol::query, Protocol::json_1_0};
    service.target_prefix = "GraniteServiceVersion20100801";
    service.signing_names = {"monitoring"};
    service.api_version = "2010-08-01";
    service.xml_namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/";
    service.sdk_names = {"cloudwatch"};
    service.validation_code = "ValidationError";
    // Names of the errors' shapes, and the codes that the query protocol has for them.
    service.query_codes = {{"DashboardInvalidInputError", "InvalidParameterInput"},
                           {"DashboardNotFoundError", "ResourceNotFound"},
                           {"InvalidParameterValueException", "InvalidParameterValue"},
                           {"InvalidParameterCombinationException", "InvalidParameterCombination"},
                           {"MissingRequiredParameterException", "MissingParameter"},
                           {"ResourceNotFound", "ResourceNotFound"},
                           {"ValidationError", "ValidationError"}};
    service.error_namespace = "com.amazonaws.cloudwatch";
    service.reset = [&watch](const Scope* scope) { watch.reset(scope); };
    add_data_reset(service, [&watch](const Scope* scope) { watch.clear_points(scope); });
    service.describe = [&watch](Service& service) {
        add_metric_operations(service, watch);
        add_alarm_operations(service, watch.alarms());
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
}

}  // namespace skafu::cloudwatch
