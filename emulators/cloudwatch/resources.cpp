#include "cloudwatch/resources.h"

#include <charconv>

#include "core/arn.h"
#include "core/aws_error.h"

namespace skafu::cloudwatch::resources {
namespace {

void call(Cloud& cloud, const ResourceRequest& request, std::string_view operation, Json input) {
    cloud.call_now(
        {"cloudwatch", operation, Document(std::move(input)), request.caller, request.cause, {}});
}

/// Templates may give numbers as texts.
Json to_number(const Json& value) {
    if (!value.is_string()) return value;
    const std::string& text = value.get_ref<const std::string&>();
    std::int64_t whole = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (end.ec == std::errc() && end.ptr == text.data() + text.size()) return whole;
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

Task<ResourceState> put_alarm(Cloud& cloud, ResourceRequest request) {
    const std::string name =
        !request.physical_id.empty()
            ? request.physical_id
            : string_member(request.properties, "AlarmName", request.generated_name);
    Json input = request.properties;
    for (const char* member : {"Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold"}) {
        if (input.contains(member)) input[member] = to_number(input[member]);
    }
    if (const Json* enabled = find_member(input, "ActionsEnabled")) {
        input["ActionsEnabled"] = *enabled == true || *enabled == "true";
    }
    input["AlarmName"] = name;
    call(cloud, request, "PutMetricAlarm", std::move(input));
    ResourceState state;
    state.physical_id = name;
    state.attributes = {{"Arn", make_arn("cloudwatch", request.caller.region,
                                         request.caller.account, "alarm:" + name)}};
    co_return state;
}

Task<void> remove_alarm(Cloud& cloud, ResourceRequest request) {
    call(cloud, request, "DeleteAlarms", {{"AlarmNames", Json::array({request.physical_id})}});
    co_return;
}

Task<ResourceState> put_dashboard(Cloud& cloud, ResourceRequest request) {
    const std::string name =
        !request.physical_id.empty()
            ? request.physical_id
            : string_member(request.properties, "DashboardName", request.generated_name);
    const Json* body = find_member(request.properties, "DashboardBody");
    const std::string text = body == nullptr     ? std::string("{}")
                             : body->is_string() ? body->get<std::string>()
                                                 : to_text(*body);
    call(cloud, request, "PutDashboard", {{"DashboardName", name}, {"DashboardBody", text}});
    ResourceState state;
    state.physical_id = name;
    co_return state;
}

Task<void> remove_dashboard(Cloud& cloud, ResourceRequest request) {
    try {
        call(cloud, request, "DeleteDashboards",
             {{"DashboardNames", Json::array({request.physical_id})}});
    } catch (const AwsError& error) {
        if (error.code() != "DashboardNotFoundError") throw;
    }
    co_return;
}

}  // namespace

void add_types(Cloud& cloud) {
    cloud.resource_types().add(
        {"AWS::CloudWatch::Alarm", put_alarm, put_alarm, remove_alarm, {"AlarmName"}});
    cloud.resource_types().add({"AWS::CloudWatch::Dashboard",
                                put_dashboard,
                                put_dashboard,
                                remove_dashboard,
                                {"DashboardName"}});
}

}  // namespace skafu::cloudwatch::resources
