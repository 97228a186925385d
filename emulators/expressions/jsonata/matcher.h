#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "expressions/jsonata/evaluator.h"

namespace skafu::jsonata {

/// A regular expression as a function: {match, start, end, groups, next} of the first match at
/// or behind byte `from` of the subject, undefined where there is none.
Value match_value(Evaluator& evaluator, const Regex& regex, Value subject, std::size_t from);

/// The match behind the one that ended at byte `from`. Throws JsonataError D1004 where it is
/// empty, for matching would never come to an end.
Value next_match_value(Evaluator& evaluator, const Regex& regex, Value subject, std::size_t from);

/// Goes through the matches that a matcher finds: a regular expression, or any function that
/// gives the same object.
class Matches {
  public:
    /// Throws JsonataError T1010 where the function gives something else.
    Matches(Evaluator& evaluator, Value matcher, Value subject);

    struct Match {
        std::string_view text;
        std::size_t start = 0;  // bytes
        std::size_t end = 0;
        std::vector<Value> groups;  // undefined: took no part
    };
    /// The current match, or nullptr when there is no more.
    const Match* current() const { return has_match_ ? &match_ : nullptr; }
    void next();

  private:
    void take(Value result);
    void find(std::size_t from);

    Evaluator& evaluator_;
    const Regex* regex_ = nullptr;  // nullptr: a user's function
    Value subject_;
    Value next_;
    bool has_match_ = false;
    Match match_;
};

}  // namespace skafu::jsonata
