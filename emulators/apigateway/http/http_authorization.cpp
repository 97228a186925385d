#include "apigateway/http/http_authorization.h"

#include <algorithm>

#include "apigateway/authorization.h"
#include "apigateway/errors.h"
#include "core/http.h"
#include "core/text.h"

namespace skafu::apigateway::http {
namespace {

constexpr std::size_t kMostVerdicts = 2000;
constexpr std::chrono::seconds kKeysTimeout{5};

std::string scopes_text(const HttpExchange& exchange) {
    const Json* scopes = find_member(exchange.route->document, "authorizationScopes");
    std::string text;
    if (scopes == nullptr || !scopes->is_array()) return text;
    for (const Json& scope : *scopes) {
        text += (text.empty() ? "" : " ") + scope.get<std::string>();
    }
    return text;
}

HttpRefusal no_token() {
    return {401, "Unauthorized", "Bearer", {}};
}

HttpRefusal bad_token(const HttpExchange& exchange, std::string_view why) {
    return {401,
            "Unauthorized",
            fmt::format(R"(Bearer scope="{}" error="invalid_token" error_description="{}")",
                        scopes_text(exchange), why),
            {}};
}

HttpRefusal forbidden_request(std::string detail = {}) {
    return {403, "Forbidden", {}, std::move(detail)};
}

/// The values of all identity sources; empty where one is missing.
std::vector<std::string> identities_of(const HttpExchange& exchange) {
    std::vector<std::string> values;
    const Json* sources = find_member(exchange.route->authorizer, "identitySource");
    if (sources == nullptr) return values;
    for (const Json& source : sources->is_array() ? *sources : Json::array({*sources})) {
        const Json value = selected(exchange, source.get<std::string>());
        if (!value.is_string() || is_empty_text(value)) return {};
        values.push_back(value.get<std::string>());
    }
    return values;
}

std::string token_of(const HttpExchange& exchange) {
    const std::vector<std::string> identities = identities_of(exchange);
    if (identities.empty()) throw no_token();
    constexpr std::string_view bearer = "Bearer ";
    const std::string& text = identities.front();
    const bool has = text.size() > bearer.size() &&
                     iequals(std::string_view(text).substr(0, bearer.size()), bearer);
    return has ? text.substr(bearer.size()) : text;
}

/// Claims reach functions as text; lists as "[a b]".
std::string claim_as_text(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return to_text(value);
    std::string list = "[";
    for (const Json& item : value) {
        if (list.size() > 1) list += " ";
        list += item.is_string() ? item.get<std::string>() : to_text(item);
    }
    return list + "]";
}

std::vector<std::string> token_scopes(const Json& claims) {
    std::vector<std::string> scopes;
    std::string text = string_member(claims, "scope");
    if (text.empty()) text = string_member(claims, "scp");
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) scopes.push_back(text.substr(0, end));
        text.erase(0, end + 1);
    }
    return scopes;
}

bool has_audience(const Json& claims, const Json& wanted) {
    const Json* given = find_member(claims, "aud");
    if (given == nullptr) given = find_member(claims, "client_id");
    if (given == nullptr || !wanted.is_array()) return false;
    const Json list = given->is_array() ? *given : Json::array({*given});
    return std::any_of(list.begin(), list.end(), [&](const Json& one) {
        return std::find(wanted.begin(), wanted.end(), one) != wanted.end();
    });
}

double claim_number(const Json& claims, const char* name, double fallback) {
    const Json* value = find_member(claims, name);
    return value != nullptr && value->is_number() ? value->get<double>() : fallback;
}

void check_claims(const HttpExchange& exchange, const Json& claims, double now) {
    const Json& configuration = exchange.route->authorizer.at("jwtConfiguration");
    const Json* audience = find_member(configuration, "audience");
    if (string_member(claims, "iss") != string_member(configuration, "issuer")) {
        throw bad_token(exchange, "the token does not have a valid issuer");
    }
    if (audience != nullptr && !audience->empty() && !has_audience(claims, *audience)) {
        throw bad_token(exchange, "the token does not have a valid audience");
    }
    if (now >= claim_number(claims, "exp", 0)) {
        throw bad_token(exchange, "the token has expired");
    }
    const bool early =
        now < claim_number(claims, "nbf", 0) || now + 1 < claim_number(claims, "iat", 0);
    if (early) throw bad_token(exchange, "the token is not valid yet");
}

