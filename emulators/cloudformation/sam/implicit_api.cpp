#include "cloudformation/sam/implicit_api.h"

#include <set>

#include "cloudformation/sam/api_body.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr const char* kRestApi = "AWS::Serverless::Api";
constexpr const char* kHttpApi = "AWS::Serverless::HttpApi";

/// What differs between the two kinds of API.
struct ApiKind {
    const char* event;      ///< type of the events
    const char* reference;  ///< property with which an event names its API
    const char* api_type;
    const char* implicit_id;  ///< of the API for events that name none
    bool http;
};

constexpr ApiKind kRest = {"Api", "RestApiId", kRestApi, "ServerlessRestApi", false};
constexpr ApiKind kHttp = {"HttpApi", "ApiId", kHttpApi, "ServerlessHttpApi", true};

SamProblem event_problem(const std::string& owner, const std::string& event,
                         const std::string& why) {
    return SamProblem::resource(owner,
                                fmt::format("Event with id [{}] is invalid. {}", event, why));
}

/// Collects the API events of functions and state machines.
class ImplicitApi {
  public:
    ImplicitApi(Context& context, const ApiKind& kind) : context_(context), kind_(kind) {}

    void add() {
        prepare();
        std::vector<std::string> owners;
        for (const auto& [id, resource] : context_.resources().items()) {
            const std::string type = string_member(resource, "Type");
            if (type == "AWS::Serverless::Function" || type == "AWS::Serverless::StateMachine") {
                owners.push_back(id);
            }
        }
        for (const std::string& id : owners) {
            try {
                add_events_of(id);
            } catch (const SamProblem& problem) {
                if (problem.ends_translation()) throw;
                context_.problems().push_back(problem);
            }
        }
        finish();
        context_.stop_at_problems();
    }

  private:
    /// The condition of each method of each path: empty where it has none.
    using Methods = std::map<std::string, std::string>;
    using Paths = std::map<std::string, Methods>;

    void prepare() {
        Json& resources = context_.resources();
        if (const Json* own = find_member(resources, kind_.implicit_id)) own_ = *own;
        Json properties = {{"DefinitionBody", kind_.http ? empty_openapi() : empty_swagger()},
                           {kManaged, true}};
        if (!kind_.http) properties["StageName"] = "Prod";
        resources[kind_.implicit_id] =
            Json{{"Type", kind_.api_type}, {"Properties", std::move(properties)}};
    }

    static std::string condition_of(const Json& resource) {
        const Json* condition = given(resource, "Condition");
        if (condition == nullptr) return "";
        if (!condition->is_string()) {
            throw SamProblem::document("Every Condition member must be a string.");
        }
        return condition->get<std::string>();
    }

    void add_events_of(const std::string& id) {
        Json& resource = context_.resources()[id];
        const std::string condition = condition_of(resource);
        const Json* properties = given(resource, "Properties");
        if (properties == nullptr || !properties->is_object()) return;
        const Json* events = given(*properties, "Events");
        if (events == nullptr || !events->is_object()) return;
        for (auto& [name, event] : resource["Properties"]["Events"].items()) {
            if (!event.is_object() || string_member(event, "Type") != kind_.event) continue;
            if (!is_truthy(event, "Properties")) {
                if (!kind_.http) continue;
                if (given(event, "Properties") == nullptr) event["Properties"] = Json::object();
            }
            if (!event["Properties"].is_object()) {
                throw event_problem(id, name, "Properties should be a map.");
            }
            add_event(id, name, event["Properties"], condition);
        }
    }

    void complete(const std::string& id, const std::string& name, Json& event) {
        tag_implicit_api(id, event);
        if (given(event, kind_.reference) == nullptr) {
            event[kind_.reference] = ref_to(kind_.implicit_id);
        }
        if (!kind_.http) {
            for (const char* part : {"Path", "Method"}) {
                if (event.contains(part)) continue;
                throw event_problem(id, name, fmt::format("Event is missing key '{}'.", part));
            }
            return;
        }
        const bool path = is_truthy(event, "Path");
        const bool method = is_truthy(event, "Method");
        if (path != method) {
            throw event_problem(
                id, name, fmt::format("Event is missing key '{}'.", path ? "Method" : "Path"));
        }
        if (path) return;
        event["Path"] = "$default";
        event["Method"] = kAnyMethod;
    }

