#include "cloudformation/sam/api.h"

#include "cloudformation/sam/api_auth.h"
#include "cloudformation/sam/api_body.h"
#include "cloudformation/sam/api_cors.h"
#include "cloudformation/sam/api_domain.h"
#include "cloudformation/sam/function.h"
#include "cloudformation/sam/implicit_api.h"
#include "cloudformation/sam/schema.h"
#include "cloudformation/sam/usage_plan.h"
#include "core/digest.h"
#include "core/text.h"

namespace skafu::cloudformation::sam {
namespace {

class Api {
  public:
    Api(Context& context, const Source& source) : context_(context), source_(source) {}

    void translate() {
        check_properties(source_);
        resolve_properties();
        check();
        if (source_.is_set("PropagateTags") && source_.is_set("Tags")) {
            context_.propagate_tags(*source_.find("Tags"));
        }
        Json rest_api = properties();
        if (source_.is_set("DefinitionBody")) body_ = *source_.find("DefinitionBody");
        edit();
        if (source_.is_set("DefinitionUri")) {
            rest_api["BodyS3Location"] = s3_location(source_.id, *source_.find("DefinitionUri"),
                                                     "DefinitionUri", "Bucket", "Key", "Version");
        } else if (is_truthy(&body_)) {
            postprocess();
            rest_api["Body"] = body_;
        }
        const Json* domain = source_.find("Domain");
        if (domain != nullptr) add_domain(context_, source_, *domain);
        const std::string stage = add_stage(add_deployment(rest_api));
        if (const Json* auth = source_.find("Auth")) {
            add_authorizer_permissions(context_, source_, *auth);
            add_usage_plan(context_, source_, *auth, stage);
        }
        context_.add(source_.id, source_.id,
                     make_resource("AWS::ApiGateway::RestApi", std::move(rest_api),
                                   source_.main_attributes()));
        context_.propagate_tags(Json());
    }

  private:
    SamProblem problem(const std::string& why) const {
        return SamProblem::resource(source_.id, why);
    }

    /// Of these the translator looks inside.
    void resolve_properties() {
        source_.properties.erase(std::string(kManaged));
        for (const std::string name : {"BinaryMediaTypes", "Domain", "Auth"}) {
            if (const Json* value = source_.find(name)) {
                source_.properties[name] = context_.resolve(*value);
            }
        }
        for (const std::string name : {"Domain", "Auth"}) {
            if (const Json* value = source_.find(name)) expect_map(source_.id, *value, name);
        }
    }

    void check() const {
        if (is_empty_text(source_.properties["StageName"]))
            throw problem("StageName cannot be empty.");
        const bool by_uri = source_.is_set("DefinitionUri");
        if (by_uri && source_.is_set("DefinitionBody")) {
            throw problem(
                "Specify either 'DefinitionUri' or 'DefinitionBody' property and not both.");
        }
        if (by_uri && source_.is_set("MergeDefinitions")) {
            throw problem("Cannot set 'MergeDefinitions' to True when using `DefinitionUri`.");
        }
        const Json* version = source_.find("OpenApiVersion");
        if (!is_truthy(version)) return;
        const std::string text = printed(*version);
        const bool known =
            is_version_3(*version) || (text.starts_with('2') && is_version_3("3" + text.substr(1)));
        if (!known) throw problem("The OpenApiVersion value must be of the format '3.0.0'.");
    }

    Json properties() const {
        Json rest_api = Json::object();
        copy_members(source_.properties, rest_api,
                     {"Name", "Description", "MinimumCompressionSize", "Mode", "ApiKeySourceType",
                      "Policy", "SecurityPolicy", "EndpointAccessMode", "BinaryMediaTypes"});
        if (source_.is_set("FailOnWarnings")) {
            rest_api["FailOnWarnings"] = source_.properties["FailOnWarnings"];
        }
        if (source_.is_set("EndpointConfiguration")) add_endpoint(rest_api);
        return rest_api;
    }

