#include "dynamodb/json_cursor.h"

#include <algorithm>
#include <cstring>

#include "core/aws_error.h"
#include "core/utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace skafu::dynamodb {
namespace {

constexpr std::size_t kMaxDepth = 2000;

#if defined(__SSE2__)
constexpr std::size_t kBlock = 16;

/// A bit for each byte of a block that a JSON string must not hold as it is: a quote, a backslash
/// or a control character.
unsigned specials_of_block(const char* bytes) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);
    const __m128i quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const __m128i slash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, slash))));
}
#endif

/// The first such byte at or after `at`.
std::size_t find_special(std::string_view text, std::size_t at) {
#if defined(__SSE2__)
    for (; at + kBlock <= text.size(); at += kBlock) {
        const unsigned mask = specials_of_block(text.data() + at);
        if (mask != 0) return at + static_cast<std::size_t>(__builtin_ctz(mask));
    }
#endif
    for (; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c == '"' || c == '\\' || c < 0x20) return at;
    }
    return text.size();
}

/// A string's content from its first byte on: where it ends, and what escapes it has.
struct StringScan {
    std::size_t end = 0;  // of a quote, or of what no string may hold
    std::size_t escapes = 0;
    bool normal = true;

    /// Notes what stands at `at`; false where the string ends.
    bool pass(std::string_view text, std::size_t at) {
        if (text[at] != '\\') {
            end = at;
            return false;
        }
        ++escapes;
        const char escaped = at + 1 < text.size() ? text[at + 1] : '\0';
        normal = normal && (escaped == '"' || escaped == '\\' || escaped == 'n' || escaped == 'r' ||
                            escaped == 't');
        return true;
    }
};

/// Texts of quoted JSON have an escape every few bytes: a block is looked at once for all of its.
StringScan scan_string(std::string_view text, std::size_t at) {
    StringScan scan;
    std::size_t next = at;  // the byte after the last escape
#if defined(__SSE2__)
    for (; at + kBlock <= text.size(); at += kBlock) {
        for (unsigned mask = specials_of_block(text.data() + at); mask != 0; mask &= mask - 1) {
            const std::size_t special = at + static_cast<std::size_t>(__builtin_ctz(mask));
            if (special < next) continue;
            if (!scan.pass(text, special)) return scan;
            next = special + 2;
        }
    }
#endif
    for (at = std::max(at, next); at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c != '"' && c != '\\' && c >= 0x20) continue;
        if (!scan.pass(text, at)) return scan;
        ++at;
    }
    scan.end = text.size();
    return scan;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Four hex digits at `at`, or -1.
int read_hex4(std::string_view text, std::size_t at) {
    if (at + 4 > text.size()) return -1;
    int value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const int digit = hex_value(text[at + i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/// Appends the character of the \u escape whose digits start at `at`; gives the position after
/// it, or npos. A lone surrogate becomes the replacement character.
std::size_t append_unicode_escape(std::string& out, std::string_view raw, std::size_t at) {
    const int first = read_hex4(raw, at);
    if (first < 0) return std::string_view::npos;
    at += 4;
    auto code = static_cast<unsigned>(first);
    if (code >= 0xD800 && code < 0xDC00 && raw.substr(at, 2) == "\\u") {
        const int second = read_hex4(raw, at + 2);
        if (second >= 0xDC00 && second < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<unsigned>(second) - 0xDC00);
            at += 6;
        }
    }
    if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;
    append_utf8(out, code);
    return at;
}

/// Appends the content of a string whose escapes are still in it; false where one is wrong.
bool append_unescaped(std::string& out, std::string_view raw) {
    std::size_t at = 0;
    while (at < raw.size()) {
        const void* found = std::memchr(raw.data() + at, '\\', raw.size() - at);
        if (found == nullptr) break;
        const auto slash = static_cast<std::size_t>(static_cast<const char*>(found) - raw.data());
        out.append(raw, at, slash - at);
        at = slash + 2;
        switch (raw[slash + 1]) {
            case '"':
                out.push_back('"');
                break;
            case '\\':
                out.push_back('\\');
                break;
            case '/':
                out.push_back('/');
                break;
            case 'b':
                out.push_back('\b');
                break;
            case 'f':
                out.push_back('\f');
                break;
            case 'n':
                out.push_back('\n');
                break;
            case 'r':
                out.push_back('\r');
                break;
            case 't':
                out.push_back('\t');
                break;
            case 'u':
                at = append_unicode_escape(out, raw, at);
                if (at == std::string_view::npos) return false;
                break;
            default:
                return false;
        }
    }
    out.append(raw, at, std::string_view::npos);
    return true;
}

}  // namespace

void JsonCursor::fail() const {
    if (at_ >= text_.size()) throw AwsError::serialization("Unexpected end of input");
    throw AwsError::serialization("Unexpected token received from parser");
}

char JsonCursor::next_char() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return c;
        ++at_;
    }
    return 0;
}

JsonCursor::Kind JsonCursor::peek() {
    const char c = next_char();
    switch (c) {
        case '{':
            return Kind::kObject;
        case '[':
            return Kind::kArray;
        case '"':
            return Kind::kString;
        case 't':
        case 'f':
            return Kind::kBoolean;
        case 'n':
            return Kind::kNull;
        default:
            if (c == '-' || (c >= '0' && c <= '9')) return Kind::kNumber;
            fail();
    }
}

