#include "cloudformation/language_extensions.h"

#include "cloudformation/intrinsics.h"
#include "core/aws_error.h"

namespace skafu::cloudformation {
namespace {

constexpr std::string_view kForEach = "Fn::ForEach::";
constexpr std::size_t kMaxDepth = 5;  // AWS's limit of nested loops

[[noreturn]] void fail_extension(const std::string& why) {
    throw AwsError("ValidationError", "Transform AWS::LanguageExtensions failed with: " + why);
}

std::string only_alphanumeric(std::string text) {
    std::erase_if(text, [](unsigned char c) { return std::isalnum(c) == 0; });
    return text;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// `text` with ${name} and &{name} replaced; &{name} keeps letters and digits only.
std::string with_name(std::string text, const std::string& name, const std::string& value) {
    replace_all(text, "${" + name + "}", value);
    replace_all(text, "&{" + name + "}", only_alphanumeric(value));
    return text;
}

Json substitute(const Json& value, const std::string& name, const std::string& item) {
    if (value.is_string()) return with_name(value.get<std::string>(), name, item);
    if (value.is_array()) {
        Json result = Json::array();
        for (const Json& member : value) result.push_back(substitute(member, name, item));
        return result;
    }
    if (!value.is_object()) return value;
    if (value.size() == 1 && value.begin().key() == "Ref" && value.begin().value() == name) {
        return item;
    }
    Json result = Json::object();
    for (const auto& [key, member] : value.items()) {
        result[with_name(key, name, item)] = substitute(member, name, item);
    }
    return result;
}

class Loops {
  public:
    Loops(const Json& document, const Json& parameters) {
        if (const Json* mappings = find_member(document, "Mappings")) scope_.mappings = mappings;
        scope_.ref = [&parameters](const std::string& name) -> std::optional<Json> {
            if (const Json* value = find_member(parameters, name)) return *value;
            return std::nullopt;
        };
        scope_.get_att = [](const std::string&, const std::string&) -> Json {
            fail_extension("Fn::ForEach cannot loop over an attribute of a resource");
        };
        scope_.import_value = [](const std::string&) -> Json {
            fail_extension("Fn::ForEach cannot loop over an imported value");
        };
    }

    Json expand(const Json& value, std::size_t depth) const {
        if (value.is_array()) {
            Json result = Json::array();
            for (const Json& member : value) result.push_back(expand(member, depth));
            return result;
        }
        if (!value.is_object()) return value;
        Json result = Json::object();
        for (const auto& [key, member] : value.items()) {
            if (!key.starts_with(kForEach)) {
                result[key] = expand(member, depth);
                continue;
            }
            const Json unrolled = unroll(key, member, depth + 1);
            for (const auto& [name, content] : unrolled.items()) {
                if (result.contains(name)) fail_extension("The key " + name + " is used twice");
                result[name] = content;
            }
        }
        return result;
    }

  private:
    Json unroll(const std::string& key, const Json& loop, std::size_t depth) const {
        if (depth > kMaxDepth) fail_extension("Fn::ForEach is nested too deeply");
        if (!loop.is_array() || loop.size() != 3 || !loop[0].is_string() || !loop[2].is_object()) {
            fail_extension(key + " layout is incorrect");
        }
        const std::optional<Json> items = evaluate(loop[1], scope_);
        if (!items || !items->is_array()) fail_extension(key + " requires a list to loop over");
        Json result = Json::object();
        for (const Json& item : *items) {
            const Json body = substitute(loop[2], loop[0].get<std::string>(), scalar_text(item));
            const Json expanded = expand(body, depth);
            for (const auto& [name, content] : expanded.items()) {
                if (result.contains(name)) fail_extension("The key " + name + " is used twice");
                result[name] = content;
            }
        }
        return result;
    }

    Names scope_;
};

}  // namespace

bool has_transform(const Json& document, std::string_view transform) {
    const Json* list = find_member(document, "Transform");
    if (list == nullptr) return false;
    if (list->is_string()) return list->get_ref<const std::string&>() == transform;
    return list->is_array() && std::any_of(list->begin(), list->end(), [&](const Json& item) {
               return item.is_string() && item.get_ref<const std::string&>() == transform;
           });
}

Json expand_language_extensions(const Json& document, const Json& parameters) {
    return Loops(document, parameters).expand(document, 0);
}

}  // namespace skafu::cloudformation
