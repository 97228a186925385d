#include "cloudformation/sam/references.h"

#include "cloudformation/intrinsics.h"

namespace skafu::cloudformation::sam {
namespace {

class Renamer {
  public:
    explicit Renamer(const std::map<std::string, std::string>& references)
        : references_(references) {}

    Json rename(const Json& value) const {
        if (value.is_array()) {
            Json result = Json::array();
            for (const Json& item : value) result.push_back(rename(item));
            return result;
        }
        if (!value.is_object()) return value;
        if (value.size() == 1) {
            const std::string& name = value.begin().key();
            const Json& argument = value.begin().value();
            if (name == "Ref" && argument.is_string()) {
                return Json{{"Ref", id_of(argument.get<std::string>())}};
            }
            if (name == "Fn::GetAtt") return Json{{"Fn::GetAtt", attribute(argument)}};
            if (name == "Fn::Sub") return Json{{"Fn::Sub", substitution(argument)}};
        }
        Json result = Json::object();
        for (const auto& [key, member] : value.items()) {
            if (key == "DependsOn")
                result[key] = dependency(member);
            else
                result[key] = rename(member);
        }
        return result;
    }

  private:
    const std::string* find(const std::string& name) const {
        const auto found = references_.find(name);
        return found == references_.end() ? nullptr : &found->second;
    }

    std::string id_of(const std::string& name) const {
        const std::string* id = find(name.find('.') == std::string::npos ? name + '.' : name);
        return id == nullptr ? name : *id;
    }

    /// ["F.Version", "Version"], ["F", "Version.Version"] and "F.Version.Version" mean the same.
    Json attribute(const Json& argument) const {
        std::string text;
        if (argument.is_string()) {
            text = argument.get<std::string>();
        } else if (argument.is_array()) {
            for (const Json& part : argument) {
                if (!part.is_string()) return rename(argument);
                text += (text.empty() ? "" : ".") + part.get<std::string>();
            }
        }
        const std::size_t first = text.find('.');
        if (first == std::string::npos) return argument;
        const std::size_t second = text.find('.', first + 1);
        if (second != std::string::npos) {
            if (const std::string* id = find(text.substr(0, second))) {
                return Json::array({*id, text.substr(second + 1)});
            }
        }
        if (const std::string* id = find(text.substr(0, first) + '.')) {
            return Json::array({*id, text.substr(first + 1)});
        }
        return argument;
    }

    std::string variable(const std::string& name) const {
        const std::size_t first = name.find('.');
        if (first == std::string::npos) return id_of(name);
        if (const std::string* id = find(name)) return *id;
        const std::size_t second = name.find('.', first + 1);
        if (second != std::string::npos) {
            if (const std::string* id = find(name.substr(0, second))) {
                return *id + name.substr(second);
            }
        }
        if (const std::string* id = find(name.substr(0, first + 1)))
            return *id + name.substr(first);
        return name;
    }

    Json substitution(const Json& argument) const {
        if (argument.is_array() && !argument.empty()) {
            Json result = rename(argument);
            if (argument[0].is_string()) result[0] = text(argument[0].get<std::string>());
            return result;
        }
        return argument.is_string() ? Json(text(argument.get<std::string>())) : argument;
    }

    std::string text(const std::string& from) const {
        std::string result = from;
        for (std::size_t at = result.find("${"); at != std::string::npos;
             at = result.find("${", at + 2)) {
            const std::size_t end = result.find('}', at);
            if (end == std::string::npos) break;
            const std::string name = result.substr(at + 2, end - at - 2);
            if (name.starts_with('!')) continue;
            result.replace(at + 2, name.size(), variable(name));
        }
        return result;
    }

    Json dependency(const Json& value) const {
        if (value.is_string()) return id_of(value.get<std::string>());
        if (!value.is_array()) return value;
        Json result = Json::array();
        for (const Json& item : value) {
            result.push_back(item.is_string() ? Json(id_of(item.get<std::string>())) : item);
        }
        return result;
    }

    const std::map<std::string, std::string>& references_;
};

}  // namespace

Json with_generated_references(const Json& document,
                               const std::map<std::string, std::string>& references) {
    if (references.empty()) return document;
    return Renamer(references).rename(document);
}

}  // namespace skafu::cloudformation::sam
