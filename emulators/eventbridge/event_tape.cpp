#include "eventbridge/event_tape.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <array>

#include "core/text.h"
#include "core/utf8.h"

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kMaxDepth = 1000;

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}
const char* skip_spaces(const char* at, const char* end) {
    while (at != end && is_space(*at)) ++at;
    return at;
}

/// Moves to the next quote, backslash or control character.
const char* skip_plain(const char* at, const char* end) {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i slash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1F);
    while (end - at >= 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i special =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)),
                         _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
        const int mask = _mm_movemask_epi8(special);
        if (mask != 0) return at + __builtin_ctz(static_cast<unsigned>(mask));
        at += 16;
    }
#endif
    while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
    return at;
}

const char* skip_digits(const char* at, const char* end) {
    while (at != end && is_digit(*at)) ++at;
    return at;
}

}  // namespace

bool EventTape::read(std::string_view text) {
    entries_.clear();
    open_.clear();
    decoded_.clear();
    text_ = text;
    if (text.size() > 0x7FFFFFFF) return false;
    end_ = text.data() + text.size();
    const char* at = text.data();
    if (!is_utf8(text) || !read_values(at)) {
        entries_.clear();
        return false;
    }
    return true;
}

/// One value and all that it holds, then nothing but white space.
bool EventTape::read_values(const char*& at) {
    at = skip_spaces(at, end_);
    while (true) {
        // Here a value must begin.
        if (at == end_) return false;
        bool opened = false;
        switch (*at) {
            case '"':
                if (!read_string(at, Kind::string)) return false;
                break;
            case '{':
            case '[':
                if (open_.size() == kMaxDepth) return false;
                open_.push_back(static_cast<std::uint32_t>(entries_.size()));
                entries_.push_back(
                    {offset(at), 0, 0, *at == '{' ? Kind::object : Kind::array, false});
                ++at;
                opened = true;
                break;
            case 't':
                if (!read_word(at, "true", Kind::boolean_true)) return false;
                break;
            case 'f':
                if (!read_word(at, "false", Kind::boolean_false)) return false;
                break;
            case 'n':
                if (!read_word(at, "null", Kind::null)) return false;
                break;
            default:
                if (!read_number(at)) return false;
        }
        // Behind a value, or just inside a container: close what closes here, then go on.
        while (true) {
            at = skip_spaces(at, end_);
            if (open_.empty()) return at == end_;
            if (at == end_) return false;
            const std::uint32_t container = open_.back();
            const bool is_object = entries_[container].kind == Kind::object;
            if (*at == (is_object ? '}' : ']')) {
                ++at;
                entries_[container].end = offset(at);
                entries_[container].next = static_cast<std::uint32_t>(entries_.size());
                open_.pop_back();
                opened = false;
                continue;
            }
            if (!opened) {
                if (*at != ',') return false;
                at = skip_spaces(at + 1, end_);
            }
            if (is_object) {
                if (at == end_ || *at != '"' || !read_string(at, Kind::key)) return false;
                at = skip_spaces(at, end_);
                if (at == end_ || *at != ':') return false;
                at = skip_spaces(at + 1, end_);
            }
            break;
        }
    }
}

bool EventTape::read_string(const char*& at, Kind kind) {
    const char* begin = ++at;
    bool escaped = false;
    while (true) {
        at = skip_plain(at, end_);
        if (at == end_) return false;
        if (*at == '"') break;
        if (*at != '\\' || end_ - at < 2) return false;
        escaped = true;
        const char escape = at[1];
        if (escape == 'u') {
            if (end_ - at < 6) return false;
            for (int i = 2; i < 6; ++i) {
                if (!std::isxdigit(static_cast<unsigned char>(at[i]))) return false;
            }
        } else if (std::string_view("\"\\/bfnrt").find(escape) == std::string_view::npos) {
            return false;
        }
        at += 2;
    }
    const auto next = static_cast<std::uint32_t>(entries_.size() + 1);
    entries_.push_back({offset(begin), offset(at), next, kind, escaped});
    ++at;
    return true;
}

