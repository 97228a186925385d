#pragma once

#include "apigateway/http/http_request.h"

// Parameter mapping ("Transform API requests and responses for HTTP APIs in API Gateway").

namespace skafu::apigateway::http {

/// Refuses what requestParameters and responseParameters may not say. Throws BadRequestException.
void check_mappings(const Json& integration);

/// What UpdateIntegration gets, with the mappings that stay: an empty text takes a mapping of the
/// request away, an empty object all those of a status.
Json with_kept_mappings(const Json& integration, Json input);

/// responseParameters as templates have them, {"200": {"ResponseParameters": [{"Destination":
/// "overwrite:statuscode", "Source": "201"}]}}, in the form of the API. Throws BadRequestException.
Json mappings_of_template(const Json& by_status);

/// Applies the integration's requestParameters. All values are those of the client's request.
/// `path` is left alone where nothing overwrites it.
void map_http_request(const HttpExchange& exchange, Pairs& headers, Pairs& query,
                      std::string& path);

/// Applies the responseParameters for the status that the integration answered. Throws HttpRefusal
/// for a status code that is none.
void map_http_response(HttpExchange& exchange, Answer& answer);

}  // namespace skafu::apigateway::http
