#pragma once

namespace skafu::jsonata {

/// $round: to this many decimal places (negative: before the point), halves to the even side.
double round_half_even(double number, int precision);

}  // namespace skafu::jsonata
