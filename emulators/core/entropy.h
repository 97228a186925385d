#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace skafu {

/// All randomness of the emulator; seeded, so that a run can be repeated.
class Entropy {
  public:
    /// A seed of 0 takes one from the operating system.
    explicit Entropy(std::uint64_t seed = 0);

    std::uint64_t next();
    /// In [0, below); below > 0.
    std::uint64_t below(std::uint64_t below);
    /// In [0, 1).
    double unit();
    /// RFC 4122 version 4, lower case: request ids, event ids, execution names.
    std::string uuid();
    /// `count` characters out of `alphabet`.
    std::string pick(std::size_t count, std::string_view alphabet);
    std::string upper_alphanumeric(std::size_t count);  ///< A-Z 0-9
    std::string lower_alphanumeric(std::size_t count);  ///< a-z 0-9
    std::string hex(std::size_t count);                 ///< 0-9 a-f
    /// `count` random bytes. Not for keys that must hold against an adversary: see openssl's.
    std::string bytes(std::size_t count);

  private:
    std::array<std::uint64_t, 4> state_;
};

}  // namespace skafu
