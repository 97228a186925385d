#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace skafu::jsonpath {

/// A text that is no path; offset() counts bytes from its start.
class JsonPathError : public std::runtime_error {
  public:
    JsonPathError(const std::string& why, std::size_t offset)
        : std::runtime_error(why), offset_(offset) {}
    std::size_t offset() const { return offset_; }

  private:
    std::size_t offset_;
};

/// A definite path that selects nothing; what() reads as AWS words it
/// ("No results for path: $['a']", "Missing property in path $['a']").
class JsonPathMiss : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What a path starts from: `$`, `$$` (the context object) or `$name` (a variable).
enum class Root : std::uint8_t { Document, Context, Variable };

/// Which roots are allowed: `$` alone, or all three as in the Amazon States Language.
enum class Dialect : std::uint8_t { Plain, States };

struct Step;

/// A compiled path of the dialect that AWS uses (Step Functions "Paths", API Gateway
/// `$input.path`, EventBridge InputPath): names, indexes from either end, slices, wildcards,
/// unions, recursive descent, filters, and functions at the end. Cheap to copy.
class JsonPath {
  public:
    /// Throws JsonPathError where `text` is no path.
    static JsonPath compile(std::string_view text, Dialect dialect = Dialect::Plain);

    Root root() const { return root_; }
    /// The name after `$` where root() is a variable.
    const std::string& variable() const { return variable_; }
    /// Whether the path is a root alone.
    bool is_root() const { return steps_->empty(); }
    /// Whether the path selects at most one value; an indefinite path gives an array.
    bool is_definite() const { return definite_; }
    /// Whether the path has names and single indexes only (a reference path).
    bool is_reference() const { return reference_; }
    const std::string& text() const { return text_; }
    const std::vector<Step>& steps() const { return *steps_; }

    /// The selected value in place, or nullptr where nothing is selected.
    /// Only for reference paths (is_reference()); others give nullptr.
    const Json* find(const Json& document) const;
    /// find() for a value that the caller is done with and may move from.
    Json* find(Json& document) const;

    /// The value of a definite path, or the array of an indefinite one, which is empty where
    /// nothing matches. Throws JsonPathMiss where a definite path selects nothing.
    Json read(const Json& document) const;

    /// As read(), but tells a miss by false.
    bool try_read(const Json& document, Json& result) const;

    /// Why a definite path selects nothing in `document`.
    std::string explain_miss(const Json& document) const;

    /// The path in brackets: `$['a'][0]`.
    std::string canonical() const;

  private:
    friend class Parser;
    JsonPath() = default;

    std::string text_;
    std::string variable_;
    std::shared_ptr<const std::vector<Step>> steps_;
    Root root_ = Root::Document;
    bool definite_ = true;
    bool reference_ = true;
};

/// Puts `value` at a reference path of `document`, making the objects on the way
/// (Step Functions "ResultPath"). False, with `document` unchanged, where a step meets a value
/// that has no such place: a scalar, or an array index out of range.
bool set_at(Json& document, const JsonPath& path, Json value);

}  // namespace skafu::jsonpath
