#include "core/trace.h"

#include <charconv>

#include <fmt/format.h>

namespace skafu {

namespace {

/// Tells our trace ids from those of others.
constexpr std::string_view kMark = "736b616675";
constexpr std::string_view kParent = ";Parent=";
constexpr std::size_t kMarkAt = 16;  // after "Root=1-" and eight digits of time and a dash
constexpr std::size_t kParentDigits = 16;

}  // namespace

std::string make_trace_id(TimePoint now, Entropy& entropy, ActivityId activity) {
    return fmt::format("Root=1-{:08x}-{}{}{}{:016x};Sampled=0", epoch_millis(now) / 1000, kMark,
                       entropy.hex(14), kParent, activity);
}

ActivityId activity_of_trace_id(std::string_view trace_id) {
    if (trace_id.size() < kMarkAt + kMark.size() ||
        trace_id.substr(kMarkAt, kMark.size()) != kMark) {
        return 0;
    }
    const std::size_t at = trace_id.find(kParent);
    if (at == std::string_view::npos) return 0;
    const std::string_view digits = trace_id.substr(at + kParent.size(), kParentDigits);
    ActivityId activity = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), activity, 16);
    return error == std::errc() && end == digits.data() + digits.size() ? activity : 0;
}

}  // namespace skafu
