#include "apigateway/http/http_gateway.h"

#include "apigateway/errors.h"
#include "core/log.h"

namespace skafu::apigateway::http {
namespace {

constexpr const char* kDefaultStage = "$default";

HttpRefusal nothing_there(std::string detail = {}) {
    return {404, "Not Found", {}, std::move(detail)};
}

std::string text_at(const Json& input, const char* name) {
    return string_member(input, name);
}

Pairs pairs_at(const Json& input, const char* name) {
    Pairs pairs;
    const Json* list = find_member(input, name);
    if (list == nullptr) return pairs;
    if (list->is_object()) {
        for (const auto& [key, value] : list->items()) {
            pairs.emplace_back(key, value.is_string() ? value.get<std::string>() : to_text(value));
        }
    } else if (list->is_array()) {
        for (const Json& pair : *list) {
            pairs.emplace_back(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
        }
    }
    return pairs;
}

void read_request(HttpExchange& exchange, const Json& input) {
    exchange.method = text_at(input, "method");
    exchange.raw_query = text_at(input, "rawQuery");
    exchange.query = parse_query(exchange.raw_query);
    if (input.contains("query")) exchange.query = pairs_at(input, "query");
    exchange.headers = pairs_at(input, "headers");
    const Json* body = find_member(input, "body");
    if (body != nullptr && !body->is_null()) {
        exchange.body = body->is_string() ? body->get<std::string>() : to_text(*body);
    }
    exchange.host = text_at(input, "domainName");
    if (exchange.host.empty()) {
        exchange.host =
            fmt::format("{}.execute-api.{}.amazonaws.com", exchange.api_id, exchange.caller.region);
    }
    exchange.source_ip = string_member(input, "sourceIp", "127.0.0.1");
    Cloud& cloud = exchange.store.cloud;
    exchange.time_ms = epoch_millis(cloud.clock().now());
    const std::string* trace = find_header(exchange.headers, "X-Amzn-Trace-Id");
    exchange.trace_id = trace != nullptr ? *trace
                                         : fmt::format("Root=1-{:08x}-{}", exchange.time_ms / 1000,
                                                       cloud.entropy().hex(24));
}

Answer refusal_answer(const HttpExchange& exchange, const HttpRefusal& refusal) {
    if (!refusal.detail.empty()) {
        log::warn("API {} {} {} ({}): {}", exchange.api_id, exchange.method, exchange.path,
                  exchange.request_id, refusal.detail);
    }
    Answer answer;
    answer.status = refusal.status;
    answer.headers.emplace_back("Content-Type", "application/json");
    if (!refusal.challenge.empty()) {
        answer.headers.emplace_back("WWW-Authenticate", refusal.challenge);
    }
    answer.body = to_text(Json{{"message", refusal.message}});
    return answer;
}

/// The answer as `execute-api` gives it, with what the API's CORS configuration adds.
Document answer_document(const HttpExchange& exchange, Answer answer) {
    HttpHeaders headers;
    for (auto& [name, value] : answer.headers) headers.add(std::move(name), std::move(value));
    headers.set("Apigw-Requestid", exchange.request_id);
    const Json* cors = find_member(exchange.api, "corsConfiguration");
    const std::string* origin = find_header(exchange.headers, "Origin");
    const bool is_preflight = answer.status == 204 && exchange.method == "OPTIONS";
    if (cors != nullptr && !is_preflight) {
        CorsRules::from(*cors).mark(origin == nullptr ? "" : *origin, headers);
    }
    Json list = Json::array();
    for (const auto& [name, value] : headers) list.push_back(Json::array({name, value}));
    return Document(
        Json{{"status", answer.status}, {"headers", std::move(list)}, {"body", answer.body}});
}

bool is_cors_preflight(const HttpExchange& exchange) {
    return exchange.method == "OPTIONS" && exchange.api.contains("corsConfiguration") &&
           find_header(exchange.headers, "Origin") != nullptr &&
           find_header(exchange.headers, "Access-Control-Request-Method") != nullptr;
}

Answer preflight_answer(const HttpExchange& exchange) {
    HttpHeaders headers;
    CorsRules::from(exchange.api.at("corsConfiguration"))
        .answer_preflight(*find_header(exchange.headers, "Origin"), headers);
    Answer answer;
    answer.status = 204;
    for (const auto& [name, value] : headers) answer.headers.emplace_back(name, value);
    return answer;
}

}  // namespace

Task<Document> HttpGateway::invoke(Context& context, Document document) {
    const Json input = document.take_value();
    HttpExchange exchange(store_, context.activity.id());
    exchange.api_id = text_at(input, "apiId");
    const Scope owner = store_.owner(exchange.api_id).value_or(context.caller.scope());
    exchange.caller = {owner.account, owner.region, "apigateway.amazonaws.com"};
    exchange.request_id = context.request_id;
    read_request(exchange, input);
    std::optional<HttpRefusal> refusal;
    Answer answer;
    try {
        exchange.api = store_.api(owner, exchange.api_id);
        find_stage(exchange, text_at(input, "stage"), text_at(input, "path"),
                   text_at(input, "wholePath"));
        answer = co_await handle(exchange);
    } catch (const HttpRefusal& caught) {
        refusal = caught;
    } catch (const std::exception& error) {
        refusal = HttpRefusal{500, "Internal Server Error", {}, error.what()};
    }
    if (refusal) answer = refusal_answer(exchange, *refusal);
    context.activity.note(std::to_string(answer.status));
    co_return answer_document(exchange, std::move(answer));
}

/// The first part of a path is the stage where there is one of that name; all other paths are
/// those of the $default stage.
void HttpGateway::find_stage(HttpExchange& exchange, const std::string& stage,
                             const std::string& path, const std::string& whole) {
    const Scope scope = exchange.caller.scope();
    if (exchange.api.value("disableExecuteApiEndpoint", false)) throw nothing_there();
    const Json* found = store_.part(store_.stages, scope, exchange.api_id, stage);
    exchange.stage = stage;
    exchange.path = path.empty() ? "/" : path;
    if (found == nullptr) {
        found = store_.part(store_.stages, scope, exchange.api_id, kDefaultStage);
        exchange.stage = kDefaultStage;
        exchange.path = whole.empty() ? fmt::format("/{}{}", stage, path) : whole;
    }
    if (found == nullptr) throw nothing_there();
    exchange.stage_document = *found;
    const std::string prefix = exchange.stage == kDefaultStage ? "" : "/" + exchange.stage;
    exchange.full_path = prefix + percent_decode(exchange.path);
    exchange.routes = routes_of(exchange);
}

/// A stage that deploys by itself follows the API; another one has what its deployment froze.
std::shared_ptr<const HttpRoutes> HttpGateway::routes_of(const HttpExchange& exchange) {
    const Scope scope = exchange.caller.scope();
    const std::string deployment = string_member(exchange.stage_document, "deploymentId");
    const bool follows = exchange.stage_document.value("autoDeploy", false);
    const Json* frozen =
        follows ? nullptr : store_.part(store_.deployments, scope, exchange.api_id, deployment);
    if (!follows && frozen == nullptr) {
        throw nothing_there("the stage " + exchange.stage + " has no deployment");
    }
    // What a template deployed follows its API: its routes may come later than the deployment.
    const bool live = follows || (frozen->contains("Live") && !store_.cloud.settings().strict);
    Compiled& known = compiled_[exchange.api_id + (live ? "" : "/" + deployment)];
    const std::uint64_t revision = store_.revision(exchange.api_id);
    if (known.routes == nullptr || known.revision != revision) {
        known.routes = std::make_shared<const HttpRoutes>(
            live ? store_.definition(scope, exchange.api_id) : frozen->at("Definition"));
        known.revision = revision;
    }
    return known.routes;
}

Task<Answer> HttpGateway::handle(HttpExchange& exchange) {
    exchange.route = exchange.routes->find(exchange.method, exchange.path, exchange.path_values);
    const bool preflight = is_cors_preflight(exchange);
    if (exchange.route == nullptr) {
        if (preflight) co_return preflight_answer(exchange);
        throw nothing_there();
    }
    co_await authorization_.check(exchange);
    if (preflight) co_return preflight_answer(exchange);
    Answer answer = co_await call_integration(exchange);
    co_return answer;
}

}  // namespace skafu::apigateway::http
