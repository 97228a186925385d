#include "cloudformation/sam/api_cors.h"

#include <set>

#include "cloudformation/sam/api_events.h"

namespace skafu::cloudformation::sam {
namespace {

struct Cors {
    Json origin;
    Json methods;
    Json headers;
    Json max_age;
    bool credentials = false;
};

Cors read_cors(const Source& source, const Json& setting) {
    Cors cors;
    if (setting.is_string() || is_function(setting)) {
        cors.origin = setting;
        return cors;
    }
    if (!setting.is_object())
        throw SamProblem::resource(source.id, "Invalid value for 'Cors' property.");
    for (const auto& [name, value] : setting.items()) {
        if (name == "AllowOrigin")
            cors.origin = value;
        else if (name == "AllowMethods")
            cors.methods = value;
        else if (name == "AllowHeaders")
            cors.headers = value;
        else if (name == "MaxAge")
            cors.max_age = value;
        else if (name == "AllowCredentials")
            cors.credentials = value == true;
        else
            throw SamProblem::resource(source.id, "Invalid value for 'Cors' property.");
    }
    if (cors.origin.is_null()) cors.origin = "'*'";
    if (cors.credentials && cors.origin == "'*'") {
        throw SamProblem::resource(source.id,
                                   "Unable to add Cors configuration because "
                                   "'AllowCredentials' can not be true when "
                                   "'AllowOrigin' is \"'*'\" or not set");
    }
    return cors;
}

/// The methods of a path as the header lists them: "'GET,OPTIONS'".
std::string methods_of(const Json& item) {
    std::set<std::string> names = {"OPTIONS"};
    for (const auto& [name, method] : item.items()) {
        if (name == "x-amazon-apigateway-any-method") {
            return "'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT'";
        }
        std::string upper = name;
        for (char& c : upper) c = static_cast<char>(std::toupper(c));
        static const std::set<std::string_view> known = {"GET",  "PUT",   "POST",   "DELETE",
                                                         "HEAD", "PATCH", "OPTIONS"};
        if (known.contains(upper)) names.insert(upper);
    }
    return fmt::format("'{}'", fmt::join(names, ","));
}

Json preflight(const Cors& cors, const Json& item, bool openapi3) {
    const std::string prefix = "method.response.header.";
    Json parameters = Json::object();
    Json headers = Json::object();
    const Json header =
        openapi3 ? Json{{"schema", {{"type", "string"}}}} : Json{{"type", "string"}};
    const auto add = [&](const std::string& name, const Json& value) {
        if (value.is_null()) return;
        parameters[prefix + name] = value;
        headers[name] = header;
    };
    add("Access-Control-Allow-Headers", cors.headers);
    add("Access-Control-Allow-Methods",
        cors.methods.is_null() ? Json(methods_of(item)) : cors.methods);
    add("Access-Control-Allow-Origin", cors.origin);
    add("Access-Control-Max-Age", cors.max_age);
    if (cors.credentials) add("Access-Control-Allow-Credentials", "'true'");
    Json answer = {{"statusCode", "200"},
                   {"responseParameters", std::move(parameters)},
                   {"responseTemplates", {{"application/json", "{}\n"}}}};
    Json integration = {
        {"type", "mock"},
        {"requestTemplates", {{"application/json", "{\n  \"statusCode\" : 200\n}\n"}}},
        {"responses", {{"default", std::move(answer)}}}};
    Json method = {{"summary", "CORS support"},
                   {"x-amazon-apigateway-integration", std::move(integration)},
                   {"responses",
                    {{"200",
                      {{"description", "Default response for CORS method"},
                       {"headers", std::move(headers)}}}}}};
    if (!openapi3) {
        method["consumes"] = Json::array({"application/json"});
        method["produces"] = Json::array({"application/json"});
    }
    return method;
}

}  // namespace

void add_cors(const Source& source, const Json& setting, Json& body) {
    if (is_no_value(&setting)) return;
    const Cors cors = read_cors(source, setting);
    if (!body.contains("paths") || !body["paths"].is_object()) {
        throw SamProblem::resource(
            source.id,
            "Unable to add Cors configuration because 'DefinitionBody' does not contain a "
            "valid Swagger definition.");
    }
    const bool openapi3 = body.contains("openapi");
    for (auto& [path, entry] : body["paths"].items()) {
        for (Json* item : path_items(entry)) {
            if (item->contains("options")) continue;
            (*item)["options"] = preflight(cors, *item, openapi3);
        }
    }
}

}  // namespace skafu::cloudformation::sam
