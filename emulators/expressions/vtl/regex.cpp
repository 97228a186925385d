#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "expressions/vtl/methods.h"
#include "expressions/vtl/vtl.h"

namespace skafu::vtl {
namespace {

constexpr std::uint32_t kMatchLimit = 200'000;

struct CodeFree {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct MatchFree {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct ContextFree {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

/// One compiled pattern and the place of its last match.
class Regex {
  public:
    explicit Regex(const std::string& pattern) {
        int error = 0;
        PCRE2_SIZE offset = 0;
        code_.reset(pcre2_compile(bytes(pattern), pattern.size(), PCRE2_UTF | PCRE2_NO_UTF_CHECK,
                                  &error, &offset, nullptr));
        if (!code_) throw TemplateError("Faulty regular expression: " + pattern);
        data_.reset(pcre2_match_data_create_from_pattern(code_.get(), nullptr));
        context_.reset(pcre2_match_context_create(nullptr));
        pcre2_set_match_limit(context_.get(), kMatchLimit);
    }

    /// Searches from `at`; start(0) and end(0) say where.
    bool find(const std::string& text, std::size_t at, std::uint32_t options = 0) {
        count_ = pcre2_match(code_.get(), bytes(text), text.size(), at, options, data_.get(),
                             context_.get());
        if (count_ == PCRE2_ERROR_NOMATCH) return false;
        if (count_ < 0) throw TemplateError("A regular expression took too long");
        return true;
    }

    std::size_t start(int group = 0) const { return place(group * 2); }
    std::size_t end(int group = 0) const { return place(group * 2 + 1); }
    bool has(int group) const { return group < count_ && start(group) != PCRE2_UNSET; }

  private:
    static PCRE2_SPTR bytes(const std::string& text) {
        return reinterpret_cast<PCRE2_SPTR>(text.data());
    }
    std::size_t place(int index) const { return pcre2_get_ovector_pointer(data_.get())[index]; }

    std::unique_ptr<pcre2_code, CodeFree> code_;
    std::unique_ptr<pcre2_match_data, MatchFree> data_;
    std::unique_ptr<pcre2_match_context, ContextFree> context_;
    int count_ = 0;
};

/// Java's replacement text: $1 is a group, a backslash takes the next character as it is.
void append_replacement(std::string& out, const Regex& regex, const std::string& text,
                        const std::string& replacement) {
    for (std::size_t i = 0; i < replacement.size(); ++i) {
        const char c = replacement[i];
        if (c == '\\' && i + 1 < replacement.size()) {
            out += replacement[++i];
        } else if (c == '$' && i + 1 < replacement.size() && std::isdigit(replacement[i + 1])) {
            const int group = replacement[++i] - '0';
            if (regex.has(group)) {
                out.append(text, regex.start(group), regex.end(group) - regex.start(group));
            }
        } else {
            out += c;
        }
    }
}

bool is_plain(const std::string& pattern) {
    return pattern.find_first_of("\\^$.|?*+()[]{}") == std::string::npos;
}

}  // namespace

bool regex_matches(const std::string& text, const std::string& pattern) {
    return Regex(pattern).find(text, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
}

std::string regex_replace(const std::string& text, const std::string& pattern,
                          const std::string& replacement, std::size_t most) {
    Regex regex(pattern);
    std::string out;
    std::size_t copied = 0;
    for (std::size_t at = 0; most > 0 && at <= text.size() && regex.find(text, at); --most) {
        out.append(text, copied, regex.start() - copied);
        append_replacement(out, regex, text, replacement);
        copied = regex.end();
        at = regex.end() == regex.start() ? regex.end() + 1 : regex.end();
        if (out.size() > kMaxValueSize) throw TemplateError("A text is too long");
    }
    return out.append(text, std::min(copied, text.size()));
}

Value regex_split(const std::string& text, const std::string& pattern, std::int64_t limit) {
    std::vector<Value> parts;
    std::size_t copied = 0;
    const auto full = [&] { return limit > 0 && std::ssize(parts) == limit - 1; };
    if (is_plain(pattern) && !pattern.empty()) {
        for (std::size_t at = text.find(pattern); at != std::string::npos && !full();
             at = text.find(pattern, copied)) {
            parts.emplace_back(text.substr(copied, at - copied));
            copied = at + pattern.size();
        }
    } else {
        Regex regex(pattern);
        for (std::size_t at = 0; at < text.size() && !full() && regex.find(text, at);) {
            const bool empty = regex.end() == regex.start();
            if (empty && regex.start() >= text.size()) break;
            at = empty ? regex.end() + 1 : regex.end();
            if (empty && regex.start() == 0) continue;  // Java 8: no empty text in front
            parts.emplace_back(text.substr(copied, regex.start() - copied));
            copied = regex.end();
        }
    }
    parts.emplace_back(text.substr(copied));
    if (limit == 0 && parts.size() > 1) {
        while (!parts.empty() && parts.back().string()->empty()) parts.pop_back();
    }
    return std::make_shared<List>(std::move(parts));
}

}  // namespace skafu::vtl
