#include "cloudformation/sam/websocket_api.h"

#include "cloudformation/sam/api_auth.h"
#include "cloudformation/sam/api_domain.h"
#include "cloudformation/sam/schema.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr const char* kCreatedBy = "websocketapi:createdBy";
// Not "$default": that is a route.
constexpr const char* kDefaultStage = "default";

std::string capitalized(std::string text) {
    text = lower_case(std::move(text));
    if (!text.empty()) {
        text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    }
    return text;
}

Json invocation_uri(const std::string& variable, const Json& function_arn) {
    return sub(fmt::format("arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/"
                           "2015-03-31/functions/${{{}}}/invocations",
                           variable),
               Json{{variable, function_arn}});
}

class WebSocketApi {
  public:
    WebSocketApi(Context& context, const Source& source) : context_(context), source_(source) {}

    void translate() {
        check_properties(source_);
        if (const Json* domain = source_.find("Domain")) {
            source_.properties["Domain"] = context_.resolve(*domain);
        }
        check();
        if (source_.is_set("PropagateTags") && source_.is_set("Tags")) {
            Json tags = *source_.find("Tags");
            tags[kCreatedBy] = "SAM";
            context_.propagate_tags(std::move(tags));
        }
        Json api = make_api();
        if (const Json* domain = source_.find("Domain")) {
            add_domain_v2(context_, source_, *domain, Json{{kCreatedBy, "SAM"}});
        }
        add_stage();
        for (const auto& [key, route] : source_.find("Routes")->items()) add_route(key, route);
        context_.add(
            source_.id, source_.id,
            make_resource("AWS::ApiGatewayV2::Api", std::move(api), source_.main_attributes()));
        context_.propagate_tags(Json());
    }

  private:
    SamProblem problem(const std::string& why) const {
        return SamProblem::resource(source_.id, why);
    }

    void check() const {
        if (!source_.is_set("Routes")) {
            throw problem("WebSocket API must have at least one route.");
        }
        const Json* kind = source_.find("IpAddressType");
        if (kind != nullptr && !is_function(*kind) && *kind != "ipv4" && *kind != "dualstack") {
            throw problem("IpAddressType must be 'ipv4' or 'dualstack'.");
        }
        const Json* domain = source_.find("Domain");
        if (domain != nullptr && is_truthy(*domain, "MutualTlsAuthentication")) {
            throw problem(
                "Mutual TLS domain name association is not supported for Websocket APIs.");
        }
        if (source_.is_set("Auth") && !source_.find("Routes")->contains("$connect")) {
            throw problem("Authorization is only available if there is a $connect route.");
        }
    }

    Json make_api() const {
        Json api = Json::object();
        copy_members(
            source_.properties, api,
            {"ApiKeySelectionExpression", "Description", "DisableExecuteApiEndpoint",
             "DisableSchemaValidation", "IpAddressType", "Name", "RouteSelectionExpression"});
        if (!api.contains("Name")) api["Name"] = source_.id;
        api["ProtocolType"] = "WEBSOCKET";
        const Json* own = source_.find("Tags");
        Json tags = own == nullptr ? Json::object() : *own;
        tags[kCreatedBy] = "SAM";
        api["Tags"] = std::move(tags);
        return api;
    }

    Json stage_name() const {
        const Json* name = source_.find("StageName");
        return name == nullptr ? Json(kDefaultStage) : *name;
    }

