#include "s3/wire.h"

#include <array>
#include <charconv>

#include "core/aws_error.h"
#include "core/http.h"
#include "s3/errors.h"

namespace skafu::s3 {
namespace {

constexpr std::size_t kMostTrailers = 20;

bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool looks_like_address(std::string_view name) {
    int dots = 0;
    for (const char c : name) {
        if (c == '.') {
            ++dots;
        } else if (c < '0' || c > '9') {
            return false;
        }
    }
    return dots == 3;
}

std::optional<std::uint64_t> to_number(std::string_view text, int base = 10) {
    std::uint64_t number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string_view unquoted(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        return etag.substr(1, etag.size() - 2);
    }
    return etag;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool names_etag(std::string_view list, std::string_view etag) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const std::string_view one = trimmed(list.substr(0, comma));
        if (one == "*" || unquoted(one) == unquoted(etag)) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

AwsError not_modified() {
    return {"NotModified", "Not Modified", 304};
}

AwsError incomplete_body() {
    return {"IncompleteBody",
            "The request body terminated unexpectedly, or is not in aws-chunked encoding."};
}

}  // namespace

bool is_bucket_name(std::string_view name) {
    if (name.size() < 3 || name.size() > 63) return false;
    if (!is_lower_or_digit(name.front()) || !is_lower_or_digit(name.back())) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (!is_lower_or_digit(c) && c != '-' && c != '.') return false;
        if (c == '.' && name[i + 1] == '.') return false;
    }
    if (looks_like_address(name) || name.starts_with("xn--") || name.starts_with("sthree-")) {
        return false;
    }
    return !name.ends_with("-s3alias") && !name.ends_with("--ol-s3");
}

std::optional<ByteRange> parse_range(std::string_view header, std::uint64_t size) {
    constexpr std::string_view kUnit = "bytes=";
    if (!header.starts_with(kUnit)) return std::nullopt;
    const std::string_view range = header.substr(kUnit.size());
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) {
        return std::nullopt;
    }
    const auto first = to_number(range.substr(0, dash));
    const auto last = to_number(range.substr(dash + 1));
    const AwsError refused = {"InvalidRange",
                              "The requested range is not satisfiable",
                              416,
                              {{"RangeRequested", header}, {"ActualObjectSize", size}}};
    if (!first) {
        if (dash != 0 || !last) return std::nullopt;
        if (*last == 0 || size == 0) throw refused;
        return ByteRange{size - std::min(*last, size), size - 1};
    }
    if (!last && dash + 1 != range.size()) return std::nullopt;
    if (last && *last < *first) return std::nullopt;
    if (*first >= size) throw refused;
    return ByteRange{*first, last ? std::min(*last, size - 1) : size - 1};
}

void check_read_conditions(const Json& input, std::string_view etag, TimePoint modified,
                           std::string_view prefix) {
    const auto given = [&](std::string_view name) {
        return string_member(input, std::string(prefix) + std::string(name));
    };
    // HTTP dates know only seconds.
    const TimePoint since{std::chrono::floor<std::chrono::seconds>(modified)};
    const std::string match = given("IfMatch");
    if (!match.empty()) {
        if (!names_etag(match, etag)) throw precondition_failed("If-Match");
    } else if (const auto date = parse_date(given("IfUnmodifiedSince")); date && since > *date) {
        throw precondition_failed("If-Unmodified-Since");
    }
    const std::string none_match = given("IfNoneMatch");
    if (!none_match.empty()) {
        if (!names_etag(none_match, etag)) return;
        throw prefix.empty() ? not_modified() : precondition_failed("If-None-Match");
    }
    if (const auto date = parse_date(given("IfModifiedSince")); date && since <= *date) {
        throw prefix.empty() ? not_modified() : precondition_failed("If-Modified-Since");
    }
}

std::optional<TimePoint> parse_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.empty()) return std::nullopt;
    std::string iso(text);
    if (text.size() == 29 && text.ends_with(" GMT")) {
        const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
        if (month == kMonths.end()) return std::nullopt;
        iso = fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month - kMonths.begin() + 1,
                          text.substr(5, 2), text.substr(17, 8));
    }
    try {
        return parse_iso8601(iso);
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

ChunkedBody decode_chunked(std::string_view body) {
    constexpr std::string_view kLineEnd = "\r\n";
    ChunkedBody out;
    const auto take_line = [&] {
        const std::size_t end = body.find(kLineEnd);
        if (end == std::string_view::npos) throw incomplete_body();
        const std::string_view line = body.substr(0, end);
        body.remove_prefix(end + kLineEnd.size());
        return line;
    };
    while (true) {
        const std::string_view line = take_line();
        const auto size = to_number(line.substr(0, line.find(';')), 16);
        if (!size || *size > body.size()) throw incomplete_body();
        if (*size == 0) break;
        out.bytes.append(body.substr(0, *size));
        body.remove_prefix(*size);
        if (!body.starts_with(kLineEnd)) throw incomplete_body();
        body.remove_prefix(kLineEnd.size());
    }
    while (!body.empty() && out.trailers.size() < kMostTrailers) {
        const std::size_t end = std::min(body.find_first_of("\r\n"), body.size());
        const std::string_view line = body.substr(0, end);
        body.remove_prefix(std::min(body.find_first_not_of("\r\n", end), body.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        std::string name(trimmed(line.substr(0, colon)));
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        out.trailers[name] = std::string(trimmed(line.substr(colon + 1)));
    }
    return out;
}

Json parse_tagging_header(std::string_view text) {
    Json out = Json::object();
    for (auto& [name, value] : parse_query(text)) out[name] = std::move(value);
    return out;
}

}  // namespace skafu::s3
