#include "cloudformation/sam/schema.h"

#include <vector>

#include "cloudformation/sam/schema_tables.h"
#include "core/spelling.h"

namespace skafu::cloudformation::sam {
namespace {

/// One property of a table: "Name!-type".
struct Property {
    std::string name;
    bool required = false;
    bool functions = true;  ///< a function of CloudFormation may stand for it
    std::string type;
};

using Properties = std::vector<Property>;

Property parse_property(std::string_view text) {
    Property property;
    const std::size_t blank = text.find(' ');
    property.name = std::string(text.substr(0, blank));
    text.remove_prefix(blank + 1);
    for (; text.front() == '!' || text.front() == '-'; text.remove_prefix(1)) {
        (text.front() == '!' ? property.required = true : property.functions = false);
    }
    property.type = std::string(text);
    return property;
}

using Tables = std::map<std::string, Properties, std::less<>>;

/// Adds one entry: a property, which replaces one of the same name, or "@TABLE", all of a table.
void add_property(const Tables& tables, Properties& properties, std::string_view entry) {
    if (entry.front() == '@') {
        properties = tables.find(entry.substr(1))->second;
        return;
    }
    Property property = parse_property(entry);
    for (Property& known : properties) {
        if (known.name == property.name) {
            known = std::move(property);
            return;
        }
    }
    properties.push_back(std::move(property));
}

Tables parse_tables() {
    Tables tables;
    std::string_view text = kSchemaTables;
    while (!text.empty()) {
        const std::size_t colon = text.find(": ");
        const std::size_t end = text.find(".\n");
        Properties& properties = tables[std::string(text.substr(0, colon))];
        std::string_view list = text.substr(colon + 2, end - colon - 2);
        while (!list.empty()) {
            const std::size_t stop = std::min(list.find(','), list.size());
            add_property(tables, properties, list.substr(0, stop));
            list.remove_prefix(std::min(stop + 1, list.size()));
            while (!list.empty() && (list.front() == ' ' || list.front() == '\n')) {
                list.remove_prefix(1);
            }
        }
        text.remove_prefix(end + 2);
    }
    return tables;
}

const Properties* find_table(std::string_view type) {
    static const Tables tables = parse_tables();
    const auto found = tables.find(type);
    return found == tables.end() ? nullptr : &found->second;
}

bool matches(const Json& value, std::string_view& type);

bool matches_one(const Json& value, std::string_view& type) {
    const char kind = type.front();
    type.remove_prefix(1);
    switch (kind) {
        case 's':
            return value.is_string();
        case 'm':
            return value.is_object();
        case 'b':
            return value.is_boolean();
        case 'i':
            return value.is_number_integer() || value.is_boolean();
        case 'l':
            return value.is_array();
        case '[':
        case '{': {
            bool good = kind == '[' ? value.is_array() : value.is_object();
            const std::string_view inner = type;
            std::string_view rest = inner;
            matches(Json(), rest);
            if (good) {
                for (const Json& member : value) {
                    std::string_view again = inner;
                    good = matches(member, again) && good;
                }
            }
            type = rest.substr(1);
            return good;
        }
        default:
            return true;
    }
}

bool matches(const Json& value, std::string_view& type) {
    bool good = matches_one(value, type);
    while (!type.empty() && type.front() == '|') {
        type.remove_prefix(1);
        good = matches_one(value, type) || good;
    }
    return good;
}

std::string type_problem(const Property& property) {
    if (property.type == "m") return fmt::format("Property '{}' should be a map.", property.name);
    if (property.type == "s") {
        return fmt::format("Property '{}' should be a string.", property.name);
    }
    return fmt::format("Type of property '{}' is invalid.", property.name);
}

void drop_nulls(Json& properties) {
    Json kept = Json::object();
    for (auto& [name, value] : properties.items()) {
        if (!value.is_null()) kept[name] = std::move(value);
    }
    properties = std::move(kept);
}

void check(const Properties& table, std::string_view type, const std::string& id,
           Json& properties) {
    for (const auto& [name, value] : properties.items()) {
        const bool known = std::any_of(table.begin(), table.end(), [&](const Property& property) {
            return property.name == name;
        });
        if (known) continue;
        throw SamProblem::resource(
            id, fmt::format("property {} not defined for resource of type {}", name, type));
    }
    for (const Property& property : table) {
        const Json* value = given(properties, property.name);
        if (value == nullptr) {
            if (!property.required) continue;
            throw SamProblem::resource(
                id, fmt::format("Missing required property '{}'.", property.name));
        }
        // To the translator each map with one member is a function here.
        if (property.functions && value->is_object() && value->size() == 1) continue;
        std::string_view form = property.type;
        if (!matches(*value, form)) throw SamProblem::resource(id, type_problem(property));
    }
    drop_nulls(properties);
}

}  // namespace

void check_properties(Source& source) {
    const std::string type = string_member(source.resource, "Type");
    const Properties* table = find_table(type);
    if (table != nullptr) check(*table, type, source.id, source.properties);
}

std::string nearest_property(const std::string& type, const std::string& name) {
    for (const std::string_view kind : {"", "Function/", "StateMachine/"}) {
        const Properties* table = find_table(std::string(kind) + type);
        if (table == nullptr) continue;
        std::vector<std::string> names;
        for (const Property& property : *table) names.push_back(property.name);
        const std::string nearest = nearest_name(name, names);
        if (!nearest.empty()) return nearest;
    }
    return "";
}

bool check_event_properties(std::string_view kind, const std::string& type, const std::string& id,
                            Json& properties) {
    const Properties* table = find_table(fmt::format("{}/{}", kind, type));
    if (table == nullptr) return false;
    check(*table, type, id, properties);
    return true;
}

}  // namespace skafu::cloudformation::sam
