#include "cli/init_scripts.h"

#include <set>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/log.h"

namespace skafu::server {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> command_for(const fs::path& script) {
    if (script.extension() == ".sh") return {"/bin/sh", script.string()};
    if (script.extension() == ".py") return {"python3", script.string()};
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

/// The exit status, or -1 where it could not be run.
int run_script(const std::vector<std::string>& command, const std::vector<std::string>& variables) {
    std::vector<char*> arguments;
    for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
    arguments.push_back(nullptr);
    std::vector<char*> variable_pointers;
    for (const std::string& text : variables) {
        variable_pointers.push_back(const_cast<char*>(text.c_str()));
    }
    variable_pointers.push_back(nullptr);
    pid_t pid = 0;
    if (posix_spawnp(&pid, arguments[0], nullptr, nullptr, arguments.data(),
                     variable_pointers.data()) != 0) {
        return -1;
    }
    int status = 0;
    if (waitpid(pid, &status, 0) < 0) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Task<void> run_init_scripts(Cloud& cloud, std::string folder, std::string stage) {
    const fs::path stage_folder = fs::path(folder) / (stage + ".d");
    std::error_code error;
    std::set<fs::path> scripts;
    for (const fs::directory_entry& entry : fs::directory_iterator(stage_folder, error)) {
        if (entry.is_regular_file()) scripts.insert(entry.path());
    }
    const std::vector<std::string> variables = environment(cloud.settings());
    for (const fs::path& script : scripts) {
        log::info("running init script {}", script.string());
        std::function<int()> work = [command = command_for(script), &variables] {
            return run_script(command, variables);
        };
        const int status = co_await cloud.in_background(std::move(work));
        if (status != 0) log::warn("init script {} ended with status {}", script.string(), status);
    }
}

}  // namespace skafu::server
