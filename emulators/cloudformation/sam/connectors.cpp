#include "cloudformation/sam/connectors.h"

#include <algorithm>
#include <set>

#include "cloudformation/sam/connector_profiles.h"
#include "cloudformation/sam/schema.h"
#include "core/text.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr const char* kType = "AWS::Serverless::Connector";

/// One end of a connector: what the profile's variables stand for; null: not known.
struct End {
    std::string id;  ///< in the template; empty where the end is described by properties
    std::string type;
    Json arn;
    Json role_name;
    Json queue_url;
    Json resource_id;
    Json name;
    Json qualifier;
};

/// All resources as they are now: generated ones and those of the template.
void visit_resources(Context& context,
                     const std::function<void(const std::string&, Json&)>& visit) {
    for (auto& [id, resource] : context.resources().items()) {
        const std::string type = string_member(resource, "Type");
        const bool replaced = type.starts_with("AWS::Serverless::");
        if (!replaced && context.generated(id) == nullptr) visit(id, resource);
    }
    for (auto& [id, resource] : context.generated().items()) visit(id, resource);
}

Json* find_resource(Context& context, const std::string& id) {
    if (Json* generated = context.generated(id)) return generated;
    Json& resources = context.resources();
    if (!resources.contains(id)) return nullptr;
    const bool sam = string_member(resources[id], "Type").starts_with("AWS::Serverless::");
    return sam ? nullptr : &resources[id];
}

Json as_list(const Json* value) {
    if (value == nullptr) return Json::array();
    return value->is_array() ? *value : Json::array({*value});
}

void add_dependency(Json& resource, const std::string& id) {
    Json list = as_list(given(resource, "DependsOn"));
    if (std::find(list.begin(), list.end(), Json(id)) == list.end()) list.push_back(id);
    resource["DependsOn"] = std::move(list);
}

class Connector {
  public:
    Connector(Context& context, const Source& source) : context_(context), source_(source) {}

    void translate() {
        check_properties(source_);
        const Json& destination = *source_.find("Destination");
        const bool several = destination.is_array();
        const Json list = several ? destination : Json::array({destination});
        for (std::size_t i = 0; i < list.size(); ++i) {
            const End to = end_of(list[i], *source_.find("Source"));
            const End from = end_of(*source_.find("Source"), list[i]);
            connect(from, to, several ? "Destination" + std::to_string(i) : "");
        }
        replace_dependencies();
        if (generated_.empty()) throw problem("'Destination' is an empty list");
    }

  private:
    SamProblem problem(const std::string& why) const {
        return SamProblem::resource(source_.id, why);
    }

    End described_end(const Json& object) const {
        const Json* type = given(object, "Type");
        if (type == nullptr || !type->is_string() || is_empty_text(*type)) {
            throw problem("'Type' is missing or not a string.");
        }
        static const std::map<std::string_view, std::string_view> plain = {
            {"AWS::Serverless::Function", "AWS::Lambda::Function"},
            {"AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine"},
            {"AWS::Serverless::Api", "AWS::ApiGateway::RestApi"},
            {"AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api"},
            {"AWS::Serverless::SimpleTable", "AWS::DynamoDB::Table"}};
        const auto member = [&](std::string_view name) {
            const Json* value = given(object, name);
            return value == nullptr ? Json() : *value;
        };
        const std::string text = type->get<std::string>();
        const auto found = plain.find(text);
        End end;
        end.type = found == plain.end() ? text : std::string(found->second);
        end.arn = member("Arn");
        end.role_name = member("RoleName");
        end.queue_url = member("QueueUrl");
        end.resource_id = member("ResourceId");
        end.name = member("Name");
        end.qualifier = member("Qualifier");
        return end;
    }

    End end_of(const Json& object, const Json& other) {
        const bool by_id = object.contains("Id");
        bool by_properties = false;
        for (const auto& [name, value] : object.items()) {
            by_properties = by_properties || (name != "Id" && name != "Qualifier");
        }
        if (by_id == by_properties) {
            throw problem(
                "Must provide 'Id' (with optional 'Qualifier') or a supported combination of other "
                "properties.");
        }
        if (!is_truthy(object, "Id")) return described_end(object);
        if (!object["Id"].is_string()) throw problem("'Id' is missing or not a string.");
        End end;
        end.id = object["Id"].get<std::string>();
        Json* resource = find_resource(context_, end.id);
        if (resource == nullptr) {
            throw problem(fmt::format("Unable to find resource with logical ID '{}'.", end.id));
        }
        end.type = string_member(*resource, "Type");
        if (end.type.empty()) throw problem("'Type' is missing or not a string.");
        fill(end, *resource, other);
        if (object.contains("Qualifier")) end.qualifier = object["Qualifier"];
        return end;
    }

