#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skafu::jsonata {

/// A regular expression literal, matched by PCRE2 with JavaScript's rules where they differ.
/// Matching is limited: a hostile pattern ends in JsonataError U1001, not in a standstill.
class Regex {
  public:
    /// `flags`: i (letter case does not count), m (^ and $ match at line ends). Throws
    /// JsonataError S0303 where the pattern is not well formed.
    Regex(const std::string& pattern, std::string_view flags, std::size_t position);
    ~Regex();
    Regex(const Regex&) = delete;
    Regex& operator=(const Regex&) = delete;

    struct Match {
        std::size_t start = 0;  // bytes
        std::size_t end = 0;
        std::vector<std::optional<std::string_view>> groups;
    };

    /// The first match at or behind byte `from`.
    std::optional<Match> find(std::string_view subject, std::size_t from) const;

  private:
    struct Code;
    std::unique_ptr<Code> code_;
};

}  // namespace skafu::jsonata
