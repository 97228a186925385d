#include "lambda/runtime_files.h"

#include <cstdlib>
#include <fstream>
#include <unistd.h>

#include <fmt/format.h>

#include "core/log.h"
#include "lambda/files.h"

namespace skafu::lambda {

namespace fs = std::filesystem;

namespace {

bool is_executable(const fs::path& file) {
    return ::access(file.c_str(), X_OK) == 0 && fs::is_regular_file(file);
}

/// The first program of that name, the system's own folders first. The shims of version managers
/// do not count: they take many times as long to start, and need the user's own environment.
std::string find_program(const std::string& name) {
    std::vector<std::string> folders = {"/usr/bin", "/usr/local/bin"};
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        if (!rest.substr(0, end).ends_with("/shims")) folders.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    for (const std::string& folder : folders) {
        const fs::path candidate = fs::path(folder) / name;
        if (is_executable(candidate)) return candidate.string();
    }
    return {};
}

}  // namespace

RuntimeFiles::RuntimeFiles(fs::path folder) : folder_(std::move(folder)) {
    fs::create_directories(folder_);
    write_file(folder_ / "skafu_python_runtime.py", kPythonRuntimeSource);
    write_file(folder_ / "skafu_node_runtime.cjs", kNodeRuntimeSource);
}

std::string RuntimeFiles::python(std::string_view runtime) {
    for (const auto& [name, interpreter] : found_) {
        if (name == runtime) return interpreter;
    }
    std::string interpreter = find_program(std::string(runtime));
    if (interpreter.empty()) {
        interpreter = find_program("python3");
        if (!interpreter.empty()) {
            log::warn("{} is not installed: its functions run with {}", runtime, interpreter);
        }
    }
    found_.emplace_back(runtime, interpreter);
    return interpreter;
}

std::string RuntimeFiles::node() {
    for (const auto& [name, interpreter] : found_) {
        if (name == "node") return interpreter;
    }
    found_.emplace_back("node", find_program("node"));
    return found_.back().second;
}

std::vector<std::string> RuntimeFiles::command(std::string_view runtime,
                                               const std::string& task_root,
                                               const std::vector<std::string>& layer_roots) {
    if (runtime.starts_with("python")) {
        const std::string interpreter = python(runtime);
        if (interpreter.empty()) return {};
        return {interpreter, "-X", "utf8", "-c",
                fmt::format("import sys; sys.path.insert(0, '{}'); import skafu_python_runtime",
                            folder_.string())};
    }
    if (runtime.starts_with("nodejs")) {
        const std::string interpreter = node();
        if (interpreter.empty()) return {};
        return {interpreter, (folder_ / "skafu_node_runtime.cjs").string()};
    }
    if (runtime.starts_with("provided") || runtime == "go1.x") {
        std::vector<std::string> roots = layer_roots;
        roots.insert(roots.begin(), task_root);
        for (const std::string& root : roots) {
            const fs::path bootstrap = fs::path(root) / "bootstrap";
            if (is_executable(bootstrap)) return {bootstrap.string()};
        }
    }
    return {};
}

}  // namespace skafu::lambda
