#include <charconv>

#include "core/aws_error.h"
#include "schemas/schemas.h"
#include "schemas/store.h"

namespace skafu::schemas {
namespace {

constexpr std::size_t kDefaultPage = 100;

AwsError not_found(const std::string& message) {
    return AwsError("NotFoundException", message, 404);
}

}  // namespace

Store::Store(Cloud& house)
    : cloud(house),
      registries(house.database(), "schemas", "registry"),
      schemas(house.database(), "schemas", "schema"),
      discoverers(house.database(), "schemas", "discoverer") {}

std::string Store::schema_key(const std::string& registry, const std::string& name) {
    return registry + "|" + name;
}

const Json& Store::require_registry(const Scope& scope, const std::string& name) const {
    const Json* registry = registries.find(scope, name);
    if (registry != nullptr) return *registry;
    throw not_found("Registry with name " + name + " does not exist.");
}

const Json& Store::require_schema(const Scope& scope, const std::string& registry,
                                  const std::string& name) const {
    require_registry(scope, registry);
    const Json* schema = schemas.find(scope, schema_key(registry, name));
    if (schema != nullptr) return *schema;
    throw not_found("Schema with name " + name + " does not exist.");
}

const Json& Store::require_discoverer(const Scope& scope, const std::string& id) const {
    const Json* discoverer = discoverers.find(scope, id);
    if (discoverer != nullptr) return *discoverer;
    throw not_found("Discoverer with id " + id + " does not exist.");
}

Json time_now(Cloud& cloud) {
    return iso8601_seconds(cloud.clock().now());
}

Json page_of(const Json& input, const char* member, Json all) {
    std::size_t from = 0;
    const std::string token = string_member(input, "NextToken");
    if (!token.empty()) {
        const auto read = std::from_chars(token.data(), token.data() + token.size(), from);
        if (read.ec != std::errc() || from > all.size()) {
            throw AwsError("BadRequestException", "Invalid NextToken.");
        }
    }
    const Json* limit = find_member(input, "Limit");
    const bool is_limited = limit != nullptr && limit->is_number() && limit->get<int>() > 0;
    const std::size_t most = is_limited ? limit->get<std::size_t>() : kDefaultPage;
    Json part = Json::array();
    for (std::size_t i = from; i < all.size() && part.size() < most; ++i) {
        part.push_back(std::move(all[i]));
    }
    const std::size_t next = from + part.size();
    Json answer = {{member, std::move(part)}};
    if (next < all.size()) answer["NextToken"] = std::to_string(next);
    return answer;
}

void add_row(Service& service, Store& store, Row row,
             Json (*handler)(Store&, Context&, const Json&)) {
    Operation operation;
    operation.name = row.name;
    operation.http.method = row.method;
    operation.http.uri = row.uri;
    operation.http.status = row.status;
    operation.http.query = std::move(row.query);
    operation.input = shape::structure(std::move(row.members));
    service.add(std::move(operation), [&store, handler](Context& context, const Json& input) {
        return handler(store, context, input);
    });
}

void register_schemas(Cloud& cloud) {
    Store& store = cloud.own(std::make_unique<Store>(cloud));
    Service service;
    service.name = "schemas";
    service.protocols = {Protocol::rest_json};
    service.signing_names = {"schemas"};
    service.api_version = "2019-12-02";
    service.sdk_names = {"schemas"};
    service.validation_code = "BadRequestException";
    service.reset = [&store](const Scope* scope) {
        store.registries.clear(scope);
        store.schemas.clear(scope);
        store.discoverers.clear(scope);
    };
    service.describe = [&store](Service& service) {
        add_registry_operations(service, store);
        add_schema_operations(service, store);
        add_discoverer_operations(service, store);
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
}

}  // namespace skafu::schemas
