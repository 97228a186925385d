#include "cloudformation/conditions.h"

#include "core/aws_error.h"

namespace skafu::cloudformation {
namespace {

/// Evaluates each condition once, on demand, and notices when one leads back to itself.
class Conditions {
  public:
    Conditions(const Json& section, Names scope) : section_(section), scope_(std::move(scope)) {
        scope_.condition = [this](const std::string& name) { return value(name); };
    }

    bool value(const std::string& name) {
        if (const auto known = values_.find(name); known != values_.end()) return known->second;
        const Json* expression = find_member(section_, name);
        if (expression == nullptr) {
            throw AwsError("ValidationError",
                           "Template format error: Unresolved condition "
                           "dependency " +
                               name + " in the Conditions block of the template");
        }
        if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
            throw AwsError("ValidationError",
                           fmt::format("Template format error: Found circular condition dependency "
                                       "between {} and {}",
                                       name, open_.back()));
        }
        open_.push_back(name);
        const bool result = evaluate_condition(*expression, scope_);
        open_.pop_back();
        values_.emplace(name, result);
        return result;
    }

    std::map<std::string, bool> all() {
        for (const auto& [name, expression] : section_.items()) value(name);
        return values_;
    }

  private:
    const Json& section_;
    Names scope_;
    std::map<std::string, bool> values_;
    std::vector<std::string> open_;
};

Json prune(const Json& value, const std::map<std::string, bool>& conditions) {
    if (value.is_array()) {
        Json result = Json::array();
        for (const Json& item : value) result.push_back(prune(item, conditions));
        return result;
    }
    if (!value.is_object()) return value;
    if (value.size() == 1 && value.begin().key() == "Fn::If") {
        const Json& argument = value.begin().value();
        if (argument.is_array() && argument.size() == 3 && argument[0].is_string()) {
            const std::string& name = argument[0].get_ref<const std::string&>();
            const auto condition = conditions.find(name);
            if (condition == conditions.end()) {
                throw AwsError("ValidationError",
                               fmt::format("Template error: unresolved condition dependency {} in "
                                           "Fn::If",
                                           name));
            }
            return prune(argument[condition->second ? 1 : 2], conditions);
        }
    }
    Json result = Json::object();
    for (const auto& [key, member] : value.items()) result[key] = prune(member, conditions);
    return result;
}

}  // namespace

std::map<std::string, bool> evaluate_conditions(const Json& section, Names scope) {
    if (!section.is_object()) return {};
    return Conditions(section, std::move(scope)).all();
}

Json without_untaken(const Json& document, const std::map<std::string, bool>& conditions) {
    Json result = Json::object();
    for (const auto& [section, content] : document.items()) {
        if ((section != "Resources" && section != "Outputs") || !content.is_object()) {
            result[section] = content;
            continue;
        }
        Json kept = Json::object();
        for (const auto& [name, entry] : content.items()) {
            const std::string condition = string_member(entry, "Condition");
            if (!condition.empty()) {
                const auto found = conditions.find(condition);
                if (found == conditions.end()) {
                    throw AwsError("ValidationError",
                                   fmt::format("Template format error: Unresolved condition "
                                               "dependency {} in the {} block of the template",
                                               condition, section));
                }
                if (!found->second) continue;
            }
            kept[name] = prune(entry, conditions);
        }
        result[section] = std::move(kept);
    }
    return result;
}

}  // namespace skafu::cloudformation