    void add_endpoint(Json& rest_api) const {
        const Json& endpoint = *source_.find("EndpointConfiguration");
        Json type = endpoint;
        Json configuration = Json::object();
        if (endpoint.is_object() && is_truthy(endpoint, "Type")) type = endpoint["Type"];
        configuration["Types"] = Json::array({type});
        if (endpoint.is_object() && is_truthy(endpoint, "Type")) {
            if (endpoint.contains("VPCEndpointIds") && endpoint.contains("VpcEndpointIds")) {
                throw problem(
                    "'VPCEndpointIds' and 'VpcEndpointIds' cannot be used together in "
                    "EndpointConfiguration.");
            }
            for (const std::string_view name : {"VPCEndpointIds", "VpcEndpointIds"}) {
                if (const Json* ids = given(endpoint, name)) configuration["VpcEndpointIds"] = *ids;
            }
            copy_members(endpoint, configuration, {"IpAddressType"});
        }
        rest_api["Parameters"] = Json{{"endpointConfigurationTypes", type}};
        rest_api["EndpointConfiguration"] = std::move(configuration);
    }

    /// A setting that goes into the document needs one that the template holds.
    bool needs_body(std::string_view name, const std::string& what) const {
        if (!source_.is_set(name)) return false;
        if (!is_truthy(&body_)) {
            throw problem(fmt::format(
                "{} works only with inline Swagger specified in 'DefinitionBody' property.", what));
        }
        return true;
    }

    void check_swagger(const std::string& what) const {
        if (is_swagger(&body_)) return;
        throw problem(
            fmt::format("Unable to add {} because 'DefinitionBody' does not contain a "
                        "valid Swagger definition.",
                        what));
    }

    void edit() {
        if (needs_body("Cors", "Cors")) add_cors(source_, *source_.find("Cors"), body_);
        if (needs_body("Auth", "Auth")) {
            add_api_auth(context_, source_, *source_.find("Auth"), body_);
            postprocess();
        }
        if (needs_body("GatewayResponses", "GatewayResponses")) add_gateway_responses();
        add_media_types();
        if (needs_body("Models", "Models")) {
            add_models(*source_.find("Models"));
            postprocess();
        }
        if (source_.find("DisableExecuteApiEndpoint") != nullptr) disable_endpoint();
    }

    void disable_endpoint() {
        if (!is_truthy(&body_)) {
            throw problem("DisableExecuteApiEndpoint works only within 'DefinitionBody' property.");
        }
        if (!is_swagger(&body_)) throw SamProblem::document("Invalid Swagger document");
        const Json& off = *source_.find("DisableExecuteApiEndpoint");
        constexpr const char* name = "x-amazon-apigateway-endpoint-configuration";
        if (!is_truthy(body_, "openapi") || !is_version_3(body_["openapi"])) {
            body_[name]["disableExecuteApiEndpoint"] = off;
            return;
        }
        if (!body_.contains("servers")) body_["servers"] = Json::array({Json::object()});
        for (Json& server : body_["servers"]) server[name]["disableExecuteApiEndpoint"] = off;
    }

    Json gateway_response(const std::string& type, const Json& response) const {
        Json entry = {{"responseParameters", Json::object()},
                      {"responseTemplates", Json::object()}};
        const Json* parameters = given(response, "ResponseParameters");
        if (is_truthy(parameters)) {
            expect_map(source_.id, *parameters,
                       fmt::format("GatewayResponses.{}.ResponseParameters", type));
            constexpr std::pair<std::string_view, std::string_view> places[] = {
                {"Headers", "header"}, {"Paths", "path"}, {"QueryStrings", "querystring"}};
            for (const auto& [name, value] : parameters->items()) {
                if (name == "Headers" || name == "Paths" || name == "QueryStrings") continue;
                throw problem(fmt::format("Invalid gateway response parameter '{}'", name));
            }
            for (const auto& [name, place] : places) {
                const Json* values = find_member(*parameters, name);
                if (values == nullptr) continue;
                expect_map(source_.id, *values, fmt::format("ResponseParameters.{}", name));
                for (const auto& [key, value] : values->items()) {
                    entry["responseParameters"][fmt::format("gatewayresponse.{}.{}", place, key)] =
                        value;
                }
            }
        }
        if (is_truthy(response, "ResponseTemplates")) {
            entry["responseTemplates"] = response["ResponseTemplates"];
        }
        const Json* status = given(response, "StatusCode");
        if (!is_truthy(status)) return entry;
        const std::string text = printed(*status);
        const bool numeric =
            text.size() <= 3 && text.find_first_not_of("0123456789") == std::string::npos;
        if (!numeric) throw problem("Property 'StatusCode' must be numeric");
        entry["statusCode"] = text;
        return entry;
    }

