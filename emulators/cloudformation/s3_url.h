#pragma once

#include <string>
#include <utility>

namespace skafu::cloudformation {

/// Bucket and key of a TemplateURL in any of its forms:
/// "https://bucket.s3.region.amazonaws.com/key", "https://s3.amazonaws.com/bucket/key",
/// "http://localhost:4566/bucket/key", "s3://bucket/key". Both empty where it is none.
std::pair<std::string, std::string> s3_object_of(const std::string& url);

}  // namespace skafu::cloudformation