    static void fill(End& end, const Json& resource, const Json& other) {
        const bool api =
            end.type == "AWS::ApiGateway::RestApi" || end.type == "AWS::ApiGatewayV2::Api";
        const bool machine = end.type == "AWS::StepFunctions::StateMachine";
        const bool by_ref = machine || end.type == "AWS::SNS::Topic" ||
                            end.type == "AWS::AppSync::GraphQLApi" ||
                            end.type == "AWS::AppSync::DataSource";
        end.arn = by_ref ? ref_to(end.id) : get_att(end.id, "Arn");
        if (api) end.resource_id = ref_to(end.id);
        if (end.type == "AWS::AppSync::GraphQLApi") end.resource_id = get_att(end.id, "ApiId");
        if (api) end.qualifier = "*";
        if (machine) end.name = get_att(end.id, "Name");
        if (end.type == "AWS::SQS::Queue") end.queue_url = ref_to(end.id);
        const Json role = role_of(end.type, resource, other);
        const std::string role_id = referred_id(role);
        if (!role_id.empty()) end.role_name = ref_to(role_id);
    }

    /// The property that names the role with which a resource acts.
    static Json role_of(const std::string& type, const Json& resource, const Json& other) {
        const Json properties = resource.value("Properties", Json::object());
        const auto member = [&](const Json& object, std::string_view name) {
            const Json* value = given(object, name);
            return value == nullptr ? Json() : *value;
        };
        if (type == "AWS::Lambda::Function") return member(properties, "Role");
        if (type == "AWS::StepFunctions::StateMachine") return member(properties, "RoleArn");
        if (type == "AWS::AppSync::DataSource") return member(properties, "ServiceRoleArn");
        if (type != "AWS::Events::Rule") return Json();
        const Json targets = member(properties, "Targets");
        for (const Json& target : targets) {
            const Json arn = member(target, "Arn");
            const std::string id = referred_id(arn);
            const bool by_id = !id.empty() && member(other, "Id") == id;
            if (by_id || (is_truthy(other, "Arn") && arn == other["Arn"])) {
                return member(target, "RoleArn");
            }
        }
        return Json();
    }