    void add_gateway_responses() {
        const Json& responses = *source_.find("GatewayResponses");
        for (const auto& [type, response] : responses.items()) {
            if (is_function(response)) {
                throw problem(
                    "Unable to set GatewayResponses attribute because intrinsic functions are not "
                    "supported for this field.");
            }
            if (!response.is_object()) {
                throw problem(
                    fmt::format("Invalid property type '{}' for GatewayResponses. Expected an "
                                "object of type 'GatewayResponse'.",
                                python_type(response)));
            }
            for (const auto& [name, value] : response.items()) {
                if (name == "ResponseParameters" || name == "ResponseTemplates" ||
                    name == "StatusCode") {
                    continue;
                }
                throw problem(fmt::format(
                    "Invalid property '{}' in 'GatewayResponses' property '{}'.", name, type));
            }
        }
        check_swagger("Auth configuration");
        check_paths(body_);
        for (const auto& [type, response] : responses.items()) {
            body_["x-amazon-apigateway-gateway-responses"][type] = gateway_response(type, response);
        }
    }

    /// "~1" stands for "/" in media types, wherever they stand.
    static Json with_slashes(const Json& value) {
        if (value.is_string()) {
            std::string text = value.get<std::string>();
            for (std::size_t at = text.find("~1"); at != std::string::npos; at = text.find("~1")) {
                text.replace(at, 2, "/");
            }
            return text;
        }
        if (!value.is_structured()) return value;
        Json result = value;
        for (Json& member : result) member = with_slashes(member);
        return result;
    }

    void add_media_types() {
        if (!source_.is_set("BinaryMediaTypes") || !is_truthy(&body_)) return;
        if (!is_swagger(&body_)) throw SamProblem::document("Invalid Swagger document");
        body_["x-amazon-apigateway-binary-media-types"] =
            with_slashes(*source_.find("BinaryMediaTypes"));
    }

    void add_models(const Json& models) {
        check_swagger("Models definitions");
        for (const auto& [name, schema] : models.items()) {
            if (!schema.is_object()) throw problem("Invalid value for 'Models' property");
        }
        for (const auto& [name, schema] : models.items()) {
            for (const std::string_view part : {"type", "properties"}) {
                if (is_truthy(schema, part)) continue;
                throw SamProblem::document(fmt::format("'Models' schema is missing '{}'.", part));
            }
            body_["definitions"][lower_case(name)] = schema;
        }
    }

    /// Moves what Swagger 2 has in a document of OpenAPI 3 to where that has it.
    void postprocess() {
        if (!body_.is_object() || given(body_, "swagger") != nullptr) return;
        if (!source_.is_set("OpenApiVersion") && given(body_, "openapi") != nullptr) {
            source_.properties["OpenApiVersion"] = body_["openapi"];
            own_version_ = true;
        }
        if (!source_.is_set("OpenApiVersion")) return;
        if (!is_version_3(source_.properties["OpenApiVersion"])) return;
        const auto move = [&](const char* from, const char* to) {
            if (!is_truthy(body_, from)) return;
            if (!is_truthy(body_, "components")) body_["components"] = Json::object();
            body_["components"][to] = body_[from];
            body_.erase(from);
        };
        move("securityDefinitions", "securitySchemes");
        move("definitions", "schemas");
        if (!is_truthy(body_, "paths")) return;
        if (!body_["paths"].is_object()) {
            throw SamProblem::document(
                "Value of paths must be a dictionary according to Swagger spec.");
        }
        for (auto& [path, item] : body_["paths"].items()) {
            if (!item.is_object()) {
                throw SamProblem::document(fmt::format(
                    "Value of '{}' path must be a dictionary according to Swagger spec.", path));
            }
            if (is_truthy(item, "options")) postprocess_options(path, item["options"]);
        }
    }

