#include <re2/re2.h>

#include "apigateway/compiled_api.h"
#include "apigateway/gateway_response.h"
#include "core/arn.h"
#include "core/http.h"
#include "core/log.h"

namespace skafu::apigateway {
namespace {

/// "application/json; charset=utf-8" -> "application/json"
std::string_view media_type(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ')) type.remove_suffix(1);
    return type;
}

bool flag(const Json& document, std::string_view name) {
    const Json* value = find_member(document, name);
    return value && value->is_boolean() && value->get<bool>();
}

CompiledTemplate compile_template(const std::string& text) {
    CompiledTemplate compiled;
    if (text.find_first_of("$#\\") == std::string::npos) {
        compiled.is_plain = true;
        compiled.plain = text;
        return compiled;
    }
    try {
        compiled.program = std::make_unique<vtl::Template>(text);
    } catch (const vtl::TemplateError& error) {
        compiled.error = error.what();
    }
    return compiled;
}

IntegrationType integration_type(const std::string& type) {
    if (type == "AWS") return IntegrationType::Aws;
    if (type == "AWS_PROXY") return IntegrationType::AwsProxy;
    if (type == "HTTP") return IntegrationType::Http;
    if (type == "HTTP_PROXY") return IntegrationType::HttpProxy;
    return IntegrationType::Mock;
}

/// A reserved header on the left side of a mapping makes every call fail.
std::string reserved_header(const Integration& integration) {
    static const std::vector<std::string_view> always = {"Content-Length", "Transfer-Encoding"};
    static const std::vector<std::string_view> aws = {"Authorization", "Connection", "Expect",
                                                      "Proxy-Authenticate", "TE"};
    const auto in = [](const std::vector<std::string_view>& names, const std::string& name) {
        return std::any_of(names.begin(), names.end(),
                           [&](std::string_view one) { return iequals(one, name); });
    };
    const bool is_aws =
        integration.type == IntegrationType::Aws || integration.type == IntegrationType::AwsProxy;
    for (const Mapping& mapping : integration.parameters) {
        if (mapping.place != Mapping::Place::Header) continue;
        if (in(always, mapping.name) || (is_aws && in(aws, mapping.name))) return mapping.name;
    }
    return {};
}

IntegrationResponse compile_response(const Json& document) {
    IntegrationResponse response;
    response.status = std::atoi(string_member(document, "statusCode").c_str());
    const std::string pattern = string_member(document, "selectionPattern");
    if (!pattern.empty()) {
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_dot_nl(true);
        response.pattern = std::make_shared<const re2::RE2>(pattern, options);
    }
    response.parameters =
        compile_mappings(find_member(document, "responseParameters"), "method.response.");
    response.templates.compile(find_member(document, "responseTemplates"));
    return response;
}

Integration compile_integration(const Json& document) {
    Integration integration;
    integration.type = integration_type(string_member(document, "type"));
    integration.http_method = string_member(document, "httpMethod");
    integration.uri = string_member(document, "uri");
    integration.uri_has_variables = integration.uri.find('{') != std::string::npos;
    const std::string passthrough = string_member(document, "passthroughBehavior");
    if (passthrough == "NEVER") integration.passthrough = Passthrough::Never;
    if (passthrough == "WHEN_NO_TEMPLATES") integration.passthrough = Passthrough::WhenNoTemplates;
    integration.parameters =
        compile_mappings(find_member(document, "requestParameters"), "integration.request.");
    integration.templates.compile(find_member(document, "requestTemplates"));
    integration.content_handling = string_member(document, "contentHandling");
    const Json* timeout = find_member(document, "timeoutInMillis");
    if (timeout && timeout->is_number()) integration.timeout_ms = timeout->get<int>();
    if (const Json* responses = find_member(document, "integrationResponses")) {
        for (const auto& [status, response] : responses->items()) {
            integration.responses.push_back(compile_response(response));
        }
    }
    for (const IntegrationResponse& response : integration.responses) {
        if (!response.pattern && !integration.fallback) integration.fallback = &response;
    }
    if (!integration.uri_has_variables) integration.target = parse_aws_target(integration.uri);
    integration.bad_header = reserved_header(integration);
    return integration;
}

std::unique_ptr<Authorizer> compile_authorizer(const Json& document) {
    auto authorizer = std::make_unique<Authorizer>();
    authorizer->id = string_member(document, "id");
    const std::string type = string_member(document, "type");
    if (type == "TOKEN") authorizer->kind = Authorizer::Kind::Token;
    if (type == "REQUEST") authorizer->kind = Authorizer::Kind::Request;
    if (const Json* arns = find_member(document, "providerARNs"); arns && arns->is_array()) {
        for (const Json& arn : *arns) {
            const std::string text = arn.is_string() ? arn.get<std::string>() : "";
            authorizer->pools.push_back(text.substr(text.rfind('/') + 1));
        }
    }
    authorizer->function = parse_aws_target(string_member(document, "authorizerUri")).function;
    std::string sources = string_member(document, "identitySource");
    if (sources.empty() && type != "REQUEST") sources = "method.request.header.Authorization";
    while (!sources.empty()) {
        const std::size_t end = std::min(sources.find(','), sources.size());
        std::string source = sources.substr(0, end);
        sources.erase(0, end + 1);
        std::erase(source, ' ');
        if (!source.empty()) authorizer->identity_sources.push_back(std::move(source));
    }
    const std::string validation = string_member(document, "identityValidationExpression");
    if (!validation.empty()) {
        authorizer->validation = std::make_shared<const re2::RE2>(validation, re2::RE2::Quiet);
    }
    const Json* lifetime = find_member(document, "authorizerResultTtlInSeconds");
    if (lifetime && lifetime->is_number()) authorizer->lifetime_seconds = lifetime->get<int>();
    return authorizer;
}

/// Makes a CompiledApi of one definition.
class ApiCompiler {
  public:
    explicit ApiCompiler(const Json& definition) : definition_(definition) {}

