#include "stepfunctions/diagnostics.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/spelling.h"

namespace skafu::stepfunctions {

void Diagnostics::error(std::string message, std::string_view location, std::string hint) {
    Diagnostic found;
    found.message = std::move(message);
    found.location = std::string(location);
    found.hint = std::move(hint);
    all_.push_back(std::move(found));
}

void Diagnostics::warning(std::string code, std::string message, std::string_view location,
                          std::string hint) {
    Diagnostic found;
    found.code = std::move(code);
    found.message = std::move(message);
    found.location = std::string(location);
    found.hint = std::move(hint);
    found.is_warning = true;
    all_.push_back(std::move(found));
}

bool Diagnostics::has_errors() const {
    return std::any_of(all_.begin(), all_.end(),
                       [](const Diagnostic& found) { return !found.is_warning; });
}

std::string Diagnostics::text() const {
    std::string text;
    std::string hints;
    for (const Diagnostic& found : all_) {
        if (found.is_warning) continue;
        if (!text.empty()) text += ", ";
        text += found.code + ": " + found.message;
        if (!found.location.empty()) text += " at " + found.location;
        // AWS prints the location that this one does not have.
        if (found.code == "MISSING_END_STATE") text += " at null";
        if (!found.hint.empty()) hints += "\n" + found.hint;
    }
    return text + hints;
}

Json Diagnostics::to_json(std::size_t limit, std::string_view least_severity) const {
    Json list = Json::array();
    for (const Diagnostic& found : all_) {
        if (found.is_warning && least_severity == "ERROR") continue;
        if (list.size() == limit) break;
        Json entry = {{"severity", found.is_warning ? "WARNING" : "ERROR"},
                      {"code", found.code},
                      {"message", found.message}};
        if (!found.hint.empty()) entry["message"] = found.message + "\n" + found.hint;
        if (!found.location.empty()) entry["location"] = found.location;
        list.push_back(std::move(entry));
    }
    return list;
}

std::string nearest_hint(std::string_view name, const std::vector<std::string>& candidates) {
    const std::string nearest = nearest_name(name, candidates);
    return nearest.empty() ? std::string() : fmt::format("Did you mean '{}'?", nearest);
}

}  // namespace skafu::stepfunctions
