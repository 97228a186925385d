#include "eventbridge/connections.h"

#include <charconv>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "core/aws_error.h"
#include "core/base64.h"
#include "eventbridge/api_destinations.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kTokenTimeout = std::chrono::seconds(5);
constexpr Duration kLongestMargin = std::chrono::minutes(1);

/// A token as an authorization endpoint gave it.
struct Grant {
    std::string token;
    std::optional<Duration> lifetime;
};

bool is_oauth(const Json& connection) {
    return string_member(connection, "AuthorizationType") == "OAUTH_CLIENT_CREDENTIALS";
}

/// Whether the parameters are still there: DeauthorizeConnection takes them.
bool has_client_secret(const Json& connection) {
    const Json* parameters = find_member(connection, "AuthParameters");
    const Json* oauth =
        parameters == nullptr ? nullptr : find_member(*parameters, "OAuthParameters");
    const Json* client = oauth == nullptr ? nullptr : find_member(*oauth, "ClientParameters");
    return client != nullptr && client->contains("ClientSecret");
}

void add_all(const Json& parameters, const char* list, Json& out) {
    const Json* values = find_member(parameters, list);
    if (values == nullptr || !values->is_array()) return;
    for (const Json& value : *values) {
        out[string_member(value, "Key")] = string_member(value, "Value");
    }
}

/// Name=value pairs as a form or a query has them.
std::string form_text(const Json& pairs) {
    std::string text;
    for (const auto& [name, value] : pairs.items()) {
        if (!text.empty()) text += '&';
        text += percent_encode(name) + "=" + percent_encode(value.get<std::string>());
    }
    return text;
}

/// The request for a token (OAuth 2.0 client credentials), with what the connection's
/// OAuthHttpParameters add.
HttpRequest token_request(const Json& oauth, std::string& url) {
    const Json client = oauth.value("ClientParameters", Json::object());
    const Json more = oauth.value("OAuthHttpParameters", Json::object());
    Json headers = Json::object();
    Json query = Json::object();
    Json form = {{"grant_type", "client_credentials"},
                 {"client_id", string_member(client, "ClientID")},
                 {"client_secret", string_member(client, "ClientSecret")}};
    add_all(more, "HeaderParameters", headers);
    add_all(more, "QueryStringParameters", query);
    add_all(more, "BodyParameters", form);
    HttpRequest request;
    request.method = string_member(oauth, "HttpMethod", "POST");
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    for (const auto& [name, value] : headers.items()) {
        request.headers.set(name, value.get<std::string>());
    }
    request.body = form_text(form);
    url = string_member(oauth, "AuthorizationEndpoint");
    if (!query.empty()) url += (url.find('?') == std::string::npos ? "?" : "&") + form_text(query);
    return request;
}

/// How long a token lives; some endpoints give the seconds as text.
std::optional<Duration> lifetime_of(const Json& answer) {
    const Json* given = find_member(answer, "expires_in");
    if (given == nullptr) return std::nullopt;
    std::int64_t seconds = 0;
    if (given->is_number()) {
        seconds = given->get<std::int64_t>();
    } else if (given->is_string()) {
        const std::string& text = given->get_ref<const std::string&>();
        std::from_chars(text.data(), text.data() + text.size(), seconds);
    }
    if (seconds <= 0) return std::nullopt;
    return std::chrono::seconds(seconds);
}

/// Asks the authorization endpoint for a token. Throws AwsError where it gives none.
Task<Grant> ask_for_token(EventBridge& events, Json oauth) {
    std::string url;
    HttpRequest request = token_request(oauth, url);
    std::string problem;
    Grant grant;
    try {
        const Clock::Busy busy(events.cloud.clock());
        const HttpResponse response =
            co_await events.cloud.http().fetch(url, std::move(request), kTokenTimeout);
        problem = fmt::format("it answered {}", response.status);
        if (response.status < 300) {
            const Json answer = parse_json(response.body);
            grant = {string_member(answer, "access_token"), lifetime_of(answer)};
        }
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::asio::error::operation_aborted) throw;  // the house closes
        problem = error.code().message();
    } catch (const std::exception& error) {
        problem = error.what();
    }
    if (grant.token.empty()) {
        throw AwsError(
            "ConnectionFailure",
            fmt::format("No token from the authorization endpoint {}: {}.", url, problem), 503);
    }
    co_return grant;
}

