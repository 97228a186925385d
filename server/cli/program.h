#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace skafu::server {

/// What the command line chose to do; gives the exit status.
using Command = std::function<int()>;

/// Each adds one subcommand (or a group) to the program and sets `chosen` when it is asked for.
void add_start_command(CLI::App& app, Command& chosen);
void add_events_command(CLI::App& app, Command& chosen);
void add_table_commands(CLI::App& app, Command& chosen);
void add_template_commands(CLI::App& app, Command& chosen);
void add_eval_command(CLI::App& app, Command& chosen);
void add_sfn_command(CLI::App& app, Command& chosen);

}  // namespace skafu::server