    void connect(const End& from, const End& to, const std::string& suffix) {
        const Json profile = connector_profile(from.type, to.type);
        if (profile.is_null()) {
            throw problem(
                fmt::format("Unable to create connector from {} to {}; it's not supported or the "
                            "template is invalid.",
                            from.type, to.type));
        }
        const std::set<std::string> wanted = checked_permissions(from, to, profile);
        const Json access = replaced(profile["access"], from, to);
        const std::string kind = string_member(profile, "kind");
        if (kind == "function") {
            add_permissions(access, wanted, to, suffix, from);
            return;
        }
        Json statements = Json::array();
        for (const auto& [category, list] : access.items()) {
            if (!wanted.contains(category)) continue;
            for (const Json& statement : list) statements.push_back(statement);
        }
        Json document = {{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
        if (kind == "topic") {
            add("TopicPolicy" + suffix, "AWS::SNS::TopicPolicy",
                Json{{"PolicyDocument", document}, {"Topics", Json::array({to.arn})}}, from, to);
        } else if (kind == "queue") {
            if (!is_truthy(&to.queue_url)) {
                throw problem("Unable to get SQS queue URL from 'Destination' resource.");
            }
            add("QueuePolicy" + suffix, "AWS::SQS::QueuePolicy",
                Json{{"PolicyDocument", document}, {"Queues", Json::array({to.queue_url})}}, from,
                to);
        } else {
            add_role_policy(profile, document, from, to, suffix);
        }
    }

    std::set<std::string> checked_permissions(const End& from, const End& to,
                                              const Json& profile) const {
        std::vector<std::string> valid;
        for (const auto& [category, grants] : profile["access"].items()) valid.push_back(category);
        const std::string names = fmt::format("{}", fmt::join(valid, ", "));
        std::set<std::string> wanted;
        for (const Json& name : *source_.find("Permissions")) wanted.insert(printed(name));
        if (wanted.empty()) {
            throw problem(
                fmt::format("'Permissions' cannot be empty; valid values are: {}.", names));
        }
        const std::string what =
            fmt::format("Unsupported 'Permissions' provided for connector from {} to {}; valid",
                        from.type, to.type);
        for (const std::string& name : wanted) {
            if (std::find(valid.begin(), valid.end(), name) == valid.end()) {
                throw problem(fmt::format("{} values are: {}.", what, names));
            }
        }
        const Json* combinations = given(profile, "combinations");
        if (combinations == nullptr) return wanted;
        std::vector<std::string> texts;
        const std::string chosen = fmt::format("{}", fmt::join(wanted, " + "));
        for (const Json& combination : *combinations) {
            texts.push_back(
                fmt::format("{}", fmt::join(combination.get<std::vector<std::string>>(), " + ")));
            if (texts.back() == chosen) return wanted;
        }
        throw problem(fmt::format("{} combinations are: {}.", what, fmt::join(texts, ", ")));
    }

    /// A text of a profile with its variables replaced. Throws SamProblem for one without value.
    Json replaced_text(std::string text, const End& from, const End& to) const {
        const std::pair<const char*, const Json*> variables[] = {
            {"Source.Arn", &from.arn},
            {"Destination.Arn", &to.arn},
            {"Source.ResourceId", &from.resource_id},
            {"Destination.ResourceId", &to.resource_id},
            {"Source.Name", &from.name},
            {"Destination.Name", &to.name},
            {"Source.Qualifier", &from.qualifier},
            {"Destination.Qualifier", &to.qualifier}};
        Json values = Json::object();
        for (const auto& [name, value] : variables) {
            const std::string pattern = fmt::format("%{{{}}}", name);
            const std::size_t at = text.find(pattern);
            if (at == std::string::npos) continue;
            if (value->is_null()) throw problem(fmt::format("{} is missing.", name));
            if (text == pattern) return *value;
            std::string plain = name;
            plain.erase(plain.find('.'), 1);
            text.replace(at, pattern.size(), "${" + plain + "}");
            values[plain] = *value;
        }
        if (!values.empty()) return sub(text, std::move(values));
        return text.find("${") == std::string::npos ? Json(text) : sub(text);
    }

    Json replaced(const Json& value, const End& from, const End& to) const {
        if (value.is_string()) return replaced_text(value.get<std::string>(), from, to);
        if (value.is_array()) {
            Json result = Json::array();
            for (const Json& item : value) result.push_back(replaced(item, from, to));
            return result;
        }
        if (!value.is_object()) return value;
        Json result = Json::object();
        for (const auto& [name, member] : value.items()) result[name] = replaced(member, from, to);
        return result;
    }

    void add_permissions(const Json& access, const std::set<std::string>& wanted, const End& to,
                         const std::string& suffix, const End& from) {
        if (!is_truthy(&to.arn)) {
            throw problem("Unable to get Lambda function ARN from 'Destination' resource.");
        }
        for (const auto& [category, permission] : access.items()) {
            if (!wanted.contains(category)) continue;
            Json properties = permission;
            properties["FunctionName"] = to.arn;
            add(category + "LambdaPermission" + suffix, "AWS::Lambda::Permission",
                std::move(properties), from, to);
        }
    }

    void add_role_policy(const Json& profile, const Json& document, const End& from, const End& to,
                         const std::string& suffix) {
        const bool of_source = profile["of_source"] == true;
        const Json& role = of_source ? from.role_name : to.role_name;
        if (!is_truthy(&role)) {
            throw problem(fmt::format("Unable to get IAM role name from '{}' resource.",
                                      of_source ? "Source" : "Destination"));
        }
        const std::string id =
            add("Policy" + suffix, "AWS::IAM::ManagedPolicy",
                Json{{"PolicyDocument", document}, {"Roles", Json::array({role})}}, from, to);
        const std::string wait = string_member(profile, "depended_by");
        if (wait == "source" && !from.id.empty()) {
            if (Json* resource = find_resource(context_, from.id)) add_dependency(*resource, id);
        }
        if (wait != "mapping" || from.id.empty() || to.id.empty()) return;
        std::vector<Json*> mappings;
        visit_resources(context_, [&](const std::string&, Json& resource) {
            if (string_member(resource, "Type") != "AWS::Lambda::EventSourceMapping") return;
            const Json properties = resource.value("Properties", Json::object());
            const Json* function = given(properties, "FunctionName");
            const Json* stream = given(properties, "EventSourceArn");
            if (function == nullptr || stream == nullptr) return;
            if (referred_id(*function) == to.id && referred_id(*stream) == from.id) {
                mappings.push_back(&resource);
            }
        });
        if (mappings.size() == 1) add_dependency(*mappings[0], id);
    }

    std::string add(const std::string& suffix, const char* type, Json properties, const End& from,
                    const End& to) {
        Json resource = make_resource(type, std::move(properties), source_.main_attributes());
        const auto original = [&](const End& end) {
            const std::string type_before = context_.original_type(end.id);
            return type_before.empty() ? end.type : type_before;
        };
        resource["Metadata"]["aws:sam:connectors"][source_.id] =
            Json{{"Source", {{"Type", original(from)}}}, {"Destination", {{"Type", original(to)}}}};
        const std::string id = source_.id + suffix;
        context_.add(source_.id, id, std::move(resource));
        generated_.push_back(id);
        return id;
    }

    /// Who waits for the connector waits for what it has become.
    void replace_dependencies() {
        visit_resources(context_, [&](const std::string&, Json& resource) {
            const Json list = as_list(given(resource, "DependsOn"));
            if (std::find(list.begin(), list.end(), Json(source_.id)) == list.end()) return;
            Json kept = Json::array();
            for (const Json& id : list) {
                if (id != source_.id) kept.push_back(id);
            }
            resource["DependsOn"] = std::move(kept);
            for (const std::string& id : generated_) add_dependency(resource, id);
        });
    }

    Context& context_;
    Source source_;
    std::vector<std::string> generated_;
};

Json embedded_connector(const std::string& owner, const std::string& name, const Json& attribute) {
    const std::string id = owner + name;
    if (!attribute.is_object()) {
        throw SamProblem::resource(id, fmt::format("{} should be a map.", id));
    }
    Json connector = attribute;
    connector["Type"] = kType;
    const Json* given_properties = given(attribute, "Properties");
    expect_map(id, given_properties == nullptr ? Json() : *given_properties,
               fmt::format("Connectors.{}.Properties", name));
    Json& properties = connector["Properties"];
    properties["Source"] = Json{{"Id", owner}};
    if (const Json* reference = find_member(properties, "SourceReference")) {
        expect_map(id, *reference, fmt::format("Connectors.{}.Properties.SourceReference", name));
        if (reference->contains("Id")) {
            throw SamProblem::resource(id, "'Id' shouldn't be defined in 'SourceReference'.");
        }
        const Json members = *reference;
        for (const auto& [key, value] : members.items()) properties["Source"][key] = value;
        properties.erase("SourceReference");
    }
    return connector;
}

}  // namespace

void expand_embedded_connectors(Context& context) {
    Json connectors = Json::object();
    for (auto& [id, resource] : context.resources().items()) {
        const Json* attribute = find_member(resource, "Connectors");
        if (attribute == nullptr) continue;
        const Json entries = *attribute;
        resource.erase("Connectors");
        if (!entries.is_object()) {
            context.problems().push_back(
                SamProblem::resource(id, "Attribute 'Connectors' should be a map."));
            continue;
        }
        for (const auto& [name, entry] : entries.items()) {
            try {
                connectors[id + name] = embedded_connector(id, name, entry);
            } catch (const SamProblem& problem) {
                context.problems().push_back(problem);
            }
        }
    }
    for (auto& [id, connector] : connectors.items()) context.resources()[id] = std::move(connector);
}

void translate_connectors(Context& context) {
    std::vector<std::string> ids;
    for (const auto& [id, resource] : context.resources().items()) {
        if (string_member(resource, "Type") == kType) ids.push_back(id);
    }
    for (const std::string& id : ids) {
        Json& resource = context.resources()[id];
        if (given(resource, "Properties") == nullptr) resource["Properties"] = Json::object();
        try {
            Connector(context, Source{id, resource, resource["Properties"]}).translate();
        } catch (const SamProblem& problem) {
            if (problem.ends_translation()) throw;
            context.problems().push_back(problem);
        }
    }
}

}  // namespace skafu::cloudformation::sam