/// What the function said, in the simple form or as a policy.
bool is_allowed(const HttpExchange& exchange, const Json& answer) {
    if (const Json* verdict = find_member(answer, "isAuthorized")) return *verdict == true;
    const Json* policy = find_member(answer, "policyDocument");
    if (policy == nullptr) {
        throw HttpRefusal{500, "Internal Server Error", {}, "the authorizer gave no verdict"};
    }
    return judge(*policy, route_arn(exchange)) == PolicyVerdict::Allow;
}

std::string authorizer_function(const Json& authorizer) {
    const AwsTarget target = parse_aws_target(string_member(authorizer, "authorizerUri"));
    return target.function.empty() ? string_member(authorizer, "authorizerUri") : target.function;
}

}  // namespace

Task<void> HttpAuthorization::check(HttpExchange& exchange) {
    const std::string type = string_member(exchange.route->document, "authorizationType", "NONE");
    if (type == "NONE") co_return;
    if (type == "AWS_IAM") {
        const bool is_signed = find_header(exchange.headers, "Authorization") ||
                               find_pair(exchange.query, "X-Amz-Signature");
        if (!is_signed) throw forbidden_request();
        co_return;
    }
    if (exchange.route->authorizer.is_null()) {
        throw HttpRefusal{500, "Internal Server Error", {}, "the route's authorizer is gone"};
    }
    if (type == "JWT")
        co_await check_jwt(exchange);
    else
        co_await check_function(exchange);
}

Task<void> HttpAuthorization::check_jwt(HttpExchange& exchange) {
    const std::optional<jwt::Token> token = jwt::parse(token_of(exchange));
    if (!token) throw bad_token(exchange, "the token is malformed");
    const double now = epoch_seconds(store_.cloud.clock().now());
    check_claims(exchange, token->claims, now);
    std::string issuer = string_member(token->claims, "iss");
    std::string kid = string_member(token->header, "kid");
    const jwt::VerifyingKey key = co_await key_of(exchange, std::move(issuer), std::move(kid));
    if (!key.accepts(*token)) throw bad_token(exchange, "signature is invalid");
    const std::vector<std::string> scopes = token_scopes(token->claims);
    const Json* wanted = find_member(exchange.route->document, "authorizationScopes");
    const bool asks = wanted != nullptr && !wanted->empty();
    if (asks) {
        const bool any = std::any_of(scopes.begin(), scopes.end(), [&](const std::string& one) {
            return std::find(wanted->begin(), wanted->end(), one) != wanted->end();
        });
        if (!any) {
            HttpRefusal refusal = forbidden_request();
            refusal.challenge = fmt::format(R"(Bearer scope="{}" error="insufficient_scope")",
                                            scopes_text(exchange));
            throw refusal;
        }
    }
    Json claims = Json::object();
    for (const auto& [name, value] : token->claims.items()) claims[name] = claim_as_text(value);
    exchange.authorizer = {
        {"jwt", {{"claims", std::move(claims)}, {"scopes", asks ? Json(scopes) : Json()}}}};
}

Task<jwt::VerifyingKey> HttpAuthorization::key_of(HttpExchange& exchange, std::string issuer,
                                                  std::string kid) {
    const std::string name = issuer + " " + kid;
    const auto known = keys_.find(name);
    if (known != keys_.end()) co_return known->second;
    const Json keys = co_await keys_of(exchange, std::move(issuer));
    for (const Json& jwk : keys) {
        if (string_member(jwk, "kid") != kid) continue;
        const jwt::VerifyingKey key = jwt::VerifyingKey::from_jwk(jwk);
        keys_.emplace(name, key);
        co_return key;
    }
    throw bad_token(exchange, "unable to find the key that signed the token");
}

