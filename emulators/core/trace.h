#pragma once

#include <string>
#include <string_view>

#include "core/entropy.h"
#include "core/journal.h"

namespace skafu {

/// An X-Ray trace id ("Root=1-…;Parent=…;Sampled=0") that carries an activity. A function's
/// process gets it, and AWS's SDKs send it on as X-Amzn-Trace-Id: so the journal knows which
/// invocation made a call.
std::string make_trace_id(TimePoint now, Entropy& entropy, ActivityId activity);

/// The activity that such a trace id carries; 0 for any other text.
ActivityId activity_of_trace_id(std::string_view trace_id);

}  // namespace skafu
