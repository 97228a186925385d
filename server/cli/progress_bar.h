#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"

namespace skafu::server {

/// How far a long command is, on one line of standard error; silent where that is no terminal.
class ProgressBar {
  public:
    /// `unit` is what is counted: "items".
    explicit ProgressBar(std::string unit);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// `share` is what is done, from 0 to 1; 0 where nobody knows. Draws a few times a second.
    void show(double share, std::uint64_t count);
    /// Takes the line away again, so that something else can be said.
    void clear();

  private:
    std::string unit_;
    bool shown_ = false;
    bool on_terminal_;
    Stopwatch watch_;
    double last_seconds_ = 0;
};

}  // namespace skafu::server
