#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace skafu::server {

/// What of a recording was sent to a bus and what of that was answered, in a file that is written
/// ahead: a position is in doubt only while its request is under way.
class ReplayLog {
  public:
    using Positions = std::vector<std::uint64_t>;

    /// Takes up what the file says. Throws std::runtime_error where it is of a replay of another
    /// identity, or cannot be written.
    ReplayLog(std::filesystem::path file, std::string identity);

    bool is_done(std::uint64_t position) const {
        return position < all_below_ || done_.contains(position);
    }
    /// Sent by an earlier run and never answered.
    bool is_in_doubt(std::uint64_t position) const { return sent_.contains(position); }

    void sending(const Positions& positions);
    void done(const Positions& positions);
    /// A position that is not to be sent; nothing is written of it.
    void skip(std::uint64_t position);
    /// How many positions earlier runs have sent.
    std::uint64_t earlier() const { return earlier_; }
    /// Removes the file: all is sent.
    void remove();

  private:
    void load();
    void settle(std::uint64_t position);
    void write(char what, const Positions& positions);
    void rewrite();

    std::filesystem::path file_;
    std::string identity_;
    std::ofstream out_;
    std::uint64_t lines_ = 0;
    std::uint64_t all_below_ = 0;  // positions below are done
    std::set<std::uint64_t> done_;
    std::set<std::uint64_t> sent_;
    std::uint64_t earlier_ = 0;
};

}  // namespace skafu::server
