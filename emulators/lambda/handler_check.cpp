#include "lambda/handler_check.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <string_view>

#include <fmt/format.h>

namespace skafu::lambda {

namespace fs = std::filesystem;

namespace {

struct Source {
    fs::path file;
    std::vector<std::string> lines;
};

std::optional<Source> find_source(const std::string& module, const std::vector<std::string>& roots,
                                  const std::vector<std::string>& endings) {
    for (const std::string& root : roots) {
        for (const std::string& ending : endings) {
            std::ifstream in(fs::path(root) / (module + ending));
            if (!in) continue;
            Source source{fs::path(module + ending), {}};
            for (std::string line; std::getline(in, line);) source.lines.push_back(line);
            return source;
        }
    }
    return std::nullopt;
}

/// Does any line of the source give the name a meaning, or might something we cannot see do so?
bool defines(const Source& source, const std::string& name) {
    const std::regex meaning(fmt::format(
        R"((def|class|function\*?|const|let|var)\s+{0}\b|\b{0}\s*[:=]|import\b.*\b{0}\b|import\s+\*|)"
        R"(exports\.{0}\b|export\s*\{{|export\s*\*|module\.exports|^\s*\(?\s*{0}\s*,?\s*\)?$)",
        name));
    return std::any_of(source.lines.begin(), source.lines.end(),
                       [&](const std::string& line) { return std::regex_search(line, meaning); });
}

struct Candidate {
    std::string name;
    std::size_t line;
};

/// Functions of two parameters at the top level of a Python module: what a handler looks like.
std::vector<Candidate> python_candidates(const Source& source) {
    static const std::regex handler(R"(^def\s+([A-Za-z]\w*)\s*\(\s*\w+[^,()]*,\s*\w+[^,()]*\)\s*)"
                                    R"((->.*)?:)");
    std::vector<Candidate> found;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
        std::smatch match;
        if (std::regex_search(source.lines[i], match, handler)) found.push_back({match[1], i + 1});
    }
    return found;
}

HandlerProblem missing_handler(const Source& source, const std::string& name, bool python) {
    HandlerProblem problem;
    problem.finding = fmt::format("{} has no {}", source.file.string(), name);
    const std::vector<Candidate> candidates =
        python ? python_candidates(source) : std::vector<Candidate>();
    if (!candidates.empty()) {
        problem.finding += "; it has ";
        for (const Candidate& each : candidates) {
            if (&each != &candidates.front()) problem.finding += ", ";
            problem.finding += fmt::format("{} (line {})", each.name, each.line);
        }
    }
    problem.finding += ": AWS deploys this, and each invocation fails with Runtime.HandlerNotFound";
    if (candidates.size() == 1) problem.candidate = candidates.front().name;
    return problem;
}

}  // namespace

std::optional<HandlerProblem> check_handler(const std::string& runtime, const std::string& handler,
                                            const std::vector<std::string>& roots) {
    const bool python = runtime.starts_with("python");
    if (!python && !runtime.starts_with("nodejs")) return std::nullopt;
    const std::size_t dot = python ? handler.rfind('.') : handler.find('.', handler.rfind('/') + 1);
    if (dot == std::string::npos || handler.starts_with("/opt/")) return std::nullopt;
    std::string module = handler.substr(0, dot);
    const std::string name = handler.substr(dot + 1);
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
        std::string::npos) {
        return std::nullopt;
    }
    if (python) std::replace(module.begin(), module.end(), '.', '/');
    const std::vector<std::string> endings =
        python ? std::vector<std::string>{".py", "/__init__.py", ".pyc", ".so"}
               : std::vector<std::string>{".js", ".mjs", ".cjs"};
    const std::optional<Source> source = find_source(module, roots, endings);
    if (!source) {
        HandlerProblem problem;
        problem.finding = fmt::format(
            "there is no {}{} for handler {}: AWS deploys this, and each invocation fails with "
            "Runtime.ImportModuleError",
            module, endings.front(), handler);
        return problem;
    }
    if (defines(*source, name)) return std::nullopt;
    HandlerProblem problem = missing_handler(*source, name, python);
    if (!problem.candidate.empty())
        problem.candidate = handler.substr(0, dot + 1) + problem.candidate;
    return problem;
}

}  // namespace skafu::lambda
