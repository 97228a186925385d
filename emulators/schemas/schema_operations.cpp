#include <algorithm>
#include <cctype>
#include <sstream>

#include "core/arn.h"
#include "core/aws_error.h"
#include "schemas/inference.h"
#include "schemas/store.h"

namespace skafu::schemas {
namespace {

AwsError bad_request(const std::string& message) {
    return AwsError("BadRequestException", message);
}

/// Whether an "openapi" member satisfies the pattern of OpenAPI 3.0: ^3\.0\.\d(-.+)?$
bool is_openapi_3_0(const std::string& version) {
    constexpr std::size_t kShortest = 5;
    return version.starts_with("3.0.") && version.size() >= kShortest &&
           std::isdigit(static_cast<unsigned char>(version[4])) != 0 &&
           (version.size() == kShortest || (version[5] == '-' && version.size() > kShortest + 1));
}

/// Throws BadRequestException where it is not of its type.
void check_content(const std::string& type, const std::string& content) {
    Json document;
    try {
        document = parse_json(content);
    } catch (const JsonError&) {
        throw bad_request("Content is not valid JSON");
    }
    if (!document.is_object()) {
        throw bad_request("The schema content is not a valid " + type + " schema.");
    }
    if (type != kOpenApi) return;
    if (!is_openapi_3_0(string_member(document, "openapi"))) {
        throw bad_request("'openapi' does not match pattern '^3\\.0\\.\\d(-.+)?$'");
    }
    if (document.contains("$schema")) {
        throw bad_request("additionalProperties '$schema' not allowed");
    }
}

Json version_of(Store& store, int number, const Json& input, const std::string& type) {
    return {{"SchemaVersion", std::to_string(number)},
            {"Type", type},
            {"Content", input["Content"]},
            {"VersionCreatedDate", time_now(store.cloud)}};
}

/// The version that a request names, or the latest.
const Json& require_version(const Json& schema, const Json& input) {
    const Json& versions = *find_member(schema, "Versions");
    const std::string wanted = string_member(input, "SchemaVersion");
    if (wanted.empty()) return versions.back();
    for (const Json& version : versions) {
        if (string_member(version, "SchemaVersion") == wanted) return version;
    }
    throw AwsError("NotFoundException",
                   fmt::format("Schema version {} of schema {} does not exist.", wanted,
                               string_member(schema, "SchemaName")),
                   404);
}

Json described_schema(const Json& schema, const Json& version, bool with_content) {
    Json answer = Json::object();
    if (with_content) answer["Content"] = version["Content"];
    for (const char* name : {"Description", "LastModified", "SchemaArn", "SchemaName"}) {
        if (const Json* value = find_member(schema, name)) answer[name] = *value;
    }
    answer["SchemaVersion"] = version["SchemaVersion"];
    if (const Json* tags = find_member(schema, "tags")) answer["tags"] = *tags;
    answer["Type"] = version["Type"];
    answer["VersionCreatedDate"] = version["VersionCreatedDate"];
    return answer;
}

const Json& require_schema(Store& store, const Context& context, const Json& input) {
    return store.require_schema(context.caller.scope(), string_member(input, "RegistryName"),
                                string_member(input, "SchemaName"));
}

Json create_schema(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string registry = string_member(input, "RegistryName");
    const std::string name = string_member(input, "SchemaName");
    store.require_registry(scope, registry);
    const std::string key = Store::schema_key(registry, name);
    if (store.schemas.find(scope, key) != nullptr) {
        throw AwsError("ConflictException", "Schema with name " + name + " already exists.", 409);
    }
    const std::string type = string_member(input, "Type");
    check_content(type, string_member(input, "Content"));
    Json schema = {{"RegistryName", registry},
                   {"SchemaName", name},
                   {"SchemaArn", make_arn("schemas", scope.region, scope.account,
                                          "schema/" + registry + "/" + name)},
                   {"LastModified", time_now(store.cloud)},
                   {"LastVersion", 1}};
    for (const char* member : {"Description", "tags", "Learned"}) {
        if (const Json* value = find_member(input, member)) schema[member] = *value;
    }
    schema["Versions"] = Json::array({version_of(store, 1, input, type)});
    Json answer = described_schema(schema, schema["Versions"][0], false);
    store.schemas.put(scope, key, std::move(schema));
    return answer;
}

Json update_schema(Store& store, Context& context, const Json& input) {
    Json schema = require_schema(store, context, input);
    const std::string type =
        string_member(input, "Type", string_member(schema["Versions"].back(), "Type"));
    if (input.contains("Content")) {
        check_content(type, string_member(input, "Content"));
        const int number = schema["LastVersion"].get<int>() + 1;
        schema["LastVersion"] = number;
        schema["Versions"].push_back(version_of(store, number, input, type));
    }
    for (const char* member : {"Description", "Learned"}) {
        if (const Json* value = find_member(input, member)) schema[member] = *value;
    }
    schema["LastModified"] = time_now(store.cloud);
    Json answer = described_schema(schema, schema["Versions"].back(), false);
    const std::string key = Store::schema_key(string_member(schema, "RegistryName"),
                                              string_member(schema, "SchemaName"));
    store.schemas.put(context.caller.scope(), key, std::move(schema));
    return answer;
}

Json describe_schema(Store& store, Context& context, const Json& input) {
    const Json& schema = require_schema(store, context, input);
    return described_schema(schema, require_version(schema, input), true);
}

Json delete_schema(Store& store, Context& context, const Json& input) {
    const Json& schema = require_schema(store, context, input);
    const std::string key = Store::schema_key(string_member(schema, "RegistryName"),
                                              string_member(schema, "SchemaName"));
    store.schemas.erase(context.caller.scope(), key);
    return nullptr;
}

Json delete_version(Store& store, Context& context, const Json& input) {
    Json schema = require_schema(store, context, input);
    const std::string wanted = string_member(require_version(schema, input), "SchemaVersion");
    if (schema["Versions"].size() == 1) return delete_schema(store, context, input);
    Json kept = Json::array();
    for (const Json& version : schema["Versions"]) {
        if (string_member(version, "SchemaVersion") != wanted) kept.push_back(version);
    }
    schema["Versions"] = std::move(kept);
    const std::string key = Store::schema_key(string_member(schema, "RegistryName"),
                                              string_member(schema, "SchemaName"));
    store.schemas.put(context.caller.scope(), key, std::move(schema));
    return nullptr;
}

Json list_schemas(Store& store, Context& context, const Json& input) {
    const std::string registry = string_member(input, "RegistryName");
    const std::string prefix = string_member(input, "SchemaNamePrefix");
    store.require_registry(context.caller.scope(), registry);
    Json all = Json::array();
    store.schemas.for_each(context.caller.scope(), [&](const std::string&, const Json& schema) {
        if (string_member(schema, "RegistryName") != registry ||
            !string_member(schema, "SchemaName").starts_with(prefix)) {
            return true;
        }
        Json one = Json::object();
        for (const char* name : {"LastModified", "SchemaArn", "SchemaName", "tags"}) {
            if (const Json* value = find_member(schema, name)) one[name] = *value;
        }
        one["VersionCount"] = find_member(schema, "Versions")->size();
        all.push_back(std::move(one));
        return true;
    });
    return page_of(input, "Schemas", std::move(all));
}

Json list_versions(Store& store, Context& context, const Json& input) {
    const Json& schema = require_schema(store, context, input);
    Json all = Json::array();
    for (const Json& version : *find_member(schema, "Versions")) {
        all.push_back({{"SchemaArn", string_member(schema, "SchemaArn")},
                       {"SchemaName", string_member(schema, "SchemaName")},
                       {"SchemaVersion", string_member(version, "SchemaVersion")},
                       {"Type", string_member(version, "Type")}});
    }
    return page_of(input, "SchemaVersions", std::move(all));
}

std::string lowered(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

bool contains_all(const std::string& text, const std::vector<std::string>& words) {
    return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return text.find(word) != std::string::npos;
    });
}

/// The schemas of a registry of which some version, or the name, has all the words.
Json search_schemas(Store& store, Context& context, const Json& input) {
    const std::string registry = string_member(input, "RegistryName");
    store.require_registry(context.caller.scope(), registry);
    std::vector<std::string> words;
    std::istringstream keywords(lowered(string_member(input, "Keywords")));
    for (std::string word; keywords >> word;) words.push_back(word);
    Json all = Json::array();
    store.schemas.for_each(context.caller.scope(), [&](const std::string&, const Json& schema) {
        if (string_member(schema, "RegistryName") != registry) return true;
        const std::string name = string_member(schema, "SchemaName");
        Json found = Json::array();
        for (const Json& version : *find_member(schema, "Versions")) {
            if (!contains_all(lowered(name + " " + string_member(version, "Content")), words)) {
                continue;
            }
            found.push_back({{"CreatedDate", version["VersionCreatedDate"]},
                             {"SchemaVersion", version["SchemaVersion"]},
                             {"Type", version["Type"]}});
        }
        if (found.empty()) return true;
        all.push_back({{"RegistryName", registry},
                       {"SchemaArn", string_member(schema, "SchemaArn")},
                       {"SchemaName", name},
                       {"SchemaVersions", std::move(found)}});
        return true;
    });
    return page_of(input, "Schemas", std::move(all));
}

Json export_schema(Store& store, Context& context, const Json& input) {
    const Json& schema = require_schema(store, context, input);
    const Json& version = require_version(schema, input);
    const std::string type = string_member(input, "Type");
    std::string content = string_member(version, "Content");
    if (type != string_member(version, "Type")) {
        if (type != kDraft4) throw bad_request("Schemas can only be exported to JSONSchemaDraft4.");
        content = openapi_to_draft4(content);
    }
    return {{"Content", std::move(content)},
            {"SchemaArn", string_member(schema, "SchemaArn")},
            {"SchemaName", string_member(schema, "SchemaName")},
            {"SchemaVersion", string_member(version, "SchemaVersion")},
            {"Type", type}};
}

Json get_discovered_schema(Store&, Context&, const Json& input) {
    Learned learned;
    bool is_first = true;
    for (const Json& text : input["Events"]) {
        Json event;
        try {
            event = parse_json(text.get<std::string>());
        } catch (const JsonError&) {
            throw bad_request("An event is not valid JSON.");
        }
        if (!event.is_object()) throw bad_request("An event is not a JSON object.");
        Learned more = learn(event);
        if (!is_first &&
            (more.source != learned.source || more.detail_type != learned.detail_type)) {
            throw bad_request("The events are not all of one source and detail type.");
        }
        if (!is_first) more.content = merge(learned.content, more.content);
        learned = std::move(more);
        is_first = false;
    }
    return {{"Content", learned.text(string_member(input, "Type"))}};
}

Json no_code_bindings(Store& store, Context& context, const Json& input) {
    require_version(require_schema(store, context, input), input);
    throw AwsError("NotFoundException",
                   "Code bindings are not emulated: generate them with a tool of your language "
                   "from what ExportSchema gives.",
                   404);
}

}  // namespace

