#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "expressions/jsonpath/jsonpath.h"

namespace skafu::intrinsics {

/// A text that is no call of an intrinsic function: syntax, unknown name, number of arguments.
/// hint() names the nearest function where the name is unknown.
class SyntaxError : public std::runtime_error {
  public:
    explicit SyntaxError(const std::string& why, std::string hint = {})
        : std::runtime_error(why), hint_(std::move(hint)) {}
    const std::string& hint() const { return hint_; }

  private:
    std::string hint_;
};

/// A call that failed when it ran. error() is the error's name: States.Runtime where an
/// argument's path selects nothing, States.IntrinsicFailure where the function refuses its
/// arguments; what() is the cause as AWS words it.
class Failure : public std::runtime_error {
  public:
    Failure(std::string error, const std::string& cause)
        : std::runtime_error(cause), error_(std::move(error)) {}
    const std::string& error() const { return error_; }

  private:
    std::string error_;
};

/// What a call sees of the world.
class Scope {
  public:
    virtual ~Scope() = default;
    /// The value that `path` starts from: the input, the context object or a variable.
    virtual const Json& root_of(const jsonpath::JsonPath& path) const = 0;
    virtual std::string uuid() = 0;
    /// 64 random bits.
    virtual std::uint64_t random() = 0;
};

struct Node;

/// Whether `text` reads as a call of an intrinsic function rather than as a path.
bool looks_like_call(std::string_view text);

/// A compiled call such as `States.Format('{}', $.name)` (Amazon States Language, "Intrinsic
/// functions"). Cheap to copy.
class Call {
  public:
    /// Throws SyntaxError, also for a malformed path among the arguments.
    static Call compile(std::string_view text);

    /// Throws Failure.
    Json evaluate(Scope& scope) const;

    /// Calls `visit` for each path in the call.
    void for_each_path(const std::function<void(const jsonpath::JsonPath&)>& visit) const;

  private:
    explicit Call(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
    std::shared_ptr<const Node> root_;
};

/// A value as States.Format prints it: strings bare, objects and lists in Java's map style.
std::string format_value(const Json& value);

}  // namespace skafu::intrinsics
