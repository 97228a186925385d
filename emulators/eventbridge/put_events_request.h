#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "eventbridge/event_tape.h"

namespace skafu::eventbridge {

/// The entries' positions on the tape of a PutEvents request; `text` is what it was read from.
/// Throws AwsError where AWS refuses the request as a whole: what its API model constrains, and
/// the size of all entries.
std::vector<std::size_t> checked_entries(EventTape& tape, std::string_view text);

/// Why AWS refuses one entry of a request that it takes.
struct EntryFailure {
    std::string_view code;
    std::string message;
};
std::optional<EntryFailure> entry_failure(EventTape& tape, std::size_t entry);

/// An entry's Time, to the second; now without one.
std::string event_time(EventTape& tape, std::size_t entry, TimePoint now);

}  // namespace skafu::eventbridge
