#include "cloudformation/sam/implicit_api.h"

#include <set>

namespace skafu::cloudformation::sam {
namespace {

Json empty_swagger() {
    return Json{{"swagger", "2.0"},
                {"info", {{"version", "1.0"}, {"title", ref_to("AWS::StackName")}}},
                {"paths", Json::object()}};
}

/// Collects the Api events of functions and state machines.
class ImplicitApi {
  public:
    explicit ImplicitApi(Context& context) : context_(context) {}

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
                context_.problems().push_back(problem);
            }
        }
        finish();
    }

  private:
    struct Use {
        std::set<std::string> conditions;
        bool unconditional = false;
        Json policies = Json::array();
    };

    void prepare() {
        Json& resources = context_.resources();
        const std::string id(kImplicitRestApi);
        if (resources.contains(id)) {
            own_ = true;
            return;
        }
        Json properties = {{"StageName", "Prod"},
                           {"DefinitionBody", empty_swagger()},
                           {std::string(kManaged), true}};
        resources[id] = Json{{"Type", "AWS::Serverless::Api"}, {"Properties", properties}};
    }

    void add_events_of(const std::string& id) {
        Json& resource = context_.resources()[id];
        if (!resource.contains("Properties") || !resource["Properties"].is_object()) return;
        Json& properties = resource["Properties"];
        if (!properties.contains("Events") || !properties["Events"].is_object()) return;
        const std::string condition = string_member(resource, "Condition");
        for (auto& [name, event] : properties["Events"].items()) {
            if (string_member(event, "Type") != "Api") continue;
            if (!event.contains("Properties") || !event["Properties"].is_object()) {
                throw problem(id, name,
                              "Event 'Properties' must be an Object. If you're using YAML, "
                              "this may be an indentation issue.");
            }
            add_event(id, name, event["Properties"], condition, resource);
        }
    }

    static SamProblem problem(const std::string& id, const std::string& event,
                              const std::string& why) {
        return SamProblem::resource(id,
                                    fmt::format("Event with id [{}] is invalid. {}", event, why));
    }

    void add_event(const std::string& id, const std::string& name, Json& event,
                   const std::string& condition, const Json& owner) {
        if (!event.contains("RestApiId")) event["RestApiId"] = ref_to(kImplicitRestApi);
        const Json& api = event["RestApiId"];
        if (!api.is_string() && string_member(api, "Ref").empty()) {
            throw problem(id, name, "Property 'RestApiId' should be a string.");
        }
        const std::string api_id =
            api.is_string() ? api.get<std::string>() : string_member(api, "Ref");
        const Json* path = find_member(event, "Path");
        const Json* method = find_member(event, "Method");
        if (path == nullptr || method == nullptr) {
            throw problem(
                id, name,
                fmt::format("Event is missing key '{}'.", path == nullptr ? "Path" : "Method"));
        }
        if (!path->is_string()) {
            throw problem(id, name, "Api Event must have a String specified for 'Path'.");
        }
        if (!method->is_string()) {
            throw problem(id, name, "Api Event must have a String specified for 'Method'.");
        }
        event["Method"] = lower(method->get<std::string>());
        if (!context_.resources().contains(api_id)) return;
        Json& resource = context_.resources()[api_id];
        if (string_member(resource, "Type") != "AWS::Serverless::Api") return;
        note(api_id, path->get<std::string>(), condition, owner);
        if (!resource.contains("Properties") ||
            !resource["Properties"].contains(std::string(kManaged))) {
            return;
        }
        add_path(id, name, resource["Properties"]["DefinitionBody"], path->get<std::string>(),
                 method_key(event["Method"].get<std::string>()));
    }

    static std::string lower(std::string text) {
        for (char& c : text) c = static_cast<char>(std::tolower(c));
        return text;
    }

    void note(const std::string& api, const std::string& path, const std::string& condition,
              const Json& owner) {
        for (Use* use : {&apis_[api], &paths_[api][path]}) {
            if (condition.empty())
                use->unconditional = true;
            else
                use->conditions.insert(condition);
        }
        Json policies = Json::object();
        copy_members(owner, policies, {"DeletionPolicy", "UpdateReplacePolicy"});
        apis_[api].policies.push_back(std::move(policies));
    }

    static void add_path(const std::string& id, const std::string& name, Json& body,
                         const std::string& path, const std::string& method) {
        if (!body.contains("paths") || !body["paths"].is_object()) body["paths"] = Json::object();
        Json& item = body["paths"][path];
        if (item.is_null()) item = Json::object();
        if (item.contains(method)) {
            throw problem(
                id, name,
                fmt::format("API method \"{}\" defined multiple times for path \"{}\".",
                            method == "x-amazon-apigateway-any-method" ? "any" : method, path));
        }
        item[method] = Json::object();
    }

    void finish() {
        Json& resources = context_.resources();
        const std::string id(kImplicitRestApi);
        if (!own_ && !apis_.contains(id)) {
            resources.erase(id);
            return;
        }
        for (const auto& [api, paths] : paths_) {
            Json& properties = resources[api]["Properties"];
            if (!properties.contains(std::string(kManaged))) continue;
            for (const auto& [path, use] : paths) make_conditional(api, path, use);
        }
        if (own_ || !apis_.contains(id)) return;
        const Use& use = apis_[id];
        if (!use.unconditional && !use.conditions.empty()) {
            resources[id]["Condition"] = condition_of(id, "", use);
        }
        for (const std::string_view policy : {"DeletionPolicy", "UpdateReplacePolicy"}) {
            const std::string chosen = strongest(use.policies, policy);
            if (!chosen.empty()) resources[id][std::string(policy)] = chosen;
        }
    }

    static std::string strongest(const Json& policies, std::string_view name) {
        std::string chosen;
        for (const std::string_view candidate : {"Retain", "Snapshot", "Delete"}) {
            for (const Json& entry : policies) {
                if (chosen.empty() && string_member(entry, name) == candidate) chosen = candidate;
            }
        }
        return chosen;
    }

    /// The name of the condition under which an API or path exists; several become one of Fn::Or.
    std::string condition_of(const std::string& api, const std::string& path, const Use& use) {
        if (use.conditions.size() == 1 && !path.empty()) return *use.conditions.begin();
        if (use.conditions.size() == 1 && path.empty()) {
            return add_condition(api + "Condition", use.conditions);
        }
        std::string suffix;
        for (const char c : path) {
            if (c == '/')
                suffix += "SLASH";
            else if (c == '{')
                suffix += "OB";
            else if (c == '}')
                suffix += "CB";
            else if (std::isalnum(static_cast<unsigned char>(c)) != 0)
                suffix += c;
        }
        return add_condition(path.empty() ? api + "Condition" : api + suffix + "PathCondition",
                             use.conditions);
    }

    std::string add_condition(const std::string& name, const std::set<std::string>& conditions) {
        Json& section = context_.document()["Conditions"];
        if (section.is_null()) section = Json::object();
        Json list = Json::array();
        for (const std::string& condition : conditions) {
            list.push_back(Json{{"Condition", condition}});
        }
        section[name] = list.size() == 1 ? list[0] : Json{{"Fn::Or", list}};
        return name;
    }

    void make_conditional(const std::string& api, const std::string& path, const Use& use) {
        if (use.unconditional || use.conditions.empty()) return;
        Json& item = context_.resources()[api]["Properties"]["DefinitionBody"]["paths"][path];
        const std::string condition = condition_of(api, path, use);
        item = Json{{"Fn::If", Json::array({condition, item, ref_to("AWS::NoValue")})}};
    }

    Context& context_;
    bool own_ = false;
    std::map<std::string, Use> apis_;
    std::map<std::string, std::map<std::string, Use>> paths_;
};

}  // namespace

std::string method_key(std::string method) {
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    return method == "any" ? "x-amazon-apigateway-any-method" : method;
}

void add_default_bodies(Context& context) {
    for (auto& [id, resource] : context.resources().items()) {
        if (string_member(resource, "Type") != "AWS::Serverless::Api") continue;
        if (!resource.contains("Properties")) resource["Properties"] = Json::object();
        Json& properties = resource["Properties"];
        if (!properties.is_object() || properties.contains("DefinitionBody") ||
            properties.contains("DefinitionUri")) {
            continue;
        }
        properties["DefinitionBody"] = empty_swagger();
        properties[std::string(kManaged)] = true;
    }
}

void add_implicit_api(Context& context) {
    ImplicitApi(context).add();
}

}  // namespace skafu::cloudformation::sam
