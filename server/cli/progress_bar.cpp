#include "cli/progress_bar.h"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>

namespace skafu::server {
namespace {

constexpr double kSecondsBetween = 0.2;
constexpr int kWidth = 30;

}  // namespace

ProgressBar::ProgressBar(std::string unit)
    : unit_(std::move(unit)), on_terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
    clear();
}

void ProgressBar::show(double share, std::uint64_t count) {
    if (!on_terminal_) return;
    const double seconds = std::chrono::duration<double>(watch_.elapsed()).count();
    if (seconds - last_seconds_ < kSecondsBetween) return;
    last_seconds_ = seconds;
    const double done = std::clamp(share, 0.0, 1.0);
    const auto filled = static_cast<int>(done * kWidth);
    const std::string bar =
        fmt::format("[{:#<{}}{:.<{}}] {:3.0f}%  ", "", filled, "", kWidth - filled, done * 100);
    fmt::print(stderr, "\r\x1b[K{}{} {}, {:.0f}/s", share > 0 ? bar : "", count, unit_,
               static_cast<double>(count) / seconds);
    std::fflush(stderr);
    shown_ = true;
}

void ProgressBar::clear() {
    if (!shown_) return;
    std::fputs("\r\x1b[K", stderr);
    shown_ = false;
}

}  // namespace skafu::server
