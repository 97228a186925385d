#pragma once

#include <string>

#include "core/cloud.h"

namespace skafu::schemas {

/// What the registry knows: registries by name, schemas by "registry|name" with all their
/// versions, discoverers by id.
struct Store {
    explicit Store(Cloud& house);

    /// Each throws AwsError NotFoundException where there is no such thing.
    const Json& require_registry(const Scope& scope, const std::string& name) const;
    const Json& require_schema(const Scope& scope, const std::string& registry,
                               const std::string& name) const;
    const Json& require_discoverer(const Scope& scope, const std::string& id) const;

    static std::string schema_key(const std::string& registry, const std::string& name);

    Cloud& cloud;
    Collection registries;
    Collection schemas;
    Collection discoverers;
};

/// Where discovered schemas go.
inline constexpr const char* kDiscovered = "discovered-schemas";

/// "2026-01-31T12:00:00Z" of now, as the service writes times.
Json time_now(Cloud& cloud);

/// A list cut to Limit, from NextToken on: `member` holds it, and NextToken is there when more
/// follows. Throws AwsError BadRequestException for a token that we did not give.
Json page_of(const Json& input, const char* member, Json all);

/// The rows of the table, by theme. `store` must outlive the service.
void add_registry_operations(Service& service, Store& store);
void add_schema_operations(Service& service, Store& store);
void add_discoverer_operations(Service& service, Store& store);

namespace resources {
/// CloudFormation's AWS::EventSchemas types.
void add_types(Cloud& cloud);
}  // namespace resources

/// A row: name, method, URI and status of an operation, and what it takes.
struct Row {
    const char* name;
    const char* method;
    const char* uri;
    int status;
    std::vector<Shape::Member> members;
    std::vector<std::pair<std::string, std::string>> query;
};
void add_row(Service& service, Store& store, Row row,
             Json (*handler)(Store&, Context&, const Json&));

}  // namespace skafu::schemas
