#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu::schemas {

/// The two forms in which the registry keeps and gives schemas.
inline constexpr const char* kOpenApi = "OpenApi3";
inline constexpr const char* kDraft4 = "JSONSchemaDraft4";

/// The schema that a JSON value alone suggests, nested in place: {"type": "object", "required":
/// […], "properties": {…}}. Numbers are of type number, dates strings of format date-time.
Json infer(const Json& value);

/// The schema that takes whatever either of two takes: an object requires what both require.
Json merge(const Json& one, const Json& other);

/// A detail type as a name: "Order Created" gives "OrderCreated".
std::string type_name(std::string_view detail_type);

/// What is known of events, or of other documents, of one kind.
struct Learned {
    std::string source;       // empty for documents that are no events
    std::string detail_type;  // likewise
    Json content;             // the inferred schema of the detail, or of the whole document

    /// The schema as text of the wanted form, with nested objects as named components, as
    /// EventBridge writes discovered schemas (user guide, "Schema discovery").
    std::string text(std::string_view form) const;
};

/// What an event or document teaches. An event is what has source, detail-type and detail.
Learned learn(const Json& document);

/// An OpenApi3 schema in the form of JSONSchemaDraft4 (ExportSchema). Throws AwsError
/// BadRequestException where `content` is no OpenAPI document with components.
std::string openapi_to_draft4(const std::string& content);

}  // namespace skafu::schemas
