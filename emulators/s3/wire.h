#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/json.h"

namespace skafu::s3 {

/// Whether a name may be a bucket's ("Bucket naming rules", S3 User Guide).
bool is_bucket_name(std::string_view name);

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  ///< inclusive
};

/// One range of a Range header ("bytes=0-9", "bytes=5-", "bytes=-3") of an object of `size` bytes;
/// nothing where the header is to be ignored (another unit, several ranges, nonsense). Throws
/// InvalidRange (416) where no byte is in it.
std::optional<ByteRange> parse_range(std::string_view header, std::uint64_t size);

/// If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since of a read, in `input` by
/// their names in the SDKs. Throws PreconditionFailed (412) or NotModified (304).
void check_read_conditions(const Json& input, std::string_view etag, TimePoint modified,
                           std::string_view prefix = {});

/// "Wed, 21 Oct 2015 07:28:00 GMT" or ISO 8601; nothing for anything else.
std::optional<TimePoint> parse_date(std::string_view text);

/// A body in aws-chunked encoding, decoded, with the trailing header fields that came after it
/// ("Signature calculations: transferring payload in multiple chunks", S3 API Reference).
/// Throws IncompleteBody.
struct ChunkedBody {
    std::string bytes;
    Json trailers = Json::object();  ///< names in lower case
};
ChunkedBody decode_chunked(std::string_view body);

/// A list of tags from the x-amz-tagging header ("a=1&b=2"), as {key: value}.
Json parse_tagging_header(std::string_view text);

}  // namespace skafu::s3
