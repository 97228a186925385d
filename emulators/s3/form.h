#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu::s3 {

/// A browser's upload ("POST Object", S3 API Reference): the fields before the file, names in
/// lower case, and the file.
struct UploadForm {
    Json fields = Json::object();
    std::string file_name;
    std::string file;
    bool has_file = false;
};

/// Reads multipart/form-data (RFC 7578); throws MalformedPOSTRequest.
UploadForm parse_form(std::string_view content_type, std::string_view body);

}  // namespace skafu::s3