    static void postprocess_options(const std::string& path, Json& options) {
        if (!options.is_object()) {
            throw SamProblem::document(
                fmt::format("Value of options method for path {} must be a dictionary according to "
                            "Swagger spec.",
                            path));
        }
        options.erase("produces");
        options.erase("consumes");
        if (!options.contains("responses")) return;
        Json& responses = options["responses"];
        const auto not_map = [&](const std::string& what) {
            return SamProblem::document(
                fmt::format("Invalid responses in options method for path {}: {}.", path, what));
        };
        if (!responses.is_object()) throw not_map("It should be a map");
        if (given(responses, "200") == nullptr) return;
        if (!responses["200"].is_object()) {
            throw not_map("The value of '200' should be a map");
        }
        if (!is_truthy(responses["200"], "headers")) return;
        Json& headers = responses["200"]["headers"];
        if (!headers.is_object()) {
            throw SamProblem::document(
                fmt::format("Value of response's headers in options method for path {} must be a "
                            "dictionary according to Swagger spec.",
                            path));
        }
        for (auto& [name, header] : headers.items()) {
            Json schema = Json{{"schema", header}};
            header = std::move(schema);
        }
    }

    std::string add_deployment(const Json& rest_api) {
        const Json& content = rest_api.contains("Body")
                                  ? rest_api["Body"]
                                  : rest_api.value("BodyS3Location", Json::object());
        const std::string digest = digest::hex(digest::sha1(canonical_text(content)));
        Json deployment = {{"RestApiId", ref_to(source_.id)}};
        std::string id = source_.id + "Deployment";
        if (!content.empty()) {
            id += digest.substr(0, 10);
            deployment["Description"] = "RestApi deployment id: " + digest;
        }
        if (own_version_ || !source_.is_set("OpenApiVersion")) deployment["StageName"] = "Stage";
        context_.add(source_.id, id,
                     make_resource("AWS::ApiGateway::Deployment", std::move(deployment),
                                   source_.attributes()));
        context_.note_reference(source_.id, "Deployment", id);
        return id;
    }

    std::string add_stage(const std::string& deployment) {
        const Json& name = *source_.find("StageName");
        Json stage = {{"RestApiId", ref_to(source_.id)},
                      {"DeploymentId", ref_to(deployment)},
                      {"StageName", name}};
        copy_members(source_.properties, stage,
                     {"CacheClusterEnabled", "CacheClusterSize", "Variables", "MethodSettings",
                      "AccessLogSetting", "CanarySetting", "TracingEnabled"});
        if (const Json* tags = source_.find("Tags")) stage["Tags"] = tag_list("", tags);
        const std::string text = name.is_string() ? name.get<std::string>() : "";
        const std::string id = is_alphanumeric(text) ? source_.id + text + "Stage"
                                                     : id_with_suffix(source_.id + "Stage", text);
        context_.add(
            source_.id, id,
            make_resource("AWS::ApiGateway::Stage", std::move(stage), source_.attributes()));
        context_.note_reference(source_.id, "Stage", id);
        return id;
    }

    Context& context_;
    Source source_;
    Json body_;
    bool own_version_ = false;  ///< the document, not the template, says its version
};

}  // namespace

void translate_api(Context& context, Source source) {
    Api(context, source).translate();
}

}  // namespace skafu::cloudformation::sam
