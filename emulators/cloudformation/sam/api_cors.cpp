#include "cloudformation/sam/api_cors.h"

#include <set>

#include "cloudformation/sam/api_body.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr const char* kEveryOrigin = "'*'";

struct Cors {
    Json origin = kEveryOrigin;
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
    if (!setting.is_object()) {
        throw SamProblem::resource(source.id, "Invalid value for 'Cors' property");
    }
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
            throw SamProblem::resource(source.id, "Invalid value for 'Cors' property");
    }
    return cors;
}

/// The methods of a path as the header lists them: "'GET,OPTIONS'".
std::string methods_of(const Json& item) {
    if (item.contains(kAnyMethod)) return "'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT'";
    std::set<std::string> names = {"OPTIONS"};
    for (const auto& [name, method] : item.items()) {
        std::string upper = name;
        for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        names.insert(upper);
    }
    return fmt::format("'{}'", fmt::join(names, ","));
}

Json preflight(const Cors& cors, const Json& methods) {
    Json parameters = Json::object();
    Json headers = Json::object();
    const auto add = [&](const std::string& name, const Json& value, const char* type) {
        parameters["method.response.header.Access-Control-" + name] = value;
        headers["Access-Control-" + name] = Json{{"type", type}};
    };
    if (is_truthy(&cors.headers)) add("Allow-Headers", cors.headers, "string");
    if (is_truthy(&methods)) add("Allow-Methods", methods, "string");
    add("Allow-Origin", cors.origin, "string");
    if (!cors.max_age.is_null()) add("Max-Age", cors.max_age, "integer");
    if (cors.credentials) add("Allow-Credentials", "'true'", "string");
    Json answer = {{"statusCode", "200"},
                   {"responseParameters", std::move(parameters)},
                   {"responseTemplates", {{"application/json", "{}\n"}}}};
    Json integration = {
        {"type", "mock"},
        {"requestTemplates", {{"application/json", "{\n  \"statusCode\" : 200\n}\n"}}},
        {"responses", {{"default", std::move(answer)}}}};
    return Json{{"summary", "CORS support"},
                {"consumes", Json::array({"application/json"})},
                {"produces", Json::array({"application/json"})},
                {kIntegration, std::move(integration)},
                {"responses",
                 {{"200",
                   {{"description", "Default response for CORS method"},
                    {"headers", std::move(headers)}}}}}};
}

}  // namespace

void add_cors(const Source& source, const Json& setting, Json& body) {
    const Cors cors = read_cors(source, setting);
    if (!is_swagger(&body)) {
        throw SamProblem::resource(
            source.id,
            "Unable to add Cors configuration because 'DefinitionBody' does not contain a valid "
            "Swagger definition.");
    }
    if (cors.credentials && cors.origin == kEveryOrigin) {
        throw SamProblem::resource(source.id,
                                   "Unable to add Cors configuration because "
                                   "'AllowCredentials' can not be true when "
                                   "'AllowOrigin' is \"'*'\" or not set");
    }
    check_paths(body);
    for (auto& [path, entry] : body["paths"].items()) {
        // The branches of one path share the list of methods: that of the first.
        Json methods = cors.methods;
        for (Json* item : path_items(body, path)) {
            if (item->contains("options")) continue;
            if (!is_truthy(&cors.origin)) {
                throw SamProblem::resource(source.id,
                                           "Structure of the SAM template is invalid. Invalid "
                                           "input. Value for AllowedOrigins is required");
            }
            if (!is_truthy(&methods)) methods = methods_of(*item);
            (*item)["options"] = preflight(cors, methods);
        }
    }
}

}  // namespace skafu::cloudformation::sam
