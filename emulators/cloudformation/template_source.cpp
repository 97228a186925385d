#include "cloudformation/template_source.h"

#include <fstream>
#include <sstream>

#include "cloudformation/yaml.h"

namespace skafu::cloudformation {
namespace {

std::string join_problems(const std::vector<Problem>& problems) {
    std::string text;
    for (const Problem& problem : problems) {
        if (!text.empty()) text += '\n';
        text += to_line(problem);
    }
    return text;
}

/// Notes the line of each value of a JSON text that is known to be well formed.
class JsonLines {
  public:
    JsonLines(std::string_view text, SourceMap& lines) : text_(text), lines_(lines) {}
    void run() { value(""); }

  private:
    void skip_space() {
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\n')
                ++line_;
            else if (text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != '\r')
                return;
        }
    }

    std::string_view string() {
        const std::size_t start = ++at_;
        while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
        const std::string_view inside = text_.substr(start, at_ - start);
        ++at_;
        return inside;
    }

    void value(const std::string& path) {
        skip_space();
        lines_.add(path, line_);
        if (at_ >= text_.size()) return;
        if (text_[at_] == '"') {
            string();
        } else if (text_[at_] == '{' || text_[at_] == '[') {
            members(path, text_[at_] == '{' ? '}' : ']');
        } else {
            while (at_ < text_.size() &&
                   std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) {
                ++at_;
            }
        }
    }

    void members(const std::string& path, char close) {
        ++at_;
        for (std::size_t index = 0; at_ < text_.size(); ++index) {
            skip_space();
            if (at_ >= text_.size()) return;
            if (text_[at_] == ',') ++at_;
            skip_space();
            if (at_ < text_.size() && text_[at_] == close) break;
            std::string key = std::to_string(index);
            if (close == '}') {
                key = std::string(string());
                skip_space();
                ++at_;
            }
            value(path + '/' + key);
            skip_space();
            if (at_ < text_.size() && text_[at_] == close) break;
        }
        ++at_;
    }

    std::string_view text_;
    SourceMap& lines_;
    std::size_t at_ = 0;
    int line_ = 1;
};

[[noreturn]] void throw_json_problem(const JsonError& error, std::string_view text,
                                     const std::string& file) {
    const std::string_view before = text.substr(0, std::min(error.offset(), text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t last = before.rfind('\n');
    const std::size_t column = before.size() - (last == std::string_view::npos ? 0 : last + 1);
    const std::string message = fmt::format(
        "Template format error: JSON not well-formed. (line {}, column {})", line, column + 1);
    throw TemplateError({Problem{file, static_cast<int>(line), "", message}});
}

/// A path below the current folder is shown relative to it.
std::string shown_path(const std::string& file) {
    std::error_code fault;
    const std::filesystem::path here = std::filesystem::current_path(fault);
    const std::string prefix = here.string() + '/';
    return !fault && file.starts_with(prefix) ? file.substr(prefix.size()) : file;
}

bool looks_like_json(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    return first != std::string_view::npos && text[first] == '{';
}

}  // namespace

std::string to_line(const Problem& problem) {
    std::string text = shown_path(problem.file);
    if (!text.empty() && problem.line > 0) text += fmt::format(":{}", problem.line);
    if (!text.empty()) text += ": ";
    if (!problem.logical_id.empty()) text += fmt::format("[{}] ", problem.logical_id);
    return text + problem.message;
}

TemplateError::TemplateError(std::vector<Problem> problems)
    : std::runtime_error(join_problems(problems)), problems_(std::move(problems)) {}

TemplateError::TemplateError(std::string message)
    : TemplateError(std::vector<Problem>{Problem{"", 0, "", std::move(message)}}) {}

int SourceMap::line_of(std::string_view path) const {
    for (;;) {
        const auto found = lines_.find(std::string(path));
        if (found != lines_.end()) return found->second;
        const std::size_t slash = path.rfind('/');
        if (slash == std::string_view::npos) return 0;
        path = path.substr(0, slash);
    }
}

TemplateSource read_template(std::string text, std::string file) {
    TemplateSource source{std::move(file), std::move(text), Json(), {}};
    if (looks_like_json(source.text)) {
        try {
            source.value = parse_json(source.text);
        } catch (const JsonError& error) {
            // A YAML flow mapping also opens with a brace; where neither reads, JSON's fault
            // counts.
            try {
                source.value = read_yaml(source.text, &source.lines);
                return source;
            } catch (const YamlError&) {
                throw_json_problem(error, source.text, source.file);
            }
        }
        JsonLines(source.text, source.lines).run();
        return source;
    }
    try {
        source.value = read_yaml(source.text, &source.lines);
    } catch (const YamlError& error) {
        const std::string message =
            fmt::format("Template format error: YAML not well-formed. (line {}, column {})",
                        error.line(), error.column());
        throw TemplateError(
            {Problem{source.file, error.line(), "", message + ": " + std::string(error.what())}});
    }
    return source;
}

TemplateSource read_template_file(const std::filesystem::path& path) {
    const auto refuse = [&](const char* why) {
        throw TemplateError({Problem{path.string(), 0, "", why}});
    };
    std::error_code fault;
    if (!std::filesystem::exists(path, fault)) refuse("There is no such template file.");
    if (std::filesystem::is_directory(path, fault)) {
        refuse("This is a folder: name the template file in it.");
    }
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!text) refuse("The file cannot be read, or it is empty.");
    return read_template(std::move(text).str(), path.string());
}

Json read_document(std::string_view text) {
    if (looks_like_json(text)) {
        try {
            return parse_json(text);
        } catch (const JsonError&) {
            return read_yaml(text, nullptr);
        }
    }
    return read_yaml(text, nullptr);
}

}  // namespace skafu::cloudformation
