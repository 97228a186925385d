#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expressions/vtl/value.h"

namespace skafu::vtl {

/// A template that cannot be parsed, or that broke a limit or asked the impossible while it
/// was rendered.
class TemplateError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Longest text that a single value may print.
inline constexpr std::size_t kMaxValueSize = std::size_t{16} << 20;

/// What rendering may cost. The loop count is API Gateway's quota ("Iterations in a
/// #foreach ... #end loop in mapping templates"); `steps` stands for time, so that a template
/// costs the same on each machine.
struct Limits {
    std::size_t loop = 1000;
    std::size_t steps = 2'000'000;
    std::size_t depth = 100;
    std::size_t output = std::size_t{10} << 20;
};

/// The variables a template starts with, by name without the dollar: input, util, context.
using Variables = std::vector<std::pair<std::string_view, Value>>;

struct Script;

/// A mapping template, parsed once and rendered many times. The language is that of Apache
/// Velocity 1.7 with API Gateway's changes: a reference to nothing prints nothing, and counts
/// as true.
class Template {
  public:
    /// Throws TemplateError for text that is no template.
    explicit Template(std::string_view text);
    ~Template();
    Template(Template&&) noexcept;
    Template& operator=(Template&&) noexcept;

    /// Whether the variable stands anywhere in the template.
    bool uses(std::string_view variable) const;

    /// Renders; throws TemplateError when a limit is broken.
    std::string render(const Variables& variables, const Limits& limits = {}) const;

  private:
    std::unique_ptr<const Script> script_;
};

}  // namespace skafu::vtl