/// While it lives, others wait for the token of a connection instead of asking for it too.
class Asking {
  public:
    Asking(EventBridge& events, std::string connection)
        : events_(events),
          connection_(std::move(connection)),
          done_(std::make_shared<Event>(events.cloud.io())) {
        events_.tokens[connection_].asking = done_;
    }
    ~Asking() {
        if (is_current()) events_.tokens[connection_].asking.reset();
        done_->notify_all();
    }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

    /// False once the connection was changed or deleted: the answer is about what it was before.
    bool is_current() const {
        const auto token = events_.tokens.find(connection_);
        return token != events_.tokens.end() && token->second.asking == done_;
    }

  private:
    EventBridge& events_;
    std::string connection_;
    std::shared_ptr<Event> done_;
};

void keep_token(EventBridge& events, const std::string& connection, const Grant& grant) {
    OAuthToken& token = events.tokens[connection];
    token.text = grant.token;
    token.usable_until = TimePoint::max();
    if (!grant.lifetime) return;
    const Duration margin = std::min(*grant.lifetime / 10, kLongestMargin);
    token.usable_until = events.cloud.clock().now() + *grant.lifetime - margin;
}

/// The token of an OAuth connection, asked for where none is kept that is still good. The
/// connection is authorized by that, or deauthorized where there is none.
Task<std::string> token_of(EventBridge& events, Scope scope, std::string name, ActivityId cause) {
    std::string arn = string_member(require_connection(events, scope, name), "ConnectionArn");
    while (events.tokens[arn].asking) {
        const std::shared_ptr<Event> asking = events.tokens[arn].asking;
        co_await asking->wait();
    }
    const OAuthToken& kept = events.tokens[arn];
    if (!kept.text.empty() && events.cloud.clock().now() < kept.usable_until) co_return kept.text;
    const Asking asking(events, arn);
    Json oauth = require_connection(events, scope, name)["AuthParameters"]["OAuthParameters"];
    std::optional<AwsError> refusal;
    Grant grant;
    try {
        grant = co_await ask_for_token(events, std::move(oauth));
    } catch (const AwsError& error) {
        refusal = error;
    }
    if (!asking.is_current()) {
        throw AwsError("ConnectionFailure", "The connection was changed meanwhile.", 503);
    }
    Json connection = require_connection(events, scope, name);
    if (refusal) {
        enter_state(events, scope, std::move(connection), "DEAUTHORIZED", refusal->message(),
                    cause);
        throw *refusal;
    }
    keep_token(events, arn, grant);
    enter_state(events, scope, std::move(connection), "AUTHORIZED", "", cause);
    co_return grant.token;
}

/// Asks for the first token of a connection; a failure stands in its state.
Task<void> ask_first(EventBridge& events, Scope scope, std::string name, ActivityId cause) {
    try {
        co_await token_of(events, std::move(scope), std::move(name), cause);
    } catch (const AwsError&) {
        co_return;
    }
}

/// The event's name for a state that a connection enters.
const char* event_of(std::string_view state) {
    if (state == "AUTHORIZED") return "Connection Authorized";
    if (state == "AUTHORIZING") return "Connection Authorization Started";
    if (state == "DEAUTHORIZED") return "Connection Deauthorized";
    return nullptr;
}

/// "2026-01-31 12:00:00 +0000 UTC", as these events have it.
std::string event_timestamp(TimePoint time) {
    std::string text = iso8601_seconds(time);
    text[10] = ' ';
    text.pop_back();
    return text + " +0000 UTC";
}

/// A connection as those take it who put the parameters onto a request themselves.
Task<Json> resolve_connection(EventBridge& events, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string name = name_in_arn(string_member(input, "ConnectionArn"));
    Json added = co_await authorization_of(events, scope, name, context.activity.id());
    const auto list = [](const Json& pairs) {
        Json all = Json::array();
        for (const auto& [key, value] : pairs.items()) {
            all.push_back({{"Key", key}, {"Value", value}});
        }
        return all;
    };
    Json parameters = {{"HeaderParameters", list(added["Headers"])},
                       {"QueryStringParameters", list(added["Query"])},
                       {"BodyParameters", list(added["Body"])}};
    Json answer = {{"InvocationHttpParameters", std::move(parameters)}};
    co_return answer;
}

