#include "eventbridge/wildcard.h"

#include <algorithm>
#include <vector>

namespace skafu::eventbridge {

std::size_t worst_case_prefixes(std::string_view pattern) {
    struct Step {
        char c;
        bool star;
    };
    std::vector<Step> steps;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) {
            steps.push_back({pattern[++i], false});
        } else {
            steps.push_back({pattern[i], pattern[i] == '*'});
        }
    }
    std::size_t worst = 0;
    std::size_t first_star = steps.size();
    for (std::size_t i = 0; i < steps.size() && first_star == steps.size(); ++i) {
        if (steps[i].star) first_star = i;
    }
    // standing[i]: the value so far is matched by the first i steps.
    std::vector<bool> standing(steps.size() + 1, false);
    standing[0] = true;
    const auto pass_stars = [&] {
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (standing[i] && steps[i].star) standing[i + 1] = true;
        }
    };
    pass_stars();
    for (const Step& literal : steps) {
        if (literal.star) continue;
        std::vector<bool> next(steps.size() + 1, false);
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (!standing[i]) continue;
            if (steps[i].star) {
                next[i + 1] = true;
            } else if (steps[i].c == literal.c) {
                next[i + 1] = true;
            }
        }
        // A star behind step i keeps that prefix standing whatever comes.
        for (std::size_t i = 1; i <= steps.size(); ++i) {
            if (standing[i] && steps[i - 1].star) next[i] = true;
        }
        standing.swap(next);
        pass_stars();
        std::size_t count = 0;
        for (std::size_t i = first_star + 1; i <= steps.size(); ++i) count += standing[i] ? 1U : 0U;
        worst = std::max(worst, count);
    }
    return worst;
}

bool wildcard_matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (true) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
            continue;
        }
        const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
        const std::size_t literal = escaped ? p + 1 : p;
        if (t == text.size()) return p == pattern.size();
        if (literal < pattern.size() && pattern[literal] == text[t]) {
            p = literal + 1;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
}

}  // namespace skafu::eventbridge
