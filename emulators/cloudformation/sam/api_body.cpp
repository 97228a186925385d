#include "cloudformation/sam/api_body.h"

#include <algorithm>

namespace skafu::cloudformation::sam {
namespace {

void check_path_item(const Json& item, const std::string& path) {
    if (item.is_object()) return;
    throw SamProblem::document(
        fmt::format("Value of '{}' path must be a dictionary according to Swagger spec.", path));
}

void check_method(const Json& method, const std::string& path, const std::string& name) {
    if (method.is_object()) return;
    throw SamProblem::document(
        fmt::format("Definition of method '{}' for path '{}' should be a map.", name, path));
}

Json empty_body(const char* kind, const char* version) {
    return Json{{kind, version},
                {"info", {{"version", "1.0"}, {"title", ref_to("AWS::StackName")}}},
                {"paths", Json::object()}};
}

bool is_path_field(const std::string& name) {
    return name == "summary" || name == "description" || name == "parameters";
}

}  // namespace

Json empty_swagger() {
    return empty_body("swagger", "2.0");
}

Json empty_openapi() {
    return empty_body("openapi", "3.0.1");
}

bool is_version_3(const Json& version) {
    const std::string text = printed(version);
    if (!text.starts_with("3.") || text.size() < 3) return false;
    const auto digit = [&](std::size_t at) {
        return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0;
    };
    if (!digit(2)) return false;
    return text.size() == 3 || (text.size() == 5 && text[3] == '.' && digit(4));
}

bool is_openapi_3(const Json* body) {
    if (body == nullptr || given(*body, "paths") == nullptr) return false;
    return (*body)["paths"].is_object() && is_truthy(*body, "openapi") &&
           is_version_3((*body)["openapi"]);
}

bool is_swagger(const Json* body) {
    if (body == nullptr || given(*body, "paths") == nullptr) return false;
    if (!(*body)["paths"].is_object()) return false;
    return is_truthy(*body, "swagger") || is_openapi_3(body);
}

std::vector<Json*> branches(Json& item) {
    if (!item.is_object() || !item.contains("Fn::If")) return {&item};
    Json& list = item["Fn::If"];
    if (!list.is_array()) throw SamProblem::document("Value of Fn::If must be a list.");
    std::vector<Json*> result;
    for (std::size_t i = 1; i < list.size(); ++i) {
        if (!is_no_value(&list[i])) result.push_back(&list[i]);
    }
    return result;
}

std::vector<Json*> path_items(Json& body, const std::string& path) {
    std::vector<Json*> items = branches(body["paths"][path]);
    for (const Json* item : items) check_path_item(*item, path);
    return items;
}

std::vector<Json*> method_definitions(Json& body, const std::string& path,
                                      const std::string& method) {
    std::vector<Json*> result;
    for (Json* item : path_items(body, path)) {
        for (Json* definition : branches((*item)[method])) {
            check_method(*definition, path, method);
            if (is_truthy(*definition, kIntegration)) result.push_back(definition);
        }
    }
    return result;
}

void check_paths(Json& body) {
    for (auto& [path, item] : body["paths"].items()) {
        for (const Json* branch : branches(item)) check_path_item(*branch, path);
    }
}

void visit_methods(Json& body, const std::string& path, const MethodVisit& visit) {
    for (Json* item : path_items(body, path)) {
        for (auto& [name, method] : item->items()) {
            if (is_path_field(name)) continue;
            for (Json* definition : branches(method)) {
                check_method(*definition, path, name);
                if (is_truthy(*definition, kIntegration)) visit(method_key(name), *definition);
            }
        }
    }
}

bool has_method(Json& body, const std::string& path, const std::string& method) {
    if (!body["paths"].contains(path)) return false;
    const std::vector<Json*> items = branches(body["paths"][path]);
    return std::all_of(items.begin(), items.end(), [&](const Json* item) {
        return item->is_object() && item->contains(method);
    });
}

bool has_integration(Json& body, const std::string& path, const std::string& method) {
    if (!has_method(body, path, method)) return false;
    const std::vector<Json*> items = path_items(body, path);
    return std::all_of(items.begin(), items.end(), [&](Json* item) {
        Json& definition = (*item)[method];
        if (!definition.is_object()) return false;
        const std::vector<Json*> list = branches(definition);
        return std::any_of(list.begin(), list.end(), [&](const Json* branch) {
            check_method(*branch, path, method);
            return is_truthy(*branch, kIntegration);
        });
    });
}

void add_path(Json& body, const std::string& path, const std::string& method) {
    Json& paths = body["paths"];
    if (!paths.contains(path)) paths[path] = Json::object();
    check_path_item(paths[path], path);
    for (Json* item : branches(paths[path])) {
        check_path_item(*item, path);
        if (!item->contains(method)) (*item)[method] = Json::object();
    }
}

Json security_of(const Json& method, const std::string& path, const std::string& name) {
    const Json* list = find_member(method, "security");
    if (list == nullptr) return Json::array();
    if (!list->is_array()) {
        throw SamProblem::document(
            fmt::format("Type of security for path {} method {} must be a list", path, name));
    }
    return *list;
}

std::string method_key(const std::string& method) {
    const std::string name = lower_case(method);
    return name == "any" ? kAnyMethod : name;
}

std::string permission_path(const std::string& path) {
    std::string result;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const std::size_t end = path[i] == '{' ? path.find('}', i) : std::string::npos;
        const std::string name = end == std::string::npos ? "" : path.substr(i + 1, end - i - 1);
        const bool parameter =
            !name.empty() && name != "+" &&
            std::all_of(name.begin(), name.end() - (name.back() == '+' ? 1 : 0),
                        [](unsigned char c) {
                            return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
                        });
        if (!parameter) {
            result += path[i];
            continue;
        }
        result += '*';
        i = end;
    }
    return result;
}

}  // namespace skafu::cloudformation::sam