/// OAuth tokens are asked for anew; of other connections AWS takes the authorization away (user
/// guide, "De-authorizing connections").
Json note_refusal(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string arn = string_member(input, "ConnectionArn");
    const Json* connection = events.connections.find(scope, name_in_arn(arn));
    if (connection == nullptr || string_member(*connection, "ConnectionArn") != arn) {
        return Json::object();
    }
    if (is_oauth(*connection)) {
        events.tokens[arn].text.clear();
    } else {
        enter_state(events, scope, *connection, "DEAUTHORIZED",
                    fmt::format("The endpoint answered {}.", input["Status"].get<int>()),
                    context.activity.id());
    }
    return Json::object();
}

}  // namespace

void enter_state(EventBridge& events, const Scope& scope, Json connection, const char* state,
                 const std::string& reason, ActivityId cause) {
    const bool is_new = string_member(connection, "ConnectionState") != state;
    const TimePoint now = events.cloud.clock().now();
    const std::string name = string_member(connection, "Name");
    connection["ConnectionState"] = state;
    connection.erase("StateReason");
    if (!reason.empty()) connection["StateReason"] = reason.substr(0, 512);
    if (std::string_view(state) == "AUTHORIZED") {
        connection["LastAuthorizedTime"] = eventbridge::epoch_seconds(now);
    }
    const std::string arn = string_member(connection, "ConnectionArn");
    events.connections.put(scope, name, std::move(connection));
    const char* type = event_of(state);
    if (!is_new || type == nullptr) return;
    Json detail = {{"ConnectionName", name}, {"Timestamp", event_timestamp(now)}};
    if (!reason.empty()) detail["StateReason"] = reason;
    const Caller caller{scope.account, scope.region, "events.amazonaws.com"};
    events.cloud.emit_event(caller, "aws.events", type, std::move(detail), Json::array({arn}),
                            cause);
}

std::string authorize(EventBridge& events, const Scope& scope, Json connection, ActivityId cause) {
    const std::string name = string_member(connection, "Name");
    const bool needs_token = is_oauth(connection);
    const char* state = needs_token ? "AUTHORIZING" : "AUTHORIZED";
    events.tokens.erase(string_member(connection, "ConnectionArn"));
    enter_state(events, scope, std::move(connection), state, "", cause);
    if (needs_token) events.cloud.spawn(ask_first(events, scope, name, cause));
    return state;
}

Task<Json> authorization_of(EventBridge& events, Scope scope, std::string name, ActivityId cause) {
    const Json connection = require_connection(events, scope, name);
    const bool oauth = is_oauth(connection);
    // AWS wants such a connection updated; here what failed may have been started since.
    const bool may_ask = oauth && has_client_secret(connection) && !events.cloud.settings().strict;
    if (string_member(connection, "ConnectionState") == "DEAUTHORIZED" && !may_ask) {
        throw AwsError("ConnectionDeauthorized",
                       "The connection of the API destination is not authorized.");
    }
    const Json& parameters = connection["AuthParameters"];
    Json headers = Json::object();
    if (oauth) {
        const std::string token = co_await token_of(events, scope, name, cause);
        headers["Authorization"] = "Bearer " + token;
    } else if (const Json* basic = find_member(parameters, "BasicAuthParameters")) {
        headers["Authorization"] =
            "Basic " + base64_encode(string_member(*basic, "Username") + ":" +
                                     string_member(*basic, "Password"));
    } else if (const Json* key = find_member(parameters, "ApiKeyAuthParameters")) {
        headers[string_member(*key, "ApiKeyName")] = string_member(*key, "ApiKeyValue");
    }
    Json query = Json::object();
    Json body = Json::object();
    if (const Json* more = find_member(parameters, "InvocationHttpParameters")) {
        add_all(*more, "HeaderParameters", headers);
        add_all(*more, "QueryStringParameters", query);
        add_all(*more, "BodyParameters", body);
    }
    Json added = {
        {"Headers", std::move(headers)}, {"Query", std::move(query)}, {"Body", std::move(body)}};
    co_return added;
}

void add_connection_resolution(Service& service, EventBridge& events) {
    using namespace shape;
    Operation resolve = Row{"ResolveConnection", structure({required("ConnectionArn", string())})};
    resolve.internal = true;
    service.add_async(std::move(resolve), [&events](Context& context, Json input) {
        return resolve_connection(events, context, std::move(input));
    });
    Operation refused =
        Row{"NoteConnectionRefusal",
            structure({required("ConnectionArn", string()), required("Status", integer())})};
    refused.internal = true;
    service.add(std::move(refused), [&events](Context& context, const Json& input) {
        return note_refusal(events, context, input);
    });
}

}  // namespace skafu::eventbridge
