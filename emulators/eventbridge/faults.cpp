#include "eventbridge/faults.h"

#include <algorithm>

#include "core/aws_error.h"

namespace skafu::eventbridge {
namespace {

/// How far behind its place a reordered delivery falls, at most.
constexpr double kReorderSeconds = 1.0;

double rate(const Json& row, const char* name, double most) {
    const Json* value = find_member(row, name);
    if (value == nullptr || value->is_null()) return 0;
    if (value->is_boolean()) return value->get<bool>() ? 1 : 0;
    if (!value->is_number() || value->get<double>() < 0 || value->get<double>() > most) {
        throw AwsError::validation(fmt::format("{} must be a number from 0 to {}", name, most));
    }
    return value->get<double>();
}

/// A misspelt fault would never show.
void refuse_unknown(const Json& row) {
    constexpr std::string_view kKnown[] = {"bus",       "rule",    "queue", "drop",
                                           "duplicate", "reorder", "delay", "seed"};
    for (const auto& [name, value] : row.items()) {
        if (std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown)) continue;
        throw AwsError::validation(fmt::format("there is no fault {}", name));
    }
}

Duration seconds(double value) {
    return Duration(static_cast<std::int64_t>(value * 1e6));
}

}  // namespace

void Faults::set(const Json& wanted) {
    constexpr double kLongestDelay = 86400;
    const Json list = wanted.is_array() ? wanted : Json::array({wanted});
    std::vector<Row> rows;
    for (const Json& row : list) {
        if (!row.is_object()) throw AwsError::validation("faults must be objects");
        if (row.empty()) continue;
        refuse_unknown(row);
        const Json* seed = find_member(row, "seed");
        const std::uint64_t number =
            seed != nullptr && seed->is_number_integer() ? seed->get<std::uint64_t>() : 1;
        rows.push_back({string_member(row, "bus"), string_member(row, "rule"),
                        string_member(row, "queue"), rate(row, "drop", 1),
                        rate(row, "duplicate", 1), rate(row, "reorder", 1),
                        rate(row, "delay", kLongestDelay), Entropy(number == 0 ? 1 : number)});
    }
    rows_ = std::move(rows);
    wanted_ = list;
}

Faults::Fate Faults::decide(std::string_view bus, std::string_view rule,
                            std::string_view target_arn) {
    for (Row& row : rows_) {
        const bool concerned =
            (row.bus.empty() || row.bus == bus) && (row.rule.empty() || row.rule == rule) &&
            (row.queue.empty() || target_arn == row.queue || target_arn.ends_with(":" + row.queue));
        if (!concerned) continue;
        // Always the same count of random numbers, so that one setting does not shift another.
        const double drop = row.entropy.unit();
        const double duplicate = row.entropy.unit();
        const double reorder = row.entropy.unit();
        const double late = row.entropy.unit();
        Fate fate;
        fate.drop = drop < row.drop;
        fate.duplicate = duplicate < row.duplicate;
        fate.delay = seconds(row.delay * late);
        if (reorder < row.reorder) fate.delay += seconds(kReorderSeconds * (0.1 + 0.9 * late));
        return fate;
    }
    return {};
}

}  // namespace skafu::eventbridge
