#include "cloudwatch/statistics.h"

#include <algorithm>
#include <charconv>

namespace skafu::cloudwatch {
namespace {

constexpr std::size_t kMostSamples = 10'000;

std::optional<double> percentile(std::vector<std::pair<double, double>> samples, double percent) {
    if (samples.empty()) return std::nullopt;
    std::sort(samples.begin(), samples.end());
    double total = 0;
    for (const auto& [value, times] : samples) total += times;
    double seen = 0;
    for (const auto& [value, times] : samples) {
        seen += times;
        if (seen >= total * percent / 100) return value;
    }
    return samples.back().first;
}

}  // namespace

void Statistics::add(double value, double times) {
    add_set(value * times, times, value, value);
    if (samples.size() < kMostSamples) samples.emplace_back(value, times);
}

void Statistics::add_set(double set_sum, double set_count, double set_minimum, double set_maximum) {
    minimum = count == 0 ? set_minimum : std::min(minimum, set_minimum);
    maximum = count == 0 ? set_maximum : std::max(maximum, set_maximum);
    sum += set_sum;
    count += set_count;
}

void Statistics::merge(const Statistics& other) {
    if (other.count == 0) return;
    add_set(other.sum, other.count, other.minimum, other.maximum);
    const std::size_t room = kMostSamples - std::min(kMostSamples, samples.size());
    const std::size_t taken = std::min(room, other.samples.size());
    samples.insert(samples.end(), other.samples.begin(),
                   other.samples.begin() + static_cast<std::ptrdiff_t>(taken));
}

std::optional<double> Statistics::value_of(std::string_view name) const {
    if (count == 0) return std::nullopt;
    if (name == "Average") return sum / count;
    if (name == "Sum") return sum;
    if (name == "Minimum") return minimum;
    if (name == "Maximum") return maximum;
    if (name == "SampleCount") return count;
    if (!name.starts_with('p')) return std::nullopt;
    double percent = 0;
    const auto end = std::from_chars(name.data() + 1, name.data() + name.size(), percent);
    if (end.ec != std::errc() || end.ptr != name.data() + name.size()) return std::nullopt;
    return percentile(samples, percent);
}

Json Statistics::to_json() const {
    Json values = Json::array();
    for (const auto& [value, times] : samples) values.push_back(Json::array({value, times}));
    return Json::array({sum, count, minimum, maximum, std::move(values)});
}

Statistics Statistics::from_json(const Json& json) {
    Statistics out;
    out.sum = json.at(0).get<double>();
    out.count = json.at(1).get<double>();
    out.minimum = json.at(2).get<double>();
    out.maximum = json.at(3).get<double>();
    for (const Json& sample : json.at(4)) {
        out.samples.emplace_back(sample.at(0).get<double>(), sample.at(1).get<double>());
    }
    return out;
}

}  // namespace skafu::cloudwatch
