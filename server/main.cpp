#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/program.h"
#include "cli/start_memory.h"

int main(int argc, char** argv) {
    const bool is_start = argc > 1 && std::string_view(argv[1]) == "start";
    if (is_start) skafu::server::take_start_memory();
    CLI::App app("skafu-local: runs an AWS SAM application offline, on one port.", "skafu-local");
    app.set_version_flag("--version", std::string("skafu-local ") + SKAFU_VERSION);
    app.require_subcommand(1);
    app.get_formatter()->column_width(36);
    skafu::server::Command chosen;
    skafu::server::add_start_command(app, chosen);
    if (!is_start) {  // the options of the others would be a sixth of a start
        skafu::server::add_events_command(app, chosen);
        skafu::server::add_table_commands(app, chosen);
        skafu::server::add_template_commands(app, chosen);
        skafu::server::add_eval_command(app, chosen);
        skafu::server::add_sfn_command(app, chosen);
    }
    CLI11_PARSE(app, argc, argv);
    // A file that may not grow any more is a write that fails, not the end of the program.
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        return chosen();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "skafu-local: %s\n", error.what());
        return 1;
    }
}
