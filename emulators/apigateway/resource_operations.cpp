#include "apigateway/operations.h"
#include "apigateway/patch.h"
#include "apigateway/rest_api.h"

namespace skafu::apigateway {
namespace {

std::string child_path(const std::string& parent, const std::string& part) {
    return parent == "/" ? "/" + part : parent + "/" + part;
}

bool is_greedy(std::string_view part) {
    return part.starts_with('{') && part.ends_with("+}");
}

/// GetResources shows methods by name only, unless asked to embed them.
Json shown(const Json& resource, bool with_methods) {
    Json result = resource;
    const auto methods = result.find("resourceMethods");
    if (methods == result.end() || with_methods) return result;
    for (auto& [name, method] : methods->items()) method = Json::object();
    return result;
}

bool embeds_methods(const Json& input) {
    const Json* embed = find_member(input, "embed");
    return embed && to_text(*embed).find("methods") != std::string::npos;
}

void refuse_sibling(Store& store, const Caller& caller, const std::string& api_id,
                    const std::string& parent_id, const std::string& path_part) {
    for (const Json& other : store.parts(store.resources, caller.scope(), api_id)) {
        if (string_member(other, "parentId") != parent_id) continue;
        if (string_member(other, "pathPart") != path_part) continue;
        throw conflict("Another resource with the same parent already has this name: " + path_part);
    }
}

Json create(Store& store, Context& context, const Json& input) {
    return create_resource(store, context.caller, text_of(input, "restapi_id"),
                           text_of(input, "parent_id"), text_of(input, "pathPart"));
}

Json get_resources(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    store.api(context.caller, api_id);
    std::vector<Json> items;
    for (const Json& resource : store.parts(store.resources, context.caller.scope(), api_id)) {
        items.push_back(shown(resource, embeds_methods(input)));
    }
    std::sort(items.begin(), items.end(), [](const Json& a, const Json& b) {
        return string_member(a, "path") < string_member(b, "path");
    });
    return item_list(std::move(items));
}

Json get_resource(Store& store, Context& context, const Json& input) {
    return shown(resource_of(store, context.caller, input), embeds_methods(input));
}

/// A resource and all below it.
std::vector<Json> subtree(Store& store, const Caller& caller, const std::string& api_id,
                          const Json& top) {
    std::vector<Json> found = {top};
    const std::vector<Json> all = store.parts(store.resources, caller.scope(), api_id);
    for (std::size_t i = 0; i < found.size(); ++i) {
        const std::string id = string_member(found[i], "id");
        for (const Json& resource : all) {
            if (string_member(resource, "parentId") == id) found.push_back(resource);
        }
    }
    return found;
}

Json delete_resource(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    const Json& top = resource_of(store, context.caller, input);
    if (string_member(top, "path") == "/") {
        throw bad_request("Root resource cannot be deleted");
    }
    for (const Json& resource : subtree(store, context.caller, api_id, top)) {
        store.erase_part(store.resources, context.caller.scope(), api_id,
                         string_member(resource, "id"));
    }
    return Json::object();
}

/// Gives a moved or renamed resource, and all below it, their new paths.
void repath(Store& store, const Caller& caller, const std::string& api_id, Json resource) {
    const Json* parent =
        store.part(store.resources, caller.scope(), api_id, string_member(resource, "parentId"));
    if (parent) {
        resource["path"] =
            child_path(string_member(*parent, "path"), string_member(resource, "pathPart"));
    }
    const std::string id = string_member(resource, "id");
    store.put_part(store.resources, caller.scope(), api_id, id, std::move(resource));
    for (const Json& child : store.parts(store.resources, caller.scope(), api_id)) {
        if (string_member(child, "parentId") == id) repath(store, caller, api_id, child);
    }
}

void patch_resource(Store& store, const Caller& caller, const std::string& api_id, Json& resource,
                    const PatchOperation& operation) {
    if (operation.op != "replace") {
        throw bad_request(
            fmt::format("Invalid patch path  '{}' specified for op '{}'. Please choose "
                        "supported operations",
                        operation.path, operation.op));
    }
    if (operation.path == "/pathPart") {
        refuse_sibling(store, caller, api_id, string_member(resource, "parentId"),
                       operation.text());
        resource["pathPart"] = operation.text();
    } else if (operation.path == "/parentId") {
        for (const Json& below : subtree(store, caller, api_id, resource)) {
            if (string_member(below, "id") == operation.text()) {
                throw bad_request("Resources cannot be cyclical.");
            }
        }
        if (!store.part(store.resources, caller.scope(), api_id, operation.text())) {
            throw not_found("Invalid Resource identifier specified");
        }
        refuse_sibling(store, caller, api_id, operation.text(),
                       string_member(resource, "pathPart"));
        resource["parentId"] = operation.text();
    } else {
        throw bad_request("Invalid patch path " + operation.path);
    }
}

Json update_resource(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    const auto operations = patch_operations(input, "updateResourceInput");
    Json resource = resource_of(store, context.caller, input);
    for (const PatchOperation& operation : operations) {
        patch_resource(store, context.caller, api_id, resource, operation);
    }
    repath(store, context.caller, api_id, resource);
    return shown(resource_of(store, context.caller, input), false);
}

}  // namespace

Json create_resource(Store& store, const Caller& caller, const std::string& api_id,
                     const std::string& parent_id, const std::string& path_part) {
    store.api(caller, api_id);
    const Json* parent = store.part(store.resources, caller.scope(), api_id, parent_id);
    if (!parent) throw not_found("Invalid Resource identifier specified");
    if (is_greedy(string_member(*parent, "pathPart"))) {
        throw bad_request("Cannot create a child of a resource with a greedy path variable: " +
                          string_member(*parent, "pathPart"));
    }
    const bool valid = !path_part.empty() && path_part.find('/') == std::string::npos;
    if (!valid) {
        throw bad_request(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and "
            "curly braces at the beginning and the end.");
    }
    refuse_sibling(store, caller, api_id, parent_id, path_part);
    const std::string id = new_id(store, 6);
    Json resource = {{"id", id},
                     {"parentId", parent_id},
                     {"pathPart", path_part},
                     {"path", child_path(string_member(*parent, "path"), path_part)}};
    store.put_part(store.resources, caller.scope(), api_id, id, resource);
    return resource;
}

const Json& resource_of(Store& store, const Caller& caller, const Json& input) {
    const Json* found = store.part(store.resources, caller.scope(), text_of(input, "restapi_id"),
                                   text_of(input, "resource_id"));
    if (!found) throw not_found("Invalid Resource identifier specified");
    return *found;
}

void add_resource_operations(Service& service, Store& store) {
    const Row rows[] = {
        {"CreateResource", "POST", "/restapis/{restapi_id}/resources/{parent_id}", 201, create},
        {"GetResources", "GET", "/restapis/{restapi_id}/resources", 200, get_resources},
        {"GetResource", "GET", "/restapis/{restapi_id}/resources/{resource_id}", 200, get_resource},
        {"DeleteResource", "DELETE", "/restapis/{restapi_id}/resources/{resource_id}", 202,
         delete_resource},
        {"UpdateResource", "PATCH", "/restapis/{restapi_id}/resources/{resource_id}", 200,
         update_resource},
    };
    for (const Row& row : rows) add_row(service, store, row);
}

}  // namespace skafu::apigateway