    /// With PropagateTags the implicit API has the tags of the functions that it serves.
    void tag_implicit_api(const std::string& id, const Json& event) {
        if (event.contains(kind_.reference)) return;
        const Json& globals = find_member(context_.document(), "Globals") == nullptr
                                  ? own_
                                  : context_.document()["Globals"];
        const Json& properties = context_.resources()[id]["Properties"];
        const std::string type = string_member(context_.resources()[id], "Type");
        const Json* section = given(globals, type.substr(type.rfind(':') + 1));
        const bool everywhere = section != nullptr && is_truthy(*section, "PropagateTags");
        const Json* own = given(properties, "PropagateTags");
        if (own == nullptr ? !everywhere : !is_truthy(own)) return;
        Json tags = Json::object();
        if (const Json* shared = section == nullptr ? nullptr : given(*section, "Tags")) {
            if (shared->is_object()) tags = *shared;
        }
        if (const Json* more = given(properties, "Tags")) {
            if (more->is_object()) {
                for (const auto& [key, value] : more->items()) tags[key] = value;
            }
        }
        if (tags.empty()) return;
        Json& api = context_.resources()[kind_.implicit_id]["Properties"];
        api["PropagateTags"] = true;
        for (const auto& [key, value] : tags.items()) api["Tags"][key] = value;
    }

    static std::string text_member(const std::string& id, const std::string& name,
                                   const Json& event, const std::string& member) {
        const Json& value = event[member];
        if (!value.is_string()) {
            throw event_problem(id, name, fmt::format("Property '{}' should be a string.", member));
        }
        return value.get<std::string>();
    }

    void add_event(const std::string& id, const std::string& name, Json& event,
                   const std::string& condition) {
        complete(id, name, event);
        const Json& api = event[kind_.reference];
        const Json* ref = api.is_object() ? given(api, "Ref") : nullptr;
        if (ref == nullptr ? !api.is_string() : !ref->is_string()) {
            throw event_problem(id, name,
                                fmt::format("Property '{}' should be a string.", kind_.reference));
        }
        const std::string api_id =
            ref == nullptr ? api.get<std::string>() : ref->get<std::string>();
        const std::string path = text_member(id, name, event, "Path");
        const std::string method = text_member(id, name, event, "Method");
        // Conditions are looked at by the method as it is written.
        conditions_[api_id][path][method] = condition;
        if (api_id == kind_.implicit_id) note_policies(id);
        const Json* resource = find_member(context_.resources(), api_id);
        const std::string type = resource == nullptr ? "" : string_member(*resource, "Type");
        if (resource == nullptr || (type == kHttpApi && !kind_.http)) {
            throw event_problem(
                id, name,
                fmt::format("{} must be a valid reference to an '{}' resource in same template.",
                            kind_.reference, kind_.api_type));
        }
        if (given(*resource, "Properties") != nullptr && (*resource)["Properties"].is_object()) {
            add_path_of(context_.resources()[api_id]["Properties"], path, method, event, condition);
        }
    }

    void add_path_of(Json& api, const std::string& path, const std::string& method,
                     const Json& event, const std::string& condition) {
        const Json* body = given(api, "DefinitionBody");
        const bool good = kind_.http ? is_openapi_3(body) : is_swagger(body);
        if (good && is_truthy(api, kManaged)) {
            if (!kind_.http) check_paths(api["DefinitionBody"]);
            add_path(api["DefinitionBody"], path, method_key(method));
        }
        if (!kind_.http) return;
        add_route_settings(api, path, method, event, condition);
    }

    void add_route_settings(Json& api, const std::string& path, const std::string& method,
                            const Json& event, const std::string& condition) {
        const Json* settings = given(event, "RouteSettings");
        if (!is_truthy(settings)) return;
        std::string route = method;
        for (char& c : route) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        route = path == "$default" ? path : route + " " + path;
        if (given(api, "RouteSettings") == nullptr) api["RouteSettings"] = Json::object();
        expect_map(referred_id(event[kind_.reference]), api["RouteSettings"], "RouteSettings");
        Json& merged = api["RouteSettings"][route];
        if (!merged.is_object()) merged = Json::object();
        for (const auto& [name, value] : conditional(condition, *settings).items()) {
            merged[name] = value;
        }
    }

