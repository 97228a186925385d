#include "apigateway/authorization.h"

#include <re2/re2.h>

#include "apigateway/gateway_response.h"
#include "core/aws_error.h"
#include "core/log.h"

namespace skafu::apigateway {
namespace {

constexpr std::size_t kMostTokens = 2000;

Refusal unauthorized() {
    return {"UNAUTHORIZED", "Unauthorized"};
}

/// "Thu Apr 20 23:37:45 UTC 2017", as the gateway shows exp and iat of a token.
std::string java_date(double seconds) {
    const std::string http = http_date(from_epoch_seconds(seconds));  // Thu, 20 Apr 2017 …
    return fmt::format("{} {} {} {} UTC {}", http.substr(0, 3), http.substr(8, 3),
                       http.substr(5, 2), http.substr(17, 8), http.substr(12, 4));
}

std::string claim_text(const std::string& name, const Json& value) {
    if ((name == "exp" || name == "iat") && value.is_number())
        return java_date(value.get<double>());
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return to_text(value);
    std::string joined;
    for (const Json& item : value) {
        if (!joined.empty()) joined += ",";
        joined += item.is_string() ? item.get<std::string>() : to_text(item);
    }
    return joined;
}

std::string without_bearer(const std::string& text) {
    constexpr std::string_view bearer = "Bearer ";
    const bool has = text.size() > bearer.size() &&
                     iequals(std::string_view(text).substr(0, bearer.size()), bearer);
    return has ? text.substr(bearer.size()) : text;
}

/// The value that an identity source names, or nothing.
std::optional<std::string> identity(const Exchange& exchange, const std::string& source) {
    return MappingSource::compile(source).value(exchange);
}

std::string method_arn(const Exchange& exchange) {
    std::string path = exchange.path;
    if (path.starts_with('/')) path.erase(0, 1);
    return fmt::format("arn:aws:execute-api:{}:{}:{}/{}/{}/{}", exchange.caller.region,
                       exchange.caller.account, exchange.api_id, exchange.stage,
                       exchange.http_method, path);
}

bool overlap(const std::vector<std::string>& wanted, const std::vector<std::string>& given) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
        return std::find(given.begin(), given.end(), one) != given.end();
    });
}

}  // namespace

Task<void> Authorization::check(Exchange& exchange) {
    const Method& method = *exchange.method;
    if (method.authorization_type == "AWS_IAM") {
        const bool is_signed = find_header(exchange.headers, "Authorization") ||
                               find_pair(exchange.query, "X-Amz-Signature");
        if (!is_signed) {
            throw Refusal("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token");
        }
        co_return;
    }
    if (!method.authorizer) {
        throw Refusal("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error",
                      "the method's authorizer does not exist");
    }
    if (method.authorizer->kind == Authorizer::Kind::Cognito)
        co_await check_cognito(exchange);
    else
        co_await check_function(exchange);
}

Task<void> Authorization::check_cognito(Exchange& exchange) {
    const Authorizer& authorizer = *exchange.method->authorizer;
    const auto given = identity(exchange, authorizer.identity_sources.front());
    if (!given || given->empty()) throw unauthorized();
    std::string token = without_bearer(*given);
    auto known = tokens_.find(token);
    if (known == tokens_.end()) {
        KnownToken verified = co_await verify(exchange, token);
        if (tokens_.size() >= kMostTokens) tokens_.clear();
        known = tokens_.emplace(std::move(token), std::move(verified)).first;
    }
    const KnownToken& checked = known->second;
    const auto& pools = authorizer.pools;
    if (std::find(pools.begin(), pools.end(), checked.pool) == pools.end()) throw unauthorized();
    if (epoch_seconds(store_.cloud.clock().now()) >= checked.not_after) {
        throw Refusal("UNAUTHORIZED", "The incoming token has expired");
    }
    // With scopes an access token is asked for, without them an identity token.
    const std::vector<std::string>& scopes = exchange.method->scopes;
    const bool fits = scopes.empty() ? checked.use == "id"
                                     : checked.use == "access" && overlap(scopes, checked.scopes);
    if (!fits) throw unauthorized();
    exchange.authorizer = checked.claims;
}

