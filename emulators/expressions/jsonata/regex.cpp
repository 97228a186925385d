#include "expressions/jsonata/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "expressions/jsonata/jsonata.h"

namespace skafu::jsonata {
namespace {

constexpr std::uint32_t kMatchLimit = 1000000;
constexpr std::uint32_t kDepthLimit = 5000;

/// What JavaScript writes otherwise than PCRE2: [^] for any character, [] for none, and
/// \d \w \s that know no Unicode (so does PCRE2 without UCP).
std::string to_pcre(const std::string& pattern) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) {
            out += pattern[i];
            out += pattern[++i];
        } else if (pattern.compare(i, 3, "[^]") == 0) {
            out += "[\\s\\S]";
            i += 2;
        } else if (pattern.compare(i, 2, "[]") == 0) {
            out += "(?!)";
            ++i;
        } else {
            out += pattern[i];
        }
    }
    return out;
}

struct MatchContext {
    pcre2_match_context* context = pcre2_match_context_create(nullptr);
    MatchContext() {
        pcre2_set_match_limit(context, kMatchLimit);
        pcre2_set_depth_limit(context, kDepthLimit);
    }
    ~MatchContext() { pcre2_match_context_free(context); }
};

pcre2_match_context* limits() {
    static thread_local MatchContext kept;
    return kept.context;
}

}  // namespace

struct Regex::Code {
    pcre2_code* code = nullptr;
    ~Code() { pcre2_code_free(code); }
};

Regex::Regex(const std::string& pattern, std::string_view flags, std::size_t position)
    : code_(std::make_unique<Code>()) {
    std::uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF |
                            PCRE2_ALT_BSUX | PCRE2_NEVER_BACKSLASH_C;
    if (flags.find('i') != std::string_view::npos) options |= PCRE2_CASELESS;
    if (flags.find('m') != std::string_view::npos) options |= PCRE2_MULTILINE;
    const std::string text = to_pcre(pattern);
    int error = 0;
    PCRE2_SIZE offset = 0;
    code_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), options,
                                &error, &offset, nullptr);
    if (code_->code == nullptr) {
        PCRE2_UCHAR message[128];
        pcre2_get_error_message(error, message, sizeof message);
        throw JsonataError("S0303").at(position).message(
            "Invalid regular expression: /" + pattern +
            "/: " + reinterpret_cast<const char*>(message));
    }
    pcre2_jit_compile(code_->code, PCRE2_JIT_COMPLETE);  // where it cannot, matching interprets
}

Regex::~Regex() = default;

std::optional<Regex::Match> Regex::find(std::string_view subject, std::size_t from) const {
    pcre2_match_data* data = pcre2_match_data_create_from_pattern(code_->code, nullptr);
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> owner(
        data, &pcre2_match_data_free);
    const auto run = [&](std::uint32_t options) {
        return pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(subject.data()),
                           subject.size(), from, options, data, limits());
    };
    int found = run(0);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT) found = run(PCRE2_NO_JIT);
    if (found == PCRE2_ERROR_NOMATCH) return std::nullopt;
    if (found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_DEPTHLIMIT ||
        found == PCRE2_ERROR_HEAPLIMIT) {
        throw JsonataError("U1001").message("The regular expression takes too long to match");
    }
    if (found < 0) return std::nullopt;  // a text that is not valid UTF-8

    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data);
    Match match{ends[0], ends[1], {}};
    const std::uint32_t count = pcre2_get_ovector_count(data);
    for (std::uint32_t i = 1; i < count; ++i) {
        if (static_cast<int>(i) >= found || ends[2 * i] == PCRE2_UNSET) {
            match.groups.emplace_back();
        } else {
            match.groups.emplace_back(subject.substr(ends[2 * i], ends[2 * i + 1] - ends[2 * i]));
        }
    }
    return match;
}

}  // namespace skafu::jsonata
