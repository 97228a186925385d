#pragma once

#include "apigateway/http/http_store.h"

namespace skafu::apigateway::http {

/// One kind of what belongs to an API: "Route", in collection `routes`, at ".../routes".
struct PartKind {
    std::string_view name;
    std::string_view path;
    std::string_view id_member;
    Collection HttpStore::*collection;
    /// Completes a document by what AWS fills in. Throws BadRequestException for what it refuses.
    void (*complete)(HttpStore& store, const Scope& scope, const std::string& api_id,
                     Json& document);
};

/// All kinds, in the order in which they may refer to each other.
const std::vector<PartKind>& part_kinds();
const PartKind& part_kind(std::string_view name);

// What SDK calls and templates share. All of them give the document as the API answers it.
Json create_http_api(HttpStore& store, const Scope& scope, const Json& input);
Json update_http_api(HttpStore& store, const Scope& scope, const Json& input);
/// `input` has apiId beside the members of the document; so have those below.
Json create_part(HttpStore& store, const Scope& scope, const PartKind& kind, const Json& input);
Json update_part(HttpStore& store, const Scope& scope, const PartKind& kind, const Json& input);
/// Throws NotFoundException.
const Json& require_part(const HttpStore& store, const Scope& scope, const PartKind& kind,
                         const Json& input);
void delete_part(HttpStore& store, const Scope& scope, const PartKind& kind, const Json& input);
/// Without what is ours in it.
Json shown_part(Json document);

/// Makes an API what an OpenAPI 3 document with x-amazon-apigateway extensions says.
Json import_http_api(HttpStore& store, const Scope& scope, const std::string& api_id,
                     const Json& document);

/// The service `apigatewayv2`, and the types AWS::ApiGatewayV2::*.
void register_http_apis(Cloud& cloud, HttpStore& store);
void register_http_types(Cloud& cloud, HttpStore& store);

}  // namespace skafu::apigateway::http