/// The keys of a user pool of ours, or those that an issuer elsewhere publishes.
Task<Json> HttpAuthorization::keys_of(HttpExchange& exchange, std::string issuer) {
    Cloud& cloud = store_.cloud;
    if (issuer.find("cognito-idp.") != std::string::npos) {
        Json input = {{"UserPoolId", issuer.substr(issuer.rfind('/') + 1)}};
        Json answer;
        try {
            answer = co_await cloud.call_json("cognito-idp", "GetSigningKeys", std::move(input),
                                              exchange.caller, exchange.cause);
        } catch (const AwsError&) {
            throw bad_token(exchange, "the issuer is no user pool of this server");
        }
        co_return answer.at("keys");
    }
    std::string failure;
    try {
        if (issuer.ends_with('/')) issuer.pop_back();
        HttpRequest ask;
        ask.method = "GET";
        const std::string place = issuer + "/.well-known/openid-configuration";
        const HttpResponse found = co_await cloud.http().fetch(place, ask, kKeysTimeout);
        const std::string url = string_member(parse_json(found.body), "jwks_uri");
        const HttpResponse keys = co_await cloud.http().fetch(url, ask, kKeysTimeout);
        co_return parse_json(keys.body).at("keys");
    } catch (const std::exception& error) {
        failure = error.what();
    }
    HttpRefusal refusal = bad_token(exchange, "unable to fetch the keys of the issuer");
    refusal.detail = issuer + ": " + failure;
    throw refusal;
}

Task<void> HttpAuthorization::check_function(HttpExchange& exchange) {
    const Json& authorizer = exchange.route->authorizer;
    const std::vector<std::string> identities = identities_of(exchange);
    const Json* sources = find_member(authorizer, "identitySource");
    if (sources != nullptr && !sources->empty() && identities.empty()) {
        throw HttpRefusal{401, "Unauthorized", {}, {}};
    }
    const Json* ttl = find_member(authorizer, "authorizerResultTtlInSeconds");
    const std::int64_t lifetime = ttl != nullptr && ttl->is_number() ? ttl->get<std::int64_t>() : 0;
    std::string key = exchange.api_id + string_member(authorizer, "authorizerId");
    for (const std::string& one : identities) key += "\n" + one;
    const std::int64_t now = epoch_millis(store_.cloud.clock().now());
    const auto known = verdicts_.find(key);
    Verdict verdict;
    if (lifetime > 0 && !identities.empty() && known != verdicts_.end() &&
        known->second.until_ms > now) {
        verdict = known->second;
    } else {
        verdict = co_await ask_function(exchange, Json(identities));
        verdict.until_ms = now + lifetime * 1000;
        if (verdicts_.size() >= kMostVerdicts) verdicts_.clear();
        if (lifetime > 0) verdicts_[key] = verdict;
    }
    if (!verdict.allowed) throw forbidden_request();
    exchange.authorizer = {{"lambda", verdict.context}};
}

Task<HttpAuthorization::Verdict> HttpAuthorization::ask_function(HttpExchange& exchange,
                                                                 Json identities) {
    const Json& authorizer = exchange.route->authorizer;
    const bool is_version_2 =
        string_member(authorizer, "authorizerPayloadFormatVersion", "2.0") == "2.0";
    const std::string function = authorizer_function(authorizer);
    Json input = {{"FunctionName", function},
                  {"Payload", to_text(authorizer_event(exchange, is_version_2, identities))}};
    Json output;
    std::string failure;
    try {
        output = co_await store_.cloud.call_json("lambda", "Invoke", std::move(input),
                                                 exchange.caller, exchange.cause);
        if (output.contains("FunctionError")) failure = string_member(output, "Payload");
    } catch (const AwsError& error) {
        failure = error.what();
    }
    if (failure.find("\"Unauthorized\"") != std::string::npos) {
        throw HttpRefusal{401, "Unauthorized", {}, {}};
    }
    if (!failure.empty()) {
        throw HttpRefusal{
            500, "Internal Server Error", {}, "authorizer " + function + ": " + failure};
    }
    Json answer;
    try {
        answer = parse_json(string_member(output, "Payload", "null"));
    } catch (const JsonError&) {
        answer = nullptr;
    }
    Verdict verdict;
    verdict.allowed = is_allowed(exchange, answer);
    const Json* context = find_member(answer, "context");
    verdict.context = context == nullptr ? Json() : *context;
    co_return verdict;
}

}  // namespace skafu::apigateway::http
