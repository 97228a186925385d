#include <charconv>

#include <yaml-cpp/yaml.h>

#include "apigateway/errors.h"
#include "apigateway/import.h"

namespace skafu::apigateway {
namespace {

constexpr int kMaxDepth = 200;

Json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;  // quoted
    if (text == "true" || text == "True") return true;
    if (text == "false" || text == "False") return false;
    if (text.empty() || text == "null" || text == "~") return nullptr;
    const char* end = text.data() + text.size();
    std::int64_t whole = 0;
    if (std::from_chars(text.data(), end, whole).ptr == end) return whole;
    double real = 0;
    const auto parsed = std::from_chars(text.data(), end, real);
    const bool number = parsed.ptr == end && (std::isdigit(text[0]) || text[0] == '-');
    return number ? Json(real) : Json(text);
}

Json from_yaml(const YAML::Node& node, int depth) {
    if (depth > kMaxDepth) throw bad_request("Unable to parse document: nested too deeply");
    if (node.IsMap()) {
        Json object = Json::object();
        for (const auto& entry : node) {
            object[entry.first.Scalar()] = from_yaml(entry.second, depth + 1);
        }
        return object;
    }
    if (node.IsSequence()) {
        Json list = Json::array();
        for (const YAML::Node& item : node) list.push_back(from_yaml(item, depth + 1));
        return list;
    }
    return node.IsScalar() ? scalar(node) : Json(nullptr);
}

}  // namespace

Json read_open_api(const std::string& text) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    Json document;
    try {
        if (start != std::string::npos && text[start] == '{')
            document = parse_json(text);
        else
            document = from_yaml(YAML::Load(text), 0);
    } catch (const JsonError&) {
        throw bad_request("Invalid OpenAPI input.");
    } catch (const YAML::Exception&) {
        throw bad_request("Invalid OpenAPI input.");
    }
    const bool open_api = document.is_object() &&
                          (find_member(document, "swagger") || find_member(document, "openapi"));
    if (!open_api) throw bad_request("Invalid OpenAPI input.");
    return document;
}

}  // namespace skafu::apigateway
