#include "lambda/log_splitter.h"

#include <algorithm>
#include <cstdint>

namespace skafu::lambda {

namespace {

constexpr std::string_view kMagic("\xa5\x5a\x00\x03", 4);
constexpr std::size_t kFrameHead = 16;
constexpr std::size_t kMaxEvent = 256 * 1024;  // PutLogEvents' own limit, to be safe

std::size_t frame_length(std::string_view head) {
    std::size_t length = 0;
    for (std::size_t i = 4; i < 8; ++i) length = length << 8 | static_cast<std::uint8_t>(head[i]);
    return length;
}

}  // namespace

void LogSplitter::take(std::string_view bytes) {
    rest_.append(bytes);
    while (!rest_.empty()) {
        const bool maybe_frame = kMagic.starts_with(std::string_view(rest_).substr(0, 4)) ||
                                 std::string_view(rest_).starts_with(kMagic);
        if (!(maybe_frame ? take_frame() : take_line())) return;
    }
}

bool LogSplitter::take_frame() {
    if (rest_.size() < kFrameHead) return false;
    const std::size_t length = frame_length(rest_);
    if (length > kMaxEvent) {  // not one of ours: garbage that happens to look like it
        on_event_(rest_.substr(0, kFrameHead));
        rest_.erase(0, kFrameHead);
        return true;
    }
    if (rest_.size() < kFrameHead + length) return false;
    on_event_(rest_.substr(kFrameHead, length));
    rest_.erase(0, kFrameHead + length);
    return true;
}

bool LogSplitter::take_line() {
    const std::size_t frame = rest_.find(kMagic);
    std::size_t end = rest_.find('\n');
    if (end != std::string::npos) ++end;
    end = std::min({end, frame, rest_.size() > kMaxEvent ? kMaxEvent : std::string::npos});
    if (end == std::string::npos) return false;
    on_event_(rest_.substr(0, end));
    rest_.erase(0, end);
    return true;
}

void LogSplitter::flush() {
    if (rest_.empty()) return;
    on_event_(rest_);
    rest_.clear();
}

}  // namespace skafu::lambda