bool EventTape::read_number(const char*& at) {
    const char* begin = at;
    if (*at == '-') ++at;
    if (at == end_ || !is_digit(*at)) return false;
    const bool leading_zero = *at == '0';
    const char* digits = at;
    at = skip_digits(at, end_);
    if (leading_zero && at - digits > 1) return false;
    if (at != end_ && *at == '.') {
        const char* fraction = ++at;
        at = skip_digits(at, end_);
        if (at == fraction) return false;
    }
    if (at != end_ && (*at == 'e' || *at == 'E')) {
        ++at;
        if (at != end_ && (*at == '+' || *at == '-')) ++at;
        const char* exponent = at;
        at = skip_digits(at, end_);
        if (at == exponent) return false;
    }
    const auto next = static_cast<std::uint32_t>(entries_.size() + 1);
    entries_.push_back({offset(begin), offset(at), next, Kind::number, false});
    return true;
}

bool EventTape::read_word(const char*& at, std::string_view word, Kind kind) {
    if (static_cast<std::size_t>(end_ - at) < word.size() ||
        std::string_view(at, word.size()) != word) {
        return false;
    }
    const auto next = static_cast<std::uint32_t>(entries_.size() + 1);
    entries_.push_back({offset(at), offset(at + word.size()), next, kind, false});
    at += word.size();
    return true;
}

std::string_view EventTape::json(const Entry& entry) const {
    if (entry.kind != Kind::string && entry.kind != Kind::key) return source(entry);
    return text_.substr(entry.begin - 1, entry.end - entry.begin + 2);
}

std::string_view EventTape::decoded(const Entry& entry) {
    // Decoded text is never longer than its source, but may be asked for many times.
    if (decoded_.capacity() < text_.size() * 4) decoded_.reserve(text_.size() * 4);
    if (decoded_.capacity() - decoded_.size() < entry.end - entry.begin) decoded_.clear();
    const std::size_t start = decoded_.size();
    append_unescaped(source(entry), decoded_);
    return std::string_view(decoded_).substr(start);
}

Scalar EventTape::scalar(const Entry& entry) {
    switch (entry.kind) {
        case Kind::string:
            return {ScalarKind::string, 0, text(entry)};
        case Kind::number:
            return number_scalar(source(entry));
        case Kind::boolean_true:
            return {ScalarKind::boolean_true, 0, {}};
        case Kind::boolean_false:
            return {ScalarKind::boolean_false, 0, {}};
        default:
            return {};
    }
}

std::size_t EventTape::member(std::size_t object, std::string_view name) {
    if (object >= entries_.size() || entries_[object].kind != Kind::object) return 0;
    std::size_t found = 0;
    for (std::size_t key = object + 1; key < entries_[object].next; key = entries_[key + 1].next) {
        if (text(entries_[key]) == name) found = key + 1;
    }
    return found;
}

void append_compact(std::string_view json, std::string& out) {
    // A blank goes only where it stands beside a bracket, a comma, a colon or a string: what is no
    // JSON ("1 2") must not become it.
    const auto is_apart = [](char c) {
        return c == ',' || c == ':' || c == '{' || c == '}' || c == '[' || c == ']' || c == '"';
    };
    const char* const end = json.data() + json.size();
    const char* plain = json.data();
    const char* at = plain;
    while (at != end) {
        if (*at == '"') {
            ++at;
            while (true) {
                at = skip_plain(at, end);
                if (at == end || *at == '"') break;
                at += *at == '\\' && end - at > 1 ? 2 : 1;
            }
            if (at != end) ++at;
        } else if (is_space(*at)) {
            const char* next = skip_spaces(at, end);
            const bool is_needless =
                at == json.data() || next == end || is_apart(at[-1]) || is_apart(*next);
            if (is_needless) {
                out.append(plain, at);
                plain = next;
            }
            at = next;
        } else {
            ++at;
        }
    }
    out.append(plain, end);
}

}  // namespace skafu::eventbridge
