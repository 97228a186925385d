#include "cli/replay_log.h"

#include <sstream>
#include <stdexcept>

namespace skafu::server {
namespace {

constexpr std::uint64_t kMostLines = 20'000;

}  // namespace

ReplayLog::ReplayLog(std::filesystem::path file, std::string identity)
    : file_(std::move(file)), identity_(std::move(identity)) {
    load();
    rewrite();
}

/// "= N" says that all below N are done, "+" names positions that are sent, "-" that are done.
void ReplayLog::load() {
    std::ifstream in(file_);
    std::string line;
    if (!in || !std::getline(in, line)) return;
    if (line != identity_) {
        throw std::runtime_error(file_.string() +
                                 " is of another replay of this recording (--restart begins anew)");
    }
    while (std::getline(in, line)) {
        if (in.eof()) break;  // not written whole
        std::istringstream words(line);
        char what = 0;
        words >> what;
        std::uint64_t position = 0;
        while (words >> position) {
            if (what == '=') {
                all_below_ = position;
            } else if (what == '+') {
                sent_.insert(position);
            } else {
                settle(position);
            }
        }
    }
    earlier_ = all_below_ + done_.size();
}

void ReplayLog::settle(std::uint64_t position) {
    sent_.erase(position);
    if (position < all_below_) return;
    done_.insert(position);
    while (!done_.empty() && *done_.begin() == all_below_) {
        done_.erase(done_.begin());
        ++all_below_;
    }
}

void ReplayLog::write(char what, const Positions& positions) {
    out_ << what;
    for (const std::uint64_t position : positions) out_ << ' ' << position;
    out_ << '\n' << std::flush;
    if (!out_) throw std::runtime_error("cannot write " + file_.string());
    if (++lines_ > kMostLines) rewrite();
}

void ReplayLog::rewrite() {
    out_.close();
    const std::filesystem::path fresh = file_.string() + ".new";
    out_.open(fresh, std::ios::trunc);
    out_ << identity_ << "\n= " << all_below_ << '\n';
    for (const std::uint64_t position : done_) out_ << "- " << position << '\n';
    for (const std::uint64_t position : sent_) out_ << "+ " << position << '\n';
    out_.flush();
    if (!out_) throw std::runtime_error("cannot write " + fresh.string());
    std::filesystem::rename(fresh, file_);
    lines_ = done_.size() + sent_.size();
}

void ReplayLog::sending(const Positions& positions) {
    sent_.insert(positions.begin(), positions.end());
    write('+', positions);
}

void ReplayLog::done(const Positions& positions) {
    for (const std::uint64_t position : positions) settle(position);
    write('-', positions);
}

void ReplayLog::skip(std::uint64_t position) {
    settle(position);
}

void ReplayLog::remove() {
    out_.close();
    std::filesystem::remove(file_);
}

}  // namespace skafu::server
