#include "cloudformation/sam/http_api.h"

#include "cloudformation/sam/api_body.h"
#include "cloudformation/sam/api_domain.h"
#include "cloudformation/sam/function.h"
#include "cloudformation/sam/http_api_auth.h"
#include "cloudformation/sam/implicit_api.h"
#include "cloudformation/sam/schema.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr const char* kDefaultRoute = "$default";

class HttpApi {
  public:
    HttpApi(Context& context, const Source& source) : context_(context), source_(source) {}

    void translate() {
        check_properties(source_);
        source_.properties.erase(std::string(kManaged));
        for (const std::string name : {"CorsConfiguration", "Domain"}) {
            if (const Json* value = source_.find(name)) {
                source_.properties[name] = context_.resolve(*value);
            }
        }
        if (source_.is_set("DefinitionUri") && source_.is_set("DefinitionBody")) {
            throw problem(
                "Specify either 'DefinitionUri' or 'DefinitionBody' property and not both.");
        }
        if (source_.is_set("DefinitionBody")) body_ = *source_.find("DefinitionBody");
        if (source_.is_set("PropagateTags") && source_.is_set("Tags")) {
            Json tags = *source_.find("Tags");
            tags["httpapi:createdBy"] = "SAM";
            context_.propagate_tags(std::move(tags));
        }
        Json api = make_api();
        if (const Json* domain = source_.find("Domain")) {
            add_domain_v2(context_, source_, *domain, tags_);
        }
        if (const Json* auth = source_.find("Auth")) {
            add_http_authorizer_permissions(context_, source_, *auth);
        }
        add_stage();
        context_.add(
            source_.id, source_.id,
            make_resource("AWS::ApiGatewayV2::Api", std::move(api), source_.main_attributes()));
        context_.propagate_tags(Json());
    }

  private:
    SamProblem problem(const std::string& why) const {
        return SamProblem::resource(source_.id, why);
    }

    Json make_api() {
        Json api = Json::object();
        if (source_.is_set("CorsConfiguration")) add_cors(*source_.find("CorsConfiguration"));
        if (source_.is_set("Auth")) {
            if (!is_truthy(&body_)) {
                throw problem(
                    "Auth works only with inline OpenApi specified in the 'DefinitionBody' "
                    "property.");
            }
            add_http_api_auth(context_, source_, *source_.find("Auth"), body_);
        }
        add_tags();
        if (source_.is_set("FailOnWarnings")) {
            copy_members(source_.properties, api, {"FailOnWarnings"});
        }
        if (source_.find("DisableExecuteApiEndpoint") != nullptr) disable_endpoint();
        add_title();
        add_description();
        if (source_.is_set("FailOnWarnings")) rename_default_path();
        if (source_.is_set("DefinitionUri")) {
            api["BodyS3Location"] = s3_location(source_.id, *source_.find("DefinitionUri"),
                                                "DefinitionUri", "Bucket", "Key", "Version");
        } else if (is_truthy(&body_)) {
            api["Body"] = body_;
        } else {
            throw problem(
                "'DefinitionUri' or 'DefinitionBody' are required properties of an "
                "'AWS::Serverless::HttpApi'. Add a value for one of these properties or add a "
                "'HttpApi' event to an 'AWS::Serverless::Function'.");
        }
        return api;
    }

