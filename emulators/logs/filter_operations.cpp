#include "core/aws_error.h"
#include "logs/filter_pattern.h"
#include "logs/log_service.h"
#include "logs/pages.h"
#include "logs/shapes.h"

namespace skafu::logs {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

/// Stores a filter of either kind under its group.
Json put_filter(LogService& logs, Collection& filters, Context& context, const Json& input) {
    const std::string group = group_name(input);
    logs.group(context.caller.scope(), group);
    const FilterPattern checked(string_member(input, "filterPattern"));
    Json filter = input;
    filter["creationTime"] = logs.now_millis();
    const std::string name = string_member(input, "filterName");
    filters.put(context.caller.scope(), LogStore::stream_key(group, name), std::move(filter));
    return Json();
}

Json delete_filter(LogService& logs, Collection& filters, Context& context, const Json& input) {
    const std::string group = group_name(input);
    logs.group(context.caller.scope(), group);
    const std::string name = string_member(input, "filterName");
    if (!filters.erase(context.caller.scope(), LogStore::stream_key(group, name))) {
        throw AwsError::not_found("The specified filter does not exist.");
    }
    return Json();
}

Json put_subscription(LogService& logs, Context& context, Json input) {
    if (!input.contains("distribution")) input["distribution"] = "ByLogStream";
    return put_filter(logs, logs.store().subscriptions, context, input);
}

Json test_filter(const Json& input) {
    const FilterPattern pattern(string_member(input, "filterPattern"));
    Json matches = Json::array();
    int number = 0;
    for (const Json& message : input["logEventMessages"]) {
        ++number;
        if (!pattern.matches(message.get_ref<const std::string&>())) continue;
        matches.push_back({{"eventNumber", number},
                           {"eventMessage", message},
                           {"extractedValues", Json::object()}});
    }
    return {{"matches", std::move(matches)}};
}

Json put_resource_policy(LogService& logs, Context& context, const Json& input) {
    Json policy = {{"policyName", input["policyName"]},
                   {"policyDocument", input.value("policyDocument", Json(""))},
                   {"lastUpdatedTime", logs.now_millis()}};
    logs.store().resource_policies.put(context.caller.scope(), string_member(input, "policyName"),
                                       policy);
    return {{"resourcePolicy", std::move(policy)}};
}

void add_subscription_operations(Service& service, LogService& logs) {
    const Shape put = structure({required("logGroupName", group_shape()),
                                 required("filterName", filter_name_shape()),
                                 required("filterPattern", shape::string(0, 1024)),
                                 required("destinationArn", shape::string(1))});
    service.add(row("PutSubscriptionFilter", put), [&logs](Context& context, const Json& input) {
        return put_subscription(logs, context, input);
    });
    const Shape by_name = structure(
        {required("logGroupName", group_shape()), required("filterName", filter_name_shape())});
    service.add(row("DeleteSubscriptionFilter", by_name),
                [&logs](Context& context, const Json& input) {
                    return delete_filter(logs, logs.store().subscriptions, context, input);
                });
    const Shape describe = structure({required("logGroupName", group_shape()),
                                      optional("filterNamePrefix", filter_name_shape()),
                                      optional("limit", shape::integer(1, 50))});
    service.add(row("DescribeSubscriptionFilters", describe),
                [&logs](Context& context, const Json& input) {
                    const std::string group = group_name(input);
                    logs.group(context.caller.scope(), group);
                    const std::string prefix =
                        LogStore::stream_key(group, string_member(input, "filterNamePrefix"));
                    return page_of(logs.store().subscriptions, context.caller.scope(), input,
                                   "subscriptionFilters", prefix, [](Json&) { return true; });
                });
}

void add_metric_filter_operations(Service& service, LogService& logs) {
    const Shape put = structure(
        {required("logGroupName", group_shape()), required("filterName", filter_name_shape()),
         required("filterPattern", shape::string(0, 1024)),
         required("metricTransformations", shape::list(shape::any(), 1, 1))});
    service.add(row("PutMetricFilter", put), [&logs](Context& context, const Json& input) {
        return put_filter(logs, logs.store().metric_filters, context, input);
    });
    const Shape by_name = structure(
        {required("logGroupName", group_shape()), required("filterName", filter_name_shape())});
    service.add(row("DeleteMetricFilter", by_name), [&logs](Context& context, const Json& input) {
        return delete_filter(logs, logs.store().metric_filters, context, input);
    });
    service.add(row("DescribeMetricFilters"), [&logs](Context& context, const Json& input) {
        const std::string group = group_name(input);
        const std::string prefix =
            group.empty() ? std::string()
                          : LogStore::stream_key(group, string_member(input, "filterNamePrefix"));
        return page_of(logs.store().metric_filters, context.caller.scope(), input, "metricFilters",
                       prefix, [](Json&) { return true; });
    });
    const Shape test =
        structure({required("filterPattern", shape::string(0, 1024)),
                   required("logEventMessages", shape::list(shape::string(1), 1, 50))});
    service.add(row("TestMetricFilter", test),
                [](Context&, const Json& input) { return test_filter(input); });
}

}  // namespace

void add_filter_operations(Service& service, LogService& logs) {
    add_subscription_operations(service, logs);
    add_metric_filter_operations(service, logs);
    const Shape by_name = structure({required("policyName", shape::string())});
    service.add(row("PutResourcePolicy", by_name), [&logs](Context& context, const Json& input) {
        return put_resource_policy(logs, context, input);
    });
    service.add(row("DeleteResourcePolicy", by_name), [&logs](Context& context, const Json& input) {
        const std::string name = string_member(input, "policyName");
        if (!logs.store().resource_policies.erase(context.caller.scope(), name)) {
            throw AwsError::not_found(fmt::format("Policy with name [{}] does not exist", name));
        }
        return Json();
    });
    service.add(row("DescribeResourcePolicies"), [&logs](Context& context, const Json& input) {
        return page_of(logs.store().resource_policies, context.caller.scope(), input,
                       "resourcePolicies", "", [](Json&) { return true; });
    });
}

}  // namespace skafu::logs
