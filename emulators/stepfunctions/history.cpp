#include "stepfunctions/history.h"

#include <set>

#include "stepfunctions/integration.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::string_view kDetails = "EventDetails";

}  // namespace

std::string_view kept_text(std::string_view text) {
    static std::set<std::string, std::less<>> kept;
    const auto found = kept.find(text);
    return found != kept.end() ? *found : *kept.emplace(text).first;
}

std::string_view details_name(std::string_view type) {
    if (type.ends_with("StateEntered")) return "stateEnteredEventDetails";
    if (type.ends_with("StateExited")) return "stateExitedEventDetails";
    std::string name(type);
    if (!name.empty()) name[0] = static_cast<char>(std::tolower(name[0]));
    return kept_text(name + std::string(kDetails));
}

Json event_details(const HistoryEvent& event, ExecutionData data) {
    Json details = event.extra.is_object() ? event.extra : Json::object();
    if (data == ExecutionData::left_out) {
        // An event that was restored has its data among its further members.
        for (const char* member : {"assignedVariables", "assignedVariablesDetails", "parameters",
                                   "input", "inputDetails", "output", "outputDetails"}) {
            details.erase(member);
        }
    }
    if (event.integration != nullptr) {
        details["resource"] = event.integration->resource;
        details["resourceType"] = event.integration->resource_type;
    }
    if (event.index >= 0) details["index"] = event.index;
    if (!event.name.empty()) details["name"] = event.name;
    if (event.data && data == ExecutionData::included) {
        details[std::string(event.data_member)] = *event.data;
        if (event.data_member != "parameters") {
            details[std::string(event.data_member) + "Details"] = {{"truncated", false}};
        }
    }
    return details;
}

Json event_to_json(const HistoryEvent& event, ExecutionData data) {
    Json json = {{"timestamp", epoch_seconds(event.time)},
                 {"type", event.type},
                 {"id", event.id},
                 {"previousEventId", event.previous}};
    if (!event.details.empty()) {
        json[std::string(event.details)] = event_details(event, data);
    }
    return json;
}

HistoryEvent event_from_json(const Json& json) {
    HistoryEvent event;
    event.id = json.value("id", std::int64_t{0});
    event.previous = json.value("previousEventId", std::int64_t{0});
    event.time = from_epoch_seconds(json.value("timestamp", 0.0));
    event.type = kept_text(string_member(json, "type"));
    for (const auto& [key, member] : json.items()) {
        if (!key.ends_with(kDetails)) continue;
        event.details = kept_text(key);
        event.extra = member;
    }
    return event;
}

}  // namespace skafu::stepfunctions
