#pragma once

#include "apigateway/store.h"

namespace skafu::apigateway {

/// Makes an API with its root resource and default models; gives its document.
Json create_api(Store& store, const Caller& caller, const Json& input);
void add_default_models(Store& store, const Caller& caller, const std::string& api_id);
/// Removes an API and all that belongs to it. Throws NotFoundException.
void delete_api(Store& store, const Caller& caller, const std::string& api_id);

/// Makes a resource under a parent; gives its document. Throws as CreateResource does.
Json create_resource(Store& store, const Caller& caller, const std::string& api_id,
                     const std::string& parent_id, const std::string& path_part);
/// The resource, or NotFoundException "Invalid Resource identifier specified".
const Json& resource_of(Store& store, const Caller& caller, const Json& input);
/// The method of it, or NotFoundException "Invalid Method identifier specified".
const Json& method_of(const Json& resource, const std::string& http_method);
/// Writes one changed method back.
void put_method(Store& store, const Caller& caller, const std::string& api_id, Json resource,
                const std::string& http_method, Json method);

/// The integration document that PutIntegration makes of its input. Throws BadRequestException.
Json integration_of(const Json& input, const std::string& resource_id);

/// What a deployment freezes; gives the document without it.
Json create_deployment(Store& store, const Caller& caller, const Json& input);
/// The deployment as the API answers it.
Json public_deployment(Json deployment);

}  // namespace skafu::apigateway
