#include "schemas/inference.h"

#include <algorithm>
#include <cctype>

#include "core/aws_error.h"

namespace skafu::schemas {
namespace {

constexpr const char* kComponents = "#/components/schemas/";
constexpr const char* kDefinitions = "#/definitions/";
constexpr const char* kEnvelope = "AWSEvent";

bool is_alphanumeric(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// "2026-01-31T12:00:00Z", with or without a fraction or an offset.
bool is_date_time(const std::string& text) {
    constexpr std::string_view kForm = "0000-00-00T00:00:00";
    if (text.size() <= kForm.size()) return false;
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (kForm[i] == '0' ? !is_digit : text[i] != kForm[i]) return false;
    }
    return std::string_view("Z.+-").find(text[kForm.size()]) != std::string_view::npos;
}

Json infer_object(const Json& value) {
    Json required = Json::array();
    Json properties = Json::object();
    for (const auto& [name, member] : value.items()) {
        required.push_back(name);
        properties[name] = infer(member);
    }
    Json schema = {{"type", "object"}};
    if (!required.empty()) schema["required"] = std::move(required);
    schema["properties"] = std::move(properties);
    return schema;
}

Json infer_array(const Json& value) {
    Json items;
    for (const Json& element : value) {
        Json inferred = infer(element);
        items = items.is_null() ? std::move(inferred) : merge(items, inferred);
    }
    Json schema = {{"type", "array"}};
    if (!items.is_null()) schema["items"] = std::move(items);  // else the next event may tell
    return schema;
}

Json merge_objects(const Json& one, const Json& other) {
    const Json ones = one.value("required", Json::array());
    const Json others = other.value("required", Json::array());
    Json required = Json::array();
    for (const Json& name : ones) {
        if (std::find(others.begin(), others.end(), name) != others.end()) required.push_back(name);
    }
    Json properties = one.value("properties", Json::object());
    const Json more = other.value("properties", Json::object());
    for (const auto& [name, schema] : more.items()) {
        const Json* known = find_member(properties, name);
        Json merged = known == nullptr ? schema : merge(*known, schema);
        properties[name] = std::move(merged);
    }
    Json schema = {{"type", "object"}};
    if (!required.empty()) schema["required"] = std::move(required);
    schema["properties"] = std::move(properties);
    return schema;
}

Json merge_arrays(const Json& one, const Json& other) {
    const Json* items = find_member(one, "items");
    const Json* more = find_member(other, "items");
    Json schema = {{"type", "array"}};
    if (items != nullptr && more != nullptr) {
        schema["items"] = merge(*items, *more);
    } else if (items != nullptr || more != nullptr) {
        schema["items"] = items != nullptr ? *items : *more;
    }
    return schema;
}

/// Both as alternatives, each once.
Json either(const Json& one, const Json& other) {
    Json alternatives = Json::array();
    for (const Json* schema : {&one, &other}) {
        const Json* listed = find_member(*schema, "anyOf");
        const Json list = listed == nullptr ? Json::array({*schema}) : *listed;
        for (const Json& alternative : list) {
            if (std::find(alternatives.begin(), alternatives.end(), alternative) ==
                alternatives.end()) {
                alternatives.push_back(alternative);
            }
        }
    }
    return {{"anyOf", std::move(alternatives)}};
}

/// Moves objects out of a schema that has them in place, into components of their own.
class Components {
  public:
    explicit Components(std::string prefix) : prefix_(std::move(prefix)) {}

    /// Adds an object's schema under a name that is still free; gives the reference to it.
    Json add(const std::string& wanted, const Json& schema) {
        std::string name = wanted.empty() ? "Object" : wanted;
        for (int i = 1; all_.contains(name); ++i) name = wanted + "_" + std::to_string(i);
        all_[name] = nullptr;  // holds the name and the place
        Json flat = schema;
        for (auto& [member, value] : flat["properties"].items()) {
            value = flattened(type_name(member), value);
        }
        all_[name] = std::move(flat);
        return {{"$ref", prefix_ + name}};
    }
    void put(const std::string& name, Json schema) { all_[name] = std::move(schema); }
    Json take() { return std::move(all_); }

  private:
    Json flattened(const std::string& name, Json schema) {
        const std::string type = string_member(schema, "type");
        const Json* properties = find_member(schema, "properties");
        if (type == "object" && properties != nullptr && !properties->empty()) {
            return add(name, schema);
        }
        if (type == "array") {
            const Json any_object = {{"type", "object"}};
            Json items = flattened(name + "Item", schema.value("items", any_object));
            schema["items"] = std::move(items);
        }
        if (schema.contains("anyOf")) {
            for (Json& alternative : schema["anyOf"]) {
                alternative = flattened(name, std::move(alternative));
            }
        }
        return schema;
    }