/// Reads a token and checks its signature with the key of the pool that issued it.
Task<Authorization::KnownToken> Authorization::verify(Exchange& exchange, std::string text) {
    const std::optional<jwt::Token> token = jwt::parse(text);
    if (!token) throw unauthorized();
    const std::string issuer = string_member(token->claims, "iss");
    KnownToken known;
    known.pool = issuer.substr(issuer.rfind('/') + 1);
    std::string kid = string_member(token->header, "kid");
    const jwt::VerifyingKey key = co_await key_of(exchange, known.pool, std::move(kid));
    if (!key.accepts(*token)) throw unauthorized();
    const Json* expiry = find_member(token->claims, "exp");
    known.not_after = expiry && expiry->is_number() ? expiry->get<double>() : 0;
    known.use = string_member(token->claims, "token_use");
    std::string scopes = string_member(token->claims, "scope");
    while (!scopes.empty()) {
        const std::size_t end = std::min(scopes.find(' '), scopes.size());
        known.scopes.push_back(scopes.substr(0, end));
        scopes.erase(0, end + 1);
    }
    Json claims = Json::object();
    for (const auto& [name, value] : token->claims.items()) claims[name] = claim_text(name, value);
    Json shown = Json::object();
    shown["claims"] = std::move(claims);
    known.claims = std::make_shared<const Json>(std::move(shown));
    co_return known;
}

Task<jwt::VerifyingKey> Authorization::key_of(Exchange& exchange, std::string pool,
                                              std::string kid) {
    const std::string name = pool + "/" + kid;
    const auto known = keys_.find(name);
    if (known != keys_.end()) co_return known->second;
    Json keys;
    Json input = {{"UserPoolId", pool}};
    try {
        keys = co_await store_.cloud.call_json("cognito-idp", "GetSigningKeys", std::move(input),
                                               exchange.caller, exchange.cause);
    } catch (const AwsError&) {
        throw unauthorized();
    }
    for (const Json& jwk : keys.at("keys")) {
        if (string_member(jwk, "kid") != kid) continue;
        const jwt::VerifyingKey key = jwt::VerifyingKey::from_jwk(jwk);
        keys_.emplace(name, key);
        co_return key;
    }
    throw unauthorized();
}

namespace {

Json grouped(const Pairs& pairs) {
    Json object = Json::object();
    for (const auto& [name, value] : pairs) object[name].push_back(value);
    return object;
}

Json single(const Pairs& pairs) {
    Json object = Json::object();
    for (const auto& [name, value] : pairs) object[name] = value;
    return object;
}

Json request_event(Exchange& exchange) {
    Json path = Json::object();
    for (const auto& [name, value] : exchange.path_values) path[std::string(name)] = value;
    const std::string* agent = find_header(exchange.headers, "User-Agent");
    return {
        {"type", "REQUEST"},
        {"methodArn", method_arn(exchange)},
        {"resource", exchange.resource->path},
        {"path", exchange.path},
        {"httpMethod", exchange.http_method},
        {"headers", single(exchange.headers)},
        {"multiValueHeaders", grouped(exchange.headers)},
        {"queryStringParameters", single(exchange.query)},
        {"multiValueQueryStringParameters", grouped(exchange.query)},
        {"pathParameters", std::move(path)},
        {"stageVariables", exchange.stage_variables},
        {"requestContext",
         {{"resourceId", exchange.resource->id},
          {"resourcePath", exchange.resource->path},
          {"httpMethod", exchange.http_method},
          {"extendedRequestId", exchange.extended_id},
          {"requestTime", context_text(exchange, "requestTime")},
          {"path", exchange.request_path},
          {"accountId", exchange.caller.account},
          {"protocol", exchange.protocol},
          {"stage", exchange.stage},
          {"domainPrefix", exchange.api_id},
          {"requestTimeEpoch", exchange.time_ms},
          {"requestId", exchange.request_id},
          {"identity",
           {{"sourceIp", exchange.source_ip}, {"userAgent", agent ? Json(*agent) : Json(nullptr)}}},
          {"domainName", exchange.host},
          {"apiId", exchange.api_id}}}};
}

/// What $context.authorizer holds after a function's verdict: scalars only, as text.
Json authorizer_context(const Json& document) {
    Json result = Json::object();
    if (const Json* context = find_member(document, "context"); context && context->is_object()) {
        for (const auto& [name, value] : context->items()) {
            if (value.is_structured()) {
                throw Refusal("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error",
                              "the authorizer's context has a list or object");
            }
            result[name] = value.is_string() ? value : Json(to_text(value));
        }
    }
    result["principalId"] = string_member(document, "principalId");
    const std::string key = string_member(document, "usageIdentifierKey");
    if (!key.empty()) result["usageIdentifierKey"] = key;
    return result;
}

}  // namespace

