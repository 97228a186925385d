#include "cloudformation/intrinsics.h"

#include "cloudformation/cidr.h"
#include "core/aws_error.h"
#include "core/base64.h"

namespace skafu::cloudformation {
namespace {

[[noreturn]] void fail(std::string message) {
    throw AwsError("ValidationError", "Template error: " + std::move(message));
}

using Function = std::optional<Json> (*)(const Json& argument, const Names& scope);

Json evaluated(const Json& value, const Names& scope) {
    return evaluate(value, scope).value_or(Json());
}

bool is_scalar(const Json& value) {
    return value.is_string() || value.is_number() || value.is_boolean();
}

std::optional<Json> ref(const Json& argument, const Names& scope) {
    if (!argument.is_string()) {
        throw AwsError("ValidationError",
                       "Template format error: [/Resources] Every Ref object must have a single "
                       "String value.");
    }
    const std::string& name = argument.get_ref<const std::string&>();
    if (name == "AWS::NoValue") return std::nullopt;
    std::optional<Json> value = scope.ref(name);
    if (!value) {
        throw AwsError(
            "ValidationError",
            fmt::format("Template format error: Unresolved resource dependencies [{}] in "
                        "the Resources block of the template",
                        name));
    }
    return value;
}

constexpr std::string_view kGetAttForm =
    "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource "
    "attribute";

std::optional<Json> get_att(const Json& argument, const Names& scope) {
    if (argument.is_string()) {
        const std::string& text = argument.get_ref<const std::string&>();
        const std::size_t dot = text.find('.');
        if (dot == std::string::npos) fail(std::string(kGetAttForm));
        return scope.get_att(text.substr(0, dot), text.substr(dot + 1));
    }
    if (!argument.is_array() || argument.size() < 2 || !argument[0].is_string()) {
        fail(std::string(kGetAttForm));
    }
    std::string attribute;
    for (std::size_t i = 1; i < argument.size(); ++i) {
        if (i > 1) attribute += '.';
        attribute += scalar_text(evaluated(argument[i], scope));
    }
    return scope.get_att(argument[0].get<std::string>(), attribute);
}

std::optional<Json> join(const Json& argument, const Names& scope) {
    constexpr std::string_view form =
        "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of "
        "strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to "
        "be joined.";
    if (!argument.is_array() || argument.size() != 2) fail(std::string(form));
    const Json delimiter = evaluated(argument[0], scope);
    const Json items = evaluated(argument[1], scope);
    if (!is_scalar(delimiter) || !items.is_array()) fail(std::string(form));
    std::string text;
    bool first = true;
    for (const Json& item : items) {
        if (!is_scalar(item)) fail(std::string(form));
        if (!first) text += scalar_text(delimiter);
        first = false;
        text += scalar_text(item);
    }
    return Json(std::move(text));
}

std::optional<Json> split(const Json& argument, const Names& scope) {
    constexpr std::string_view form =
        "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string "
        "to "
        "be split or a function that returns a string to be split.";
    if (!argument.is_array() || argument.size() != 2) fail(std::string(form));
    const std::string delimiter = scalar_text(evaluated(argument[0], scope));
    const Json value = evaluated(argument[1], scope);
    if (!is_scalar(value) || delimiter.empty()) fail(std::string(form));
    const std::string text = scalar_text(value);
    Json parts = Json::array();
    std::size_t start = 0;
    for (std::size_t at = text.find(delimiter); at != std::string::npos;
         at = text.find(delimiter, start)) {
        parts.push_back(text.substr(start, at - start));
        start = at + delimiter.size();
    }
    parts.push_back(text.substr(start));
    return parts;
}

std::optional<Json> select(const Json& argument, const Names& scope) {
    constexpr std::string_view form =
        "Fn::Select requires a list argument with two elements: an integer index and a list";
    if (!argument.is_array() || argument.size() != 2) fail(std::string(form));
    const std::string index_text = scalar_text(evaluated(argument[0], scope));
    if (index_text.empty() || index_text.size() > 9 ||
        index_text.find_first_not_of("0123456789") != std::string::npos) {
        fail(std::string(form));
    }
    const Json items = evaluated(argument[1], scope);
    if (!items.is_array()) fail(std::string(form));
    const std::size_t index = std::stoul(index_text);
    if (index >= items.size()) {
        fail(fmt::format("Fn::Select cannot select nonexistent value at index {}", index));
    }
    return items[index];
}

/// The value of one ${...}: a name of the function's own map, a resource's attribute, or a Ref.
std::string sub_variable(const std::string& name, const Json& own, const Names& scope) {
    Json value;
    if (const Json* mine = find_member(own, name)) {
        value = evaluated(*mine, scope);
    } else if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
        value = scope.get_att(name.substr(0, dot), name.substr(dot + 1));
    } else {
        value = ref(Json(name), scope).value_or("");
    }
    if (value.is_array()) {
        std::string joined;
        for (const Json& item : value) {
            if (!joined.empty()) joined += ',';
            joined += scalar_text(item);
        }
        return joined;
    }
    if (!is_scalar(value)) {
        fail("Fn::Sub expression does not resolve to a string");
    }
    return scalar_text(value);
}

std::optional<Json> sub(const Json& argument, const Names& scope) {
    constexpr std::string_view form =
        "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a "
        "string "
        "as first argument, and an optional second argument to specify a mapping of values to "
        "replace in the string";
    Json own = Json::object();
    std::string text;
    if (argument.is_string()) {
        text = argument.get<std::string>();
    } else if (argument.is_array() && !argument.empty() && argument.size() <= 2 &&
               argument[0].is_string() && (argument.size() == 1 || argument[1].is_object())) {
        text = argument[0].get<std::string>();
        if (argument.size() == 2) own = argument[1];
    } else {
        fail(std::string(form));
    }
    std::string result;
    split_sub(
        text, [&](std::string_view part) { result += part; },
        [&](std::string_view name) { result += sub_variable(std::string(name), own, scope); });
    return Json(std::move(result));
}

std::optional<Json> find_in_map(const Json& argument, const Names& scope) {
    if (!argument.is_array() || argument.size() < 3 || argument.size() > 4) {
        fail(
            "every Fn::FindInMap object requires three parameters, the map name, map key and the "
            "attribute for return value");
    }
    std::string keys[3];
    for (std::size_t i = 0; i < 3; ++i) keys[i] = scalar_text(evaluated(argument[i], scope));
    const Json* at = scope.mappings;
    for (std::size_t i = 0; i < 3 && at != nullptr; ++i) at = find_member(*at, keys[i]);
    if (at != nullptr) return evaluate(*at, scope);
    if (argument.size() == 4) {
        if (const Json* fallback = find_member(argument[3], "DefaultValue")) {
            return evaluate(*fallback, scope);
        }
    }
    fail(fmt::format("Unable to get mapping for {}::{}::{}", keys[0], keys[1], keys[2]));
}

std::optional<Json> choose(const Json& argument, const Names& scope) {
    if (!argument.is_array() || argument.size() != 3 || !argument[0].is_string()) {
        fail("Fn::If requires a list argument with three elements");
    }
    const bool yes = scope.condition(argument[0].get<std::string>());
    return evaluate(argument[yes ? 1 : 2], scope);
}

std::optional<Json> base64(const Json& argument, const Names& scope) {
    const Json value = evaluated(argument, scope);
    if (!is_scalar(value)) fail("every Fn::Base64 object must have a String-typed value.");
    return Json(base64_encode(scalar_text(value)));
}

std::optional<Json> availability_zones(const Json& argument, const Names& scope) {
    std::string region = scalar_text(evaluated(argument, scope));
    if (region.empty()) region = scope.region;
    Json zones = Json::array();
    for (const char letter : {'a', 'b', 'c'}) zones.push_back(region + letter);
    return zones;
}

std::optional<Json> import_value(const Json& argument, const Names& scope) {
    return scope.import_value(scalar_text(evaluated(argument, scope)));
}

std::optional<Json> cidr(const Json& argument, const Names& scope) {
    const Json parts = evaluated(argument, scope);
    if (!parts.is_array() || parts.size() < 2) {
        fail("Fn::Cidr requires an ipBlock, a count and optionally cidrBits");
    }
    const std::string bits = parts.size() > 2 ? scalar_text(parts[2]) : "8";
    std::vector<std::string> blocks =
        cidr_blocks(scalar_text(parts[0]), scalar_text(parts[1]), bits);
    if (blocks.empty()) {
        fail("Template cannot have a Fn::Cidr with these arguments: [" + to_text(parts) + "]");
    }
    return Json(blocks);
}

std::optional<Json> length(const Json& argument, const Names& scope) {
    const Json items = evaluated(argument, scope);
    if (!items.is_array()) fail("Fn::Length requires a list of elements or an intrinsic function");
    return Json(items.size());
}

std::optional<Json> to_json_string(const Json& argument, const Names& scope) {
    return Json(to_text(evaluated(argument, scope)));
}

std::optional<Json> logic(const Json& argument, const Names& scope, std::string_view name) {
    return Json(evaluate_condition(Json{{std::string(name), argument}}, scope));
}

const std::unordered_map<std::string_view, Function>& functions() {
    static const std::unordered_map<std::string_view, Function> table = {
        {"Ref", ref},
        {"Fn::GetAtt", get_att},
        {"Fn::Join", join},
        {"Fn::Split", split},
        {"Fn::Select", select},
        {"Fn::Sub", sub},
        {"Fn::FindInMap", find_in_map},
        {"Fn::If", choose},
        {"Fn::Base64", base64},
        {"Fn::GetAZs", availability_zones},
        {"Fn::ImportValue", import_value},
        {"Fn::Cidr", cidr},
        {"Fn::Length", length},
        {"Fn::ToJsonString", to_json_string},
    };
    return table;
}

/// Replaces each {{resolve:...}} of a text; the innermost first, as AWS does.
std::string with_dynamic_references(std::string text, const Names& scope) {
    constexpr std::string_view opening = "{{resolve:";
    for (std::size_t at = text.rfind(opening); at != std::string::npos && scope.dynamic_reference;
         at = at == 0 ? std::string::npos : text.rfind(opening, at - 1)) {
        const std::size_t end = text.find("}}", at);
        if (end == std::string::npos) continue;
        const std::size_t start = at + opening.size();
        const std::string value = scope.dynamic_reference(text.substr(start, end - start));
        text.replace(at, end + 2 - at, value);
    }
    return text;
}

std::optional<Json> evaluate_object(const Json& value, const Names& scope) {
    if (is_intrinsic(value)) {
        const std::string name = value.begin().key();
        const auto function = functions().find(name);
        if (function != functions().end()) {
            std::optional<Json> result = function->second(value.begin().value(), scope);
            if (result && result->is_string()) {
                return Json(with_dynamic_references(result->get<std::string>(), scope));
            }
            return result;
        }
        if (name == "Fn::Equals" || name == "Fn::And" || name == "Fn::Or" || name == "Fn::Not") {
            return logic(value.begin().value(), scope, name);
        }
        fail(
            fmt::format("Encountered unsupported function: {} Supported functions are: "
                        "[Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, "
                        "Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, "
                        "Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, "
                        "Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, "
                        "Fn::Cidr]",
                        name));
    }
    Json result = Json::object();
    for (const auto& [key, member] : value.items()) {
        std::optional<Json> item = evaluate(member, scope);
        if (item) result[key] = *std::move(item);
    }
    return result;
}

const Json& condition_arguments(const Json& argument, std::string_view name, std::size_t at_least,
                                std::size_t at_most) {
    if (argument.is_array() && argument.size() >= at_least && argument.size() <= at_most) {
        return argument;
    }
    if (name == "Fn::Equals")
        fail("every Fn::Equals object requires a list of 2 string parameters.");
    if (name == "Fn::Not") fail("every Fn::Not object requires one boolean parameter.");
    fail(
        fmt::format("every {} object requires a list of at least 2 and at most 10 boolean "
                    "parameters.",
                    name));
}

void find_references(const Json& value, const std::string& path, std::vector<Reference>& found);

void references_of_sub(const Json& argument, const std::string& path,
                       std::vector<Reference>& found) {
    const Json* text = &argument;
    const Json* own = nullptr;
    if (argument.is_array() && !argument.empty()) {
        text = &argument[0];
        if (argument.size() > 1) own = &argument[1];
    }
    if (own != nullptr) find_references(*own, path + "/1", found);
    if (!text->is_string()) return;
    const auto variable = [&](std::string_view name) {
        if (own != nullptr && own->is_object() && own->contains(std::string(name))) return;
        const std::size_t dot = name.find('.');
        if (dot == std::string_view::npos) {
            found.push_back({Reference::Kind::kRef, std::string(name), "", path});
        } else {
            found.push_back({Reference::Kind::kGetAtt, std::string(name.substr(0, dot)),
                             std::string(name.substr(dot + 1)), path});
        }
    };
    split_sub(
        text->get_ref<const std::string&>(), [](std::string_view) {}, variable);
}

void references_of_get_att(const Json& argument, const std::string& path,
                           std::vector<Reference>& found) {
    if (argument.is_string()) {
        const std::string& text = argument.get_ref<const std::string&>();
        const std::size_t dot = text.find('.');
        if (dot == std::string::npos) return;
        found.push_back(
            {Reference::Kind::kGetAtt, text.substr(0, dot), text.substr(dot + 1), path});
        return;
    }
    if (!argument.is_array() || argument.empty() || !argument[0].is_string()) return;
    std::string attribute;
    if (argument.size() == 2 && argument[1].is_string()) attribute = argument[1].get<std::string>();
    found.push_back({Reference::Kind::kGetAtt, argument[0].get<std::string>(), attribute, path});
    for (std::size_t i = 1; i < argument.size(); ++i) {
        find_references(argument[i], path + '/' + std::to_string(i), found);
    }
}

void find_references(const Json& value, const std::string& path, std::vector<Reference>& found) {
    if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (value[i].is_structured()) {
                find_references(value[i], path + '/' + std::to_string(i), found);
            }
        }
        return;
    }
    if (!value.is_object()) return;
    if (is_intrinsic(value)) {
        const std::string& name = value.begin().key();
        const Json& argument = value.begin().value();
        const std::string inner = path + '/' + name;
        if (name == "Ref") {
            if (argument.is_string()) {
                found.push_back({Reference::Kind::kRef, argument.get<std::string>(), "", path});
            }
            return;
        }
        if (name == "Fn::GetAtt") return references_of_get_att(argument, inner, found);
        if (name == "Fn::Sub") return references_of_sub(argument, inner, found);
    }
    for (const auto& [key, member] : value.items()) {
        if (member.is_structured()) find_references(member, path + '/' + key, found);
    }
}

}  // namespace

