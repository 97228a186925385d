#include "eventbridge/time_zone.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kHeader = 44;

std::int64_t big_endian(const std::string& bytes, std::size_t at, std::size_t size) {
    std::uint64_t value =
        (static_cast<unsigned char>(bytes[at]) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 0; i < size; ++i) {
        value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
    }
    return static_cast<std::int64_t>(value);
}

/// The six counts of a TZif header.
struct Counts {
    std::size_t isut, isstd, leap, times, types, chars;

    static Counts read(const std::string& bytes, std::size_t at) {
        const auto count = [&](std::size_t i) {
            return static_cast<std::size_t>(big_endian(bytes, at + 20 + i * 4, 4));
        };
        return {count(0), count(1), count(2), count(3), count(4), count(5)};
    }
    std::size_t size(std::size_t time_size) const {
        return times * (time_size + 1) + types * 6 + chars + leap * (time_size + 4) + isstd + isut;
    }
};

}  // namespace

std::shared_ptr<const TimeZone> TimeZone::find(const std::string& name) {
    auto zone = std::make_shared<TimeZone>();
    if (name.empty() || name == "UTC") return zone;
    if (name.front() == '/' || name.find("..") != std::string::npos) return nullptr;
    std::ifstream in("/usr/share/zoneinfo/" + name, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    return zone->read(bytes) ? zone : nullptr;
}

bool TimeZone::read(const std::string& bytes) {
    if (bytes.size() < kHeader || bytes.compare(0, 4, "TZif") != 0 || bytes[4] < '2') return false;
    const std::size_t second = kHeader + Counts::read(bytes, 0).size(4);
    if (bytes.size() < second + kHeader) return false;
    const Counts counts = Counts::read(bytes, second);
    const std::size_t times = second + kHeader;
    const std::size_t indexes = times + counts.times * 8;
    const std::size_t types = indexes + counts.times;
    if (counts.types == 0 || bytes.size() < times + counts.size(8)) return false;
    const auto offset = [&](std::size_t type) {
        return static_cast<std::int32_t>(big_endian(bytes, types + type * 6, 4));
    };
    first_offset_ = offset(0);
    for (std::size_t i = 0; i < counts.times; ++i) {
        const auto type = static_cast<unsigned char>(bytes[indexes + i]);
        if (type >= counts.types) return false;
        transitions_.push_back({big_endian(bytes, times + i * 8, 8), offset(type)});
    }
    return true;
}

std::chrono::seconds TimeZone::offset_at(std::int64_t utc) const {
    const auto after = std::upper_bound(
        transitions_.begin(), transitions_.end(), utc,
        [](std::int64_t time, const Transition& transition) { return time < transition.at; });
    return std::chrono::seconds(after == transitions_.begin() ? first_offset_
                                                              : std::prev(after)->offset);
}

std::chrono::local_time<Duration> TimeZone::to_local(TimePoint time) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    return std::chrono::local_time<Duration>(time.time_since_epoch() + offset_at(seconds));
}

TimePoint TimeZone::to_utc(std::chrono::local_time<Duration> local) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(local).time_since_epoch().count();
    const std::chrono::seconds guess = offset_at(seconds - offset_at(seconds).count());
    return TimePoint(local.time_since_epoch() - guess);
}

}  // namespace skafu::eventbridge