    static std::string lower_first(const std::string& name) {
        std::string result = name;
        result[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(result[0])));
        return result;
    }

    /// The names of CORS settings inside functions begin with a small letter, too.
    static Json with_small_names(const Json& value) {
        if (value.is_array()) {
            Json result = Json::array();
            for (const Json& item : value) result.push_back(with_small_names(item));
            return result;
        }
        if (!value.is_object()) return value;
        Json result = Json::object();
        for (const auto& [name, member] : value.items()) {
            const bool setting =
                name.starts_with("Allow") || name == "ExposeHeaders" || name == "MaxAge";
            result[setting ? lower_first(name) : name] = with_small_names(member);
        }
        return result;
    }

    void add_cors(const Json& setting) {
        if (!is_truthy(&body_)) {
            throw problem(
                "Cors works only with inline OpenApi specified in 'DefinitionBody' property.");
        }
        Json cors = Json::object();
        if (setting.is_boolean()) {
            cors["allowOrigins"] = Json::array({"*"});
        } else if (is_function(setting)) {
            cors = with_small_names(setting);
        } else {
            cors = explicit_cors(setting);
        }
        if (!is_openapi_3(&body_)) {
            throw problem(
                "Unable to add Cors configuration because 'DefinitionBody' does not contain a "
                "valid OpenApi definition.");
        }
        constexpr const char* name = "x-amazon-apigateway-cors";
        if (body_.contains(name) && !body_[name].is_object()) {
            throw SamProblem::document(
                fmt::format("Value of '{}' must be a dictionary according to Swagger spec.", name));
        }
        if (!body_.contains(name)) body_[name] = Json::object();
        for (const auto& [key, value] : cors.items()) body_[name][key] = value;
    }

    Json explicit_cors(const Json& setting) const {
        Json cors = Json::object();
        for (const auto& [name, value] : setting.items()) {
            constexpr std::string_view known[] = {"AllowMethods",  "AllowHeaders",
                                                  "AllowOrigins",  "MaxAge",
                                                  "ExposeHeaders", "AllowCredentials"};
            if (std::find(std::begin(known), std::end(known), name) == std::end(known)) {
                throw problem(fmt::format("Invalid key '{}' for 'Cors' property.", name));
            }
            const bool wanted = name == "AllowCredentials" ? value == true
                                : name == "MaxAge"         ? !value.is_null()
                                                           : is_truthy(&value);
            if (wanted) cors[lower_first(name)] = value;
        }
        if (cors.contains("allowCredentials") && given(setting, "AllowOrigins") != nullptr &&
            setting["AllowOrigins"] == Json::array({"*"})) {
            throw problem(
                "Unable to add Cors configuration because 'AllowCredentials' can not be true when "
                "'AllowOrigin' is \"'*'\" or not set.");
        }
        const Json* origins = given(setting, "AllowOrigins");
        // Origins that only CloudFormation knows stand for the whole configuration.
        if (origins != nullptr && is_function(*origins)) return with_small_names(*origins);
        return cors;
    }

    void add_tags() {
        const Json* own = source_.find("Tags");
        if (is_truthy(own) && !is_truthy(&body_)) {
            throw problem(
                "Tags works only with inline OpenApi specified in the 'DefinitionBody' property.");
        }
        if (own != nullptr) tags_ = *own;
        if (!is_openapi_3(&body_)) {
            if (is_truthy(own)) {
                throw problem(
                    "Unable to add `Tags` because 'DefinitionBody' does not contain a valid "
                    "OpenApi definition.");
            }
            return;
        }
        if (!tags_.is_object()) tags_ = Json::object();
        tags_["httpapi:createdBy"] = "SAM";
        if (given(body_, "tags") == nullptr) body_["tags"] = Json::array();
        Json& list = body_["tags"];
        if (!list.is_array()) {
            throw SamProblem::document(
                fmt::format("Tags in OpenApi DefinitionBody needs to be a list. {} is a {} not a "
                            "list.",
                            printed(list), python_type(list)));
        }
        constexpr const char* value_name = "x-amazon-apigateway-tag-value";
        for (const auto& [name, value] : tags_.items()) {
            const auto known = std::find_if(list.begin(), list.end(), [&](const Json& tag) {
                return string_member(tag, "name") == name;
            });
            if (known != list.end())
                (*known)[value_name] = value;
            else
                list.push_back(Json{{"name", name}, {value_name, value}});
        }
    }

    void disable_endpoint() {
        if (!is_truthy(&body_)) {
            throw problem("DisableExecuteApiEndpoint works only within 'DefinitionBody' property.");
        }
        if (!body_.contains("servers")) body_["servers"] = Json::array({Json::object()});
        for (Json& server : body_["servers"]) {
            if (!server.is_object()) {
                throw SamProblem::document(
                    "Value of 'servers' item must be a dictionary according to Swagger spec.");
            }
            server["x-amazon-apigateway-endpoint-configuration"]["disableExecuteApiEndpoint"] =
                *source_.find("DisableExecuteApiEndpoint");
        }
    }

    const Json* info(std::string_view name) const {
        const Json* info = given(body_, "info");
        return info == nullptr ? nullptr : given(*info, name);
    }

    void add_title() {
        if (!source_.is_set("Name")) return;
        if (!is_truthy(&body_)) {
            throw problem(
                "Name works only with inline OpenApi specified in the 'DefinitionBody' property.");
        }
        const Json* title = info("title");
        if (title == nullptr || *title != ref_to("AWS::StackName")) {
            throw problem(
                "Unable to set Name because it is already defined within inline OpenAPI specified "
                "in the 'DefinitionBody' property.");
        }
        body_["info"]["title"] = *source_.find("Name");
    }

    void add_description() {
        if (!source_.is_set("Description")) return;
        if (!is_truthy(&body_)) {
            throw problem(
                "Description works only with inline OpenApi specified in the 'DefinitionBody' "
                "property.");
        }
        if (is_truthy(info("description"))) {
            throw problem(
                "Unable to set Description because it is already defined within inline OpenAPI "
                "specified in the 'DefinitionBody' property.");
        }
        body_["info"]["description"] = *source_.find("Description");
    }

    /// "$default" is no path to a strict import: "/$default" is.
    void rename_default_path() {
        const Json* paths = given(body_, "paths");
        if (paths == nullptr || !paths->is_object() || !paths->contains(kDefaultRoute)) return;
        Json renamed = Json::object();
        for (const auto& [path, item] : paths->items()) {
            if (path != kDefaultRoute) renamed[path] = item;
        }
        renamed["/$default"] = (*paths)[kDefaultRoute];
        body_["paths"] = std::move(renamed);
    }

    void add_stage() {
        const Json* own = source_.find("StageName");
        const Json name = is_truthy(own) ? *own : Json(kDefaultRoute);
        Json stage = {{"ApiId", ref_to(source_.id)}, {"StageName", name}, {"AutoDeploy", true}};
        copy_members(
            source_.properties, stage,
            {"StageVariables", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings"});
        if (!tags_.is_null()) stage["Tags"] = tags_;
        const std::string text = name.is_string() ? name.get<std::string>() : "";
        std::string id = is_alphanumeric(text) ? source_.id + text + "Stage"
                                               : id_with_suffix(source_.id + "Stage", text);
        if (text == kDefaultRoute) id = source_.id + "ApiGatewayDefaultStage";
        context_.add(
            source_.id, id,
            make_resource("AWS::ApiGatewayV2::Stage", std::move(stage), source_.attributes()));
        context_.note_reference(source_.id, "Stage", id);
    }

    Context& context_;
    Source source_;
    Json body_;
    Json tags_;
};

}  // namespace

void translate_http_api(Context& context, Source source) {
    HttpApi(context, source).translate();
}

}  // namespace skafu::cloudformation::sam
