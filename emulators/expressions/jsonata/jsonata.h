#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"

namespace skafu::jsonata {

/// A fault of an expression, at compile or evaluation time, as the JSONata reference names it.
class JsonataError : public std::exception {
  public:
    /// `code` is the reference's ("S0201", "T0410", "D3030"); its text is made from the other
    /// members. An `$error()` call has code D3137 and its own text.
    explicit JsonataError(std::string code);

    JsonataError&& at(std::size_t position) &&;
    JsonataError&& token(std::string token) &&;
    JsonataError&& value(Json value) &&;
    JsonataError&& second_value(Json value) &&;
    JsonataError&& index(std::size_t index) &&;
    JsonataError&& message(std::string text) &&;
    /// A copy with this token and position, where it has none yet.
    JsonataError located(std::string_view token, std::size_t position) const;

    const std::string& code() const { return code_; }
    /// Characters from the start of the expression to just behind the token at fault.
    std::optional<std::size_t> position() const { return position_; }
    const std::optional<std::string>& token() const { return token_; }
    const std::optional<Json>& value() const { return value_; }
    const std::optional<Json>& second_value() const { return second_value_; }
    std::optional<std::size_t> index() const { return index_; }
    /// The text of the error without its code ("Attempted to invoke a non-function").
    std::string message() const;
    /// "T1006: Attempted to invoke a non-function"
    const char* what() const noexcept override;

  private:
    std::string member(std::string_view name) const;

    std::string code_;
    std::optional<std::size_t> position_;
    std::optional<std::string> token_;
    std::optional<Json> value_;
    std::optional<Json> second_value_;
    std::optional<std::size_t> index_;
    std::optional<std::string> message_;
    mutable std::string what_;
};

/// Which functions exist.
enum class Dialect {
    standard,        ///< JSONata 2.x as its reference implements it
    step_functions,  ///< adds $partition $range $hash $uuid $parse, a seed for $random; no $eval
};

/// What an evaluation may use before it ends in error U1001.
struct Limits {
    std::uint64_t milliseconds = 5000;          ///< of the processor
    std::size_t depth = 4000;                   ///< nested evaluation steps
    std::size_t memory = 256U * 1024U * 1024U;  ///< bytes of intermediate values
    /// Less time for an evaluation of many steps: it is not the machine that is slow.
    std::uint64_t busy_milliseconds = std::numeric_limits<std::uint64_t>::max();
};

/// The variables of an evaluation (names without "$"). Refers to the values, copies none:
/// they outlive the evaluation.
class Bindings {
  public:
    using Members = std::vector<std::pair<std::string, const Json*>>;

    /// $name = value
    Bindings& bind(std::string name, const Json& value);
    /// $name = an object of these members, without building it ("states": input, context, …).
    Bindings& bind_object(std::string name, Members members);

    struct Binding {
        std::string name;
        const Json* value = nullptr;  // nullptr: an object of `members`
        Members members;
    };
    const std::vector<Binding>& all() const { return bindings_; }

  private:
    std::vector<Binding> bindings_;
};

/// What the outside gives to an evaluation.
struct Options {
    Limits limits;
    std::int64_t now_millis = 0;        ///< $now(), $millis(): since 1970 UTC
    std::function<double()> random;     ///< $random, $shuffle: in [0, 1)
    std::function<std::string()> uuid;  ///< $uuid
};

struct Program;

/// A compiled expression; immutable, cheap to copy, may be evaluated any number of times.
class Expression {
  public:
    /// Throws JsonataError (S…) where `text` is no expression.
    static Expression compile(std::string_view text, Dialect dialect = Dialect::standard);

    /// Evaluates on `input` (nullptr: no input). Gives nullopt where the result is undefined.
    /// Throws JsonataError for faults and passed limits, FunctionResult where the result is a
    /// function. `input` and the bound values are never changed.
    std::optional<Json> evaluate(const Json* input, const Bindings& bindings,
                                 const Options& options) const;

    /// What the expression reads that a place without an input, as a state machine's fields are,
    /// cannot give.
    struct References {
        std::vector<std::string> names;  ///< members of the input, at the top level
        bool root = false;               ///< $$
        std::vector<std::string> paths;  ///< "states.errorOutput": a variable, and its member
    };
    References references() const;

  private:
    explicit Expression(std::shared_ptr<const Program> program);
    std::shared_ptr<const Program> program_;
};

/// The result is a function, for which JSON has no form.
class FunctionResult : public std::exception {
  public:
    const char* what() const noexcept override { return "the result is a function"; }
};

}  // namespace skafu::jsonata
