#pragma once

#include <stdexcept>
#include <string_view>

#include "core/json.h"

namespace skafu::cloudformation {

class SourceMap;

/// A text that is not YAML; line and column count from 1.
class YamlError : public std::runtime_error {
  public:
    YamlError(const std::string& why, int line, int column)
        : std::runtime_error(why), line_(line), column_(column) {}
    int line() const { return line_; }
    int column() const { return column_; }

  private:
    int line_;
    int column_;
};

/// Reads the first document of a YAML 1.1 text with CloudFormation's short forms; notes the line
/// of each value in `lines` where one is given. Throws YamlError.
Json read_yaml(std::string_view text, SourceMap* lines);

}  // namespace skafu::cloudformation
