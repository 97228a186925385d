#include "stepfunctions/definition_text.h"

#include <yaml-cpp/yaml.h>

#include "core/aws_error.h"

namespace skafu::stepfunctions {
namespace {

constexpr int kMaxTextDepth = 200;

Json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    // "!" marks a quoted scalar.
    if (node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str") return text;
    if (text.empty() || text == "~" || text == "null" || text == "Null") return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    const char first = text.front();
    if (first == '-' || first == '+' || first == '.' || (first >= '0' && first <= '9')) {
        try {
            const Json number = parse_json(first == '+' ? text.substr(1) : text);
            if (number.is_number()) return number;
        } catch (const JsonError&) {
        }
    }
    return text;
}

Json to_json(const YAML::Node& node, int depth) {
    if (depth > kMaxTextDepth) throw YAML::Exception(node.Mark(), "nested too deeply");
    switch (node.Type()) {
        case YAML::NodeType::Map: {
            Json object = Json::object();
            for (const auto& pair : node) {
                object[pair.first.as<std::string>()] = to_json(pair.second, depth + 1);
            }
            return object;
        }
        case YAML::NodeType::Sequence: {
            Json list = Json::array();
            for (const auto& item : node) list.push_back(to_json(item, depth + 1));
            return list;
        }
        case YAML::NodeType::Scalar:
            return scalar(node);
        default:
            return nullptr;
    }
}

}  // namespace

std::string substitute(std::string_view text, const Json& substitutions) {
    std::string result;
    result.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t start = text.find("${", at);
        const std::size_t end = start == std::string_view::npos ? start : text.find('}', start);
        if (end == std::string_view::npos) break;
        const std::string_view name = text.substr(start + 2, end - start - 2);
        const Json* value = find_member(substitutions, name);
        result += text.substr(at, start - at);
        if (value == nullptr) {
            result += text.substr(start, end - start + 1);
        } else {
            result += value->is_string() ? value->get<std::string>() : to_text(*value);
        }
        at = end + 1;
    }
    return result.append(text.substr(at));
}

std::optional<TextPlace> find_place(const std::string& text, std::string_view location) {
    try {
        YAML::Node node = YAML::Load(text);
        YAML::Mark mark = node.Mark();
        while (!location.empty()) {
            if (location.front() == '[') {
                const std::size_t end = location.find(']');
                const auto index = std::stoul(std::string(location.substr(1, end - 1)));
                if (!node.IsSequence() || index >= node.size()) break;
                node.reset(node[index]);
                mark = node.Mark();
                location.remove_prefix(end + 1);
                continue;
            }
            location.remove_prefix(1);
            if (!node.IsMap()) break;
            // Names of states may have slashes in them: the longest member that fits is meant.
            std::string found;
            for (const auto& pair : node) {
                const auto key = pair.first.as<std::string>();
                const bool fits = location.starts_with(key) && key.size() > found.size() &&
                                  (location.size() == key.size() || location[key.size()] == '/' ||
                                   location[key.size()] == '[');
                if (!fits) continue;
                found = key;
                mark = pair.first.Mark();
            }
            if (found.empty()) break;
            const YAML::Node next = node[found];
            node.reset(next);
            location.remove_prefix(found.size());
        }
        return TextPlace{static_cast<std::size_t>(mark.line) + 1,
                         static_cast<std::size_t>(mark.column) + 1};
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

std::string definition_as_json(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || text[first] == '{') return text;
    try {
        return to_text(to_json(YAML::Load(text), 0));
    } catch (const YAML::Exception& error) {
        throw AwsError("InvalidDefinition",
                       "Invalid State Machine Definition: '" + std::string(error.what()) + "'");
    }
}

}  // namespace skafu::stepfunctions
