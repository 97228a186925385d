#include "stepfunctions/field_rules.h"

#include <array>

#include <fmt/format.h>

namespace skafu::stepfunctions {
namespace {

enum class Language { both, path, query };

constexpr unsigned bit(StateType type) {
    return 1U << static_cast<unsigned>(type);
}

constexpr unsigned kAll = 0xff;
constexpr unsigned kPass = bit(StateType::Pass);
constexpr unsigned kTask = bit(StateType::Task);
constexpr unsigned kChoice = bit(StateType::Choice);
constexpr unsigned kWait = bit(StateType::Wait);
constexpr unsigned kFail = bit(StateType::Fail);
constexpr unsigned kParallel = bit(StateType::Parallel);
constexpr unsigned kMap = bit(StateType::Map);
constexpr unsigned kWork = kTask | kParallel | kMap;

struct FieldRow {
    std::string_view name;
    unsigned types;
    Language language = Language::both;
};

// The fields of each type of state (Amazon States Language, "State types"). Next and End are let
// through everywhere.
constexpr std::array<FieldRow, 48> kFields{{
    {"Type", kAll},
    {"Comment", kAll},
    {"QueryLanguage", kAll},
    {"Next", kAll},
    {"End", kAll},
    {"InputPath", kAll & ~kFail, Language::path},
    {"OutputPath", kAll & ~kFail, Language::path},
    {"Parameters", kPass | kWork, Language::path},
    {"Result", kPass, Language::path},
    {"ResultPath", kPass | kWork, Language::path},
    {"ResultSelector", kWork, Language::path},
    {"Assign", kPass | kChoice | kWait | kWork},
    {"Output", kAll & ~kFail, Language::query},
    {"Arguments", kTask | kParallel, Language::query},
    {"Resource", kTask},
    {"Credentials", kTask},
    {"TimeoutSeconds", kTask},
    {"TimeoutSecondsPath", kTask, Language::path},
    {"HeartbeatSeconds", kTask},
    {"HeartbeatSecondsPath", kTask, Language::path},
    {"Retry", kWork},
    {"Catch", kWork},
    {"Choices", kChoice},
    {"Default", kChoice},
    {"Seconds", kWait},
    {"SecondsPath", kWait, Language::path},
    {"Timestamp", kWait},
    {"TimestampPath", kWait, Language::path},
    {"Error", kFail},
    {"ErrorPath", kFail, Language::path},
    {"Cause", kFail},
    {"CausePath", kFail, Language::path},
    {"Branches", kParallel},
    {"ItemProcessor", kMap},
    {"Iterator", kMap},
    {"ItemsPath", kMap, Language::path},
    {"Items", kMap, Language::query},
    {"ItemSelector", kMap},
    {"ItemReader", kMap},
    {"ItemBatcher", kMap},
    {"ResultWriter", kMap},
    {"MaxConcurrency", kMap},
    {"MaxConcurrencyPath", kMap, Language::path},
    {"Label", kMap},
    {"ToleratedFailureCount", kMap},
    {"ToleratedFailureCountPath", kMap, Language::path},
    {"ToleratedFailurePercentage", kMap},
    {"ToleratedFailurePercentagePath", kMap, Language::path},
}};

const FieldRow* find_field(std::string_view name) {
    for (const FieldRow& row : kFields) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

std::string not_supported(std::string_view field) {
    return fmt::format("Field '{}' is not supported", field);
}

std::string other_language(std::string_view field, QueryLanguage language) {
    const bool jsonata = language == QueryLanguage::jsonata;
    return fmt::format(
        "The QueryLanguage is set to '{}', but field '{}' is only supported for the '{}' "
        "QueryLanguage",
        jsonata ? "JSONata" : "JSONPath", field, jsonata ? "JSONPath" : "JSONata");
}

}  // namespace

void check_state_fields(const Json& definition, StateType type, QueryLanguage language,
                        bool any_language, const std::function<void(const FieldFault&)>& report) {
    for (const auto& [field, value] : definition.items()) {
        const FieldRow* row = find_field(field);
        if (row == nullptr) {
            std::vector<std::string> names;
            for (const FieldRow& known : kFields) {
                if ((known.types & bit(type)) != 0) names.emplace_back(known.name);
            }
            report({not_supported(field), nearest_hint(field, names), true});
            continue;
        }
        if ((row->types & bit(type)) == 0) {
            report({not_supported(field), {}});
            continue;
        }
        const bool is_other =
            row->language == Language::path
                ? language == QueryLanguage::jsonata
                : row->language == Language::query && language == QueryLanguage::jsonpath;
        if (is_other && !any_language) report({other_language(field, language), {}});
    }
}

std::string variable_name(const std::string& key, QueryLanguage language) {
    const bool is_path = language == QueryLanguage::jsonpath && key.ends_with(".$");
    return is_path ? key.substr(0, key.size() - 2) : key;
}

bool is_identifier(std::string_view name) {
    const auto is_letter = [](char c) {
        // Letters of other languages than English are not told from signs.
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               static_cast<unsigned char>(c) >= 0x80;
    };
    const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), is_inner);
}

void check_list_fields(const Json& definition, ListKind kind,
                       const std::function<void(const FieldFault&)>& report) {
    std::vector<std::string> names{"Comment", "StartAt", "States"};
    if (kind == ListKind::processor) names.emplace_back("ProcessorConfig");
    if (kind == ListKind::machine) {
        for (const char* name : {"Version", "TimeoutSeconds", "QueryLanguage"}) {
            names.emplace_back(name);
        }
    }
    for (const auto& [field, value] : definition.items()) {
        if (std::find(names.begin(), names.end(), field) != names.end()) continue;
        report({not_supported(field), nearest_hint(field, names), true});
    }
}

}  // namespace skafu::stepfunctions
