#include "cli/banner.h"

#include <set>

namespace skafu::server {
namespace {

using cloudformation::DeployedResource;
using cloudformation::DeploymentReport;

constexpr std::size_t kLabelWidth = 16;

void add_line(std::string& out, std::string_view label, std::string_view value) {
    out += fmt::format("  {:<{}}{}\n", label, kLabelWidth, value);
}

/// The label stands before the first value only.
void add_list(std::string& out, std::string_view label, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
        add_line(out, label, value);
        label = "";
    }
}

/// The last part of an ARN or URL: the name people know a resource by.
std::string short_name(const std::string& id) {
    return id.substr(id.find_last_of(":/") + 1);
}

std::vector<std::string> names_of(const DeploymentReport& report, std::string_view type) {
    std::vector<std::string> names;
    for (const std::string& id : report.of_type(type)) names.push_back(short_name(id));
    return names;
}

std::vector<std::string> api_addresses(Cloud& cloud, const DeploymentReport& report) {
    const std::string base = cloud.settings().endpoint() + "/_aws/execute-api/";
    std::vector<std::string> addresses;
    std::set<std::string> staged;
    for (const DeployedResource& resource : report.resources) {
        if (resource.type == "AWS::ApiGatewayV2::Stage") {
            const std::string stage = string_member(resource.properties, "StageName");
            addresses.push_back(base + string_member(resource.properties, "ApiId") +
                                (stage == "$default" ? "" : "/" + stage));
        }
        if (resource.type != "AWS::ApiGateway::Stage") continue;
        const std::string api = string_member(resource.properties, "RestApiId");
        staged.insert(api);
        addresses.push_back(base + api + "/" + string_member(resource.properties, "StageName"));
    }
    for (const std::string& api : report.of_type("AWS::ApiGateway::RestApi")) {
        if (!staged.contains(api)) {
            addresses.push_back(cloud.settings().strict
                                    ? base + api + "  (403: the template gives it no stage)"
                                    : base + api +
                                          "/{any stage}  (the template gives it no stage)");
        }
    }
    return addresses;
}

}  // namespace

std::string start_banner(Cloud& cloud, const DeploymentReport* report) {
    std::string out = fmt::format("skafu-local {}\n", SKAFU_VERSION);
    add_line(out, "endpoint", cloud.settings().endpoint());
    add_line(out, "account, region",
             fmt::format("{}, {}", cloud.settings().account, cloud.settings().region));
    add_line(out, "data",
             cloud.settings().data_dir.empty() ? "in memory" : cloud.settings().data_dir.string());
    if (report == nullptr) return out;
    add_line(out, "stack", fmt::format("{} ({})", report->stack_name, report->region));
    add_list(out, "API", api_addresses(cloud, *report));
    add_list(out, "event bus", names_of(*report, "AWS::Events::EventBus"));
    add_list(out, "table", names_of(*report, "AWS::DynamoDB::Table"));
    add_list(out, "state machine", names_of(*report, "AWS::StepFunctions::StateMachine"));
    add_list(out, "queue", names_of(*report, "AWS::SQS::Queue"));
    add_list(out, "function", names_of(*report, "AWS::Lambda::Function"));
    add_list(out, "user pool", report->of_type("AWS::Cognito::UserPool"));
    for (const auto& [name, value] : report->outputs.items()) {
        add_line(out, "output",
                 fmt::format("{} = {}", name,
                             value.is_string() ? value.get<std::string>() : to_text(value)));
    }
    return out + findings_text(*report);
}

std::string findings_text(const DeploymentReport& report) {
    std::string out;
    for (const cloudformation::Problem& failure : report.failures) {
        out += fmt::format("  left out: {}\n", to_line(failure));
    }
    if (report.findings.empty()) return out;
    out += fmt::format("  {} finding{}: it runs here, but look at these before AWS does\n",
                       report.findings.size(), report.findings.size() == 1 ? "" : "s");
    for (const cloudformation::Finding& finding : report.findings) {
        out += fmt::format("    {}\n", to_line(finding));
    }
    return out;
}

}  // namespace skafu::server
