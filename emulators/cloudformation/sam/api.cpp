#include "cloudformation/sam/api.h"

#include "cloudformation/sam/api_auth.h"
#include "cloudformation/sam/api_cors.h"
#include "cloudformation/sam/api_domain.h"
#include "cloudformation/sam/function.h"
#include "cloudformation/sam/implicit_api.h"
#include "core/digest.h"

namespace skafu::cloudformation::sam {
namespace {

class Api {
  public:
    Api(Context& context, Source source) : context_(context), source_(source) {}

    void translate() {
        check();
        Json rest_api = properties();
        const Json* body = source_.find("DefinitionBody");
        if (body != nullptr) {
            if (!body->is_object()) {
                throw problem("Property 'DefinitionBody' should be a map.");
            }
            Json edited = *body;
            edit(edited);
            rest_api["Body"] = std::move(edited);
        } else if (const Json* uri = source_.find("DefinitionUri")) {
            if (source_.find("Cors") != nullptr) {
                throw problem(
                    "Cors works only with inline Swagger specified in 'DefinitionBody' "
                    "property.");
            }
            if (source_.find("DisableExecuteApiEndpoint") != nullptr) {
                throw problem(
                    "DisableExecuteApiEndpoint works only within 'DefinitionBody' "
                    "property.");
            }
            rest_api["BodyS3Location"] =
                s3_location(source_.id, *uri, "DefinitionUri", "Bucket", "Key", "Version");
        }
        const std::string deployment = add_deployment(rest_api);
        add_stage(deployment);
        context_.add(source_.id, source_.id,
                     make_resource("AWS::ApiGateway::RestApi", std::move(rest_api),
                                   source_.main_attributes()));
    }

  private:
    SamProblem problem(const std::string& why) const {
        return SamProblem::resource(source_.id, why);
    }

    void check() {
        source_.properties.erase(std::string(kManaged));
        check_names(source_, "AWS::Serverless::Api",
                    {"Name",
                     "StageName",
                     "Tags",
                     "DefinitionBody",
                     "DefinitionUri",
                     "MergeDefinitions",
                     "CacheClusterEnabled",
                     "CacheClusterSize",
                     "Variables",
                     "EndpointConfiguration",
                     "MethodSettings",
                     "BinaryMediaTypes",
                     "MinimumCompressionSize",
                     "Cors",
                     "Auth",
                     "GatewayResponses",
                     "AccessLogSetting",
                     "CanarySetting",
                     "TracingEnabled",
                     "OpenApiVersion",
                     "Models",
                     "Domain",
                     "FailOnWarnings",
                     "Description",
                     "Mode",
                     "DisableExecuteApiEndpoint",
                     "ApiKeySourceType",
                     "AlwaysDeploy",
                     "PropagateTags",
                     "Policy",
                     "SecurityPolicy"});
        const Json* stage = source_.find("StageName");
        if (stage == nullptr) throw problem("Missing required property 'StageName'.");
        if (stage->is_string() && stage->get_ref<const std::string&>().empty()) {
            throw problem("StageName cannot be empty.");
        }
        const Json* strict = source_.find("FailOnWarnings");
        if (strict != nullptr && !strict->is_boolean() && !is_function(*strict)) {
            throw problem("Type of property 'FailOnWarnings' is invalid.");
        }
        if (!stage->is_string() && !is_function(*stage)) {
            throw problem("Type of property 'StageName' is invalid.");
        }
        if (source_.find("DefinitionBody") != nullptr && source_.find("DefinitionUri") != nullptr) {
            throw problem(
                "Specify either 'DefinitionUri' or 'DefinitionBody' property and not "
                "both.");
        }
    }

    Json properties() const {
        Json rest_api = Json::object();
        copy_members(source_.properties, rest_api,
                     {"Name", "Description", "MinimumCompressionSize", "Mode", "FailOnWarnings",
                      "ApiKeySourceType", "Policy"});
        const Json* endpoint = source_.find("EndpointConfiguration");
        if (endpoint == nullptr) return rest_api;
        Json type = *endpoint;
        Json configuration = Json::object();
        if (endpoint->is_object() && !is_function(*endpoint)) {
            type = endpoint->contains("Type") ? (*endpoint)["Type"] : Json();
            if (const Json* ids = find_member(*endpoint, "VPCEndpointIds")) {
                configuration["VpcEndpointIds"] = *ids;
            }
            if (const Json* kind = find_member(*endpoint, "IpAddressType")) {
                configuration["IpAddressType"] = *kind;
            }
        }
        if (!type.is_null()) {
            configuration["Types"] = Json::array({type});
            rest_api["Parameters"] = Json{{"endpointConfigurationTypes", type}};
        }
        rest_api["EndpointConfiguration"] = std::move(configuration);
        return rest_api;
    }

    /// OpenApiVersion 3 turns the translator's own Swagger 2 body into OpenAPI 3.
    void set_version(Json& body) {
        const Json* version = source_.find("OpenApiVersion");
        if (version == nullptr || !version->is_string()) return;
        if (!version->get_ref<const std::string&>().starts_with("3")) return;
        if (!body.contains("swagger")) return;
        body.erase("swagger");
        body["openapi"] = *version;
    }

