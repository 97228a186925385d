#include "lambda/event_filter.h"

#include "core/aws_error.h"
#include "core/http.h"
#include "core/text.h"

namespace skafu::lambda {

namespace {

bool matches_wildcard(std::string_view glob, std::string_view text) {
    if (glob.empty()) return text.empty();
    if (glob.front() == '*') {
        for (std::size_t skip = 0; skip <= text.size(); ++skip) {
            if (matches_wildcard(glob.substr(1), text.substr(skip))) return true;
        }
        return false;
    }
    return !text.empty() && glob.front() == text.front() &&
           matches_wildcard(glob.substr(1), text.substr(1));
}

bool is_equal(const Json& a, const Json& b) {
    if (a.is_number() && b.is_number()) return a.get<double>() == b.get<double>();
    return a == b;
}

bool compares(double value, const std::string& relation, double bound) {
    if (relation == "=") return value == bound;
    if (relation == "<") return value < bound;
    if (relation == "<=") return value <= bound;
    if (relation == ">") return value > bound;
    return relation == ">=" && value >= bound;
}

/// [">", 0, "<=", 5]
bool is_within(const Json& bounds, const Json& value) {
    if (!value.is_number()) return false;
    for (std::size_t i = 0; i + 1 < bounds.size(); i += 2) {
        if (!compares(value.get<double>(), bounds[i].get<std::string>(),
                      bounds[i + 1].get<double>())) {
            return false;
        }
    }
    return true;
}

bool matches_operator(const std::string& name, const Json& operand, const Json& value);

bool is_excluded(const Json& excluded, const Json& value) {
    if (excluded.is_array()) {
        return std::any_of(excluded.begin(), excluded.end(),
                           [&](const Json& each) { return is_equal(each, value); });
    }
    if (excluded.is_object()) {
        const auto operators = excluded.items();
        return std::any_of(operators.begin(), operators.end(), [&](const auto& each) {
            return matches_operator(each.first, each.second, value);
        });
    }
    return is_equal(excluded, value);
}

bool matches_operator(const std::string& name, const Json& operand, const Json& value) {
    if (name == "exists") return operand == true;
    if (name == "numeric") return is_within(operand, value);
    if (name == "anything-but") return !is_excluded(operand, value);
    if (!value.is_string() || !operand.is_string()) return false;
    const std::string& text = value.get_ref<const std::string&>();
    const std::string& wanted = operand.get_ref<const std::string&>();
    if (name == "prefix") return text.starts_with(wanted);
    if (name == "suffix") return text.ends_with(wanted);
    if (name == "equals-ignore-case") return iequals(text, wanted);
    return name == "wildcard" && matches_wildcard(wanted, text);
}

bool matches_rule(const Json& rule, const Json& value) {
    if (rule.is_null()) return value.is_null() || is_empty_text(value);
    if (!rule.is_object()) return is_equal(rule, value);
    for (const auto& [name, operand] : rule.items()) {
        if (!matches_operator(name, operand, value)) return false;
    }
    return true;
}

bool accepts_absence(const Json& rules) {
    return std::any_of(rules.begin(), rules.end(), [](const Json& rule) {
        const Json* exists = find_member(rule, "exists");
        return exists != nullptr && *exists == false;
    });
}

bool matches_rules(const Json& rules, const Json* value) {
    if (value == nullptr) return accepts_absence(rules);
    return std::any_of(rules.begin(), rules.end(), [&](const Json& rule) {
        if (!value->is_array()) return matches_rule(rule, *value);
        return std::any_of(value->begin(), value->end(),
                           [&](const Json& each) { return matches_rule(rule, each); });
    });
}

bool matches_pattern(const Json& pattern, const Json& value) {
    for (const auto& [name, wanted] : pattern.items()) {
        if (name == "$or" && wanted.is_array()) {
            const bool any = std::any_of(wanted.begin(), wanted.end(), [&](const Json& each) {
                return matches_pattern(each, value);
            });
            if (!any) return false;
            continue;
        }
        const Json* member = find_member(value, name);
        if (wanted.is_array()) {
            if (!matches_rules(wanted, member)) return false;
        } else if (member == nullptr) {
            if (!matches_pattern(wanted, Json::object())) return false;
        } else if (!matches_pattern(wanted, *member)) {
            return false;
        }
    }
    return true;
}

bool is_pattern(const Json& pattern) {
    if (!pattern.is_object()) return false;
    for (const auto& [name, wanted] : pattern.items()) {
        if (wanted.is_array()) continue;
        if (!is_pattern(wanted)) return false;
    }
    return true;
}

}  // namespace

EventFilter::EventFilter(const Json& criteria) {
    const Json* filters = find_member(criteria, "Filters");
    if (filters == nullptr) return;
    for (const Json& filter : *filters) {
        try {
            Json pattern = parse_json(string_member(filter, "Pattern", "{}"));
            if (!is_pattern(pattern)) throw JsonError("not a pattern", 0);
            patterns_.push_back(std::move(pattern));
        } catch (const JsonError&) {
            throw AwsError("InvalidParameterValueException", "Invalid filter pattern definition.");
        }
    }
}

bool EventFilter::passes(const Json& record) const {
    if (patterns_.empty()) return true;
    return std::any_of(patterns_.begin(), patterns_.end(),
                       [&](const Json& pattern) { return matches_pattern(pattern, record); });
}

}  // namespace skafu::lambda
