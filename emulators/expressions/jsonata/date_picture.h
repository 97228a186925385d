#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expressions/jsonata/integer_picture.h"
#include "expressions/jsonata/regex.h"

namespace skafu::jsonata {

/// How a moment is written: the picture of XPath's fn:format-dateTime.
class DatePicture {
  public:
    /// Throws JsonataError D3132 or D3135.
    explicit DatePicture(std::string_view picture);

    /// The moment in a zone that is this many hours and minutes from UTC. Throws JsonataError
    /// D3133 or D3134.
    std::string format(std::int64_t millis, int offset_hours, int offset_minutes) const;

    /// The moment that the text shows, parts that it lacks taken from `now`; NaN where it is no
    /// date; nothing where it does not fit the picture. Throws JsonataError D3136.
    std::optional<double> parse(std::string_view text, std::int64_t now) const;

  private:
    enum class Names { none, lower, upper, title };
    struct Part {
        char component = 0;  // 0: literal
        std::string literal;
        std::string presentation;
        char modifier = 0;
        Names names = Names::none;
        bool has_integer = false;
        IntegerPicture integer;
        int minimum_width = -1;
        int maximum_width = -1;
        int year_digits = -1;
    };
    struct Offset {
        int hours;
        int minutes;
    };

    void add_literal(std::string_view text);
    void add_marker(std::string_view marker);
    void set_integer(Part& part);
    static std::string format_part(const Part& part, std::int64_t local, Offset offset);
    static std::string format_name(const Part& part, int value);
    static std::string format_zone(const Part& part, Offset offset);
    static std::string pattern(const Part& part);
    static std::optional<double> parse_part(const Part& part, std::string_view text);
    static double parse_zone(const Part& part, std::string_view text);

    const Regex& expression() const;

    std::vector<Part> parts_;
    mutable std::unique_ptr<Regex> expression_;  // made when the first text is parsed
};

/// A component (Y M D d F W w X x H h m s f) of a moment; P is 0 in the morning, else 1.
double date_component(std::int64_t millis, char component);

/// Completes what a text showed of a moment (indexed by component) and gives its millis. Throws
/// JsonataError D3136 where parts in between are missing.
double moment_of(std::optional<double> (&components)[128], std::int64_t now);

}  // namespace skafu::jsonata
