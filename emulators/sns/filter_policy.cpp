#include "sns/filter_policy.h"

#include <charconv>
#include <optional>

#include "core/aws_error.h"
#include "core/http.h"

namespace skafu::sns {
namespace {

constexpr std::size_t kMostKeys = 5;

std::optional<std::uint32_t> parse_address(std::string_view text) {
    std::uint32_t address = 0;
    for (int part = 0; part < 4; ++part) {
        unsigned byte = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), byte);
        if (end.ec != std::errc() || byte > 255) return std::nullopt;
        address = address << 8 | byte;
        text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
        if (part == 3) break;
        if (!text.starts_with('.')) return std::nullopt;
        text.remove_prefix(1);
    }
    return text.empty() ? std::optional(address) : std::nullopt;
}

bool in_network(std::string_view text, std::string_view network) {
    const std::size_t slash = std::min(network.find('/'), network.size());
    const auto address = parse_address(text);
    const auto base = parse_address(network.substr(0, slash));
    unsigned bits = 32;
    if (slash < network.size()) {
        std::from_chars(network.data() + slash + 1, network.data() + network.size(), bits);
    }
    if (!address || !base || bits > 32) return false;
    const std::uint32_t mask = bits == 0 ? 0 : ~std::uint32_t{0} << (32 - bits);
    return (*address & mask) == (*base & mask);
}

