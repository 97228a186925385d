#include "cloudformation/sam/values.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cloudformation/sam/context.h"
#include "core/digest.h"

namespace skafu::cloudformation::sam {
namespace {

[[noreturn]] void should_be(const std::string& id, std::string_view property,
                            std::string_view what) {
    throw SamProblem::resource(id, fmt::format("Property '{}' should be a {}.", property, what));
}

Json in_order(const Json& value) {
    if (value.is_array()) {
        Json result = Json::array();
        for (const Json& item : value) result.push_back(in_order(item));
        return result;
    }
    if (!value.is_object()) return value;
    std::map<std::string, const Json*> members;
    for (const auto& [key, member] : value.items()) members[key] = &member;
    Json result = Json::object();
    for (const auto& [key, member] : members) result[key] = in_order(*member);
    return result;
}

}  // namespace

bool is_function(const Json& value) {
    if (!value.is_object() || value.size() != 1) return false;
    const std::string& name = value.begin().key();
    return name == "Ref" || name == "Condition" || name.starts_with("Fn::");
}

bool is_no_value(const Json* value) {
    return value != nullptr && value->is_object() && value->size() == 1 &&
           string_member(*value, "Ref") == "AWS::NoValue";
}

Json ref_to(std::string_view id) {
    return Json{{"Ref", id}};
}

Json get_att(std::string_view id, std::string_view attribute) {
    return Json{{"Fn::GetAtt", Json::array({id, attribute})}};
}

Json sub(std::string text) {
    return Json{{"Fn::Sub", std::move(text)}};
}

Json sub(std::string text, Json variables) {
    return Json{{"Fn::Sub", Json::array({std::move(text), std::move(variables)})}};
}

Json conditional(const std::string& condition, Json value) {
    if (condition.empty()) return value;
    return Json{{"Fn::If", Json::array({condition, std::move(value), ref_to("AWS::NoValue")})}};
}

std::string referred_id(const Json& value) {
    if (!is_function(value)) return "";
    const Json& argument = value.begin().value();
    if (value.begin().key() == "Ref" && argument.is_string()) return argument.get<std::string>();
    if (value.begin().key() != "Fn::GetAtt") return "";
    if (argument.is_string()) {
        const std::string text = argument.get<std::string>();
        return text.substr(0, text.find('.'));
    }
    return argument.is_array() && !argument.empty() && argument[0].is_string()
               ? argument[0].get<std::string>()
               : "";
}

const Json* given(const Json& object, std::string_view name) {
    if (!object.is_object()) return nullptr;
    const Json* member = find_member(object, name);
    return member == nullptr || member->is_null() ? nullptr : member;
}

bool is_truthy(const Json* value) {
    if (value == nullptr || value->is_null()) return false;
    if (value->is_boolean()) return value->get<bool>();
    if (value->is_number()) return *value != 0;
    if (value->is_string()) return !value->get_ref<const std::string&>().empty();
    return !value->empty();
}

bool is_truthy(const Json& object, std::string_view name) {
    return is_truthy(given(object, name));
}

void expect_map(const std::string& id, const Json& value, std::string_view property) {
    if (!value.is_object()) should_be(id, property, "map");
}

void expect_list(const std::string& id, const Json& value, std::string_view property) {
    if (!value.is_array()) should_be(id, property, "list");
}

void expect_string(const std::string& id, const Json& value, std::string_view property) {
    if (!value.is_string()) should_be(id, property, "string");
}

void expect_bool(const std::string& id, const Json& value, std::string_view property) {
    if (!value.is_boolean()) should_be(id, property, "boolean");
}

void expect_strings(const std::string& id, const Json& value, std::string_view property) {
    expect_list(id, value, property);
    for (std::size_t i = 0; i < value.size(); ++i) {
        expect_string(id, value[i], fmt::format("{}[{}]", property, i));
    }
}

const Json& expect_member(const std::string& id, const Json& object, std::string_view name,
                          std::string_view property) {
    const Json* member = given(object, name);
    if (member == nullptr) {
        throw SamProblem::resource(id, fmt::format("Property '{}' is required.", property));
    }
    return *member;
}

std::string python_text(const Json& value) {
    if (value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        const bool single = text.find('\'') == std::string::npos;
        return single ? "'" + text + "'" : "\"" + text + "\"";
    }
    if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
    if (value.is_null()) return "None";
    if (!value.is_structured()) return to_text(value);
    std::vector<std::string> parts;
    if (value.is_array()) {
        for (const Json& member : value) parts.push_back(python_text(member));
        return fmt::format("[{}]", fmt::join(parts, ", "));
    }
    for (const auto& [key, member] : value.items()) {
        parts.push_back("'" + key + "': " + python_text(member));
    }
    return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::string printed(const Json& value) {
    return value.is_string() ? value.get<std::string>() : python_text(value);
}

std::string python_type(const Json& value) {
    if (value.is_null()) return "NoneType";
    if (value.is_boolean()) return "bool";
    if (value.is_number_float()) return "float";
    if (value.is_number()) return "int";
    if (value.is_string()) return "str";
    return value.is_array() ? "list" : "dict";
}

std::string canonical_text(const Json& value) {
    return to_ascii_text(in_order(value));
}

std::string short_digest(std::string_view text) {
    return digest::hex(digest::sha1(text)).substr(0, 10);
}

std::string id_digest(const Json& value) {
    return short_digest(value.is_string() ? value.get<std::string>() : canonical_text(value));
}

bool is_alphanumeric(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](unsigned char c) { return std::isalnum(c) != 0; });
}

std::string id_with_suffix(const std::string& prefix, const std::string& text) {
    if (text.empty()) return prefix;
    return prefix + (is_alphanumeric(text) ? text : short_digest(text));
}

void copy_members(const Json& from, Json& to, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        if (const Json* value = given(from, name)) to[std::string(name)] = *value;
    }
}

Json tag_list(std::string_view created_by, const Json* tags) {
    Json list = Json::array();
    if (!created_by.empty()) list.push_back({{"Key", created_by}, {"Value", "SAM"}});
    if (tags != nullptr && tags->is_object()) {
        for (const auto& [key, value] : tags->items()) {
            list.push_back({{"Key", key}, {"Value", value}});
        }
    }
    return list;
}

}  // namespace skafu::cloudformation::sam