Task<void> Authorization::check_function(Exchange& exchange) {
    const Authorizer& authorizer = *exchange.method->authorizer;
    std::string cache_key = authorizer.id + "/" + exchange.api_id + "/" + exchange.stage;
    std::string first;
    for (const std::string& source : authorizer.identity_sources) {
        const auto value = identity(exchange, source);
        if (!value || value->empty()) throw unauthorized();
        if (first.empty()) first = *value;
        cache_key += "\n" + *value;
    }
    Json event;
    if (authorizer.kind == Authorizer::Kind::Token) {
        if (authorizer.validation && !re2::RE2::FullMatch(first, *authorizer.validation)) {
            throw unauthorized();
        }
        event = {
            {"type", "TOKEN"}, {"methodArn", method_arn(exchange)}, {"authorizationToken", first}};
    } else {
        event = request_event(exchange);
    }
    const std::int64_t now = epoch_millis(store_.cloud.clock().now());
    const bool caches = authorizer.lifetime_seconds > 0 && !authorizer.identity_sources.empty();
    auto known = verdicts_.find(cache_key);
    if (!caches || known == verdicts_.end() || known->second.until_ms <= now) {
        Json document = co_await ask_function(exchange, std::move(event));
        if (verdicts_.size() >= kMostTokens) verdicts_.clear();
        Verdict verdict{std::move(document), now + authorizer.lifetime_seconds * 1000};
        known = verdicts_.insert_or_assign(cache_key, std::move(verdict)).first;
    }
    const Json document = known->second.document;
    const Json* policy = find_member(document, "policyDocument");
    if (!policy || string_member(document, "principalId").empty()) {
        throw Refusal("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error",
                      "the authorizer answered without principalId or policyDocument");
    }
    const PolicyVerdict verdict = judge(*policy, method_arn(exchange));
    if (verdict == PolicyVerdict::ExplicitDeny) {
        throw Refusal("ACCESS_DENIED",
                      "User is not authorized to access this resource with an explicit deny");
    }
    if (verdict == PolicyVerdict::NoMatch) {
        throw Refusal("ACCESS_DENIED", "User is not authorized to access this resource");
    }
    exchange.authorizer = std::make_shared<const Json>(authorizer_context(document));
}

Task<Json> Authorization::ask_function(Exchange& exchange, Json event) {
    Json input = {{"FunctionName", exchange.method->authorizer->function},
                  {"InvocationType", "RequestResponse"},
                  {"Payload", to_text(event)}};
    const Refusal failure("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error",
                          "the authorizer's function failed");
    Json answer;
    try {
        answer = co_await store_.cloud.call_json("lambda", "Invoke", std::move(input),
                                                 exchange.caller, exchange.cause);
    } catch (const AwsError& error) {
        log::warn("Authorizer {}: {}", exchange.method->authorizer->function, error.message());
        throw failure;
    }
    Json document;
    try {
        document = parse_json(string_member(answer, "Payload"));
    } catch (const JsonError&) {
        throw failure;
    }
    if (find_member(answer, "FunctionError")) {
        if (string_member(document, "errorMessage") == "Unauthorized") throw unauthorized();
        throw failure;
    }
    co_return document;
}

namespace {

bool wildcard_match(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p, ++t;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool any_matches(const Json* patterns, const std::string& text) {
    if (!patterns) return false;
    if (patterns->is_string()) return wildcard_match(patterns->get<std::string>(), text);
    return patterns->is_array() &&
           std::any_of(patterns->begin(), patterns->end(), [&](const Json& one) {
               return one.is_string() && wildcard_match(one.get<std::string>(), text);
           });
}

}  // namespace

PolicyVerdict judge(const Json& policy, const std::string& method_arn) {
    const Json* statements = find_member(policy, "Statement");
    if (!statements) return PolicyVerdict::NoMatch;
    const Json list = statements->is_array() ? *statements : Json::array({*statements});
    PolicyVerdict verdict = PolicyVerdict::NoMatch;
    for (const Json& statement : list) {
        if (!any_matches(find_member(statement, "Action"), "execute-api:Invoke")) continue;
        if (!any_matches(find_member(statement, "Resource"), method_arn)) continue;
        if (iequals(string_member(statement, "Effect"), "Deny")) return PolicyVerdict::ExplicitDeny;
        verdict = PolicyVerdict::Allow;
    }
    return verdict;
}

}  // namespace skafu::apigateway
