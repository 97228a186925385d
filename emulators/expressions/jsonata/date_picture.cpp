#include "expressions/jsonata/date_picture.h"

#include <array>
#include <cctype>
#include <charconv>

#include "expressions/jsonata/jsonata.h"

namespace skafu::jsonata {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};

/// The presentation of a component that says nothing about it; empty for an unknown one.
std::string_view default_presentation(char component) {
    if (std::string_view("YMDdWwXxHhf").find(component) != std::string_view::npos) return "1";
    if (std::string_view("FPCE").find(component) != std::string_view::npos) return "n";
    if (component == 'm' || component == 's') return "01";
    return component == 'Z' || component == 'z' ? "01:01" : "";
}

/// A width of a width modifier; -1 for "*" and for what is no number.
int width_of(std::string_view text) {
    int width = -1;
    std::from_chars(text.data(), text.data() + text.size(), width);
    return width;
}

std::string escaped(std::string_view literal) {
    std::string out;
    for (const char c : literal) {
        if (std::string_view(".*+?^${}()|[]\\").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

std::string change_case(std::string text, int (*change)(int)) {
    for (char& c : text) c = static_cast<char>(change(static_cast<unsigned char>(c)));
    return text;
}

double to_integer(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

DatePicture::DatePicture(std::string_view picture) {
    std::size_t start = 0;
    for (std::size_t at = 0; at < picture.size();) {
        if (picture[at] != '[') {
            ++at;
            continue;
        }
        add_literal(picture.substr(start, at - start));
        if (picture.substr(at, 2) == "[[") {
            add_literal("[");
            at += 2;
        } else {
            const std::size_t close = picture.find(']', at);
            if (close == std::string_view::npos) throw JsonataError("D3135");
            add_marker(picture.substr(at + 1, close - at - 1));
            at = close + 1;
        }
        start = at;
    }
    add_literal(picture.substr(start));
}

void DatePicture::add_literal(std::string_view text) {
    if (text.empty()) return;
    Part part;
    for (std::size_t at = 0; at < text.size(); ++at) {
        part.literal += text[at];
        if (text.substr(at, 2) == "]]") ++at;
    }
    parts_.push_back(std::move(part));
}

void DatePicture::add_marker(std::string_view text) {
    std::string marker;
    for (const char c : text) {
        if (std::isspace(static_cast<unsigned char>(c)) == 0) marker += c;
    }
    Part part;
    part.component = marker.empty() ? '?' : marker[0];
    const std::size_t comma = marker.rfind(',');
    if (comma != std::string::npos) {
        const std::string_view width = std::string_view(marker).substr(comma + 1);
        const std::size_t dash = width.find('-');
        part.minimum_width = width_of(width.substr(0, dash));
        if (dash != std::string_view::npos) part.maximum_width = width_of(width.substr(dash + 1));
        marker.resize(comma);
    }
    part.presentation = marker.size() > 1 ? marker.substr(1) : "";
    if (part.presentation.size() > 1 &&
        std::string_view("atco").find(part.presentation.back()) != std::string_view::npos) {
        part.modifier = part.presentation.back();
        part.presentation.pop_back();
    }
    if (part.presentation.empty()) part.presentation = default_presentation(part.component);
    if (part.presentation.empty()) {
        throw JsonataError("D3132").value(marker.empty() ? "" : std::string(1, part.component));
    }
    if (part.presentation[0] == 'n')
        part.names = Names::lower;
    else if (part.presentation.starts_with("Nn"))
        part.names = Names::title;
    else if (part.presentation[0] == 'N')
        part.names = Names::upper;
    else if (std::string_view("YMDdFWwXxHhmsf").find(part.component) != std::string_view::npos)
        set_integer(part);
    if (part.component == 'Z' || part.component == 'z') {
        part.integer = IntegerPicture(part.presentation);
        part.has_integer = true;
    }
    parts_.push_back(std::move(part));
}

void DatePicture::set_integer(Part& part) {
    std::string picture = part.presentation;
    if (part.modifier != 0) picture += std::string(";") + part.modifier;
    part.integer = IntegerPicture(picture);
    part.has_integer = true;
    if (part.minimum_width > part.integer.digits()) part.integer.set_digits(part.minimum_width);
    if (part.component == 'Y') {
        if (part.maximum_width >= 0) {
            part.year_digits = part.maximum_width;
            part.integer.set_digits(part.maximum_width);
        } else if (part.integer.all_digits() >= 2) {
            part.year_digits = part.integer.all_digits();
        }
    }
    // Two numbers with nothing between them can only be told apart by their widths.
    if (!parts_.empty() && parts_.back().has_integer) parts_.back().integer.fix_width();
}

std::string DatePicture::format(std::int64_t millis, int offset_hours, int offset_minutes) const {
    const std::int64_t local = millis + (offset_hours * 60LL + offset_minutes) * 60000LL;
    std::string out;
    for (const Part& part : parts_) {
        out += part.component == 0 ? part.literal
                                   : format_part(part, local, {offset_hours, offset_minutes});
    }
    return out;
}

std::string DatePicture::format_part(const Part& part, std::int64_t local, Offset offset) {
    const char component = part.component;
    if (component == 'Z' || component == 'z') return format_zone(part, offset);
    if (component == 'C' || component == 'E') return "ISO";
    double value = date_component(local, component);
    if (component == 'P') {
        const std::string text = value == 1 ? "pm" : "am";
        return part.names == Names::upper ? change_case(text, std::toupper) : text;
    }
    if (part.names != Names::none) return format_name(part, static_cast<int>(value));
    if (component == 'Y' && part.year_digits >= 0 && part.year_digits < 18) {
        std::int64_t divisor = 1;
        for (int i = 0; i < part.year_digits; ++i) divisor *= 10;
        value = static_cast<double>(static_cast<std::int64_t>(value) % divisor);
    }
    return part.integer.format(value);
}

std::string DatePicture::format_name(const Part& part, int value) {
    std::string name;
    const auto at = static_cast<std::size_t>(value - 1);
    if (part.component == 'M' || part.component == 'x')
        name = kMonths[at];
    else if (part.component == 'F')
        name = kDays[at];
    else
        throw JsonataError("D3133").value(std::string(1, part.component));
    if (part.names == Names::upper) name = change_case(name, std::toupper);
    if (part.names == Names::lower) name = change_case(name, std::tolower);
    if (part.maximum_width >= 0)
        name = name.substr(0, static_cast<std::size_t>(part.maximum_width));
    return name;
}

std::string DatePicture::format_zone(const Part& part, Offset offset) {
    const int both = offset.hours * 100 + offset.minutes;
    if (both == 0 && part.modifier == 't') return "Z";
    const int digits = part.integer.digits();
    std::string out;
    if (part.integer.has_separator() || digits == 3 || digits == 4) {
        out = part.integer.format(both);
    } else if (digits == 1 || digits == 2) {
        out = part.integer.format(offset.hours);
        if (offset.hours == 0 && offset.minutes < 0) out = "-" + out;
        if (offset.minutes != 0) out += ":" + IntegerPicture("00").format(std::abs(offset.minutes));
    } else {
        throw JsonataError("D3134").value(digits);
    }
    if (both >= 0) out = "+" + out;
    return part.component == 'z' ? "GMT" + out : out;
}

std::string DatePicture::pattern(const Part& part) {
    if (part.component == 0) return escaped(part.literal);
    if (part.component == 'Z' || part.component == 'z') {
        std::string out = part.component == 'z' ? "GMT[-+][0-9]+" : "[-+][0-9]+";
        if (part.integer.has_separator()) out += escaped(part.integer.separator()) + "[0-9]+";
        return out;
    }
    if (part.component == 'f') return "[0-9]+";
    if (part.has_integer) return part.integer.pattern();
    if (std::string_view("MxFP").find(part.component) == std::string_view::npos) {
        throw JsonataError("D3133").value(std::string(1, part.component));
    }
    return "[a-zA-Z]+";
}

double DatePicture::parse_zone(const Part& part, std::string_view text) {
    if (part.component == 'z') text.remove_prefix(3);
    std::string_view hours = text;
    std::string_view minutes;
    if (part.integer.has_separator()) {
        const std::size_t at = text.find(part.integer.separator());
        hours = text.substr(0, at);
        minutes = text.substr(at + 1);
    } else if (text.size() > 3) {
        hours = text.substr(0, 3);
        minutes = text.substr(3);
    }
    const double sign = text.starts_with('-') ? -1 : 1;
    return to_integer(hours) * 60 + sign * to_integer(minutes);
}

std::optional<double> DatePicture::parse_part(const Part& part, std::string_view text) {
    if (part.component == 'Z' || part.component == 'z') return parse_zone(part, text);
    if (part.component == 'f') {
        std::string digits(text.substr(0, 3));
        digits.resize(3, '0');
        return to_integer(digits);
    }
    if (part.has_integer) return part.integer.parse(text);
    if (part.component == 'P') {
        if (text == "am" || text == "AM") return 0;
        if (text == "pm" || text == "PM") return 1;
        return std::nullopt;
    }
    const auto find = [&](const auto& names) -> std::optional<double> {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::size_t width = part.maximum_width > 0
                                          ? static_cast<std::size_t>(part.maximum_width)
                                          : std::string_view::npos;
            if (names[i].substr(0, width) == text) return static_cast<double>(i + 1);
        }
        return std::nullopt;
    };
    return part.component == 'F' ? find(kDays) : find(kMonths);
}

const Regex& DatePicture::expression() const {
    if (!expression_) {
        std::string whole = "^";
        for (const Part& part : parts_) whole += "(" + pattern(part) + ")";
        expression_ = std::make_unique<Regex>(whole + "$", "i", 0);
    }
    return *expression_;
}

std::optional<double> DatePicture::parse(std::string_view text, std::int64_t now) const {
    const auto match = expression().find(text, 0);
    if (!match) return std::nullopt;
    std::optional<double> components[128];
    bool any = false;
    for (std::size_t i = 0; i < parts_.size() && i < match->groups.size(); ++i) {
        const Part& part = parts_[i];
        if (part.component == 0 || !match->groups[i]) continue;
        components[static_cast<std::size_t>(part.component) & 127] =
            parse_part(part, *match->groups[i]);
        any = true;
    }
    if (!any) return std::nullopt;
    return moment_of(components, now);
}

}  // namespace skafu::jsonata
