#pragma once

#include "apigateway/integrations.h"
#include "core/service.h"

namespace skafu::apigateway {

enum class WireForm { Json, Query, Rest };

/// A call that an integration request means.
struct WireCall {
    const Operation* operation = nullptr;
    Document input;
    WireForm form = WireForm::Json;
};

/// Reads a mapped request as the service would read it from the wire. Throws AwsError for an
/// operation that is not there.
WireCall decode_wire(const Service& service, const std::string& http_method,
                     IntegrationRequest& request);

/// The members that a form's parameters mean: "Entries.member.1.Id=x", "Attribute.1.Name=y".
Json decode_form(const Shape& shape, const Pairs& parameters);

}  // namespace skafu::apigateway
