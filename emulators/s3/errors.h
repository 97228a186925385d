#pragma once

#include <string>
#include <string_view>

#include "core/aws_error.h"

/// The errors of S3 ("Error responses", S3 API Reference).
namespace skafu::s3 {

/// Of a key, in UTF-8 ("Creating object key names").
constexpr std::size_t kMostKeyBytes = 1024;

AwsError no_such_bucket(std::string_view bucket);
AwsError no_such_key(std::string_view key);
AwsError key_too_long(std::size_t size);
AwsError no_such_version(std::string_view key, std::string_view version);
AwsError no_such_upload(std::string_view upload);
AwsError invalid_argument(std::string message, std::string_view name, std::string_view value);
AwsError precondition_failed(std::string_view condition);
AwsError malformed_xml();

}  // namespace skafu::s3
