#include "stepfunctions/map_settings.h"

#include <charconv>
#include <cmath>

#include "core/text.h"
#include "stepfunctions/failure.h"

namespace skafu::stepfunctions {
namespace {

/// Numbers may come as text ("1").
std::optional<double> number_of(const Json& value) {
    if (value.is_number()) return value.get<double>();
    if (!value.is_string()) return std::nullopt;
    const std::string& text = value.get_ref<const std::string&>();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string_view type_word(const Json& value) {
    return value.is_number()    ? "number"
           : value.is_string()  ? "string"
           : value.is_boolean() ? "boolean"
           : value.is_null()    ? "null"
           : value.is_array()   ? "array"
                                : "object";
}

[[noreturn]] void refuse(const Setting& setting, const Json& value, const std::string& field,
                         std::string_view wanted) {
    if (setting.expression) {
        throw evaluation_failure(
            fmt::format("The JSONata expression '{}' specified for the field '{}' returned an "
                        "unexpected result type. Expected '{}', but was '{}' for value: {}",
                        setting.expression->text(), field, wanted, type_word(value),
                        to_text(value)),
            field);
    }
    throw runtime_failure(
        fmt::format("The {}Path field refers to value \"{}\" which is not a valid {}: {}", field,
                    plain_text(value), wanted, setting.path ? setting.path->text() : ""));
}

std::optional<Json> value_of(const Setting& setting, StateScope& scope, const std::string& field) {
    if (!setting.given()) return std::nullopt;
    if (setting.constant) return setting.constant;
    if (setting.expression) return setting.expression->evaluate(scope, field);
    return read_plain(*setting.path, scope);
}

}  // namespace

std::optional<std::int64_t> whole_number(const Setting& setting, StateScope& scope,
                                         const std::string& field) {
    const std::optional<Json> value = value_of(setting, scope, field);
    if (!value) return std::nullopt;
    const std::optional<double> number = number_of(*value);
    constexpr double kLimit = 9e15;
    if (!number || *number != std::floor(*number) || std::abs(*number) > kLimit) {
        refuse(setting, *value, field, "integer");
    }
    return static_cast<std::int64_t>(*number);
}

std::size_t max_concurrency(const State& state, StateScope& scope) {
    const auto value = whole_number(state.map->max_concurrency, scope, "MaxConcurrency");
    if (!value) return 0;
    if (*value >= 0) return static_cast<std::size_t>(*value);
    const std::string cause = "MaxConcurrency cannot be negative.";
    if (state.is_jsonata()) throw evaluation_failure(cause, "MaxConcurrency");
    throw runtime_failure(cause);
}

Json MapItems::described(std::size_t index, Json item) const {
    Json result = {{"Index", index}};
    if (has_keys) {
        result["Key"] = std::move(item["Key"]);
        result["Value"] = std::move(item["Value"]);
    } else {
        result["Value"] = std::move(item);
    }
    const auto after = std::find_if(sources.begin(), sources.end(),
                                    [index](const auto& source) { return source.first > index; });
    if (after != sources.begin()) result["Source"] = std::prev(after)->second;
    return result;
}

Json entries_of(Json object) {
    Json entries = Json::array();
    for (auto& [key, value] : object.items()) {
        entries.push_back({{"Key", key}, {"Value", std::move(value)}});
    }
    return entries;
}

MapItems map_items(const State& state, StateScope& scope) {
    const MapPart& part = *state.map;
    Json list = part.items                               ? part.items->evaluate(scope, "Items")
                : part.items_path && !state.is_jsonata() ? read_plain(*part.items_path, scope)
                                                         : scope.input();
    MapItems items;
    items.has_keys = part.distributed && list.is_object();
    if (part.distributed) items.sources.emplace_back(0, "STATE_DATA");
    if (list.is_array() || items.has_keys) {
        items.list = items.has_keys ? entries_of(std::move(list)) : std::move(list);
        return items;
    }
    if (!state.is_jsonata()) {
        const std::string path = part.items_path ? part.items_path->text() : "$";
        throw runtime_failure("Reference path \"" + path + "\" must point to array.");
    }
    if (!part.items) {
        throw evaluation_failure("Map state input must be an array but was: " + to_text(list), "");
    }
    throw evaluation_failure(
        fmt::format("The JSONata expression '{}' specified for the field 'Items' returned an "
                    "unexpected result type. Expected 'array', but was '{}' for value: {}",
                    part.items->expression_text(), type_word(list), to_text(list)),
        "Items");
}

Failure too_many_failures() {
    Failure failure;
    failure.error = "States.ExceedToleratedFailureThreshold";
    failure.cause = "The specified tolerated failure threshold was exceeded";
    return failure;
}

FailureTolerance tolerated_failures(const State& state, StateScope& scope) {
    FailureTolerance result;
    const auto count = whole_number(state.map->tolerated_count, scope, "ToleratedFailureCount");
    const auto fail = [&state](const std::string& cause, const std::string& field) {
        if (state.is_jsonata()) throw evaluation_failure(cause, field);
        throw runtime_failure(cause);
    };
    if (count) {
        if (*count < 0) fail("ToleratedFailureCount cannot be negative.", "ToleratedFailureCount");
        result.count = *count;
        result.has_count = true;
    }
    const Setting& setting = state.map->tolerated_percentage;
    const auto value = value_of(setting, scope, "ToleratedFailurePercentage");
    if (value) {
        const auto number = number_of(*value);
        if (!number) refuse(setting, *value, "ToleratedFailurePercentage", "float");
        if (*number < 0 || *number > 100) {
            fail("ToleratedFailurePercentage must be between 0 and 100.",
                 "ToleratedFailurePercentage");
        }
        result.percentage = *number;
        result.has_percentage = true;
    }
    return result;
}

}  // namespace skafu::stepfunctions
