#include "cloudformation/sam/context.h"

#include <algorithm>

#include "cloudformation/intrinsics.h"
#include "core/digest.h"

namespace skafu::cloudformation::sam {

SamProblem SamProblem::resource(const std::string& id, const std::string& why) {
    return {id, fmt::format("Resource with id [{}] is invalid. {}", id, why)};
}

SamProblem SamProblem::event(const std::string& id, const std::string& why) {
    return {id, fmt::format("Event with id [{}] is invalid. {}", id, why)};
}

SamProblem SamProblem::document(const std::string& why) {
    return {"", "Structure of the SAM template is invalid. " + why};
}

Context::Context(Json document, Json parameters, std::string region, std::string partition)
    : document_(std::move(document)),
      parameters_(std::move(parameters)),
      region_(std::move(region)),
      partition_(std::move(partition)) {
    parameters_["AWS::Region"] = region_;
    parameters_["AWS::Partition"] = partition_;
}

Json Context::resolve(const Json& value) const {
    if (value.is_array()) {
        Json result = Json::array();
        for (const Json& item : value) result.push_back(resolve(item));
        return result;
    }
    if (!value.is_object()) return value;
    if (value.size() == 1) {
        const std::string& name = value.begin().key();
        const Json& argument = value.begin().value();
        if (name == "Ref" && argument.is_string()) {
            const Json* known = find_member(parameters_, argument.get<std::string>());
            return known != nullptr ? *known : value;
        }
        if (name == "Fn::Sub" && argument.is_string()) {
            std::string text;
            bool all = true;
            split_sub(
                argument.get_ref<const std::string&>(),
                [&](std::string_view part) { text += part; },
                [&](std::string_view variable) {
                    const Json* known = find_member(parameters_, variable);
                    if (known != nullptr && known->is_primitive()) {
                        text += scalar_text(*known);
                    } else {
                        all = false;
                        text += fmt::format("${{{}}}", variable);
                    }
                });
            if (all && argument.get_ref<const std::string&>().find("${") != std::string::npos) {
                return text;
            }
            return Json{{"Fn::Sub", text}};
        }
        if (name == "Fn::FindInMap" && argument.is_array() && argument.size() == 3) {
            const Json keys = resolve(argument);
            const Json* at = find_member(document_, "Mappings");
            for (const Json& key : keys) {
                if (at == nullptr || !key.is_string()) return Json{{name, keys}};
                at = find_member(*at, key.get_ref<const std::string&>());
            }
            return at != nullptr ? *at : Json{{name, keys}};
        }
    }
    Json result = Json::object();
    for (const auto& [key, member] : value.items()) result[key] = resolve(member);
    return result;
}

void Context::add(const std::string& owner, const std::string& id, Json resource) {
    const Json* taken = find_member(generated_, id);
    if (taken == nullptr && id != owner) taken = find_member(resources(), id);
    if (taken != nullptr) {
        throw SamProblem(
            owner,
            fmt::format("Transforming resource with id [{}] attempts to create a new resource "
                        "with id [{}] and type \"{}\". A resource with that id already exists "
                        "within this template. Please use a different id for that resource.",
                        owner, id, string_member(resource, "Type")));
    }
    generated_[id] = std::move(resource);
}

void Context::add_shared(const std::string& id, Json resource) {
    if (!generated_.contains(id)) generated_[id] = std::move(resource);
}

Json* Context::generated(const std::string& id) {
    const auto found = generated_.find(id);
    return found == generated_.end() ? nullptr : &*found;
}

void Context::note_reference(const std::string& owner, const std::string& name,
                             const std::string& id) {
    references_[owner + '.' + name] = id;
}

Json Source::attributes() const {
    Json result = Json::object();
    copy_members(resource, result, {"Condition", "DeletionPolicy", "UpdateReplacePolicy"});
    return result;
}

Json Source::main_attributes() const {
    Json result = attributes();
    copy_members(resource, result, {"DependsOn", "Metadata", "UpdatePolicy"});
    return result;
}

Json make_resource(std::string_view type, Json properties, const Json& attributes) {
    Json resource = Json::object();
    resource["Type"] = type;
    for (const auto& [name, value] : attributes.items()) resource[name] = value;
    resource["Properties"] = std::move(properties);
    return resource;
}

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

std::string python_text(const Json& value) {
    if (value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        const bool single = text.find('\'') == std::string::npos;
        return single ? "'" + text + "'" : "\"" + text + "\"";
    }
    if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
    if (value.is_null()) return "None";
    if (!value.is_structured()) return to_text(value);
    std::string text(1, value.is_array() ? '[' : '{');
    for (const auto& [key, member] : value.items()) {
        if (text.size() > 1) text += ", ";
        if (value.is_object()) text += "'" + key + "': ";
        text += python_text(member);
    }
    return text + (value.is_array() ? ']' : '}');
}

namespace {

Json sorted(const Json& value) {
    if (value.is_array()) {
        Json result = Json::array();
        for (const Json& item : value) result.push_back(sorted(item));
        return result;
    }
    if (!value.is_object()) return value;
    std::map<std::string, const Json*> members;
    for (const auto& [key, member] : value.items()) members[key] = &member;
    Json result = Json::object();
    for (const auto& [key, member] : members) result[key] = sorted(*member);
    return result;
}

}  // namespace

std::string canonical_text(const Json& value) {
    return sorted(value).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string short_digest(std::string_view text) {
    return digest::hex(digest::sha1(text)).substr(0, 10);
}

void copy_members(const Json& from, Json& to, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        if (const Json* value = find_member(from, name)) to[std::string(name)] = *value;
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
