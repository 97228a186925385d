#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "apigateway/mapping.h"
#include "apigateway/schema.h"
#include "core/jwt.h"
#include "expressions/vtl/vtl.h"

namespace re2 {
class RE2;
}

// What a deployment, or an API as it stands, is compiled into: all that a request needs, found
// without parsing anything.

namespace skafu::apigateway {

/// A mapping template, or why it is none (which shows only when it is used, as at AWS).
struct CompiledTemplate {
    std::unique_ptr<vtl::Template> program;
    std::string error;
    /// Text without references or directives, which needs no rendering.
    bool is_plain = false;
    std::string plain;
};

/// Templates by content type.
class TemplateSet {
  public:
    void compile(const Json* templates);
    bool empty() const { return templates_.empty(); }
    /// The one for a content type (parameters such as charset ignored), or nullptr.
    const CompiledTemplate* find(std::string_view content_type) const;
    const CompiledTemplate* first() const;

  private:
    std::vector<std::pair<std::string, CompiledTemplate>> templates_;
};

struct IntegrationResponse {
    int status = 200;
    std::shared_ptr<const re2::RE2> pattern;  // null: the default
    std::vector<Mapping> parameters;
    TemplateSet templates;
};

enum class IntegrationType { Mock, Aws, AwsProxy, Http, HttpProxy };
enum class Passthrough { WhenNoMatch, WhenNoTemplates, Never };

/// Where an AWS integration goes: "arn:aws:apigateway:region:service:action/Name" or ":path/…".
struct AwsTarget {
    std::string region;
    std::string service;
    std::string action;    // of the action form
    std::string path;      // of the path form, without its first slash
    std::string function;  // the ARN or name, of a function's invocation
};

struct Integration {
    IntegrationType type = IntegrationType::Mock;
    std::string http_method;
    std::string uri;
    AwsTarget target;
    bool uri_has_variables = false;  // ${stageVariables.x} or {path} in the URI
    Passthrough passthrough = Passthrough::WhenNoMatch;
    std::vector<Mapping> parameters;
    TemplateSet templates;
    std::vector<IntegrationResponse> responses;
    const IntegrationResponse* fallback = nullptr;
    std::string content_handling;
    std::string bad_header;  // a reserved header that is mapped: every call fails
    int timeout_ms = 29000;
};

struct Authorizer {
    enum class Kind { Cognito, Token, Request };
    Kind kind = Kind::Cognito;
    std::string id;
    std::vector<std::string> pools;             // ids of user pools
    std::string function;                       // ARN
    std::vector<std::string> identity_sources;  // "method.request.header.X", "context.y", …
    std::shared_ptr<const re2::RE2> validation;
    int lifetime_seconds = 300;
};

struct RequiredParameter {
    Mapping::Place place;
    std::string name;
};

struct Method {
    std::string http_method;
    std::string authorization_type;
    const Authorizer* authorizer = nullptr;
    std::vector<std::string> scopes;
    bool api_key_required = false;
    bool validates_body = false;
    bool validates_parameters = false;
    std::vector<RequiredParameter> required;
    std::vector<std::pair<std::string, std::shared_ptr<const Schema>>> models;  // by content type
    bool has_integration = false;
    Integration integration;
};

struct Resource {
    std::string id;
    std::string path;
    std::map<std::string, Method, std::less<>> methods;

    /// The method, or ANY, or nullptr.
    const Method* find(std::string_view http_method) const;
};

/// Path segments to resources; a literal wins over {name}, and {name} over {name+}.
class Router {
  public:
    using Values = std::vector<std::pair<std::string_view, std::string>>;

    void add(std::string_view path, const Resource* resource);
    /// nullptr for a path that no resource has; path parameters keep their escapes.
    const Resource* find(std::string_view path, Values& values) const;

  private:
    struct Node {
        std::unordered_map<std::string, std::unique_ptr<Node>> literals;
        std::unique_ptr<Node> variable;
        std::string variable_name;
        const Resource* greedy = nullptr;
        std::string greedy_name;
        const Resource* resource = nullptr;
    };
    static const Resource* match(const Node& node, std::string_view rest, Values& values);
    Node root_;
};

struct GatewayResponse {
    int status = 0;
    std::vector<Mapping> parameters;
    TemplateSet templates;
};

struct CompiledApi {
    std::vector<std::unique_ptr<Resource>> resources;
    std::vector<std::unique_ptr<Authorizer>> authorizers;
    std::map<std::string, GatewayResponse, std::less<>> gateway_responses;
    std::vector<std::string> binary_media_types;
    std::string key_source = "HEADER";
    Router router;
};

/// Compiles what Store::definition gives.
std::shared_ptr<const CompiledApi> compile_api(const Json& definition);

AwsTarget parse_aws_target(std::string_view uri);

}  // namespace skafu::apigateway