    std::shared_ptr<const CompiledApi> run() {
        compile_settings();
        for (const Json& document : list("authorizers")) {
            api_->authorizers.push_back(compile_authorizer(document));
        }
        for (const Json& document : list("resources")) compile_resource(document);
        for (const Json& document : list("gatewayResponses")) compile_gateway_response(document);
        return api_;
    }

  private:
    const Json& list(std::string_view name) const {
        static const Json empty = Json::array();
        const Json* found = find_member(definition_, name);
        return found ? *found : empty;
    }

    void compile_settings() {
        const Json* api = find_member(definition_, "api");
        if (!api) return;
        if (const Json* types = find_member(*api, "binaryMediaTypes"); types && types->is_array()) {
            for (const Json& type : *types)
                api_->binary_media_types.push_back(type.get<std::string>());
        }
        api_->key_source = string_member(*api, "apiKeySource", "HEADER");
    }

    void compile_resource(const Json& document) {
        auto resource = std::make_unique<Resource>();
        resource->id = string_member(document, "id");
        resource->path = string_member(document, "path");
        if (const Json* methods = find_member(document, "resourceMethods")) {
            for (const auto& [name, method] : methods->items()) {
                compile_method(resource->methods[name], name, method);
            }
        }
        api_->router.add(resource->path, resource.get());
        api_->resources.push_back(std::move(resource));
    }

    void compile_method(Method& method, const std::string& name, const Json& document) {
        method.http_method = name;
        method.authorization_type = string_member(document, "authorizationType", "NONE");
        const std::string authorizer = string_member(document, "authorizerId");
        for (const auto& one : api_->authorizers) {
            if (one->id == authorizer) method.authorizer = one.get();
        }
        if (const Json* scopes = find_member(document, "authorizationScopes")) {
            for (const Json& scope : *scopes) method.scopes.push_back(scope.get<std::string>());
        }
        method.api_key_required = flag(document, "apiKeyRequired");
        compile_validation(method, document);
        if (const Json* integration = find_member(document, "methodIntegration")) {
            method.integration = compile_integration(*integration);
            // The pointer moved with the vector; the vector's elements did not.
            method.has_integration = true;
        }
    }

    void compile_validation(Method& method, const Json& document) {
        const std::string id = string_member(document, "requestValidatorId");
        for (const Json& validator : list("validators")) {
            if (id.empty() || string_member(validator, "id") != id) continue;
            method.validates_body = flag(validator, "validateRequestBody");
            method.validates_parameters = flag(validator, "validateRequestParameters");
        }
        if (const Json* parameters = find_member(document, "requestParameters")) {
            for (const auto& [name, required] : parameters->items()) {
                if (!required.is_boolean() || !required.get<bool>()) continue;
                add_required(method, name);
            }
        }
        const Json* models = find_member(document, "requestModels");
        if (!method.validates_body || !models || !models->is_object()) return;
        for (const auto& [type, model] : models->items()) {
            method.models.emplace_back(type, schema_of(model.get<std::string>()));
        }
    }

