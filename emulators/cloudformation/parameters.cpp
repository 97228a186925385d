#include "cloudformation/parameters.h"

#include <charconv>
#include <cmath>

#include <re2/re2.h>

#include "cloudformation/intrinsics.h"
#include "core/aws_error.h"

namespace skafu::cloudformation {
namespace {

constexpr std::string_view kStoredPrefix = "AWS::SSM::Parameter::Value<";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
    return text;
}

Json split_list(std::string_view text) {
    Json items = Json::array();
    if (text.empty()) return items;
    for (;;) {
        const std::size_t comma = text.find(',');
        items.push_back(std::string(trimmed(text.substr(0, comma))));
        if (comma == std::string_view::npos) return items;
        text.remove_prefix(comma + 1);
    }
}

std::optional<double> as_number(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return value;
}

bool is_list_type(std::string_view type) {
    return type == "CommaDelimitedList" || type.starts_with("List<");
}

/// The text of a member such as MinLength, which templates write as a number or as a string.
std::optional<std::string> limit(const Json& declaration, std::string_view name) {
    const Json* value = find_member(declaration, name);
    if (value == nullptr) return std::nullopt;
    return scalar_text(*value);
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

/// What is wrong with one value, or nothing.
std::optional<std::string> fault_of(const std::string& name, std::string_view type,
                                    const std::string& text, const Json& declaration) {
    const auto message = [&](std::string_view rest) {
        const std::string description = string_member(declaration, "ConstraintDescription");
        if (description.empty()) return fmt::format("Parameter '{}' {}", name, rest);
        return fmt::format("Parameter {} failed to satisfy constraint: {}", name, description);
    };
    if (const Json* allowed = find_member(declaration, "AllowedValues")) {
        const Json values = is_list_type(type) ? split_list(text) : Json::array({text});
        for (const Json& value : values) {
            const auto same = [&](const Json& item) {
                return scalar_text(item) == value.get_ref<const std::string&>();
            };
            if (std::none_of(allowed->begin(), allowed->end(), same)) {
                return message("must be one of AllowedValues");
            }
        }
    }
    if (type == "Number") {
        const std::optional<double> number = as_number(text);
        if (!number) return fmt::format("Parameter '{}' must be a number.", name);
        const std::optional<std::string> low = limit(declaration, "MinValue");
        const std::optional<std::string> high = limit(declaration, "MaxValue");
        if (low && *number < as_number(*low).value_or(-INFINITY)) {
            return message("must be a number not less than " + *low);
        }
        if (high && *number > as_number(*high).value_or(INFINITY)) {
            return message("must be a number not greater than " + *high);
        }
    }
    if (type == "List<Number>") {
        for (const Json& item : split_list(text)) {
            if (!as_number(item.get<std::string>())) {
                return fmt::format("Parameter '{}' must be a list of numbers.", name);
            }
        }
    }
    if (const auto pattern = limit(declaration, "AllowedPattern")) {
        const RE2 expression(*pattern, RE2::Quiet);
        if (expression.ok() && !RE2::FullMatch(text, expression)) {
            return message("must match pattern " + *pattern);
        }
    }
    const std::optional<std::string> shortest = limit(declaration, "MinLength");
    const std::optional<std::string> longest = limit(declaration, "MaxLength");
    if (shortest && double(characters(text)) < as_number(*shortest).value_or(0)) {
        return message(fmt::format("must contain at least {} characters", *shortest));
    }
    if (longest && double(characters(text)) > as_number(*longest).value_or(INFINITY)) {
        return message(fmt::format("must contain at most {} characters", *longest));
    }
    return std::nullopt;
}

/// A value given as JSON (a list of a parent's template, say) as the text CloudFormation passes on.
std::string given_text(const Json& value) {
    if (!value.is_array()) return scalar_text(value);
    std::string text;
    for (const Json& item : value) {
        if (!text.empty()) text += ',';
        text += scalar_text(item);
    }
    return text;
}

void resolve_one(const std::string& name, const Json& declaration, const std::string& text,
                 const StoredParameter& stored, Parameters& parameters,
                 const std::function<void(std::string)>& report) {
    std::string type = string_member(declaration, "Type", "String");
    parameters.given[name] = text;
    const Json* hidden = find_member(declaration, "NoEcho");
    parameters.described[name] =
        hidden != nullptr && scalar_text(*hidden) == "true" ? std::string("****") : text;
    std::string value = text;
    if (type.starts_with(kStoredPrefix)) {
        try {
            value = stored(text);
        } catch (const AwsError& error) {
            report(error.message());
            return;
        }
        type = type.substr(kStoredPrefix.size(), type.size() - kStoredPrefix.size() - 1);
    } else if (std::optional<std::string> fault = fault_of(name, type, text, declaration)) {
        report(*std::move(fault));
        return;
    }
    parameters.values[name] = is_list_type(type) ? split_list(value) : Json(value);
}

}  // namespace

Parameters resolve_parameters(const TemplateSource& source, const Json& declared, const Json& given,
                              const StoredParameter& stored, std::vector<Problem>& problems) {
    Parameters parameters;
    std::string missing;
    int missing_line = 0;
    if (declared.is_object()) {
        for (const auto& [name, declaration] : declared.items()) {
            const int line = source.lines.line_of("/Parameters/" + name);
            const Json* value = find_member(given, name);
            if (value == nullptr) value = find_member(declaration, "Default");
            if (value == nullptr) {
                if (missing_line == 0) missing_line = line;
                missing += (missing.empty() ? "" : ", ") + name;
                continue;
            }
            resolve_one(name, declaration, given_text(*value), stored, parameters,
                        [&](std::string message) {
                            problems.push_back({source.file, line, "", std::move(message)});
                        });
        }
    }
    if (!missing.empty()) {
        problems.push_back({source.file, missing_line, "",
                            fmt::format("Parameters: [{}] must have values", missing)});
    }
    std::string unknown;
    for (const auto& [name, value] : given.items()) {
        if (find_member(declared, name) == nullptr) unknown += (unknown.empty() ? "" : ", ") + name;
    }
    if (!unknown.empty()) {
        problems.push_back({source.file, 0, "",
                            fmt::format("Parameters: [{}] do not exist in the template", unknown)});
    }
    return parameters;
}

}  // namespace skafu::cloudformation