    void add_stage() {
        const Json name = stage_name();
        if (name == "$default")
            throw problem("Stages cannot be named $default for WebSocket APIs.");
        Json stage = {{"ApiId", ref_to(source_.id)}, {"StageName", name}, {"AutoDeploy", true}};
        copy_members(
            source_.properties, stage,
            {"StageVariables", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings"});
        stage["Tags"] = Json{{kCreatedBy, "SAM"}};
        Json attributes = source_.attributes();
        if (source_.is_set("RouteSettings")) {
            Json routes = Json::array();
            for (const auto& [key, route] : source_.find("Routes")->items()) {
                routes.push_back(route_base(key) + "Route");
            }
            attributes["DependsOn"] = std::move(routes);
        }
        std::string id = source_.id + "DefaultStage";
        if (name != kDefaultStage) {
            id = source_.id + (name.is_string() ? name.get<std::string>() : "") + "Stage";
        }
        context_.add(source_.id, id,
                     make_resource("AWS::ApiGatewayV2::Stage", std::move(stage), attributes));
        context_.note_reference(source_.id, "Stage", id);
    }

    std::string route_base(const std::string& key) const {
        if (key == "$connect" || key == "$disconnect" || key == "$default") {
            return source_.id + capitalized(key.substr(1));
        }
        if (!is_alphanumeric(key)) {
            throw problem(
                fmt::format("Route key '{}' must be alphanumeric. Only $connect, $disconnect, and "
                            "$default special routes are supported.",
                            key));
        }
        return source_.id + capitalized(key);
    }

    void add_route(const std::string& key, const Json& settings) {
        const std::string base = route_base(key);
        Json route = {{"RouteKey", key}, {"ApiId", ref_to(source_.id)}};
        copy_members(settings, route,
                     {"ApiKeyRequired", "ModelSelectionExpression", "OperationName",
                      "RequestModels", "RouteResponseSelectionExpression"});
        if (is_truthy(settings, "RequestParameters")) {
            if (key != "$connect") {
                throw problem(
                    "Request parameters are only supported for the $connect route in WebSocket "
                    "APIs.");
            }
            route["RequestParameters"] = settings["RequestParameters"];
        }
        route["Target"] =
            Json{{"Fn::Join",
                  Json::array({"/", Json::array({"integrations", ref_to(base + "Integration")})})}};
        add_auth(key, route);
        const Json attributes = source_.attributes();
        context_.add(source_.id, base + "Route",
                     make_resource("AWS::ApiGatewayV2::Route", std::move(route), attributes));
        const Json* function = given(settings, "FunctionArn");
        if (function == nullptr) throw problem("Route must have associated function.");
        Json integration = {{"ApiId", ref_to(source_.id)},
                            {"IntegrationType", "AWS_PROXY"},
                            {"IntegrationUri", invocation_uri("FunctionArn", *function)}};
        if (const Json* timeout = given(settings, "IntegrationTimeout")) {
            integration["TimeoutInMillis"] = *timeout;
        }
        context_.add(
            source_.id, base + "Integration",
            make_resource("AWS::ApiGatewayV2::Integration", std::move(integration), attributes));
        const Json stage = stage_name();
        Json arn =
            sub(fmt::format("arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:"
                            "${{AWS::AccountId}}:${{{}.ApiId}}/{}/{}",
                            source_.id, printed(stage), key));
        Json permission = {{"Action", "lambda:InvokeFunction"},
                           {"FunctionName", *function},
                           {"Principal", "apigateway.amazonaws.com"},
                           {"SourceArn", std::move(arn)}};
        context_.add(source_.id, base + "Permission",
                     make_resource("AWS::Lambda::Permission", std::move(permission), attributes));
    }

    std::string checked_auth_type(const Json& auth) const {
        const Json* type = given(auth, "AuthType");
        if (!is_truthy(type)) {
            throw problem("AuthType must be specified for additional auth configurations.");
        }
        std::string upper = printed(*type);
        for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        if (upper != "NONE" && upper != "AWS_IAM" && upper != "CUSTOM") {
            throw problem("AuthType is not one of AWS_IAM, CUSTOM or NONE.");
        }
        if (upper == "CUSTOM" && !is_truthy(auth, "AuthArn")) {
            throw problem("AuthArn must be specified if AuthType is CUSTOM.");
        }
        if (upper != "CUSTOM" && auth.size() > 1) {
            throw problem(
                fmt::format("No additional configurations supported for AuthType {}.", upper));
        }
        return printed(*type);
    }

    void add_auth(const std::string& key, Json& route) {
        if (!source_.is_set("Auth")) return;
        const Json& auth = *source_.find("Auth");
        const std::string type = checked_auth_type(auth);
        if (key != "$connect") return;
        route["AuthorizationType"] = type == "CUSTOM" || type == "AWS_IAM" ? type : "NONE";
        if (type != "CUSTOM") return;
        const std::string id = source_.id + "ConnectAuthorizer";
        route["AuthorizerId"] = ref_to(id);
        Json authorizer = {{"ApiId", ref_to(source_.id)},
                           {"AuthorizerType", "REQUEST"},
                           {"AuthorizerUri", invocation_uri("AuthArn", auth["AuthArn"])},
                           {"Name", is_truthy(auth, "Name") ? auth["Name"] : Json(id)}};
        copy_members(auth, authorizer, {"IdentitySource"});
        if (const Json* role = given(auth, "InvokeRole")) {
            authorizer["AuthorizerCredentialsArn"] = *role;
        }
        context_.add(source_.id, id,
                     make_resource("AWS::ApiGatewayV2::Authorizer", std::move(authorizer),
                                   source_.attributes()));
        if (is_truthy(auth, "InvokeRole")) return;
        add_authorizer_permission(context_, source_, source_.id + "AuthorizerPermission",
                                  auth["AuthArn"], "${AWS::Partition}");
    }

    Context& context_;
    Source source_;
};

}  // namespace

void translate_websocket_api(Context& context, Source source) {
    WebSocketApi(context, source).translate();
}

}  // namespace skafu::cloudformation::sam
