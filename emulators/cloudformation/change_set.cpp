#include "cloudformation/change_set.h"

#include <algorithm>

namespace skafu::cloudformation {
namespace {

std::string_view kind_of_change(const Json& before, const Json& after, const std::string& name) {
    if (find_member(before, name) == nullptr) return "Add";
    return find_member(after, name) == nullptr ? "Remove" : "Modify";
}

Json property_changes(const Json& before, const Json& after, const Json& replacing) {
    Json details = Json::array();
    for (const std::string& name : changed_properties(before, after)) {
        const bool replaces =
            std::find(replacing.begin(), replacing.end(), name) != replacing.end();
        Json target = {{"Attribute", "Properties"},
                       {"Name", name},
                       {"RequiresRecreation", replaces ? "Always" : "Never"}};
        target["AttributeChangeType"] = kind_of_change(before, after, name);
        details.push_back({{"Target", std::move(target)},
                           {"Evaluation", "Static"},
                           {"ChangeSource", "DirectModification"}});
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

Json modification(const std::string& id, const Json& known, const Json& resource) {
    const Json was = known.value("Properties", Json::object());
    const Json is = resource.value("Properties", Json::object());
    const Json replacing = resource.value("ReplacedBy", Json::array());
    Json entry = change("Modify", id, known);
    entry["Scope"].push_back("Properties");
    entry["Replacement"] = replacing.empty() ? "False" : "True";
    if (!replacing.empty()) entry["PolicyAction"] = "ReplaceAndDelete";
    entry["Details"] = property_changes(was, is, replacing);
    entry["BeforeContext"] = context_of(was);
    entry["AfterContext"] = context_of(is);
    return entry;
}

}  // namespace

std::vector<std::string> changed_properties(const Json& before, const Json& after) {
    std::vector<std::string> names;
    for (const auto& [name, value] : after.items()) {
        const Json* was = find_member(before, name);
        if (was == nullptr || *was != value) names.push_back(name);
    }
    for (const auto& [name, value] : before.items()) {
        if (find_member(after, name) == nullptr) names.push_back(name);
    }
    return names;
}

bool replaces(const ResourceType& type, const std::string& property) {
    const auto& names = type.replaced_by;
    return !type.update || std::find(names.begin(), names.end(), property) != names.end();
}

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
        if (known->second.value("Properties", none) == is) continue;
        add(modification(id, known->second, resource));
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
