#pragma once

#include <optional>
#include <string_view>

#include "core/clock.h"

namespace skafu::stepfunctions {

/// The moment of an RFC 3339 text with date, `T`, time and offset ("2016-03-14T01:59:00Z",
/// fractions allowed), the only form that the States language takes; nothing for any other text.
std::optional<TimePoint> parse_timestamp(std::string_view text);

}  // namespace skafu::stepfunctions
