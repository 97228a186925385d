#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "cli/banner.h"
#include "cli/program.h"
#include "cli/run_task.h"
#include "cloudformation/cloudformation.h"
#include "core/cloud.h"
#include "core/log.h"
#include "http/transport.h"
#include "services.h"

namespace skafu::server {
namespace {

using cloudformation::DeploymentReport;
using cloudformation::DeployOptions;

std::shared_ptr<DeployOptions> template_options(CLI::App& command) {
    auto options = std::make_shared<DeployOptions>();
    command.add_option("template", options->template_file, "SAM or CloudFormation template")
        ->required();
    command
        .add_option("--parameter-overrides", options->parameter_overrides,
                    "Template parameters: Key=Value ...")
        ->delimiter(' ');
    command.add_option("--config-env", options->config_env, "Environment of samconfig.toml to use");
    command.add_option("--region", options->region, "AWS region")->envname("AWS_DEFAULT_REGION");
    return options;
}

int report_problems(const std::function<void()>& work) {
    try {
        work();
        return 0;
    } catch (const cloudformation::TemplateError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}

Task<void> deploy_to(Cloud& cloud, DeployOptions options, DeploymentReport& report) {
    report = co_await cloudformation::deploy(cloud, std::move(options));
}

/// Deploys the template to a house in memory that nobody sees: what a start would find is found.
DeploymentReport rehearse(const DeployOptions& options, bool strict) {
    boost::asio::io_context io{1};
    Settings settings;
    settings.strict = strict;
    // Coroutines that still wait hold references into the house: they go with the process.
    Cloud& cloud = *new Cloud(io, std::move(settings), make_transport(io));
    register_services(cloud);
    DeploymentReport report;
    std::exception_ptr problem;
    try {
        run_to_end(io, deploy_to(cloud, options, report));
    } catch (...) {
        problem = std::current_exception();
    }
    cloud.shutdown();
    if (problem) std::rethrow_exception(problem);
    return report;
}

}  // namespace

void add_template_commands(CLI::App& app, Command& chosen) {
    CLI::App* transform = app.add_subcommand(
        "transform", "Print what the SAM transform makes of a template, as JSON.");
    const auto to_transform = template_options(*transform);
    transform->callback([to_transform, &chosen] {
        chosen = [to_transform] {
            return report_problems([&] {
                const Json document = cloudformation::transformed_template(*to_transform);
                std::printf("%s\n", to_pretty_text(document).c_str());
            });
        };
    });
    CLI::App* validate = app.add_subcommand(
        "validate",
        "Check a template, all templates inside it and what they name; print what is wrong.");
    const auto to_validate = template_options(*validate);
    const auto strict = std::make_shared<bool>(false);
    validate->add_flag("--strict", *strict, "Refuse whatever AWS would refuse");
    validate->callback([to_validate, strict, &chosen] {
        chosen = [to_validate, strict] {
            log::configure("off", "text");
            return report_problems([&] {
                const DeploymentReport report = rehearse(*to_validate, *strict);
                std::printf("%s is valid.\n%s", to_validate->template_file.c_str(),
                            findings_text(report).c_str());
            });
        };
    });
}

}  // namespace skafu::server
