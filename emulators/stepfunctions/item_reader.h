#pragma once

#include <optional>
#include <string>

#include "core/cloud.h"
#include "stepfunctions/failure.h"
#include "stepfunctions/map_settings.h"
#include "stepfunctions/program.h"

namespace skafu::stepfunctions {

/// The items that a file holds, by the reader's settings; at most `max_items`.
/// Throws Failure States.ItemReaderFailed.
MapItems items_from_file(const ReaderPart& reader, const std::string& body, std::size_t max_items);

/// The cells of a CSV text, row by row (RFC 4180).
std::vector<std::vector<std::string>> parse_csv(std::string_view text, char delimiter,
                                                std::size_t max_rows);

Failure reader_failure(std::string cause);

/// The items of an ItemReader: a listing, what the listed objects hold, a file, or the files that a
/// manifest names; at most `most`. Throws AwsError as S3 gives it, and Failure
/// States.ItemReaderFailed.
Task<MapItems> read_source(Cloud& cloud, const ReaderPart& reader, Json parameters, Caller caller,
                           ActivityId cause, std::size_t most);

}  // namespace skafu::stepfunctions