    static void add_required(Method& method, std::string_view name) {
        constexpr std::string_view prefix = "method.request.";
        if (!name.starts_with(prefix)) return;
        name.remove_prefix(prefix.size());
        const std::size_t dot = name.find('.');
        const std::string_view place = name.substr(0, dot);
        RequiredParameter parameter{Mapping::Place::Header, std::string(name.substr(dot + 1))};
        if (place == "path") parameter.place = Mapping::Place::Path;
        if (place == "querystring") parameter.place = Mapping::Place::Query;
        method.required.push_back(std::move(parameter));
    }

    std::string schema_text(const std::string& name) const {
        for (const Json& model : list("models")) {
            if (string_member(model, "name") == name) return string_member(model, "schema");
        }
        return {};
    }

    /// Null where the model cannot be compiled: then nothing is checked, and the log says so.
    std::shared_ptr<const Schema> schema_of(const std::string& name) {
        try {
            return Schema::compile(schema_text(name),
                                   [this](const std::string& other) { return schema_text(other); });
        } catch (const std::exception& error) {
            log::warn("Model {} cannot be used: {}", name, error.what());
            return nullptr;
        }
    }

    void compile_gateway_response(const Json& document) {
        GatewayResponse& response =
            api_->gateway_responses[string_member(document, "responseType")];
        response.status = std::atoi(string_member(document, "statusCode").c_str());
        response.parameters =
            compile_mappings(find_member(document, "responseParameters"), "gatewayresponse.");
        response.templates.compile(find_member(document, "responseTemplates"));
    }

    const Json& definition_;
    std::shared_ptr<CompiledApi> api_ = std::make_shared<CompiledApi>();
};

}  // namespace

void TemplateSet::compile(const Json* templates) {
    if (!templates || !templates->is_object()) return;
    for (const auto& [type, text] : templates->items()) {
        if (text.is_null()) continue;
        // Templates written as objects in OpenAPI documents are meant as their JSON text.
        templates_.emplace_back(
            type, compile_template(text.is_string() ? text.get<std::string>() : to_text(text)));
    }
}

const CompiledTemplate* TemplateSet::find(std::string_view content_type) const {
    const std::string_view type = media_type(content_type);
    for (const auto& [name, compiled] : templates_) {
        if (iequals(name, type)) return &compiled;
    }
    for (const auto& [name, compiled] : templates_) {
        if (name == "$default") return &compiled;
    }
    return nullptr;
}

const CompiledTemplate* TemplateSet::first() const {
    return templates_.empty() ? nullptr : &templates_.front().second;
}

const Method* Resource::find(std::string_view http_method) const {
    const auto exact = methods.find(http_method);
    if (exact != methods.end()) return &exact->second;
    const auto any = methods.find("ANY");
    return any == methods.end() ? nullptr : &any->second;
}

AwsTarget parse_aws_target(std::string_view uri) {
    AwsTarget target;
    const auto arn = Arn::parse(uri);
    if (!arn) return target;
    if (arn->service == "lambda") {  // a function's own ARN
        target.function = uri;
        target.service = "lambda";
        return target;
    }
    target.region = arn->region;
    target.service = arn->account.substr(arn->account.rfind('.') + 1);
    if (arn->resource.starts_with("action/")) target.action = arn->resource.substr(7);
    if (!arn->resource.starts_with("path/")) return target;
    target.path = arn->resource.substr(5);
    if (target.service != "lambda") return target;
    const std::size_t functions = target.path.find("functions/");
    const std::size_t end = target.path.rfind("/invocations");
    if (functions != std::string::npos && end != std::string::npos && end > functions + 10) {
        target.function = target.path.substr(functions + 10, end - functions - 10);
    }
    return target;
}

std::shared_ptr<const CompiledApi> compile_api(const Json& definition) {
    return ApiCompiler(definition).run();
}

}  // namespace skafu::apigateway