void add_schema_operations(Service& service, Store& store) {
    using namespace shape;
    const Shape::Member registry = required("RegistryName", string(1, 64, "[0-9A-Za-z_.\\-@]+"));
    const Shape::Member name = required("SchemaName", string(1, 385, "[0-9A-Za-z_.\\-@]+"));
    const Shape::Member number = optional("SchemaVersion", string());
    const Shape::Member description = optional("Description", string(0, 256));
    const Shape::Member tags = optional("tags", map(string(1, 128), string(0, 256)));
    const Shape::Member limit = optional("Limit", integer());
    const Shape type = enumeration({kOpenApi, kDraft4});
    const Shape content = string(1, 100000);
    const std::string all = "/v1/registries/name/{RegistryName}/schemas";
    const std::string one = all + "/name/{SchemaName}";
    const auto add = [&](const char* operation, const char* method, const std::string& uri,
                         int status, std::vector<Shape::Member> members,
                         std::vector<std::pair<std::string, std::string>> query,
                         Json (*handler)(Store&, Context&, const Json&)) {
        add_row(service, store,
                {operation, method, uri.c_str(), status, std::move(members), std::move(query)},
                handler);
    };
    using Query = std::vector<std::pair<std::string, std::string>>;
    const Query version = {{"SchemaVersion", "schemaVersion"}};
    const Query paging = {{"Limit", "limit"}, {"NextToken", "nextToken"}};
    add("CreateSchema", "POST", one, 201,
        {registry, name, required("Content", content), required("Type", type), description, tags},
        {}, create_schema);
    add("UpdateSchema", "PUT", one, 200,
        {registry, name, optional("Content", content), optional("Type", type), description,
         optional("ClientTokenId", string(0, 36))},
        {}, update_schema);
    add("DescribeSchema", "GET", one, 200, {registry, name, number}, version, describe_schema);
    add("DeleteSchema", "DELETE", one, 204, {registry, name}, {}, delete_schema);
    add("DeleteSchemaVersion", "DELETE", one + "/version/{SchemaVersion}", 204,
        {registry, name, number}, {}, delete_version);
    Query by_prefix = paging;
    by_prefix.emplace_back("SchemaNamePrefix", "schemaNamePrefix");
    add("ListSchemas", "GET", all, 200, {registry, limit}, by_prefix, list_schemas);
    add("ListSchemaVersions", "GET", one + "/versions", 200, {registry, name, limit}, paging,
        list_versions);
    Query by_words = paging;
    by_words.emplace_back("Keywords", "keywords");
    add("SearchSchemas", "GET", all + "/search", 200,
        {registry, limit, required("Keywords", string(1))}, by_words, search_schemas);
    Query export_query = version;
    export_query.emplace_back("Type", "type");
    add("ExportSchema", "GET", one + "/export", 200,
        {registry, name, number, required("Type", type)}, export_query, export_schema);
    add("GetDiscoveredSchema", "POST", "/v1/discover", 200,
        {required("Events", list(string(1, 100000), 1, 10)), required("Type", type)}, {},
        get_discovered_schema);
    const std::string binding = one + "/language/{Language}";
    add("PutCodeBinding", "POST", binding, 202, {registry, name}, version, no_code_bindings);
    add("DescribeCodeBinding", "GET", binding, 200, {registry, name}, version, no_code_bindings);
    add("GetCodeBindingSource", "GET", binding + "/source", 200, {registry, name}, version,
        no_code_bindings);
}

}  // namespace skafu::schemas
