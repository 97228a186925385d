#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::s3 {

/// Amazon S3, API version 2006-03-01. Bodies are raw bytes in a JSON string ("Body"), in and out,
/// also for calls through the door; a Body that is no string is stored as its JSON text.
void register_s3(Cloud& cloud);

}  // namespace skafu::s3
