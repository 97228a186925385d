#include "cloudformation/samconfig.h"

#include <toml++/toml.h>

#include "cloudformation/template_source.h"

namespace skafu::cloudformation {
namespace {

/// Cuts a text at spaces that stand outside quotes; the quotes go.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool inside = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == '\\' && i + 1 < text.size() && (text[i + 1] == quote || text[i + 1] == '\\')) {
                word += text[++i];
            } else if (c == quote) {
                quote = 0;
            } else {
                word += c;
            }
        } else if (c == '"' || c == '\'') {
            quote = c;
            inside = true;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            if (inside) words.push_back(std::move(word));
            word.clear();
            inside = false;
        } else {
            word += c;
            inside = true;
        }
    }
    if (inside) words.push_back(std::move(word));
    return words;
}

void add_override(Json& overrides, const std::string& word) {
    constexpr std::string_view key = "ParameterKey=";
    constexpr std::string_view value = ",ParameterValue=";
    if (word.starts_with(key)) {
        const std::size_t comma = word.find(value);
        if (comma != std::string::npos) {
            overrides[word.substr(key.size(), comma - key.size())] =
                word.substr(comma + value.size());
        }
        return;
    }
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw TemplateError("A parameter override is written Name=Value; this is not: " + word);
    }
    overrides[word.substr(0, equals)] = word.substr(equals + 1);
}

std::vector<std::string> texts_of(const toml::node& node) {
    if (const auto text = node.value<std::string>()) return words_of(*text);
    std::vector<std::string> texts;
    if (const toml::array* items = node.as_array()) {
        for (const toml::node& item : *items) {
            if (const auto text = item.value<std::string>()) texts.push_back(*text);
        }
    }
    return texts;
}

/// Numbers and truths as a template's parameters take them: as text.
std::string text_of_scalar(const toml::node& node) {
    if (const auto text = node.value_exact<std::string>()) return *text;
    if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
    if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
    if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
    return {};
}

void read_parameters(const toml::table& table, SamConfig& config) {
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        const std::string text = node.value<std::string>().value_or("");
        if (name == "stack_name") config.stack_name = text;
        if (name == "region") config.region = text;
        if (name == "template_file" || name == "template") config.template_file = text;
        if (name == "capabilities") config.capabilities = texts_of(node);
        if (name != "parameter_overrides") continue;
        config.parameter_overrides = Json::object();
        if (const toml::table* values = node.as_table()) {
            for (const auto& [parameter, value] : *values) {
                config.parameter_overrides[std::string(parameter.str())] = text_of_scalar(value);
            }
            continue;
        }
        for (const std::string& entry : texts_of(node)) {
            add_override(config.parameter_overrides, entry);
        }
    }
}

}  // namespace

Json parse_parameter_overrides(std::string_view text) {
    Json overrides = Json::object();
    for (const std::string& word : words_of(text)) add_override(overrides, word);
    return overrides;
}

SamConfig read_samconfig(const std::filesystem::path& file, const std::string& environment) {
    SamConfig config;
    if (!std::filesystem::exists(file)) return config;
    toml::table document;
    try {
        document = toml::parse_file(file.string());
    } catch (const toml::parse_error& error) {
        throw TemplateError({Problem{file.string(), static_cast<int>(error.source().begin.line), "",
                                     std::string(error.description())}});
    }
    const toml::table* chosen = document[environment].as_table();
    if (chosen == nullptr) {
        if (environment == "default") return config;
        throw TemplateError(
            {Problem{file.string(), 0, "",
                     "There is no environment \"" + environment + "\" in this file."}});
    }
    for (const std::string_view command : {"global", "deploy"}) {
        if (const toml::table* table = (*chosen)[command]["parameters"].as_table()) {
            read_parameters(*table, config);
        }
    }
    return config;
}

}  // namespace skafu::cloudformation
