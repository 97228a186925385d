#include <CLI/CLI.hpp>

#include "cli/program.h"
#include "cli/serve.h"
#include "core/account.h"

namespace skafu::server {

void add_start_command(CLI::App& app, Command& chosen) {
    auto options = std::make_shared<ServeOptions>();
    CLI::App* start =
        app.add_subcommand("start", "Start the server, and with it the application of a template.");
    start
        ->add_option("template", options->template_file, "SAM or CloudFormation template to deploy")
        ->envname("SKAFU_TEMPLATE");
    start->add_option("--port", options->settings.port, "Port to listen on (0: any free one)")
        ->envname("SKAFU_PORT")
        ->check(CLI::Validator(
            [](std::string& text) {
                const bool good = !text.empty() && text.size() <= 5 &&
                                  text.find_first_not_of("0123456789") == std::string::npos &&
                                  std::stoi(text) <= 65535;
                return good ? std::string() : "must be a number from 0 to 65535, got " + text;
            },
            "PORT"))
        ->capture_default_str();
    start
        ->add_option("--host", options->host,
                     "Address to listen on; 0.0.0.0 for all (default: loopback, IPv4 and IPv6)")
        ->envname("SKAFU_HOST");
    start
        ->add_option("--data-dir", options->settings.data_dir,
                     "Keep all data in this folder (default: in memory, gone at exit)")
        ->envname("SKAFU_DATA_DIR");
    start
        ->add_option("--parameter-overrides", options->parameter_overrides,
                     "Template parameters: Key=Value ...")
        ->envname("SKAFU_PARAMETER_OVERRIDES")
        ->delimiter(' ');
    start->add_option("--config-env", options->config_env, "Environment of samconfig.toml to use")
        ->envname("SKAFU_CONFIG_ENV");
    start
        ->add_option("--stack-name", options->stack_name,
                     "Name of the stack (default: from samconfig.toml, or the folder's name)")
        ->envname("SKAFU_STACK_NAME");
    start
        ->add_option("--region", options->region,
                     "AWS region (default: from samconfig.toml, or us-east-1)")
        ->envname("SKAFU_REGION")
        ->check(CLI::Validator(
            [](std::string& text) {
                const bool good = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
                                  std::string::npos;
                return good ? std::string() : "must be a name such as eu-central-1, got " + text;
            },
            "REGION"));
    start->add_option("--account", options->settings.account, "AWS account id (12 digits)")
        ->envname("SKAFU_ACCOUNT")
        ->check(CLI::Validator(
            [](std::string& text) {
                return is_account_id(text) ? std::string() : "must be 12 digits, got " + text;
            },
            "12 DIGITS"))
        ->capture_default_str();
    start
        ->add_flag("--watch,!--no-watch", options->watch,
                   "Redeploy when a template, state machine or function changes (default: on a "
                   "terminal)")
        ->envname("SKAFU_WATCH");
    start
        ->add_flag("--strict", options->settings.strict,
                   "Refuse whatever AWS would refuse, instead of listing it as a finding")
        ->envname("SKAFU_STRICT");
    start
        ->add_flag("--lenient", options->settings.lenient,
                   "Accept targets that are not emulated and record what they would have got")
        ->envname("SKAFU_LENIENT");
    start
        ->add_flag("--keep-going", options->keep_going,
                   "Start what can be started of a template with errors")
        ->envname("SKAFU_KEEP_GOING");
    start
        ->add_flag("--fix-handlers", options->settings.fix_handlers,
                   "Where a handler is misnamed, use the only candidate there is")
        ->envname("SKAFU_FIX_HANDLERS");
    start->add_option("--seed", options->settings.seed, "Seed of all randomness (0: random)")
        ->envname("SKAFU_SEED");
    start
        ->add_option(
            "--upstream", options->upstreams,
            "Send a service elsewhere: dynamodb=http://localhost:8000 (its streams go along; "
            "dynamodbstreams=URL sends them to another place)")
        ->envname("SKAFU_UPSTREAM");
    start->add_option("--log-level", options->log_level, "trace, debug, info, warn, error or off")
        ->envname("SKAFU_LOG_LEVEL")
        ->capture_default_str();
    start->add_option("--log-format", options->log_format, "text or json")
        ->envname("SKAFU_LOG_FORMAT")
        ->capture_default_str();
    start->add_option("--ready-fd", options->ready_fd,
                      "Write \"Ready.\" to this file descriptor when the server answers");
    start
        ->add_option("--init-dir", options->init_dir,
                     "Folder of init scripts: boot.d, start.d, ready.d, shutdown.d")
        ->envname("SKAFU_INIT_DIR")
        ->check(CLI::ExistingDirectory)
        ->capture_default_str();
    start->callback([options, &chosen] {
        if (options->template_file.empty() && !options->parameter_overrides.empty()) {
            throw CLI::ValidationError("--parameter-overrides",
                                       "there is no template to give them to: name the template "
                                       "before this option");
        }
        chosen = [options] { return serve(*options); };
    });
}

}  // namespace skafu::server
