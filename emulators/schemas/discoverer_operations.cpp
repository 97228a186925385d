#include <algorithm>

#include "core/arn.h"
#include "core/aws_error.h"
#include "schemas/inference.h"
#include "schemas/store.h"

namespace skafu::schemas {
namespace {

constexpr const char* kPrincipal = "schemas.amazonaws.com";
constexpr std::string_view kBus = "event-bus/";

Json described_discoverer(const Json& discoverer) {
    Json answer = Json::object();
    for (const char* name : {"Description", "DiscovererArn", "DiscovererId", "SourceArn", "State",
                             "CrossAccount", "tags"}) {
        if (const Json* value = find_member(discoverer, name)) answer[name] = *value;
    }
    return answer;
}

std::string bus_in(const std::string& source_arn) {
    const std::optional<Arn> arn = Arn::parse(source_arn);
    if (!arn || arn->service != "events" || !arn->resource.starts_with(kBus)) {
        throw AwsError("BadRequestException", "Source ARN must be a valid event bus ARN");
    }
    return arn->resource.substr(kBus.size());
}

std::string rule_of(const Json& discoverer) {
    return ("Schemas-" + string_member(discoverer, "DiscovererId")).substr(0, 64);
}

Task<Json> call_events(Cloud& cloud, Caller caller, std::string_view operation, Json input,
                       ActivityId cause) {
    caller.principal = kPrincipal;
    Json answer =
        co_await cloud.call_json("events", operation, std::move(input), std::move(caller), cause);
    co_return answer;
}

/// As on AWS a discoverer listens through a rule of its bus that only it may change.
Task<void> listen(Cloud& cloud, Caller caller, Json discoverer, ActivityId cause) {
    const std::string bus = bus_in(string_member(discoverer, "SourceArn"));
    const std::string rule = rule_of(discoverer);
    Json pattern = {{"account", Json::array({Json{{"exists", true}}})}};
    if (discoverer.value("CrossAccount", true) == false) {
        pattern["account"] = Json::array({caller.account});
    }
    Json put = {{"Name", rule},
                {"EventBusName", bus},
                {"EventPattern", to_text(pattern)},
                {"Description", "Learns the schemas of this bus's events"},
                {"ManagedBy", kPrincipal}};
    co_await call_events(cloud, caller, "PutRule", std::move(put), cause);
    Json target = {{"Id", "discoverer"}, {"Arn", string_member(discoverer, "DiscovererArn")}};
    Json targets = {{"Rule", rule}, {"EventBusName", bus}, {"Targets", Json::array({target})}};
    co_await call_events(cloud, caller, "PutTargets", std::move(targets), cause);
}

Task<void> stop_listening(Cloud& cloud, Caller caller, Json discoverer, ActivityId cause) {
    const std::string bus = bus_in(string_member(discoverer, "SourceArn"));
    const std::string rule = rule_of(discoverer);
    std::optional<AwsError> refusal;
    try {
        Json targets = {
            {"Rule", rule}, {"EventBusName", bus}, {"Ids", Json::array({"discoverer"})}};
        co_await call_events(cloud, caller, "RemoveTargets", std::move(targets), cause);
        Json gone = {{"Name", rule}, {"EventBusName", bus}};
        co_await call_events(cloud, caller, "DeleteRule", std::move(gone), cause);
    } catch (const AwsError& error) {
        refusal = error;
    }
    // The bus may be gone already, and the rule with it.
    if (refusal && refusal->code() != "ResourceNotFoundException") throw *refusal;
}

Task<Json> create_discoverer(Store& store, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string source = string_member(input, "SourceArn");
    std::string id = "events-event-bus-" + bus_in(source);
    if (Arn::parse(source)->region != scope.region) {
        throw AwsError("BadRequestException", "Cross region Event Bus sourcing is not supported.");
    }
    std::replace(id.begin(), id.end(), '/', '-');
    if (store.discoverers.find(scope, id) != nullptr) {
        throw AwsError("ConflictException", "A discoverer for " + source + " already exists.", 409);
    }
    Json discoverer = {
        {"DiscovererId", id},
        {"DiscovererArn", make_arn("schemas", scope.region, scope.account, "discoverer/" + id)},
        {"SourceArn", source},
        {"State", "STARTED"},
        {"CrossAccount", input.value("CrossAccount", true)}};
    for (const char* member : {"Description", "tags"}) {
        if (const Json* value = find_member(input, member)) discoverer[member] = *value;
    }
    std::optional<AwsError> refusal;
    try {
        co_await listen(store.cloud, context.caller, discoverer, context.activity.id());
    } catch (const AwsError& error) {
        refusal = error;
    }
    if (refusal) throw AwsError("NotFoundException", refusal->message(), 404);
    if (store.registries.find(scope, kDiscovered) == nullptr) {
        Json registry = {{"RegistryName", kDiscovered},
                         {"RegistryArn", make_arn("schemas", scope.region, scope.account,
                                                  std::string("registry/") + kDiscovered)}};
        store.registries.put(scope, kDiscovered, std::move(registry));
    }
    Json answer = described_discoverer(discoverer);
    store.discoverers.put(scope, id, std::move(discoverer));
    co_return answer;
}

Task<Json> set_state(Store& store, Context& context, Json input, bool is_started) {
    const Scope scope = context.caller.scope();
    const std::string id = string_member(input, "DiscovererId");
    Json discoverer = store.require_discoverer(scope, id);
    if (is_started) {
        co_await listen(store.cloud, context.caller, discoverer, context.activity.id());
    } else {
        co_await stop_listening(store.cloud, context.caller, discoverer, context.activity.id());
    }
    const char* state = is_started ? "STARTED" : "STOPPED";
    discoverer["State"] = state;
    store.discoverers.put(scope, id, std::move(discoverer));
    Json answer = {{"DiscovererId", id}, {"State", state}};
    co_return answer;
}

Task<Json> update_discoverer(Store& store, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string id = string_member(input, "DiscovererId");
    Json discoverer = store.require_discoverer(scope, id);
    for (const char* member : {"Description", "CrossAccount"}) {
        if (const Json* value = find_member(input, member)) discoverer[member] = *value;
    }
    if (string_member(discoverer, "State") == "STARTED") {
        co_await listen(store.cloud, context.caller, discoverer, context.activity.id());
    }
    Json answer = described_discoverer(discoverer);
    store.discoverers.put(scope, id, std::move(discoverer));
    co_return answer;
}

Task<Json> delete_discoverer(Store& store, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string id = string_member(input, "DiscovererId");
    const Json discoverer = store.require_discoverer(scope, id);
    co_await stop_listening(store.cloud, context.caller, discoverer, context.activity.id());
    store.discoverers.erase(scope, id);
    co_return nullptr;
}

Json list_discoverers(Store& store, Context& context, const Json& input) {
    const std::string prefix = string_member(input, "DiscovererIdPrefix");
    const std::string source = string_member(input, "SourceArnPrefix");
    Json all = Json::array();
    store.discoverers.for_each(
        context.caller.scope(), [&](const std::string& id, const Json& discoverer) {
            if (!id.starts_with(prefix) ||
                !string_member(discoverer, "SourceArn").starts_with(source)) {
                return true;
            }
            Json one = described_discoverer(discoverer);
            one.erase("Description");
            all.push_back(std::move(one));
            return true;
        });
    return page_of(input, "Discoverers", std::move(all));
}

Json describe_discoverer(Store& store, Context& context, const Json& input) {
    return described_discoverer(
        store.require_discoverer(context.caller.scope(), string_member(input, "DiscovererId")));
}

/// "source@DetailType", with nothing in it that a schema's name may not have.
std::string schema_name(const Learned& learned) {
    std::string name = learned.source + "@" + type_name(learned.detail_type);
    for (char& c : name) {
        const bool is_allowed = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                                std::string_view("._-@").find(c) != std::string_view::npos;
        if (!is_allowed) c = '-';
    }
    return name;
}

/// Takes an event that a discoverer's rule matched: a new schema for a new kind of event, a new
/// version where the event has what the schema does not know.
Json discover_event(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    Learned learned;
    try {
        learned = learn(parse_json(string_member(input, "Event")));
    } catch (const JsonError&) {
        return nullptr;
    }
    if (learned.source.empty()) return nullptr;
    const std::string name = schema_name(learned);
    const Json* known = store.schemas.find(scope, Store::schema_key(kDiscovered, name));
    const Json* before = known == nullptr ? nullptr : find_member(*known, "Learned");
    if (before != nullptr) {
        learned.content = merge(*before, learned.content);
        if (learned.content == *before) return nullptr;
    }
    Json wanted = {{"RegistryName", kDiscovered},
                   {"SchemaName", name},
                   {"Type", kOpenApi},
                   {"Content", learned.text(kOpenApi)},
                   {"Learned", learned.content}};
    const char* operation = known == nullptr ? "CreateSchema" : "UpdateSchema";
    Call call{
        "schemas", operation, Document(std::move(wanted)), context.caller, context.activity.id(),
        {}};
    context.cloud.call_now(std::move(call));
    context.cloud.emit_event(context.caller, "aws.schemas",
                             known == nullptr ? "Schema Created" : "Schema Version Created",
                             {{"SchemaName", name},
                              {"SchemaType", kOpenApi},
                              {"RegistryName", kDiscovered},
                              {"CreationDate", time_now(store.cloud)}},
                             Json::array(), context.activity.id());
    return nullptr;
}

}  // namespace

void add_discoverer_operations(Service& service, Store& store) {
    using namespace shape;
    const Shape::Member id = required("DiscovererId", string(1));
    const Shape::Member description = optional("Description", string(0, 256));
    const Shape::Member cross_account = optional("CrossAccount", boolean());
    const auto add_async = [&](const char* name, const char* method, const char* uri, int status,
                               std::vector<Shape::Member> members,
                               Task<Json> (*handler)(Store&, Context&, Json)) {
        Operation operation;
        operation.name = name;
        operation.http.method = method;
        operation.http.uri = uri;
        operation.http.status = status;
        operation.input = structure(std::move(members));
        service.add_async(std::move(operation), [&store, handler](Context& context, Json input) {
            return handler(store, context, std::move(input));
        });
    };
    const char* one = "/v1/discoverers/id/{DiscovererId}";
    add_async("CreateDiscoverer", "POST", "/v1/discoverers", 201,
              {required("SourceArn", string(20, 1600)), description, cross_account,
               optional("tags", map(string(1, 128), string(0, 256)))},
              create_discoverer);
    add_async("UpdateDiscoverer", "PUT", one, 200, {id, description, cross_account},
              update_discoverer);
    add_async("DeleteDiscoverer", "DELETE", one, 204, {id}, delete_discoverer);
    add_async("StartDiscoverer", "POST", "/v1/discoverers/id/{DiscovererId}/start", 200, {id},
              [](Store& all, Context& context, Json input) {
                  return set_state(all, context, std::move(input), true);
              });
    add_async("StopDiscoverer", "POST", "/v1/discoverers/id/{DiscovererId}/stop", 200, {id},
              [](Store& all, Context& context, Json input) {
                  return set_state(all, context, std::move(input), false);
              });
    add_row(service, store, {"DescribeDiscoverer", "GET", one, 200, {id}, {}}, describe_discoverer);
    add_row(service, store,
            {"ListDiscoverers",
             "GET",
             "/v1/discoverers",
             200,
             {optional("Limit", integer())},
             {{"Limit", "limit"},
              {"NextToken", "nextToken"},
              {"DiscovererIdPrefix", "discovererIdPrefix"},
              {"SourceArnPrefix", "sourceArnPrefix"}}},
            list_discoverers);
    Operation discover;
    discover.name = "DiscoverEvent";
    discover.input = structure({required("Event", string())});
    discover.internal = true;
    service.add(std::move(discover), [&store](Context& context, const Json& input) {
        return discover_event(store, context, input);
    });
}

}  // namespace skafu::schemas
