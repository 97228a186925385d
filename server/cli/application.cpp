#include "cli/application.h"

namespace skafu::server {
namespace {

using cloudformation::DeployedResource;
using cloudformation::DeploymentReport;

void add_line(std::string& text, std::string_view label, std::string_view value) {
    text += fmt::format("  {:<15} {}\n", label, value);
}

/// Where an API of API Gateway answers: one line for each of its stages.
std::vector<std::string> api_urls(Cloud& cloud, const DeploymentReport& report) {
    std::vector<std::string> urls;
    const std::string base = cloud.settings().endpoint() + "/_aws/execute-api/";
    for (const DeployedResource& api : report.resources) {
        const bool rest = api.type == "AWS::ApiGateway::RestApi";
        if (!rest && api.type != "AWS::ApiGatewayV2::Api") continue;
        bool staged = false;
        for (const DeployedResource& stage : report.resources) {
            const std::string owner = string_member(stage.properties, rest ? "RestApiId" : "ApiId");
            const std::string name = string_member(stage.properties, "StageName");
            if (!stage.type.ends_with("::Stage") || owner != api.physical_id) continue;
            urls.push_back(fmt::format("{}{}/{}", base, api.physical_id, name));
            staged = true;
        }
        if (!staged) urls.push_back(fmt::format("{}{}/<any stage>", base, api.physical_id));
    }
    return urls;
}

std::string last_part(const std::string& id) {
    const std::size_t colon = id.rfind(':');
    return id.starts_with("arn:") ? id.substr(colon + 1) : id;
}

}  // namespace

cloudformation::DeployOptions deploy_options(const ServeOptions& options) {
    cloudformation::DeployOptions deploy;
    deploy.template_file = options.template_file;
    deploy.parameter_overrides = options.parameter_overrides;
    deploy.config_env = options.config_env;
    deploy.stack_name = options.stack_name;
    deploy.region = options.region;
    deploy.keep_going = options.keep_going;
    return deploy;
}

std::string describe_application(Cloud& cloud, const DeploymentReport& report) {
    std::string text;
    add_line(text, "stack", fmt::format("{} ({})", report.stack_name, report.region));
    for (const std::string& url : api_urls(cloud, report)) add_line(text, "API", url);
    constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
        {"AWS::Events::EventBus", "bus"},
        {"AWS::DynamoDB::Table", "table"},
        {"AWS::StepFunctions::StateMachine", "state machine"},
        {"AWS::SQS::Queue", "queue"},
        {"AWS::Cognito::UserPool", "user pool"},
    };
    for (const auto& [type, label] : kKinds) {
        for (const std::string& id : report.of_type(type)) add_line(text, label, last_part(id));
    }
    for (const auto& [name, value] : report.outputs.items()) {
        add_line(text, "output", fmt::format("{} = {}", name, value.get<std::string>()));
    }
    for (const cloudformation::Finding& finding : report.findings) {
        add_line(text, "finding", cloudformation::to_line(finding));
    }
    for (const cloudformation::Problem& problem : report.failures) {
        add_line(text, "passed over", cloudformation::to_line(problem));
    }
    return text;
}

}  // namespace skafu::server