    std::string prefix_;
    Json all_ = Json::object();
};

Json of_type(const char* type) {
    return {{"type", type}};
}

/// The members around the detail, the same in all events.
Json envelope(Json detail) {
    return {{"detail", std::move(detail)},
            {"account", of_type("string")},
            {"detail-type", of_type("string")},
            {"id", of_type("string")},
            {"region", of_type("string")},
            {"resources", {{"type", "array"}, {"items", of_type("string")}}},
            {"source", of_type("string")},
            {"time", {{"type", "string"}, {"format", "date-time"}}},
            {"version", of_type("string")}};
}

Json required_members() {
    return Json::array({"detail-type", "resources", "detail", "id", "source", "time", "region",
                        "version", "account"});
}

/// Points every reference at the definitions of JSON Schema.
void rebase(Json& value) {
    if (value.is_object()) {
        for (auto& [name, inner] : value.items()) {
            const bool is_reference = name == "$ref" && inner.is_string();
            if (!is_reference) {
                rebase(inner);
                continue;
            }
            const auto target = inner.get<std::string>();
            if (target.starts_with(kComponents)) {
                inner = kDefinitions + target.substr(std::string_view(kComponents).size());
            }
        }
    } else if (value.is_array()) {
        for (Json& inner : value) rebase(inner);
    }
}

}  // namespace

Json infer(const Json& value) {
    switch (value.type()) {
        case Json::value_t::object:
            return infer_object(value);
        case Json::value_t::array:
            return infer_array(value);
        case Json::value_t::string:
            if (!is_date_time(value.get<std::string>())) return of_type("string");
            return {{"type", "string"}, {"format", "date-time"}};
        case Json::value_t::boolean:
            return of_type("boolean");
        case Json::value_t::null:
            return {{"nullable", true}};
        default:
            return of_type("number");
    }
}

Json merge(const Json& one, const Json& other) {
    if (one == other) return one;
    for (const auto& [empty, full] : {std::pair(&one, &other), std::pair(&other, &one)}) {
        if (!empty->contains("type") && empty->contains("nullable")) {
            Json schema = *full;
            schema["nullable"] = true;
            return schema;
        }
    }
    const std::string type = string_member(one, "type");
    if (type.empty() || type != string_member(other, "type")) return either(one, other);
    Json schema;
    if (type == "object") {
        schema = merge_objects(one, other);
    } else if (type == "array") {
        schema = merge_arrays(one, other);
    } else {
        schema = of_type(type.c_str());  // they differ by format, or by what is nullable
        if (string_member(one, "format") == string_member(other, "format") &&
            one.contains("format")) {
            schema["format"] = one["format"];
        }
    }
    if (one.contains("nullable") || other.contains("nullable")) schema["nullable"] = true;
    return schema;
}

std::string type_name(std::string_view detail_type) {
    std::string name;
    bool starts = true;
    for (const char c : detail_type) {
        if (!is_alphanumeric(c)) {
            starts = true;
            continue;
        }
        name += starts ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        starts = false;
    }
    return name;
}

std::string Learned::text(std::string_view form) const {
    const bool is_openapi = form == kOpenApi;
    Components components(is_openapi ? kComponents : kDefinitions);
    const std::string title = source.empty() ? "Event" : type_name(detail_type);
    Json whole;
    if (source.empty()) {
        components.add(title, content);
    } else {
        components.put(kEnvelope, nullptr);
        Json detail = components.add(title, content);
        whole = {{"type", "object"},
                 {"required", required_members()},
                 {"x-amazon-events-detail-type", detail_type},
                 {"x-amazon-events-source", source},
                 {"properties", envelope(std::move(detail))}};
    }
    if (is_openapi) {
        if (!whole.is_null()) components.put(kEnvelope, std::move(whole));
        const Json document = {{"openapi", "3.0.0"},
                               {"info", {{"version", "1.0.0"}, {"title", title}}},
                               {"paths", Json::object()},
                               {"components", {{"schemas", components.take()}}}};
        return to_text(document);
    }
    Json definitions = components.take();
    const std::string main = whole.is_null() ? title : kEnvelope;
    if (whole.is_null()) whole = definitions[title];
    definitions.erase(main);
    Json document = {{"$schema", "http://json-schema.org/draft-04/schema#"}, {"title", title}};
    document["definitions"] = std::move(definitions);
    for (const auto& [name, value] : whole.items()) document[name] = value;
    return to_text(document);
}

Learned learn(const Json& document) {
    const Json* detail = find_member(document, "detail");
    const std::string source = string_member(document, "source");
    if (source.empty() || detail == nullptr || !detail->is_object()) {
        return {{}, {}, infer(document)};
    }
    return {source, string_member(document, "detail-type"), infer(*detail)};
}

std::string openapi_to_draft4(const std::string& content) {
    Json document;
    try {
        document = parse_json(content);
    } catch (const JsonError&) {
        document = nullptr;
    }
    const Json* components = find_member(document, "components");
    const Json* found = components == nullptr ? nullptr : find_member(*components, "schemas");
    if (found == nullptr || !found->is_object() || found->empty()) {
        throw AwsError("BadRequestException", "The schema is not a valid OpenApi3 schema.");
    }
    Json definitions = *found;
    const std::string main =
        definitions.contains(kEnvelope) ? kEnvelope : definitions.begin().key();
    Json whole = definitions[main];
    definitions.erase(main);
    const Json* info = find_member(document, "info");
    Json result = {{"$schema", "http://json-schema.org/draft-04/schema#"},
                   {"title", info == nullptr ? main : string_member(*info, "title", main)}};
    rebase(definitions);
    rebase(whole);
    result["definitions"] = std::move(definitions);
    for (const auto& [name, value] : whole.items()) result[name] = value;
    return to_text(result);
}

}  // namespace skafu::schemas
