#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu::s3 {

/// A configuration of AWS::S3::Bucket as the XML that Put… takes and Get… returns: the two spell
/// their members differently ("AWS::S3::Bucket" beside the S3 API Reference).
std::string to_configuration_xml(std::string_view root, const Json& property);

}  // namespace skafu::s3
