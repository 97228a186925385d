#include "cloudformation/change_set.h"

namespace skafu::cloudformation {
namespace {

Json property_changes(const Json& before, const Json& after) {
    Json details = Json::array();
    const auto detail = [&](const std::string& name, std::string_view kind) {
        Json target = {
            {"Attribute", "Properties"}, {"Name", name}, {"RequiresRecreation", "Never"}};
        target["AttributeChangeType"] = kind;
        details.push_back({{"Target", std::move(target)},
                           {"Evaluation", "Static"},
                           {"ChangeSource", "DirectModification"}});
    };
    for (const auto& [name, value] : after.items()) {
        const Json* was = find_member(before, name);
        if (was == nullptr)
            detail(name, "Add");
        else if (*was != value)
            detail(name, "Modify");
    }
    for (const auto& [name, value] : before.items()) {
        if (find_member(after, name) == nullptr) detail(name, "Remove");
    }
    return details;
}

Json context_of(const Json& properties) {
    return to_text(Json{{"Properties", properties}});
}

Json change(std::string_view action, const std::string& id, const Json& resource) {
    Json entry = {{"Action", action},
                  {"LogicalResourceId", id},
                  {"ResourceType", resource["ResourceType"]},
                  {"Scope", Json::array()},
                  {"Details", Json::array()}};
    const std::string physical = string_member(resource, "PhysicalResourceId");
    if (!physical.empty()) entry["PhysicalResourceId"] = physical;
    return entry;
}

}  // namespace

Json changes_between(const std::map<std::string, Json>& before,
                     const std::map<std::string, Json>& after) {
    Json changes = Json::array();
    const auto add = [&](Json entry) {
        changes.push_back({{"Type", "Resource"}, {"ResourceChange", std::move(entry)}});
    };
    const Json none = Json::object();
    for (const auto& [id, resource] : after) {
        const auto known = before.find(id);
        const Json is = resource.value("Properties", none);
        if (known == before.end()) {
            Json entry = change("Add", id, resource);
            entry["AfterContext"] = context_of(is);
            add(std::move(entry));
            continue;
        }
        const Json was = known->second.value("Properties", none);
        if (was == is) continue;
        Json entry = change("Modify", id, known->second);
        entry["Scope"].push_back("Properties");
        entry["Replacement"] = "False";
        entry["Details"] = property_changes(was, is);
        entry["BeforeContext"] = context_of(was);
        entry["AfterContext"] = context_of(is);
        add(std::move(entry));
    }
    for (const auto& [id, resource] : before) {
        if (after.contains(id)) continue;
        Json entry = change("Remove", id, resource);
        entry["PolicyAction"] = string_member(resource, "DeletionPolicy", "Delete");
        entry["BeforeContext"] = context_of(resource.value("Properties", none));
        add(std::move(entry));
    }
    return changes;
}

}  // namespace skafu::cloudformation
