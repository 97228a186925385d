#include "apigateway/gateway.h"

#include "apigateway/http/http_gateway.h"
#include "apigateway/integrations.h"
#include "core/log.h"
#include "core/text.h"

namespace skafu::apigateway {
namespace {

std::string take_text(Json& input, const char* name) {
    const auto found = input.find(name);
    if (found == input.end() || !found->is_string()) return {};
    return std::move(found->get_ref<std::string&>());
}

/// Headers and query parameters come as [[name, value], …] or as an object.
Pairs take_pairs(Json& given) {
    Pairs pairs;
    if (given.is_array()) {
        pairs.reserve(given.size());
        for (Json& entry : given) {
            if (entry.is_array() && entry.size() == 2)
                pairs.emplace_back(plain_text(entry[0]), plain_text(entry[1]));
        }
    } else if (given.is_object()) {
        for (auto& [name, value] : given.items()) {
            if (value.is_array())
                for (const Json& one : value) pairs.emplace_back(name, plain_text(one));
            else
                pairs.emplace_back(name, plain_text(value));
        }
    }
    return pairs;
}

/// The path behind the stage: "//x" at its start is "/x".
std::string normal_path(std::string path) {
    std::size_t slashes = 0;
    while (slashes < path.size() && path[slashes] == '/') ++slashes;
    if (slashes > 1) path.erase(0, slashes - 1);
    if (path.empty() || path.front() != '/') path.insert(0, "/");
    const std::size_t fragment = path.find('#');
    if (fragment != std::string::npos) path.resize(fragment);
    return path;
}

void read_input(Exchange& exchange, Json input) {
    exchange.api_id = take_text(input, "apiId");
    exchange.stage = take_text(input, "stage");
    exchange.http_method = take_text(input, "method");
    std::string path = take_text(input, "path");
    if (!path.starts_with('/')) path.insert(0, "/");
    exchange.request_path = "/" + exchange.stage + path;
    exchange.path = normal_path(std::move(path));
    exchange.query = parse_query(take_text(input, "rawQuery"));
    const auto query = input.find("query");
    if (query != input.end()) exchange.query = take_pairs(*query);
    const auto headers = input.find("headers");
    if (headers != input.end()) exchange.headers = take_pairs(*headers);
    for (auto& [name, value] : exchange.headers) {
        if (iequals(name, "authorization")) name = "Authorization";
    }
    const auto body = input.find("body");
    std::string content;
    if (body != input.end() && !body->is_null()) {
        content = body->is_string() ? std::move(body->get_ref<std::string&>()) : to_text(*body);
    }
    exchange.body = std::make_shared<vtl::Body>(std::move(content));
    exchange.host = take_text(input, "domainName");
    exchange.source_ip = take_text(input, "sourceIp");
    if (exchange.source_ip.empty()) exchange.source_ip = "127.0.0.1";
}

Document document_of(Answer answer) {
    Json headers = Json::array();
    for (auto& [name, value] : answer.headers) {
        headers.push_back(Json::array({std::move(name), std::move(value)}));
    }
    Json result = Json::object();
    result["status"] = answer.status;
    result["headers"] = std::move(headers);
    result["body"] = std::move(answer.body);
    return Document(std::move(result));
}

}  // namespace

void make_ids(Exchange& exchange, const std::string& request_id) {
    Cloud& cloud = exchange.store.cloud;
    exchange.request_id = request_id;
    exchange.extended_id =
        cloud.entropy().pick(15, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") +
        "=";
    exchange.time_ms = epoch_millis(cloud.clock().now());
    const std::string* trace = find_header(exchange.headers, "X-Amzn-Trace-Id");
    exchange.trace_id =
        trace ? *trace
              : fmt::format("Root=1-{:08x}-{}", exchange.time_ms / 1000, cloud.entropy().hex(24));
    if (exchange.host.empty()) {
        exchange.host =
            fmt::format("{}.execute-api.{}.amazonaws.com", exchange.api_id, exchange.caller.region);
    }
}

namespace {

void log_answer(Exchange& exchange, const Outcome& outcome) {
    if (!exchange.log) return;
    exchange.log->add_answer(outcome.status, outcome.headers, outcome.body->text());
}

}  // namespace

Task<Document> Gateway::invoke(Context& context, Document input) {
    Exchange exchange(store_, context.caller, context.activity.id());
    read_input(exchange, input.take_value());
    if (const auto owner = store_.owner(exchange.api_id)) {
        exchange.caller.account = owner->account;
        exchange.caller.region = owner->region;
    }
    exchange.caller.principal = "apigateway.amazonaws.com";
    make_ids(exchange, context.request_id);
    Answer answer = co_await answer_of(exchange);
    add_standard_headers(exchange, answer);
    context.activity.note(std::to_string(answer.status));
    co_return document_of(std::move(answer));
}

Task<Answer> Gateway::answer_of(Exchange& exchange) {
    std::optional<Refusal> refusal;
    try {
        Answer answer = co_await handle(exchange);
        co_return answer;
    } catch (const Refusal& caught) {
        refusal = caught;
    } catch (const std::exception& error) {
        refusal = configuration_error(error.what());
    }
    if (!refusal->detail().empty()) {
        log::warn("API {} {} {} ({}): {}", exchange.api_id, exchange.http_method,
                  exchange.request_path, exchange.request_id, refusal->detail());
    }
    co_return refuse(exchange, *refusal);
}

Task<Answer> Gateway::handle(Exchange& exchange) {
    find_stage(exchange);
    route(exchange);
    if (exchange.method->authorization_type != "NONE") {
        co_await authorization_.check(exchange);
    }
    if (exchange.method->api_key_required) check_api_key(exchange);
    validate_request(exchange);
    Answer answer = co_await integrate(exchange);
    co_return answer;
}

Task<Answer> Gateway::integrate(Exchange& exchange) {
    if (!exchange.method->has_integration)
        throw configuration_error("The method has no integration");
    const Integration& integration = exchange.method->integration;
    if (!integration.bad_header.empty()) {
        throw configuration_error("The header " + integration.bad_header + " cannot be mapped");
    }
    if (integration.type == IntegrationType::Mock) co_return answer_mock(exchange);
    exchange.reached_integration = true;
    if (integration.type == IntegrationType::AwsProxy) {
        Answer answer = co_await call_function_proxy(exchange);
        co_return answer;
    }
    IntegrationRequest request = map_request(exchange);
    if (exchange.log) exchange.log->add_request(request.uri, request.headers, request.body);
    if (integration.type == IntegrationType::Aws) {
        Outcome outcome = co_await call_aws(exchange, std::move(request));
        log_answer(exchange, outcome);
        co_return map_response(exchange, std::move(outcome));
    }
    Outcome outcome = co_await call_http(exchange, std::move(request));
    log_answer(exchange, outcome);
    if (integration.type == IntegrationType::HttpProxy) {
        co_return proxied_answer(std::move(outcome));
    }
    co_return map_response(exchange, std::move(outcome));
}

/// An API without any stage came from a template that forgot one: it is served as it stands on
/// every stage name, unless AWS's way is asked for.
void Gateway::find_stage(Exchange& exchange) {
    const Scope scope = exchange.caller.scope();
    const Refusal forbidden("ACCESS_DENIED", "Forbidden");
    if (!store_.apis.find(scope, exchange.api_id)) throw forbidden;
    const Json* stage = store_.part(store_.stages, scope, exchange.api_id, exchange.stage);
    const Json* deployment = nullptr;
    if (stage) {
        exchange.deployment_id = string_member(*stage, "deploymentId");
        deployment =
            store_.part(store_.deployments, scope, exchange.api_id, exchange.deployment_id);
        if (const Json* variables = find_member(*stage, "variables")) {
            exchange.stage_variables = *variables;
        }
    } else {
        bool has_stage = false;
        const std::string prefix = exchange.api_id + "/";
        store_.stages.for_each(
            scope,
            [&](const std::string& key, const Json&) {
                has_stage = key.starts_with(prefix);
                return false;
            },
            prefix);
        if (has_stage || store_.cloud.settings().strict) throw forbidden;
        if (without_stage_.insert(exchange.api_id).second) {
            log::warn(
                "API {} has no stage: it is served as it stands on any stage name, here \"{}\". "
                "AWS answers 403 until there are a Deployment and a Stage.",
                exchange.api_id, exchange.stage);
        }
    }
    exchange.api = compiled(exchange, deployment);
}

std::shared_ptr<const CompiledApi> Gateway::compiled(const Exchange& exchange,
                                                     const Json* deployment) {
    // What a template deployed follows its API as it stands: methods of other stacks come later
    // than the deployment, which at AWS needs another deployment by hand.
    const bool live =
        !deployment || (find_member(*deployment, "live") && !store_.cloud.settings().strict);
    const std::string key =
        fmt::format("{}/{}/{}/{}", exchange.caller.account, exchange.caller.region, exchange.api_id,
                    live ? "" : exchange.deployment_id);
    const std::uint64_t revision = store_.revision(exchange.api_id);
    Cached& cached = cache_[key];
    if (cached.api && cached.revision == revision) return cached.api;
    const Json definition = live ? store_.definition(exchange.caller.scope(), exchange.api_id)
                                 : deployment->at("definition");
    cached = {revision, compile_api(definition)};
    return cached.api;
}

void Gateway::route(Exchange& exchange) {
    exchange.resource = exchange.api->router.find(exchange.path, exchange.path_values);
    exchange.method = exchange.resource ? exchange.resource->find(exchange.http_method) : nullptr;
    if (!exchange.method) {
        throw Refusal("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token");
    }
}

void Gateway::check_api_key(Exchange& exchange) {
    const Refusal forbidden("INVALID_API_KEY", "Forbidden");
    if (exchange.api->key_source == "AUTHORIZER") {
        if (exchange.authorizer) {
            exchange.api_key = string_member(*exchange.authorizer, "usageIdentifierKey");
        }
    } else if (const std::string* given = find_header(exchange.headers, "x-api-key")) {
        exchange.api_key = *given;
    }
    if (exchange.api_key.empty()) throw forbidden;
    std::string key_id;
    store_.api_keys.for_each(exchange.caller.scope(), [&](const std::string& id, const Json& key) {
        const Json* enabled = find_member(key, "enabled");
        if (string_member(key, "value") == exchange.api_key && enabled && *enabled == true) {
            key_id = id;
        }
        return key_id.empty();
    });
    if (key_id.empty()) throw forbidden;
    // The key must belong to a usage plan of this stage.
    bool allowed = false;
    store_.usage_plans.for_each(
        exchange.caller.scope(), [&](const std::string& plan_id, const Json& plan) {
            for (const Json& stage : plan.at("apiStages")) {
                const bool same = string_member(stage, "apiId") == exchange.api_id &&
                                  string_member(stage, "stage") == exchange.stage;
                allowed = allowed || (same && store_.usage_plan_keys.find(exchange.caller.scope(),
                                                                          plan_id + "/" + key_id));
            }
            return !allowed;
        });
    if (!allowed) throw forbidden;
}

namespace {

Task<Document> invoke_api(Gateway& gateway, http::HttpGateway& http_gateway, Context& context,
                          Document input) {
    if (http_gateway.serves(string_member(input.value(), "apiId"))) {
        Document result = co_await http_gateway.invoke(context, std::move(input));
        co_return result;
    }
    Document result = co_await gateway.invoke(context, std::move(input));
    co_return result;
}

}  // namespace

void register_execute_api(Cloud& cloud, Gateway& gateway, http::HttpGateway& http_gateway) {
    Service service;
    service.name = "execute-api";
    service.signing_names = {"execute-api"};
    Operation operation;
    operation.name = "Invoke";
    operation.internal = true;
    service.add_async_raw(std::move(operation),
                          [&gateway, &http_gateway](Context& context, Document input) {
                              return invoke_api(gateway, http_gateway, context, std::move(input));
                          });
    cloud.add_service(std::move(service));
}

}  // namespace skafu::apigateway
