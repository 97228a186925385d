#include "cloudformation/cloudformation.h"
#include "cloudformation/findings.h"
#include "cloudformation/samconfig.h"
#include "cloudformation/stack_engine.h"
#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/log.h"

namespace skafu::cloudformation {
namespace {

namespace fs = std::filesystem;

/// What a deployment is told, from the command line and samconfig.toml together.
struct Target {
    std::string stack_name;
    std::string region;
    Json parameters = Json::object();
    std::vector<std::string> capabilities;
};

std::string name_from_folder(const fs::path& file) {
    std::string name;
    for (const char c : fs::absolute(file).parent_path().filename().string()) {
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
    }
    if (name.empty() || std::isalpha(static_cast<unsigned char>(name[0])) == 0)
        name = "app-" + name;
    return name;
}

Target read_target(const DeployOptions& options, const Settings& settings) {
    const fs::path folder = fs::absolute(options.template_file).parent_path();
    const std::string environment = options.config_env.empty() ? "default" : options.config_env;
    const SamConfig config = read_samconfig(folder / "samconfig.toml", environment);
    Target target;
    target.stack_name = !options.stack_name.empty()  ? options.stack_name
                        : !config.stack_name.empty() ? config.stack_name
                                                     : name_from_folder(options.template_file);
    target.region = !options.region.empty()  ? options.region
                    : !config.region.empty() ? config.region
                                             : settings.region;
    target.capabilities = config.capabilities;
    target.parameters = config.parameter_overrides;
    std::string overrides;
    for (const std::string& entry : options.parameter_overrides) {
        const std::size_t equals = entry.find('=');
        if (equals != std::string::npos && !entry.starts_with("ParameterKey=")) {
            target.parameters[entry.substr(0, equals)] = entry.substr(equals + 1);
        } else {
            overrides += entry + ' ';
        }
    }
    const Json parsed = parse_parameter_overrides(overrides);
    for (const auto& [name, value] : parsed.items()) target.parameters[name] = value;
    return target;
}

/// samconfig.toml speaks for all templates beside it: what this one does not declare is dropped.
void drop_undeclared(Json& parameters, const TemplateSource& source, const DeployOptions& options) {
    const Json* declared = find_member(source.value, "Parameters");
    Json kept = Json::object();
    for (const auto& [name, value] : parameters.items()) {
        const bool asked = std::any_of(
            options.parameter_overrides.begin(), options.parameter_overrides.end(),
            [&](const std::string& entry) { return entry.find(name) != std::string::npos; });
        if (asked || (declared != nullptr && declared->contains(name))) kept[name] = value;
    }
    parameters = std::move(kept);
}

void collect_resources(const StackStore& store, const Scope& scope, const std::string& stack_id,
                       DeploymentReport& report) {
    const Json* stack = store.find(scope, stack_id);
    if (stack == nullptr) return;
    for (const Json& resource : store.resources(scope, stack_id)) {
        DeployedResource entry{
            string_member(*stack, "StackName"), string_member(resource, "LogicalResourceId"),
            string_member(resource, "ResourceType"), string_member(resource, "PhysicalResourceId"),
            resource.value("Properties", Json::object())};
        const bool nested = entry.type == "AWS::CloudFormation::Stack";
        const std::string id = entry.physical_id;
        report.resources.push_back(std::move(entry));
        if (nested) collect_resources(store, scope, id, report);
    }
}

/// A REST API that no stage leads to answers nothing on AWS.
void find_unstaged_apis(const StackEngine& engine, bool strict, DeploymentReport& report) {
    for (const DeployedResource& api : report.resources) {
        if (api.type != "AWS::ApiGateway::RestApi") continue;
        const bool staged = std::any_of(
            report.resources.begin(), report.resources.end(), [&](const DeployedResource& other) {
                const bool names_stage = other.type == "AWS::ApiGateway::Stage" ||
                                         (other.type == "AWS::ApiGateway::Deployment" &&
                                          other.properties.contains("StageName"));
                return names_stage &&
                       string_member(other.properties, "RestApiId") == api.physical_id;
            });
        if (staged) continue;
        const auto [file, line] = engine.place_of(api.stack, api.logical_id);
        report.findings.push_back(
            {file, line, api.logical_id,
             fmt::format("The REST API {} has no stage: it is {}.",
                         string_member(api.properties, "Name", api.logical_id),
                         strict ? "not served" : "served under any stage name"),
             "every call answers 403 {\"message\":\"Forbidden\"}.",
             "add an AWS::ApiGateway::Deployment and an AWS::ApiGateway::Stage"});
    }
}

void check_named_iam(const Target& target, const StackEngine& engine, DeploymentReport& report) {
    if (target.capabilities.empty()) return;
    const auto& have = target.capabilities;
    if (std::find(have.begin(), have.end(), "CAPABILITY_NAMED_IAM") != have.end()) return;
    for (const DeployedResource& resource : report.resources) {
        const bool named =
            resource.type == "AWS::IAM::Role" && resource.properties.contains("RoleName");
        if (!named) continue;
        const auto [file, line] = engine.place_of(resource.stack, resource.logical_id);
        report.findings.push_back(
            {file, line, resource.logical_id,
             "The role has a name of its own, and samconfig.toml does not give "
             "CAPABILITY_NAMED_IAM.",
             "Requires capabilities : [CAPABILITY_NAMED_IAM]",
             "add CAPABILITY_NAMED_IAM to capabilities in samconfig.toml", true});
        return;
    }
}

/// What AWS would refuse, as problems.
std::vector<Problem> refused_findings(const std::vector<Finding>& findings) {
    std::vector<Problem> problems;
    for (const Finding& finding : findings) {
        if (!finding.refused) continue;
        std::string message = finding.message;
        if (!finding.consequence.empty()) message += " On AWS: " + finding.consequence;
        if (!finding.mend.empty()) message += " Mend: " + finding.mend + '.';
        problems.push_back({finding.file, finding.line, finding.logical_id, std::move(message)});
    }
    return problems;
}

/// What could not be made; what AWS would refuse of it besides is often the cause.
std::vector<Problem> with_causes(std::vector<Problem> failures,
                                 const std::vector<Finding>& findings) {
    for (Problem& cause : refused_findings(findings)) {
        const bool told = std::any_of(failures.begin(), failures.end(), [&](const Problem& one) {
            const std::string why = one.message.substr(0, one.message.rfind(" ("));
            return one.logical_id == cause.logical_id &&
                   cause.message.find(why) != std::string::npos;
        });
        if (!told) failures.push_back(std::move(cause));
    }
    return failures;
}

}  // namespace

std::vector<std::string> DeploymentReport::of_type(std::string_view type) const {
    std::vector<std::string> ids;
    for (const DeployedResource& resource : resources) {
        if (resource.type == type) ids.push_back(resource.physical_id);
    }
    return ids;
}

Json transformed_template(const DeployOptions& options) {
    const Target target = read_target(options, Settings());
    const TemplateSource source = read_template_file(options.template_file);
    std::vector<Problem> problems;
    LocalFiles files;
    Json document = source.value;
    files.adopt(document, source, problems);
    // A path that leads nowhere is refused by the transform, in its own words.
    const TemplateSource adopted{source.file, source.text, std::move(document), source.lines};
    problems.clear();
    document = apply_transforms(adopted, target.parameters, target.region, nullptr, problems);
    if (!problems.empty()) throw TemplateError(problems.front().message);
    return document;
}

Task<DeploymentReport> deploy(Cloud& cloud, DeployOptions options) {
    Target target = read_target(options, cloud.settings());
    TemplateSource source = read_template_file(options.template_file);
    drop_undeclared(target.parameters, source, options);
    auto files = std::make_shared<LocalFiles>();
    std::vector<Problem> problems =
        check_unprepared(source, target.parameters, target.region, *files);
    if (!problems.empty() && !options.keep_going) throw TemplateError(std::move(problems));
    cloud.settings().region = target.region;
    Caller caller{cloud.settings().account, target.region, ""};
    StackStore& store = stack_store(cloud);
    StackEngine engine(cloud, store, caller, 0, files.get());
    if (options.keep_going) engine.keep_going();
    StackRequest request;
    request.name = target.stack_name;
    request.source = source;
    request.parameters = target.parameters;
    const Json* existing = store.find(caller.scope(), target.stack_name);
    if (existing != nullptr && string_member(*existing, "StackStatus") == "ROLLBACK_COMPLETE") {
        co_await engine.remove(target.stack_name);
        existing = nullptr;
    }
    const bool is_new = existing == nullptr;
    const std::string id =
        is_new ? engine.begin_create(std::move(request)) : engine.begin_update(std::move(request));
    co_await engine.run(id);
    if (!engine.failures().empty() && !options.keep_going) {
        throw TemplateError(with_causes(engine.failures(), engine.findings()));
    }
    DeploymentReport report;
    report.stack_name = target.stack_name;
    report.stack_id = id;
    report.region = target.region;
    report.failures = engine.failures();
    for (Problem& problem : problems) {
        const std::string line = to_line(problem);
        const bool told =
            std::any_of(report.failures.begin(), report.failures.end(),
                        [&](const Problem& failure) { return to_line(failure) == line; });
        if (!told) report.failures.push_back(std::move(problem));
    }
    report.findings = engine.findings();
    collect_resources(store, caller.scope(), id, report);
    find_unstaged_apis(engine, cloud.settings().strict, report);
    check_named_iam(target, engine, report);
    const bool refused = std::any_of(report.findings.begin(), report.findings.end(),
                                     [](const Finding& finding) { return finding.refused; });
    if (cloud.settings().strict && refused) {
        if (is_new) {
            co_await engine.remove(id);
        } else {
            co_await engine.restore(id);
        }
        throw TemplateError(refused_findings(report.findings));
    }
    const Json* stack = store.find(caller.scope(), id);
    if (const Json* outputs = stack == nullptr ? nullptr : find_member(*stack, "Outputs")) {
        for (const Json& output : *outputs) {
            report.outputs[string_member(output, "OutputKey")] = output["OutputValue"];
        }
    }
    report.files = files->all();
    for (const fs::path& file : engine.templates()) report.files.push_back(file);
    co_return report;
}

}  // namespace skafu::cloudformation
