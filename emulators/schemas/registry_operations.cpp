#include "core/arn.h"
#include "core/aws_error.h"
#include "schemas/store.h"

namespace skafu::schemas {
namespace {

constexpr std::string_view kOfAws = "aws.";

std::string registry_arn(const Context& context, const std::string& name) {
    return make_arn("schemas", context.caller.region, context.caller.account, "registry/" + name);
}

/// The members that are there, in the answer's order.
Json chosen(const Json& document, std::initializer_list<const char*> names) {
    Json answer = Json::object();
    for (const char* name : names) {
        const Json* value = find_member(document, name);
        if (value != nullptr && !value->is_null()) answer[name] = *value;
    }
    return answer;
}

Json described_registry(const Json& registry) {
    return chosen(registry, {"Description", "RegistryArn", "RegistryName", "tags"});
}

void refuse_reserved(const std::string& name) {
    if (name.starts_with(kOfAws) || name == kDiscovered) {
        throw AwsError("ForbiddenException",
                       "You do not have the permission to create/modify an AWS managed registry "
                       "with name prefixed with 'aws.'.",
                       403);
    }
}

Json create_registry(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "RegistryName");
    refuse_reserved(name);
    if (store.registries.find(context.caller.scope(), name) != nullptr) {
        throw AwsError("ConflictException", "Registry with name " + name + " already exists.", 409);
    }
    Json registry = {{"RegistryName", name}, {"RegistryArn", registry_arn(context, name)}};
    for (const char* member : {"Description", "tags"}) {
        if (const Json* value = find_member(input, member)) registry[member] = *value;
    }
    Json answer = described_registry(registry);
    store.registries.put(context.caller.scope(), name, std::move(registry));
    return answer;
}

Json describe_registry(Store& store, Context& context, const Json& input) {
    return described_registry(
        store.require_registry(context.caller.scope(), string_member(input, "RegistryName")));
}

Json update_registry(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "RegistryName");
    Json registry = store.require_registry(context.caller.scope(), name);
    if (const Json* text = find_member(input, "Description")) registry["Description"] = *text;
    Json answer = described_registry(registry);
    store.registries.put(context.caller.scope(), name, std::move(registry));
    return answer;
}

Json delete_registry(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "RegistryName");
    refuse_reserved(name);
    store.require_registry(scope, name);
    std::vector<std::string> keys;
    store.schemas.for_each(scope, [&](const std::string& key, const Json& schema) {
        if (string_member(schema, "RegistryName") == name) keys.push_back(key);
        return true;
    });
    for (const std::string& key : keys) store.schemas.erase(scope, key);
    store.registries.erase(scope, name);
    return nullptr;
}

/// AWS lists its own registry of the events of its services; ours is empty.
Json list_registries(Store& store, Context& context, const Json& input) {
    const std::string prefix = string_member(input, "RegistryNamePrefix");
    const std::string wanted = string_member(input, "Scope");
    Json all = Json::array();
    if (wanted != "LOCAL" && std::string_view("aws.events").starts_with(prefix)) {
        all.push_back(
            {{"RegistryArn", make_arn("schemas", context.caller.region, "", "registry/aws.events")},
             {"RegistryName", "aws.events"}});
    }
    if (wanted != "AWS") {
        store.registries.for_each(
            context.caller.scope(), [&](const std::string& name, const Json& registry) {
                if (name.starts_with(prefix)) {
                    all.push_back(chosen(registry, {"RegistryArn", "RegistryName", "tags"}));
                }
                return true;
            });
    }
    return page_of(input, "Registries", std::move(all));
}

// --- policies: stored, not enforced

Json get_policy(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "RegistryName", kDiscovered);
    const Json& registry = store.require_registry(context.caller.scope(), name);
    const Json* policy = find_member(registry, "Policy");
    if (policy == nullptr) {
        throw AwsError("NotFoundException", "Registry " + name + " has no resource policy.", 404);
    }
    return chosen(registry, {"Policy", "RevisionId"});
}

Json put_policy(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "RegistryName", kDiscovered);
    Json registry = store.require_registry(context.caller.scope(), name);
    const std::string revision = string_member(input, "RevisionId");
    if (!revision.empty() && revision != string_member(registry, "RevisionId")) {
        throw AwsError("PreconditionFailedException", "The revision id is not the current one.",
                       412);
    }
    try {
        const Json policy = parse_json(string_member(input, "Policy"));
    } catch (const JsonError&) {
        throw AwsError("BadRequestException", "The policy is not valid JSON.");
    }
    registry["Policy"] = input["Policy"];
    registry["RevisionId"] = context.cloud.entropy().uuid();
    Json answer = chosen(registry, {"Policy", "RevisionId"});
    store.registries.put(context.caller.scope(), name, std::move(registry));
    return answer;
}

Json delete_policy(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "RegistryName", kDiscovered);
    Json registry = store.require_registry(context.caller.scope(), name);
    registry.erase("Policy");
    registry.erase("RevisionId");
    store.registries.put(context.caller.scope(), name, std::move(registry));
    return nullptr;
}

