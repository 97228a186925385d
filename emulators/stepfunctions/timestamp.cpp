#include "stepfunctions/timestamp.h"

#include <charconv>

namespace skafu::stepfunctions {
namespace {

/// Reads fixed-width fields one after the other; any misfit ends in `ok == false`.
struct Reader {
    std::string_view text;
    std::size_t at = 0;
    bool ok = true;

    int number(std::size_t digits) {
        int value = 0;
        if (at + digits > text.size()) {
            ok = false;
            return 0;
        }
        for (std::size_t i = 0; i < digits; ++i, ++at) {
            if (text[at] < '0' || text[at] > '9') ok = false;
            value = value * 10 + (text[at] - '0');
        }
        return value;
    }
    void expect(char c) {
        if (at >= text.size() || text[at] != c) ok = false;
        ++at;
    }
    char peek() const { return at < text.size() ? text[at] : '\0'; }
};

std::chrono::microseconds read_fraction(Reader& reader) {
    if (reader.peek() != '.') return {};
    ++reader.at;
    std::int64_t micros = 0;
    int digits = 0;
    for (; reader.peek() >= '0' && reader.peek() <= '9'; ++reader.at, ++digits) {
        if (digits < 6) micros = micros * 10 + (reader.peek() - '0');
    }
    if (digits == 0 || digits > 9) reader.ok = false;
    for (; digits < 6; ++digits) micros *= 10;
    return std::chrono::microseconds(micros);
}

std::chrono::minutes read_offset(Reader& reader) {
    const char sign = reader.peek();
    ++reader.at;
    if (sign == 'Z') return {};
    if (sign != '+' && sign != '-') {
        reader.ok = false;
        return {};
    }
    const int hours = reader.number(2);
    reader.expect(':');
    const std::chrono::minutes offset(hours * 60 + reader.number(2));
    return sign == '-' ? -offset : offset;
}

}  // namespace

std::optional<TimePoint> parse_timestamp(std::string_view text) {
    using namespace std::chrono;
    Reader reader{text};
    const int year_number = reader.number(4);
    reader.expect('-');
    const int month_number = reader.number(2);
    reader.expect('-');
    const int day_number = reader.number(2);
    reader.expect('T');
    const int hour = reader.number(2);
    reader.expect(':');
    const int minute = reader.number(2);
    reader.expect(':');
    const int second = reader.number(2);
    const microseconds fraction = read_fraction(reader);
    const minutes offset = read_offset(reader);
    const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                              day{static_cast<unsigned>(day_number)}};
    if (!reader.ok || reader.at != text.size() || !date.ok()) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return TimePoint(sys_days(date).time_since_epoch() + hours(hour) + minutes(minute) +
                     seconds(second) + fraction - offset);
}

}  // namespace skafu::stepfunctions
