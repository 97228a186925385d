#include "stepfunctions/sdk_names.h"

#include <array>

namespace skafu::stepfunctions {
namespace {

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

struct TypeName {
    std::string_view wire;
    std::string_view sdk;
    bool is_list;
};

constexpr std::array<TypeName, 5> kTypeNames{{
    {"BOOL", "Bool", false},
    {"NULL", "Nul", false},
    {"SS", "Ss", true},
    {"NS", "Ns", true},
    {"BS", "Bs", true},
}};

/// Members whose own members are keys of a map: data, not names.
constexpr std::array<std::string_view, 22> kMaps{"Attributes",
                                                 "CustomData",
                                                 "Environment",
                                                 "ExpressionAttributeNames",
                                                 "ExpressionAttributeValues",
                                                 "Headers",
                                                 "Item",
                                                 "Items",
                                                 "Key",
                                                 "Keys",
                                                 "LastEvaluatedKey",
                                                 "MessageAttributes",
                                                 "MessageSystemAttributes",
                                                 "Metadata",
                                                 "Parameters",
                                                 "Responses",
                                                 "StageVariables",
                                                 "Tags",
                                                 "UnprocessedItems",
                                                 "UnprocessedKeys",
                                                 "Variables",
                                                 "VersionIdsToStages"};

/// Gives attribute values other names for their types: an object of one member that is such a name
/// and has a value of its kind is one; an attribute of that name would have an object.
template <class From, class To>
void rename_types(Json& value, From from, To to) {
    if (value.is_array()) {
        for (Json& item : value) rename_types(item, from, to);
        return;
    }
    if (!value.is_object()) return;
    if (value.size() == 1) {
        for (const TypeName& type : kTypeNames) {
            const auto found = value.find(from(type));
            if (found == value.end()) continue;
            if (type.is_list ? !found->is_array() : !found->is_boolean()) continue;
            Json content = std::move(*found);
            value = Json::object();
            value[std::string(to(type))] = std::move(content);
            return;
        }
    }
    for (auto& [name, member] : value.items()) rename_types(member, from, to);
}

void rename_members(Json& value) {
    if (value.is_array()) {
        for (Json& item : value) rename_members(item);
        return;
    }
    if (!value.is_object()) return;
    Json result = Json::object();
    for (auto& [name, member] : value.items()) {
        const bool is_map = std::find(kMaps.begin(), kMaps.end(), name) != kMaps.end();
        // A list of structures may have the name that a map has elsewhere.
        const bool is_list = member.is_array() && name != "Items" && name != "Keys";
        if (!is_map || is_list) rename_members(member);
        result[sdk_name(name)] = std::move(member);
    }
    value = std::move(result);
}

}  // namespace

std::string sdk_name(std::string_view member) {
    std::string name(member);
    if (name.size() < 2 || !is_upper(name[0])) return name;
    for (std::size_t i = 1; i < name.size() && is_upper(name[i]); ++i) {
        const bool starts_word = i + 1 < name.size() && name[i + 1] >= 'a' && name[i + 1] <= 'z';
        if (starts_word) break;
        name[i] = static_cast<char>(name[i] - 'A' + 'a');
    }
    return name;
}

void to_wire_attributes(Json& value) {
    rename_types(
        value, [](const TypeName& type) { return type.sdk; },
        [](const TypeName& type) { return type.wire; });
}

void to_sdk_names(Json& output, std::string_view service) {
    if (service == "dynamodb") {
        rename_types(
            output, [](const TypeName& type) { return type.wire; },
            [](const TypeName& type) { return type.sdk; });
    }
    rename_members(output);
    // API Gateway's lists have the name of one of their items on the wire.
    if (service != "apigateway" || !output.is_object()) return;
    const auto items = output.find("Item");
    if (items == output.end() || !items->is_array()) return;
    Json list = std::move(*items);
    output.erase("Item");
    output["Items"] = std::move(list);
}

}  // namespace skafu::stepfunctions
