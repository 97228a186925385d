#pragma once

#include <string>

#include "apigateway/store.h"

namespace skafu::apigateway {

struct ImportOptions {
    bool overwrite = false;
    std::string base_path;  ///< "ignore" (or empty), "prepend" or "split"
    bool fail_on_warnings = false;
};

/// An OpenAPI document in JSON or YAML as a value. Throws BadRequestException for neither.
Json read_open_api(const std::string& text);

/// Makes an API what an OpenAPI 2 or 3 document with x-amazon-apigateway extensions says
/// ("Working with API Gateway extensions to OpenAPI"); gives the API's document with warnings.
Json import_open_api(Store& store, const Caller& caller, const std::string& api_id,
                     const Json& document, const ImportOptions& options);

}  // namespace skafu::apigateway
