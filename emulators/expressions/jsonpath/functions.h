#pragma once

#include "expressions/jsonpath/step.h"

namespace skafu::jsonpath {

/// What the function at the end of a path makes of `value`; `document` is what `$` means in its
/// arguments. False where it cannot be applied.
bool apply(const Step& step, const Json& value, const Json& document, Json& result);

}  // namespace skafu::jsonpath
