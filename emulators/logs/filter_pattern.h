#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace skafu::logs {

/// A compiled filter pattern ("Filter pattern syntax for metric filters, subscription filters,
/// filter log events, and Live Tail" in the CloudWatch Logs User Guide): terms, a JSON expression
/// `{ $.level = "ERROR" }`, or space-delimited fields `[ip, user, status = 4*]`.
class FilterPattern {
  public:
    /// Compiles a pattern; the empty one matches everything.
    /// Throws AwsError InvalidParameterException for a text that is no pattern.
    explicit FilterPattern(std::string_view pattern);
    ~FilterPattern();
    FilterPattern(FilterPattern&&) noexcept;
    FilterPattern& operator=(FilterPattern&&) noexcept;

    bool matches(std::string_view message) const;

    class Matcher;

  private:
    std::unique_ptr<Matcher> matcher_;
};

}  // namespace skafu::logs
