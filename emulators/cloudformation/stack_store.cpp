#include "cloudformation/stack_store.h"

namespace skafu::cloudformation {
namespace {

bool is_deleted(const Json& stack) {
    return string_member(stack, "StackStatus") == "DELETE_COMPLETE";
}

std::vector<Json> below(const Collection& collection, const Scope& scope,
                        const std::string& prefix) {
    std::vector<Json> found;
    collection.for_each(
        scope,
        [&](const std::string& key, const Json& document) {
            if (!key.starts_with(prefix)) return false;
            found.push_back(document);
            return true;
        },
        prefix);
    return found;
}

}  // namespace

StackStore::StackStore(Cloud& cloud)
    : cloud_(cloud),
      stacks_(cloud.database(), "cloudformation", "stack"),
      resources_(cloud.database(), "cloudformation", "resource"),
      events_(cloud.database(), "cloudformation", "event"),
      change_sets_(cloud.database(), "cloudformation", "change-set") {
    events_.for_each_scope([this](const Scope& scope) {
        events_.for_each(scope, [this](const std::string& key, const Json&) {
            last_event_ =
                std::max<std::uint64_t>(last_event_, std::stoull(key.substr(key.rfind('#') + 1)));
            return true;
        });
    });
}

std::string StackStore::now() const {
    return iso8601_millis(cloud_.clock().now());
}

const Json* StackStore::find(const Scope& scope, std::string_view name_or_id) const {
    if (name_or_id.starts_with("arn:")) return stacks_.find(scope, name_or_id);
    const Json* found = nullptr;
    stacks_.for_each(scope, [&](const std::string&, const Json& stack) {
        if (string_member(stack, "StackName") == name_or_id && !is_deleted(stack)) found = &stack;
        return found == nullptr;
    });
    return found;
}

void StackStore::put(const Scope& scope, const Json& stack) {
    stacks_.put(scope, string_member(stack, "StackId"), stack);
}

void StackStore::for_each(const Scope& scope,
                          const std::function<void(const Json& stack)>& visit) const {
    stacks_.for_each(scope, [&](const std::string&, const Json& stack) {
        visit(stack);
        return true;
    });
}

const Json* StackStore::find_resource(const Scope& scope, const std::string& stack_id,
                                      const std::string& logical_id) const {
    return resources_.find(scope, stack_id + '#' + logical_id);
}

std::vector<Json> StackStore::resources(const Scope& scope, const std::string& stack_id) const {
    return below(resources_, scope, stack_id + '#');
}

void StackStore::put_resource(const Scope& scope, const std::string& stack_id,
                              const Json& resource) {
    resources_.put(scope, stack_id + '#' + string_member(resource, "LogicalResourceId"), resource);
}

void StackStore::erase_resource(const Scope& scope, const std::string& stack_id,
                                const std::string& logical_id) {
    resources_.erase(scope, stack_id + '#' + logical_id);
}

void StackStore::add_event(const Scope& scope, const Json& stack, const Json& resource) {
    const std::string stack_id = string_member(stack, "StackId");
    Json event = {{"StackId", stack_id},
                  {"EventId", cloud_.entropy().uuid()},
                  {"StackName", stack["StackName"]},
                  {"LogicalResourceId", resource["LogicalResourceId"]},
                  {"PhysicalResourceId", resource.value("PhysicalResourceId", Json(""))},
                  {"ResourceType", resource["ResourceType"]},
                  {"Timestamp", now()},
                  {"ResourceStatus", resource["ResourceStatus"]}};
    if (const Json* reason = find_member(resource, "ResourceStatusReason")) {
        event["ResourceStatusReason"] = *reason;
    }
    if (const Json* properties = find_member(resource, "Properties")) {
        event["ResourceProperties"] = to_text(*properties);
    }
    events_.put(scope, fmt::format("{}#{:012}", stack_id, ++last_event_), std::move(event));
}

std::vector<Json> StackStore::events(const Scope& scope, const std::string& stack_id) const {
    return below(events_, scope, stack_id + '#');
}

const Json* StackStore::find_change_set(const Scope& scope, std::string_view name_or_id,
                                        std::string_view stack) const {
    if (name_or_id.starts_with("arn:")) return change_sets_.find(scope, name_or_id);
    const Json* found = nullptr;
    change_sets_.for_each(scope, [&](const std::string&, const Json& entry) {
        const bool of_stack =
            string_member(entry, "StackName") == stack || string_member(entry, "StackId") == stack;
        if (string_member(entry, "ChangeSetName") == name_or_id && of_stack) found = &entry;
        return found == nullptr;
    });
    return found;
}

void StackStore::put_change_set(const Scope& scope, const Json& change_set) {
    change_sets_.put(scope, string_member(change_set, "ChangeSetId"), change_set);
}

void StackStore::erase_change_set(const Scope& scope, const std::string& id) {
    change_sets_.erase(scope, id);
}

std::vector<Json> StackStore::change_sets(const Scope& scope, const std::string& stack_id) const {
    std::vector<Json> found;
    change_sets_.for_each(scope, [&](const std::string&, const Json& entry) {
        if (string_member(entry, "StackId") == stack_id) found.push_back(entry);
        return true;
    });
    return found;
}

const Json* StackStore::find_export(const Scope& scope, const std::string& name) const {
    const Json* found = nullptr;
    stacks_.for_each(scope, [&](const std::string&, const Json& stack) {
        const Json* exports = find_member(stack, "Exports");
        if (exports != nullptr && exports->contains(name) && !is_deleted(stack)) found = &stack;
        return found == nullptr;
    });
    return found;
}

std::vector<std::string> StackStore::importers(const Scope& scope, const std::string& name) const {
    std::vector<std::string> names;
    stacks_.for_each(scope, [&](const std::string&, const Json& stack) {
        const Json* imports = find_member(stack, "Imports");
        if (imports != nullptr && !is_deleted(stack) &&
            std::find(imports->begin(), imports->end(), Json(name)) != imports->end()) {
            names.push_back(string_member(stack, "StackName"));
        }
        return true;
    });
    return names;
}

void StackStore::clear(const Scope* scope) {
    for (Collection* collection : {&stacks_, &resources_, &events_, &change_sets_}) {
        collection->clear(scope);
    }
}

}  // namespace skafu::cloudformation