    void add_gateway_responses(Json& body) {
        const Json* responses = source_.find("GatewayResponses");
        if (responses == nullptr) return;
        if (!responses->is_object()) {
            throw problem("Property 'GatewayResponses' should be a map.");
        }
        Json result = Json::object();
        for (const auto& [type, response] : responses->items()) {
            Json entry = {
                {"responseTemplates", response.value("ResponseTemplates", Json::object())},
                {"responseParameters", Json::object()}};
            if (const Json* status = find_member(response, "StatusCode")) {
                entry["statusCode"] = status->is_string() ? *status : Json(to_text(*status));
            }
            constexpr std::pair<std::string_view, std::string_view> places[] = {
                {"Headers", "header"}, {"Paths", "path"}, {"QueryStrings", "querystring"}};
            const Json parameters = response.value("ResponseParameters", Json::object());
            for (const auto& [name, place] : places) {
                const Json* values = find_member(parameters, name);
                if (values == nullptr) continue;
                for (const auto& [key, value] : values->items()) {
                    entry["responseParameters"][fmt::format("gatewayresponse.{}.{}", place, key)] =
                        value;
                }
            }
            result[type] = std::move(entry);
        }
        body["x-amazon-apigateway-gateway-responses"] = std::move(result);
    }

    /// Paths and methods have to be maps before anything is written into them.
    static void check_paths(const Json& body) {
        const Json* paths = find_member(body, "paths");
        if (paths == nullptr || !paths->is_object() || is_function(*paths)) return;
        for (const auto& [path, item] : paths->items()) {
            if (!item.is_object()) {
                throw SamProblem::document(fmt::format(
                    "Value of '{}' path must be a dictionary according to Swagger spec.", path));
            }
        }
    }

    void edit(Json& body) {
        check_paths(body);
        set_version(body);
        if (const Json* off = source_.find("DisableExecuteApiEndpoint")) {
            body["x-amazon-apigateway-endpoint-configuration"] =
                Json{{"disableExecuteApiEndpoint", *off}};
        }
        add_gateway_responses(body);
        if (const Json* types = source_.find("BinaryMediaTypes")) {
            Json list = Json::array();
            for (const Json& type : *types) {
                if (!type.is_string()) {
                    list.push_back(type);
                    continue;
                }
                std::string text = type.get<std::string>();
                const std::size_t tilde = text.find("~1");
                if (tilde != std::string::npos) text.replace(tilde, 2, "/");
                list.push_back(text);
            }
            body["x-amazon-apigateway-binary-media-types"] = std::move(list);
        }
        if (const Json* cors = source_.find("Cors")) add_cors(source_, *cors, body);
        add_api_auth(context_, source_, body);
        if (const Json* models = source_.find("Models")) {
            for (const auto& [name, schema] : models->items()) {
                std::string lower = name;
                for (char& c : lower) c = static_cast<char>(std::tolower(c));
                body["definitions"][lower] = schema;
            }
        }
    }

    std::string add_deployment(const Json& rest_api) {
        const Json& content = rest_api.contains("Body")
                                  ? rest_api["Body"]
                                  : rest_api.value("BodyS3Location", Json::object());
        const std::string digest = digest::hex(digest::sha1(canonical_text(content)));
        const std::string id = source_.id + "Deployment" + digest.substr(0, 10);
        Json deployment = {{"RestApiId", ref_to(source_.id)},
                           {"Description", "RestApi deployment id: " + digest}};
        if (source_.find("OpenApiVersion") == nullptr) deployment["StageName"] = "Stage";
        context_.add(source_.id, id,
                     make_resource("AWS::ApiGateway::Deployment", std::move(deployment),
                                   source_.attributes()));
        context_.note_reference(source_.id, "Deployment", id);
        return id;
    }

    void add_stage(const std::string& deployment) {
        Json stage = {{"RestApiId", ref_to(source_.id)},
                      {"DeploymentId", ref_to(deployment)},
                      {"StageName", *source_.find("StageName")}};
        copy_members(source_.properties, stage,
                     {"CacheClusterEnabled", "CacheClusterSize", "Variables", "MethodSettings",
                      "AccessLogSetting", "CanarySetting", "TracingEnabled"});
        if (const Json* tags = source_.find("Tags")) stage["Tags"] = tag_list("", tags);
        const std::string id = stage_id(source_.id, *source_.find("StageName"));
        context_.add(
            source_.id, id,
            make_resource("AWS::ApiGateway::Stage", std::move(stage), source_.attributes()));
        context_.note_reference(source_.id, "Stage", id);
        add_domain(context_, source_, id);
    }

    Context& context_;
    Source source_;
};

}  // namespace

std::string stage_id(const std::string& api, const Json& stage_name) {
    if (!stage_name.is_string()) return api + "Stage";
    const std::string name = stage_name.get<std::string>();
    const bool plain =
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
    return plain ? api + name + "Stage" : api + "Stage" + short_digest(name);
}

void translate_api(Context& context, Source source) {
    Api(context, source).translate();
}

}  // namespace skafu::cloudformation::sam
