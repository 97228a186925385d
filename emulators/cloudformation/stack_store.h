#pragma once

#include <string>
#include <vector>

#include "core/cloud.h"
#include "core/collection.h"

namespace skafu::cloudformation {

/// The stacks of the house, as they survive a restart.
///
/// A stack's document holds what DescribeStacks shows, under AWS's names, and: Template (text),
/// Given (parameters as given), Exports {name: value}, Imports [names], Order [logical ids].
/// A resource's document holds LogicalResourceId, PhysicalResourceId, ResourceType,
/// ResourceStatus, Timestamp, and: Properties (evaluated), Ref, Attributes, LocalPath, Inert.
class StackStore {
  public:
    explicit StackStore(Cloud& cloud);

    /// A stack by name (one that is not deleted) or by ARN; nullptr where there is none.
    const Json* find(const Scope& scope, std::string_view name_or_id) const;
    void put(const Scope& scope, const Json& stack);
    void for_each(const Scope& scope, const std::function<void(const Json& stack)>& visit) const;

    const Json* find_resource(const Scope& scope, const std::string& stack_id,
                              const std::string& logical_id) const;
    std::vector<Json> resources(const Scope& scope, const std::string& stack_id) const;
    void put_resource(const Scope& scope, const std::string& stack_id, const Json& resource);
    void erase_resource(const Scope& scope, const std::string& stack_id,
                        const std::string& logical_id);

    /// Adds an event of a stack or resource; the newest comes last.
    void add_event(const Scope& scope, const Json& stack, const Json& resource);
    std::vector<Json> events(const Scope& scope, const std::string& stack_id) const;

    const Json* find_change_set(const Scope& scope, std::string_view name_or_id,
                                std::string_view stack) const;
    void put_change_set(const Scope& scope, const Json& change_set);
    void erase_change_set(const Scope& scope, const std::string& id);
    std::vector<Json> change_sets(const Scope& scope, const std::string& stack_id) const;

    /// The stack that exports `name`, or nullptr.
    const Json* find_export(const Scope& scope, const std::string& name) const;
    /// Names of the stacks that import `name`.
    std::vector<std::string> importers(const Scope& scope, const std::string& name) const;

    void clear(const Scope* scope);
    std::string now() const;

  private:
    Cloud& cloud_;
    Collection stacks_;
    Collection resources_;
    Collection events_;
    Collection change_sets_;
    std::uint64_t last_event_ = 0;
};

/// The store of a house where CloudFormation is registered.
StackStore& stack_store(Cloud& cloud);

}  // namespace skafu::cloudformation