// --- tags

/// The collection and key of the resource that an ARN names. Throws NotFoundException.
std::pair<Collection*, std::string> tagged(Store& store, const Context& context,
                                           const std::string& text) {
    const std::optional<Arn> arn = Arn::parse(text);
    const std::string kind = arn ? std::string(arn->resource_type()) : "";
    std::string key = arn ? std::string(arn->resource_id()) : "";
    Collection* collection = nullptr;
    if (kind == "registry") collection = &store.registries;
    if (kind == "discoverer") collection = &store.discoverers;
    if (kind == "schema") {
        collection = &store.schemas;
        const std::size_t slash = key.find('/');
        if (slash != std::string::npos) {
            key = Store::schema_key(key.substr(0, slash), key.substr(slash + 1));
        }
    }
    if (collection == nullptr) {
        throw AwsError("BadRequestException", "Invalid resource ARN " + text + ".");
    }
    if (collection->find(context.caller.scope(), key) == nullptr) {
        throw AwsError("NotFoundException", "Resource " + text + " does not exist.", 404);
    }
    return {collection, key};
}

Json change_tags(Store& store, Context& context, const Json& input,
                 const std::function<void(Json& tags)>& change) {
    const auto [collection, key] = tagged(store, context, string_member(input, "ResourceArn"));
    Json document = *collection->find(context.caller.scope(), key);
    Json tags = document.value("tags", Json::object());
    change(tags);
    document["tags"] = std::move(tags);
    collection->put(context.caller.scope(), key, std::move(document));
    return nullptr;
}

Json tag_resource(Store& store, Context& context, const Json& input) {
    return change_tags(store, context, input, [&](Json& tags) {
        for (const auto& [name, value] : input["tags"].items()) tags[name] = value;
    });
}

Json untag_resource(Store& store, Context& context, const Json& input) {
    return change_tags(store, context, input, [&](Json& tags) {
        for (const Json& name : input["TagKeys"]) tags.erase(name.get<std::string>());
    });
}

Json list_tags(Store& store, Context& context, const Json& input) {
    const auto [collection, key] = tagged(store, context, string_member(input, "ResourceArn"));
    const Json& document = *collection->find(context.caller.scope(), key);
    return {{"tags", document.value("tags", Json::object())}};
}

}  // namespace

void add_registry_operations(Service& service, Store& store) {
    using namespace shape;
    const Shape registry_name = string(1, 64, "[0-9A-Za-z_.\\-@]+");
    const Shape::Member name = required("RegistryName", registry_name);
    const Shape::Member maybe_name = optional("RegistryName", registry_name);
    const Shape::Member description = optional("Description", string(0, 256));
    const Shape::Member tags = optional("tags", map(string(1, 128), string(0, 256)));
    const Shape::Member arn = required("ResourceArn", string(1, 1600));
    const char* uri = "/v1/registries/name/{RegistryName}";
    add_row(service, store, {"CreateRegistry", "POST", uri, 201, {name, description, tags}, {}},
            create_registry);
    add_row(service, store, {"DescribeRegistry", "GET", uri, 200, {name}, {}}, describe_registry);
    add_row(service, store, {"UpdateRegistry", "PUT", uri, 200, {name, description}, {}},
            update_registry);
    add_row(service, store, {"DeleteRegistry", "DELETE", uri, 204, {name}, {}}, delete_registry);
    add_row(service, store,
            {"ListRegistries",
             "GET",
             "/v1/registries",
             200,
             {optional("Limit", integer()), optional("Scope", enumeration({"LOCAL", "AWS"}))},
             {{"Limit", "limit"},
              {"NextToken", "nextToken"},
              {"RegistryNamePrefix", "registryNamePrefix"},
              {"Scope", "scope"}}},
            list_registries);
    const std::vector<std::pair<std::string, std::string>> by_query = {
        {"RegistryName", "registryName"}};
    add_row(service, store, {"GetResourcePolicy", "GET", "/v1/policy", 200, {maybe_name}, by_query},
            get_policy);
    add_row(service, store,
            {"PutResourcePolicy",
             "PUT",
             "/v1/policy",
             200,
             {maybe_name, required("Policy", string(1)), optional("RevisionId", string())},
             by_query},
            put_policy);
    add_row(service, store,
            {"DeleteResourcePolicy", "DELETE", "/v1/policy", 204, {maybe_name}, by_query},
            delete_policy);
    const char* tags_uri = "/tags/{ResourceArn+}";
    add_row(service, store,
            {"TagResource",
             "POST",
             tags_uri,
             204,
             {arn, required("tags", map(string(1, 128), string(0, 256)))},
             {}},
            tag_resource);
    add_row(service, store,
            {"UntagResource",
             "DELETE",
             tags_uri,
             204,
             {arn, required("TagKeys", list(string(1, 128)))},
             {{"TagKeys", "tagKeys"}}},
            untag_resource);
    add_row(service, store, {"ListTagsForResource", "GET", tags_uri, 200, {arn}, {}}, list_tags);
}

}  // namespace skafu::schemas