bool is_intrinsic(const Json& value) {
    if (!value.is_object() || value.size() != 1) return false;
    const std::string& name = value.begin().key();
    return name == "Ref" || name.starts_with("Fn::");
}

std::optional<Json> evaluate(const Json& value, const Names& scope) {
    if (value.is_object()) return evaluate_object(value, scope);
    if (value.is_array()) {
        Json result = Json::array();
        for (const Json& member : value) {
            std::optional<Json> item = evaluate(member, scope);
            if (item) result.push_back(*std::move(item));
        }
        return result;
    }
    if (value.is_string() &&
        value.get_ref<const std::string&>().find("{{resolve:") != std::string::npos) {
        return Json(with_dynamic_references(value.get<std::string>(), scope));
    }
    return value;
}

bool evaluate_condition(const Json& expression, const Names& scope) {
    if (expression.is_boolean()) return expression.get<bool>();
    if (expression.is_object() && expression.size() == 1) {
        const std::string& name = expression.begin().key();
        const Json& argument = expression.begin().value();
        if (name == "Condition" && argument.is_string()) {
            return scope.condition(argument.get<std::string>());
        }
        if (name == "Fn::Equals") {
            const Json& sides = condition_arguments(argument, name, 2, 2);
            const Json left = evaluated(sides[0], scope);
            const Json right = evaluated(sides[1], scope);
            if (is_scalar(left) && is_scalar(right)) return scalar_text(left) == scalar_text(right);
            return left == right;
        }
        if (name == "Fn::Not") {
            return !evaluate_condition(condition_arguments(argument, name, 1, 1)[0], scope);
        }
        if (name == "Fn::And" || name == "Fn::Or") {
            const bool all = name == "Fn::And";
            for (const Json& part : condition_arguments(argument, name, 2, 10)) {
                if (evaluate_condition(part, scope) != all) return !all;
            }
            return all;
        }
    }
    const std::string text = scalar_text(evaluated(expression, scope));
    if (text == "true" || text == "false") return text == "true";
    fail("Conditions can only be boolean operations on parameters and other conditions");
}

std::string scalar_text(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null()) return "";
    return to_text(value);
}

std::vector<Reference> references_of(const Json& value) {
    std::vector<Reference> found;
    find_references(value, "", found);
    return found;
}

void split_sub(std::string_view text, const std::function<void(std::string_view)>& literal,
               const std::function<void(std::string_view)>& variable) {
    while (!text.empty()) {
        const std::size_t at = text.find("${");
        const std::size_t end = at == std::string_view::npos ? at : text.find('}', at);
        if (end == std::string_view::npos) {
            literal(text);
            return;
        }
        if (at > 0) literal(text.substr(0, at));
        std::string_view name = text.substr(at + 2, end - at - 2);
        if (name.starts_with('!')) {
            literal("${");
            literal(name.substr(1));
            literal("}");
        } else {
            while (name.starts_with(' ')) name.remove_prefix(1);
            while (name.ends_with(' ')) name.remove_suffix(1);
            variable(name);
        }
        text.remove_prefix(end + 1);
    }
}

}  // namespace skafu::cloudformation