    void note_policies(const std::string& owner) {
        Json policies = Json::object();
        copy_members(context_.resources()[owner], policies,
                     {"DeletionPolicy", "UpdateReplacePolicy"});
        policies_.push_back(std::move(policies));
    }

    void finish() {
        Json& resources = context_.resources();
        const std::string id = kind_.implicit_id;
        add_condition_to_api(resources[id]);
        for (const std::string name : {"DeletionPolicy", "UpdateReplacePolicy"}) {
            const std::string chosen = strongest(name);
            if (!chosen.empty()) resources[id][name] = chosen;
        }
        for (auto& [api, resource] : resources.items()) {
            if (string_member(resource, "Type") != kind_.api_type) continue;
            if (!resource.contains("Properties") || !resource["Properties"].is_object()) continue;
            if (!is_truthy(resource["Properties"], kManaged)) continue;
            add_conditions_to_paths(api, resource["Properties"]["DefinitionBody"]);
        }
        if (!resources[id]["Properties"]["DefinitionBody"]["paths"].empty()) return;
        if (own_.is_null())
            resources.erase(id);
        else
            resources[id] = own_;
    }

    /// The conditions of a path, unless one of its methods has none.
    static std::set<std::string> all_conditions(const Methods& methods) {
        std::set<std::string> names;
        for (const auto& [method, condition] : methods) names.insert(condition);
        if (names.contains("")) names.clear();
        return names;
    }

    void combine(const std::string& name, const std::set<std::string>& conditions) {
        Json list = Json::array();
        for (const std::string& condition : conditions) {
            list.push_back(Json{{"Condition", condition}});
        }
        context_.add_condition(name, Json{{"Fn::Or", std::move(list)}});
    }

    void add_condition_to_api(Json& api) {
        std::set<std::string> all;
        for (const auto& [path, methods] : conditions_[kind_.implicit_id]) {
            for (const auto& [method, condition] : methods) all.insert(condition);
        }
        if (all.empty() || all.contains("")) return;
        if (all.size() == 1) {
            api["Condition"] = *all.begin();
            return;
        }
        const std::string name = std::string(kind_.implicit_id) + "Condition";
        combine(name, all);
        api["Condition"] = name;
    }

    void add_conditions_to_paths(const std::string& api, Json& body) {
        for (auto& [path, item] : body["paths"].items()) {
            const std::set<std::string> conditions = all_conditions(conditions_[api][path]);
            if (conditions.empty()) continue;
            std::string name = *conditions.begin();
            if (conditions.size() > 1) {
                name = api + path_suffix(path) + "PathCondition";
                combine(name, conditions);
            }
            item = conditional(name, std::move(item));
        }
    }

    /// A path as a part of an id.
    static std::string path_suffix(const std::string& path) {
        std::string suffix;
        for (const char c : path) {
            if (c == '/')
                suffix += "SLASH";
            else if (c == '{')
                suffix += "OB";
            else if (c == '}')
                suffix += "CB";
            else
                suffix += c;
        }
        return suffix;
    }

    std::string strongest(const std::string& name) const {
        for (const std::string candidate : {"Retain", "Snapshot", "Delete"}) {
            if (candidate == "Snapshot" && name == "DeletionPolicy") continue;
            for (const Json& entry : policies_) {
                if (string_member(entry, name) == candidate) return candidate;
            }
        }
        return "";
    }

    Context& context_;
    const ApiKind& kind_;
    Json own_;  ///< what the template has under the id of the implicit API
    std::map<std::string, Paths> conditions_;
    std::vector<Json> policies_;
};

}  // namespace

void add_default_bodies(Context& context) {
    for (auto& [id, resource] : context.resources().items()) {
        const std::string type = string_member(resource, "Type");
        if (type != kRestApi && type != kHttpApi) continue;
        if (given(resource, "Properties") == nullptr) resource["Properties"] = Json::object();
        Json& properties = resource["Properties"];
        if (!properties.is_object() || given(properties, "DefinitionBody") != nullptr ||
            given(properties, "DefinitionUri") != nullptr) {
            continue;
        }
        properties["DefinitionBody"] = type == kHttpApi ? empty_openapi() : empty_swagger();
        properties[kManaged] = true;
    }
}

void add_implicit_rest_api(Context& context) {
    ImplicitApi(context, kRest).add();
}

void add_implicit_http_api(Context& context) {
    ImplicitApi(context, kHttp).add();
}

}  // namespace skafu::cloudformation::sam
