#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace skafu::lambda {

/// Turns what a function's process prints into log events: one per line, and one per frame of
/// several lines. A frame is what AWS's runtimes send over their telemetry descriptor: the bytes
/// a5 5a 00 03, the text's length (4 bytes, most significant first), 8 bytes of time, the text.
class LogSplitter {
  public:
    explicit LogSplitter(std::function<void(std::string)> on_event)
        : on_event_(std::move(on_event)) {}

    void take(std::string_view bytes);
    /// Gives what is left as an event of its own: a last line without its end.
    void flush();

  private:
    bool take_frame();
    bool take_line();

    std::function<void(std::string)> on_event_;
    std::string rest_;
};

}  // namespace skafu::lambda
