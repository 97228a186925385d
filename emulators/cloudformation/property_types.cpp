#include "cloudformation/property_types.h"

#include <charconv>
#include <map>

#include "cloudformation/intrinsics.h"
#include "cloudformation/property_tables.h"
#include "core/spelling.h"

namespace skafu::cloudformation {
namespace {

enum class PropertyKind { kText, kNumber, kBoolean, kAny, kMap };

struct SchemaProperty {
    std::string_view name;
    bool required = false;
    PropertyKind kind = PropertyKind::kText;
    std::string_view map;
};

using SchemaProperties = std::vector<SchemaProperty>;

SchemaProperty parse_schema_property(std::string_view text) {
    SchemaProperty property;
    const std::size_t end = std::min(text.find_first_of("!#?*:"), text.size());
    property.name = text.substr(0, end);
    text.remove_prefix(end);
    if (text.starts_with('!')) {
        property.required = true;
        text.remove_prefix(1);
    }
    if (text.empty()) return property;
    switch (text.front()) {
        case '#':
            property.kind = PropertyKind::kNumber;
            break;
        case '?':
            property.kind = PropertyKind::kBoolean;
            break;
        case '*':
            property.kind = PropertyKind::kAny;
            break;
        default:
            property.kind = PropertyKind::kMap;
            property.map = text.substr(1);
    }
    return property;
}

SchemaProperties parse_schema(const std::string& name) {
    SchemaProperties properties;
    const std::string head = '\n' + name + ':';
    const std::size_t at = kPropertyTables.find(head);
    if (at == std::string_view::npos) return properties;
    const std::size_t start = at + head.size();
    std::string_view list = kPropertyTables.substr(start, kPropertyTables.find(".\n", at) - start);
    for (;;) {
        list.remove_prefix(std::min(list.find_first_not_of(", \n"), list.size()));
        if (list.empty()) return properties;
        const std::size_t end = std::min(list.find(','), list.size());
        properties.push_back(parse_schema_property(list.substr(0, end)));
        list.remove_prefix(end);
    }
}

/// A table is read when its type is first used: most are not, and a start has no time for them.
const SchemaProperties& find_schema(const std::string& name) {
    static std::map<std::string, SchemaProperties, std::less<>> parsed;
    const auto found = parsed.find(name);
    if (found != parsed.end()) return found->second;
    return parsed.emplace(name, parse_schema(name)).first->second;
}

const SchemaProperty* find_property(const SchemaProperties& schema, std::string_view name) {
    const auto found = std::find_if(schema.begin(), schema.end(),
                                    [&](const SchemaProperty& one) { return one.name == name; });
    return found == schema.end() ? nullptr : &*found;
}

std::string map_name(const std::string& type, std::string_view map) {
    return fmt::format("{}.{}", type, map);
}

void convert_number(Json& value) {
    const std::string text = value.get<std::string>();
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    auto [at, fault] = std::from_chars(text.data(), end, whole);
    if (fault == std::errc() && at == end && !text.empty()) {
        value = whole;
        return;
    }
    double real = 0;
    const auto result = std::from_chars(text.data(), end, real);
    if (result.ec == std::errc() && result.ptr == end && !text.empty()) value = real;
}

void convert_map(const std::string& type, const std::string& name, Json& members);

void convert_value(const std::string& type, const SchemaProperty& property, Json& value) {
    if (value.is_array()) {
        for (Json& item : value) convert_value(type, property, item);
        return;
    }
    switch (property.kind) {
        case PropertyKind::kText:
        case PropertyKind::kAny:
            return;
        case PropertyKind::kNumber:
            if (value.is_string()) convert_number(value);
            return;
        case PropertyKind::kBoolean:
            if (value == "true" || value == "false") value = value == "true";
            return;
        case PropertyKind::kMap:
            convert_map(type, map_name(type, property.map), value);
    }
}

void convert_map(const std::string& type, const std::string& name, Json& members) {
    if (!members.is_object()) return;
    const SchemaProperties& schema = find_schema(name);
    for (auto& [key, value] : members.items()) {
        if (const SchemaProperty* known = find_property(schema, key)) {
            convert_value(type, *known, value);
        }
    }
}

/// A misspelling, or a name of which people leave out or add the type: Tags for IdentityPoolTags,
/// RuleName for Name.
std::string meant_property(const SchemaProperties& schema, const std::string& type,
                           const std::string& name) {
    std::vector<std::string> names;
    for (const SchemaProperty& known : schema) names.emplace_back(known.name);
    const std::string own = type.substr(type.rfind(':') + 1);
    for (const std::string& known : names) {
        if (known == own + name || name == own + known) return known;
    }
    const std::string near = nearest_name(name, names);
    if (!near.empty()) return near;
    std::vector<std::string> longer;
    for (const std::string& known : names) {
        if (known.ends_with(name)) longer.push_back(known);
    }
    return longer.size() == 1 ? longer.front() : std::string();
}

class UnknownSearch {
  public:
    explicit UnknownSearch(const std::string& type) : type_(type) {}

    void map(const std::string& name, const Json& members, const std::string& path) {
        const SchemaProperties& schema = find_schema(name);
        if (schema.empty() || !members.is_object() || is_intrinsic(members)) return;
        for (const auto& [key, value] : members.items()) {
            if (const SchemaProperty* known = find_property(schema, key)) {
                if (known->kind != PropertyKind::kMap) continue;
                inside(map_name(type_, known->map), value, path + '/' + key);
            } else if (!key.starts_with("Fn::")) {
                found_.push_back({path, key, meant_property(schema, type_, key)});
            }
        }
    }

    std::vector<UnknownProperty> found() { return std::move(found_); }

  private:
    void inside(const std::string& name, const Json& value, const std::string& path) {
        if (!value.is_array()) {
            map(name, value, path);
            return;
        }
        for (std::size_t i = 0; i < value.size(); ++i) {
            inside(name, value[i], path + '/' + std::to_string(i));
        }
    }

    const std::string& type_;
    std::vector<UnknownProperty> found_;
};

}  // namespace

std::string missing_property(const std::string& type, const Json& properties) {
    for (const SchemaProperty& known : find_schema(type)) {
        if (known.required && find_member(properties, known.name) == nullptr) {
            return std::string(known.name);
        }
    }
    return "";
}

void convert_scalars(const std::string& type, Json& properties) {
    convert_map(type, type, properties);
}

std::vector<UnknownProperty> unknown_properties(const std::string& type, const Json& properties) {
    UnknownSearch search(type);
    search.map(type, properties, "");
    return search.found();
}

std::string refusal(const std::string& logical_id, const UnknownProperty& unknown) {
    return fmt::format(
        "Properties validation failed for resource {} with message: [#{}: extraneous key [{}] is "
        "not permitted]",
        logical_id, unknown.path, unknown.name);
}

}  // namespace skafu::cloudformation
