#include "cloudformation/sam/context.h"

#include <algorithm>

#include "cloudformation/intrinsics.h"

namespace skafu::cloudformation::sam {
namespace {

/// The text of Fn::Sub with the known parameters in it replaced. Throws SamProblem for one that is
/// no text.
std::string substituted(const std::string& from, const Json& parameters) {
    std::string text;
    split_sub(
        from, [&](std::string_view part) { text += part; },
        [&](std::string_view variable) {
            const Json* known = find_member(parameters, variable);
            if (known == nullptr) {
                text += fmt::format("${{{}}}", variable);
            } else if (known->is_primitive()) {
                text += scalar_text(*known);
            } else {
                throw SamProblem::document(
                    fmt::format("Invalid Fn::Sub variable value {}. Fn::Sub expects all variables "
                                "to be strings.",
                                python_text(*known)));
            }
        });
    return text;
}

}  // namespace

SamProblem SamProblem::resource(const std::string& id, const std::string& why) {
    return {id, fmt::format("Resource with id [{}] is invalid. {}", id, why)};
}

SamProblem SamProblem::event(const std::string& id, const std::string& why) {
    return {id, fmt::format("Event with id [{}] is invalid. {}", id, why)};
}

SamProblem SamProblem::document(const std::string& why) {
    SamProblem problem("", "Structure of the SAM template is invalid. " + why);
    problem.ends_ = true;
    return problem;
}

Context::Context(Json document, Json parameters, std::string region, std::string partition)
    : document_(std::move(document)),
      parameters_(std::move(parameters)),
      region_(std::move(region)),
      partition_(std::move(partition)) {
    parameters_["AWS::Region"] = region_;
    parameters_["AWS::Partition"] = partition_;
    for (const auto& [id, resource] : resources().items()) {
        types_[id] = string_member(resource, "Type");
    }
}

Json Context::resolve(const Json& value) const {
    if (value.is_array()) {
        Json result = Json::array();
        for (const Json& item : value) result.push_back(resolve(item));
        return result;
    }
    if (!value.is_object()) return value;
    if (value.size() == 1) {
        const std::string& name = value.begin().key();
        const Json& argument = value.begin().value();
        if (name == "Ref" && argument.is_string()) {
            const Json* known = find_member(parameters_, argument.get<std::string>());
            return known != nullptr ? *known : value;
        }
        if (name == "Fn::Sub" && argument.is_string()) {
            return sub(substituted(argument.get_ref<const std::string&>(), parameters_));
        }
        if (name == "Fn::Sub" && argument.is_array() && argument.size() == 2 &&
            argument[0].is_string()) {
            return sub(substituted(argument[0].get_ref<const std::string&>(), parameters_),
                       resolve(argument[1]));
        }
        if (name == "Fn::FindInMap" && argument.is_array() && argument.size() == 3) {
            const Json keys = resolve(argument);
            const Json* at = find_member(document_, "Mappings");
            for (const Json& key : keys) {
                if (at == nullptr || !key.is_string()) return Json{{name, keys}};
                at = find_member(*at, key.get_ref<const std::string&>());
            }
            return at != nullptr ? *at : Json{{name, keys}};
        }
    }
    Json result = Json::object();
    for (const auto& [key, member] : value.items()) result[key] = resolve(member);
    return result;
}

void Context::add(const std::string& owner, const std::string& id, Json resource) {
    const Json* taken = id != owner ? find_member(resources(), id) : nullptr;
    if (taken != nullptr) {
        throw SamProblem(
            owner,
            fmt::format("Transforming resource with id [{}] attempts to create a new resource "
                        "with id [{}] and type \"{}\". A resource with that id already exists "
                        "within this template. Please use a different id for that resource.",
                        owner, id, string_member(resource, "Type")));
    }
    tag(resource);
    generated_[id] = std::move(resource);
}

void Context::tag(Json& resource) const {
    if (!is_truthy(&propagated_)) return;
    // The types that SAM generates and that take tags; the rest have none, or SAM gives none.
    static const std::map<std::string_view, bool> takes_map = {
        {"AWS::ApiGatewayV2::Stage", true},
        {"AWS::ApiGatewayV2::DomainName", true},
        {"AWS::ApiGateway::ApiKey", false},
        {"AWS::ApiGateway::DomainName", false},
        {"AWS::ApiGateway::DomainNameV2", false},
        {"AWS::ApiGateway::DomainNameAccessAssociation", false},
        {"AWS::ApiGateway::RestApi", false},
        {"AWS::ApiGateway::Stage", false},
        {"AWS::ApiGateway::UsagePlan", false},
        {"AWS::CodeDeploy::Application", false},
        {"AWS::CodeDeploy::DeploymentGroup", false},
        {"AWS::IAM::Role", false},
        {"AWS::IoT::TopicRule", false},
        {"AWS::Lambda::Function", false},
        {"AWS::SNS::Topic", false},
        {"AWS::SQS::Queue", false},
        {"AWS::StepFunctions::StateMachine", false},
    };
    const auto form = takes_map.find(string_member(resource, "Type"));
    if (form == takes_map.end()) return;
    Json& properties = resource["Properties"];
    properties["Tags"] = form->second ? propagated_ : tag_list("", &propagated_);
}

void Context::tag_also(Json& resource) const {
    if (!is_truthy(&propagated_)) return;
    Json& tags = resource["Properties"]["Tags"];
    if (!tags.is_array()) tags = Json::array();
    for (const Json& tag : tag_list("", &propagated_)) {
        const bool known = std::any_of(tags.begin(), tags.end(), [&](const Json& own) {
            return find_member(own, "Key") != nullptr && own["Key"] == tag["Key"];
        });
        if (!known) tags.push_back(tag);
    }
}

void Context::stop_at_problems() const {
    if (!problems_.empty()) throw problems_.front();
}

std::string Context::original_type(const std::string& id) const {
    const auto found = types_.find(id);
    return found == types_.end() ? "" : found->second;
}

void Context::add_condition(const std::string& name, Json condition) {
    Json& conditions = document_["Conditions"];
    if (!conditions.is_object()) conditions = Json::object();
    conditions[name] = std::move(condition);
}

void Context::add_shared(const std::string& id, Json resource) {
    if (generated_.contains(id)) return;
    tag(resource);
    generated_[id] = std::move(resource);
}

Json* Context::generated(const std::string& id) {
    const auto found = generated_.find(id);
    return found == generated_.end() ? nullptr : &*found;
}

void Context::note_reference(const std::string& owner, const std::string& name,
                             const std::string& id) {
    references_[owner + '.' + name] = id;
}

Json Source::attributes() const {
    Json result = Json::object();
    copy_members(resource, result, {"Condition", "DeletionPolicy", "UpdateReplacePolicy"});
    return result;
}

Json Source::main_attributes() const {
    Json result = attributes();
    copy_members(resource, result, {"DependsOn", "Metadata", "UpdatePolicy"});
    return result;
}

Json make_resource(std::string_view type, Json properties, const Json& attributes) {
    Json resource = Json::object();
    resource["Type"] = type;
    for (const auto& [name, value] : attributes.items()) resource[name] = value;
    resource["Properties"] = std::move(properties);
    return resource;
}

}  // namespace skafu::cloudformation::sam
