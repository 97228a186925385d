#include "cli/tables.h"

#include <cstdlib>

#include <CLI/CLI.hpp>

#include "cli/program.h"

namespace skafu::server {
namespace {

void add_place(CLI::App& command, TableOptions& options) {
    command.add_option("table", options.table, "Name of the table")->required();
    command.add_option("--endpoint", options.endpoint, "The running server, or a real DynamoDB")
        ->envname("AWS_ENDPOINT_URL")
        ->capture_default_str();
    command.add_option("--data-dir", options.data_dir,
                       "Data folder of a server that does not run, instead of an endpoint");
    const char* region = std::getenv("AWS_DEFAULT_REGION");
    if (region != nullptr) options.region = region;
    command.add_option("--region", options.region, "AWS region")
        ->envname("AWS_REGION")
        ->capture_default_str();
}

void add_export(CLI::App& app, Command& chosen) {
    auto options = std::make_shared<ExportOptions>();
    CLI::App* group = app.add_subcommand("export", "Write data to a file.");
    group->require_subcommand(1);
    CLI::App* command =
        group->add_subcommand("table", "Write all items of a DynamoDB table, one per line.");
    add_place(*command, *options);
    const std::map<std::string, ItemFormat> formats = {{"dynamodb-json", ItemFormat::kDynamoDbJson},
                                                       {"jsonl", ItemFormat::kPlainJson}};
    command
        ->add_option("--format", options->format,
                     "dynamodb-json (as AWS exports tables), or jsonl (plain JSON)")
        ->transform(CLI::Transformer(formats, CLI::ignore_case))
        ->default_str("dynamodb-json");
    command->add_option("-o,--output", options->output,
                        "File to write, gzip if it ends in .gz (default: standard output)");
    command->callback(
        [&chosen, options] { chosen = [options] { return export_table(*options); }; });
}

void add_import(CLI::App& app, Command& chosen) {
    auto options = std::make_shared<ImportOptions>();
    CLI::App* group = app.add_subcommand("import", "Read data from files.");
    group->require_subcommand(1);
    CLI::App* command = group->add_subcommand(
        "table",
        "Put the items of files into a DynamoDB table that exists; like items are replaced.");
    add_place(*command, *options);
    command
        ->add_option("files", options->files,
                     "Files of either format, also gzip; - is standard input")
        ->required();
    command->callback(
        [&chosen, options] { chosen = [options] { return import_table(*options); }; });
}

}  // namespace

void add_table_commands(CLI::App& app, Command& chosen) {
    add_export(app, chosen);
    add_import(app, chosen);
}

}  // namespace skafu::server
