#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "cli/program.h"
#include "cloudformation/cloudformation.h"
#include "core/json.h"

namespace skafu::server {
namespace {

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
        "validate", "Check a template and all templates inside it; print what is wrong.");
    const auto to_validate = template_options(*validate);
    validate->callback([to_validate, &chosen] {
        chosen = [to_validate] {
            return report_problems([&] {
                cloudformation::validate_template_file(*to_validate);
                std::printf("%s is valid.\n", to_validate->template_file.c_str());
            });
        };
    });
}

}  // namespace skafu::server