/// '*' stands for any run of characters; matched greedily with one point to return to.
bool matches_wildcard(std::string_view text, std::string_view pattern) {
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (at < text.size()) {
        if (in < pattern.size() && pattern[in] == '*') {
            star = in++;
            resume = at;
        } else if (in < pattern.size() && pattern[in] == text[at]) {
            ++in;
            ++at;
        } else if (star != std::string_view::npos) {
            in = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (in < pattern.size() && pattern[in] == '*') ++in;
    return in == pattern.size();
}

bool matches_numeric(const Json& rule, const Json& value) {
    if (!value.is_number() || !rule.is_array()) return false;
    const double number = value.get<double>();
    for (std::size_t i = 0; i + 1 < rule.size(); i += 2) {
        if (!rule[i].is_string() || !rule[i + 1].is_number()) return false;
        const std::string& op = rule[i].get_ref<const std::string&>();
        const double limit = rule[i + 1].get<double>();
        const bool holds = op == "="    ? number == limit
                           : op == "<"  ? number < limit
                           : op == "<=" ? number <= limit
                           : op == ">"  ? number > limit
                           : op == ">=" ? number >= limit
                                        : false;
        if (!holds) return false;
    }
    return true;
}

bool equals(const Json& rule, const Json& value) {
    if (rule.is_number() && value.is_number()) return rule.get<double>() == value.get<double>();
    return rule == value;
}

bool matches_anything_but(const Json& rule, const Json& value) {
    if (rule.is_array()) {
        for (const Json& one : rule) {
            if (equals(one, value)) return false;
        }
        return true;
    }
    if (rule.is_object()) {
        const std::string text = value.is_string() ? value.get<std::string>() : "";
        for (const auto& [name, part] : rule.items()) {
            const Json parts = part.is_array() ? part : Json::array({part});
            for (const Json& one : parts) {
                const std::string wanted = one.is_string() ? one.get<std::string>() : "";
                if (name == "prefix" && text.starts_with(wanted)) return false;
                if (name == "suffix" && text.ends_with(wanted)) return false;
                if (name == "wildcard" && matches_wildcard(text, wanted)) return false;
                if (name == "equals-ignore-case" && iequals(text, wanted)) return false;
            }
        }
        return true;
    }
    return !equals(rule, value);
}

bool matches_operator(const std::string& name, const Json& rule, const Json& value) {
    if (name == "numeric") return matches_numeric(rule, value);
    if (name == "anything-but") return matches_anything_but(rule, value);
    if (!value.is_string() || !rule.is_string()) return false;
    const std::string& text = value.get_ref<const std::string&>();
    const std::string& wanted = rule.get_ref<const std::string&>();
    if (name == "prefix") return text.starts_with(wanted);
    if (name == "suffix") return text.ends_with(wanted);
    if (name == "equals-ignore-case") return iequals(text, wanted);
    if (name == "wildcard") return matches_wildcard(text, wanted);
    if (name == "cidr") return in_network(text, wanted);
    return false;
}

/// Whether one of a key's rules holds for its values; no values means that the key is absent.
bool matches_rules(const Json& rules, const std::vector<Json>& values) {
    for (const Json& rule : rules) {
        if (rule.is_object()) {
            if (const Json* exists = find_member(rule, "exists")) {
                if ((*exists == true) == !values.empty()) return true;
                continue;
            }
        }
        for (const Json& value : values) {
            if (!rule.is_object()) {
                if (equals(rule, value)) return true;
                continue;
            }
            for (const auto& [name, operand] : rule.items()) {
                if (matches_operator(name, operand, value)) return true;
            }
        }
    }
    return false;
}

/// Values of an attribute: a String.Array has several.
std::vector<Json> attribute_values(const Json& attributes, const std::string& name) {
    const Json* attribute = find_member(attributes, name);
    if (attribute == nullptr) return {};
    const std::string type =
        string_member(*attribute, "DataType", string_member(*attribute, "Type"));
    const std::string text =
        string_member(*attribute, "StringValue", string_member(*attribute, "Value"));
    if (type != "Number" && type != "String.Array") return {Json(text)};
    try {
        const Json parsed = parse_json(text);
        if (!parsed.is_array()) return {parsed};
        return std::vector<Json>(parsed.begin(), parsed.end());
    } catch (const JsonError&) {
        return {Json(text)};
    }
}

void collect(const Json& value, std::vector<Json>& out) {
    if (value.is_array()) {
        for (const Json& item : value) collect(item, out);
    } else {
        out.push_back(value);
    }
}

AwsError invalid(std::string_view why) {
    return {"InvalidParameter", fmt::format("Invalid parameter: FilterPolicy: {}", why)};
}

void check_level(const Json& policy, std::size_t& keys) {
    if (!policy.is_object()) throw invalid("failed to parse JSON.");
    for (const auto& [name, rules] : policy.items()) {
        if (name == "$or" && rules.is_array()) {
            for (const Json& branch : rules) check_level(branch, keys);
        } else if (rules.is_object()) {
            check_level(rules, keys);
        } else if (!rules.is_array()) {
            throw invalid(fmt::format("\"{}\" must be an object or an array", name));
        } else {
            ++keys;
        }
    }
}

}  // namespace

void check_filter_policy(const Json& policy) {
    std::size_t keys = 0;
    check_level(policy, keys);
    if (keys > kMostKeys) throw invalid("Filter policy can not have more than 5 keys");
}

bool matches_attributes(const Json& policy, const Json& attributes) {
    for (const auto& [name, rules] : policy.items()) {
        if (name == "$or" && rules.is_array()) {
            const bool any = std::any_of(rules.begin(), rules.end(), [&](const Json& branch) {
                return matches_attributes(branch, attributes);
            });
            if (!any) return false;
        } else if (!matches_rules(rules, attribute_values(attributes, name))) {
            return false;
        }
    }
    return true;
}

bool matches_body(const Json& policy, const Json& body) {
    if (body.is_array()) {
        return std::any_of(body.begin(), body.end(),
                           [&](const Json& item) { return matches_body(policy, item); });
    }
    for (const auto& [name, rules] : policy.items()) {
        if (name == "$or" && rules.is_array()) {
            const bool any = std::any_of(rules.begin(), rules.end(), [&](const Json& branch) {
                return matches_body(branch, body);
            });
            if (!any) return false;
            continue;
        }
        const Json* value = find_member(body, name);
        if (rules.is_object()) {
            if (!matches_body(rules, value == nullptr ? Json::object() : *value)) return false;
            continue;
        }
        std::vector<Json> values;
        if (value != nullptr) collect(*value, values);
        if (!matches_rules(rules, values)) return false;
    }
    return true;
}

}  // namespace skafu::sns
