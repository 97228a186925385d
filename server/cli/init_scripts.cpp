#include "cli/init_scripts.h"

#include <iostream>
#include <set>
#include <unistd.h>

#include "core/event.h"
#include "core/log.h"
#include "core/process.h"

namespace skafu::server {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> command_for(const fs::path& script) {
    if (script.extension() == ".sh") return {"/bin/sh", script.string()};
    if (script.extension() == ".py") return {"/usr/bin/env", "python3", script.string()};
    return {script.string()};
}

std::vector<std::string> environment(const Settings& settings) {
    std::vector<std::string> variables;
    std::set<std::string> ours;
    const auto set = [&](const std::string& name, const std::string& value) {
        variables.push_back(name + "=" + value);
        ours.insert(name);
    };
    set("AWS_ENDPOINT_URL", fmt::format("http://127.0.0.1:{}", settings.port));
    set("AWS_ACCESS_KEY_ID", settings.account);
    set("AWS_SECRET_ACCESS_KEY", "test");
    set("AWS_DEFAULT_REGION", settings.region);
    set("AWS_REGION", settings.region);
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string text = *variable;
        if (!ours.contains(text.substr(0, text.find('=')))) variables.push_back(text);
    }
    return variables;
}

/// Runs one script; what it prints goes where our log goes. It ends with this process at the
/// latest. Gives what became of it, "" where all went well.
Task<std::string> run_script(Cloud& cloud, fs::path script) {
    Process::Command command;
    command.arguments = command_for(script);
    command.environment = environment(cloud.settings());
    command.leaves_nothing = false;  // it may have started something for the house to use
    Event ended(cloud.io());
    std::optional<ExitStatus> status;
    Process::Listener listener;
    listener.on_output = [](std::string_view text) { std::cerr << text << std::flush; };
    listener.on_exit = [&](ExitStatus exit) {
        status = exit;
        ended.notify_all();
    };
    std::string problem;
    try {
        const auto process =
            co_await Process::start(cloud, std::move(command), std::move(listener));
        while (!status) co_await ended.wait();
        if (status->code != 0 || status->signal != 0) problem = status->text();
    } catch (const std::system_error& error) {
        problem = error.what();
    }
    co_return problem;
}

}  // namespace

Task<void> run_init_scripts(Cloud& cloud, std::string folder, std::string stage) {
    const fs::path stage_folder = fs::path(folder) / (stage + ".d");
    std::error_code error;
    std::set<fs::path> scripts;
    for (const fs::directory_entry& entry : fs::directory_iterator(stage_folder, error)) {
        if (entry.is_regular_file()) scripts.insert(entry.path());
    }
    for (const fs::path& script : scripts) {
        log::info("running init script {}", script.string());
        const std::string problem = co_await run_script(cloud, script);
        if (!problem.empty()) log::warn("init script {}: {}", script.string(), problem);
    }
}

}  // namespace skafu::server
