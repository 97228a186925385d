#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/json.h"

namespace skafu::cloudformation {

/// Something wrong with a template, with the place where its author can mend it.
struct Problem {
    std::string file;
    int line = 0;            ///< from 1; 0 where it is not known
    std::string logical_id;  ///< empty where no resource is concerned
    std::string message;
};

/// "file:line: [logical id] message".
std::string to_line(const Problem& problem);

/// A template that cannot be interpreted: all that is wrong with it at once.
class TemplateError : public std::runtime_error {
  public:
    explicit TemplateError(std::vector<Problem> problems);
    explicit TemplateError(std::string message);
    const std::vector<Problem>& problems() const { return problems_; }

  private:
    std::vector<Problem> problems_;
};

/// The lines on which the values of a template stand. A path is written
/// "/Resources/Table/Properties/KeySchema/0".
class SourceMap {
  public:
    void add(std::string path, int line) { lines_.emplace(std::move(path), line); }

    /// The line of the value at `path`, or of the nearest value around it; 0 when unknown.
    int line_of(std::string_view path) const;

  private:
    std::unordered_map<std::string, int> lines_;
};

/// A template as its author wrote it.
struct TemplateSource {
    std::string file;
    std::string text;
    Json value;
    SourceMap lines;
};

/// Reads one YAML 1.1 or JSON document: short forms (!Ref, !GetAtt ...) become their long ones,
/// dates stay text, aliases and merge keys are replaced by what they name.
/// Throws TemplateError with CloudFormation's texts ("Template format error: YAML not
/// well-formed. (line 3, column 7)").
TemplateSource read_template(std::string text, std::string file);

/// Reads a template file; throws TemplateError when there is none.
TemplateSource read_template_file(const std::filesystem::path& path);

/// Any YAML or JSON document that is no template (a state machine, an OpenAPI document).
Json read_document(std::string_view text);

}  // namespace skafu::cloudformation
