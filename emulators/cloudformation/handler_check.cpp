#include "cloudformation/handler_check.h"

#include <fstream>

#include <re2/re2.h>

namespace skafu::cloudformation {
namespace {

namespace fs = std::filesystem;

fs::path module_file(const fs::path& code, std::string module, bool python) {
    std::replace(module.begin(), module.end(), '.', python ? '/' : '.');
    if (python) {
        const fs::path file = code / (module + ".py");
        return fs::exists(file) ? file : code / module / "__init__.py";
    }
    for (const std::string_view extension : {".js", ".mjs", ".cjs"}) {
        const fs::path file = code / (module + std::string(extension));
        if (fs::exists(file)) return file;
    }
    return {};
}

/// The name that a line of a module defines at its top level, or "".
std::string defined_name(const std::string& line, bool python, bool& callable) {
    static const RE2 python_function(R"(^(?:async\s+)?def\s+(\w+)\s*\()");
    static const RE2 python_name(R"(^(\w+)\s*(?::[^=]+)?=[^=])");
    static const RE2 python_import(R"(^from\s+\S+\s+import\s+.*\b(\w+)\s*$)");
    static const RE2 node_export(R"(^\s*(?:module\.)?exports\.(\w+)\s*=)");
    static const RE2 node_declared(
        R"(^export\s+(?:const|let|var|async\s+function|function)\s+(\w+))");
    std::string name;
    callable = true;
    if (python) {
        if (RE2::PartialMatch(line, python_function, &name)) return name;
        callable = false;
        if (RE2::PartialMatch(line, python_name, &name)) return name;
        if (RE2::PartialMatch(line, python_import, &name)) return name;
        return "";
    }
    if (RE2::PartialMatch(line, node_export, &name)) return name;
    if (RE2::PartialMatch(line, node_declared, &name)) return name;
    return "";
}

/// Helpers are no candidates: a handler takes an event and a context, and has no underscore first.
bool could_be_handler(const std::string& line, const std::string& name, bool python) {
    if (name.starts_with('_')) return false;
    if (!python) return true;
    static const RE2 two_parameters(R"(\(\s*\w+[^,)]*,\s*\w+[^,)]*\))");
    return RE2::PartialMatch(line, two_parameters);
}

}  // namespace

HandlerCheck check_handler(const fs::path& code, const std::string& runtime,
                           const std::string& handler) {
    HandlerCheck check;
    const bool python = runtime.starts_with("python");
    const std::size_t dot = handler.rfind('.');
    std::error_code fault;
    if ((!python && !runtime.starts_with("nodejs")) || dot == std::string::npos ||
        !fs::is_directory(code, fault)) {
        return check;
    }
    check.module = handler.substr(0, dot);
    check.name = handler.substr(dot + 1);
    const fs::path file = module_file(code, check.module, python);
    if (file.empty() || !fs::exists(file, fault)) {
        check.found = false;
        return check;
    }
    check.file = file.filename().string();
    check.found = false;
    std::ifstream in(file);
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        // What a module re-exports as a whole cannot be told without running it.
        if (line.find("import *") != std::string::npos || line.find("module.exports =") == 0 ||
            line.find("export {") == 0 || line.find("export *") == 0) {
            check.found = true;
        }
        bool callable = false;
        const std::string name = defined_name(line, python, callable);
        if (name == check.name) check.found = true;
        if (callable && !name.empty() && could_be_handler(line, name, python)) {
            check.candidates.push_back({name, number});
        }
    }
    return check;
}

}  // namespace skafu::cloudformation