void JsonCursor::enter_object() {
    if (next_char() != '{') fail();
    ++at_;
    first_ = true;
}

bool JsonCursor::next_member(std::string_view& name) {
    char c = next_char();
    if (c == '}') {
        ++at_;
        first_ = false;
        return false;
    }
    if (!first_) {
        if (c != ',') fail();
        ++at_;
        c = next_char();
    }
    first_ = false;
    if (c != '"') fail();
    name = read_string(name_);
    escaped_name_ = name.data() == name_.data();
    if (next_char() != ':') fail();
    ++at_;
    return true;
}

void JsonCursor::enter_array() {
    if (next_char() != '[') fail();
    ++at_;
    first_ = true;
}

bool JsonCursor::next_element() {
    const char c = next_char();
    if (c == ']') {
        ++at_;
        first_ = false;
        return false;
    }
    if (!first_) {
        if (c != ',') fail();
        ++at_;
    }
    first_ = false;
    return true;
}

JsonCursor::Raw JsonCursor::raw_string() {
    if (next_char() != '"') fail();
    const std::size_t begin = ++at_;
    const StringScan scan = scan_string(text_, begin);
    at_ = scan.end;
    if (at_ >= text_.size() || text_[at_] != '"') fail();
    ++at_;
    return {text_.substr(begin, scan.end - begin), scan.escapes, scan.normal};
}

std::string_view JsonCursor::read_string(std::string& scratch) {
    const Raw raw = raw_string();
    if (raw.escapes == 0) return raw.content;
    scratch.clear();
    if (!append_unescaped(scratch, raw.content)) fail();
    return scratch;
}

void JsonCursor::read_string_into(std::string& out) {
    const Raw raw = raw_string();
    if (raw.escapes == 0) {
        out.assign(raw.content);
        return;
    }
    out.clear();
    out.reserve(raw.content.size());
    if (!append_unescaped(out, raw.content)) fail();
}

bool JsonCursor::copy_string(std::string& out, std::size_t& size) {
    const Raw raw = raw_string();
    if (!raw.normal) return false;
    // The quotes stand around the content.
    out.append(raw.content.data() - 1, raw.content.size() + 2);
    size += raw.content.size() - raw.escapes;
    return true;
}

void JsonCursor::expect(std::string_view word) {
    next_char();
    if (text_.substr(at_, word.size()) != word) fail();
    at_ += word.size();
}

bool JsonCursor::read_boolean() {
    if (next_char() == 't') {
        expect("true");
        return true;
    }
    expect("false");
    return false;
}

void JsonCursor::read_null() {
    expect("null");
}

std::string_view JsonCursor::read_number() {
    next_char();
    const std::size_t begin = at_;
    const auto digits = [&] {
        const std::size_t from = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
        if (at_ == from) fail();
        return at_ - from;
    };
    const auto at = [&] { return at_ < text_.size() ? text_[at_] : '\0'; };
    if (at() == '-') ++at_;
    const bool zero = at() == '0';
    if (digits() > 1 && zero) fail();
    if (at() == '.') {
        ++at_;
        digits();
    }
    if (at() == 'e' || at() == 'E') {
        ++at_;
        if (at() == '+' || at() == '-') ++at_;
        digits();
    }
    return text_.substr(begin, at_ - begin);
}

std::string_view JsonCursor::skip() {
    next_char();
    const std::size_t begin = at_;
    std::string open;  // the closing bracket of each open one
    std::string_view name;
    do {
        if (!open.empty()) {
            const bool more = open.back() == '}' ? next_member(name) : next_element();
            if (!more) {
                open.pop_back();
                continue;
            }
        }
        switch (peek()) {
            case Kind::kObject:
                enter_object();
                open.push_back('}');
                break;
            case Kind::kArray:
                enter_array();
                open.push_back(']');
                break;
            case Kind::kString:
                raw_string();
                break;
            case Kind::kNumber:
                read_number();
                break;
            case Kind::kBoolean:
                read_boolean();
                break;
            case Kind::kNull:
                read_null();
                break;
        }
        if (open.size() > kMaxDepth) fail();
    } while (!open.empty());
    return text_.substr(begin, at_ - begin);
}

void JsonCursor::finish() {
    if (next_char() != 0 || at_ < text_.size()) fail();
}

void append_json_string(std::string& out, std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    out.push_back('"');
    std::size_t at = 0;
    while (true) {
        const std::size_t special = find_special(text, at);
        out.append(text, at, special - at);
        if (special == text.size()) break;
        const char c = text[special];
        switch (c) {
            case '"':
                out.append("\\\"");
                break;
            case '\\':
                out.append("\\\\");
                break;
            case '\n':
                out.append("\\n");
                break;
            case '\r':
                out.append("\\r");
                break;
            case '\t':
                out.append("\\t");
                break;
            default:
                out.append("\\u00");
                out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
                out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
        }
        at = special + 1;
    }
    out.push_back('"');
}

}  // namespace skafu::dynamodb
