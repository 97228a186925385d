#include "cloudformation/sam/transform.h"

#include <memory>

#include "cloudformation/sam/api.h"
#include "cloudformation/sam/capacity_provider.h"
#include "cloudformation/sam/code_deploy.h"
#include "cloudformation/sam/connectors.h"
#include "cloudformation/sam/context.h"
#include "cloudformation/sam/function.h"
#include "cloudformation/sam/globals.h"
#include "cloudformation/sam/http_api.h"
#include "cloudformation/sam/implicit_api.h"
#include "cloudformation/sam/references.h"
#include "cloudformation/sam/simple_resources.h"
#include "cloudformation/sam/state_machine.h"
#include "cloudformation/sam/websocket_api.h"

namespace skafu::cloudformation::sam {
namespace {

using Translator = void (*)(Context&, Source);

struct Step {
    std::string_view type;
    Translator translate;
};

/// In the translator's order: what refers to an API changes its body before the API is made.
constexpr Step kSteps[] = {
    {"AWS::Serverless::Function", translate_function},
    {"AWS::Serverless::StateMachine", translate_state_machine},
    {"AWS::Serverless::Api", translate_api},
    {"AWS::Serverless::HttpApi", translate_http_api},
    {"AWS::Serverless::WebSocketApi", translate_websocket_api},
    {"AWS::Serverless::SimpleTable", translate_simple_table},
    {"AWS::Serverless::LayerVersion", translate_layer},
    {"AWS::Serverless::Application", translate_application},
    {"AWS::Serverless::CapacityProvider", translate_capacity_provider},
};

Json with_defaults(const Json& document, const Json& given) {
    Json values = Json::object();
    if (const Json* declared = find_member(document, "Parameters")) {
        for (const auto& [name, declaration] : declared->items()) {
            if (const Json* value = find_member(declaration, "Default")) values[name] = *value;
        }
    }
    for (const auto& [name, value] : given.items()) values[name] = value;
    return values;
}

std::string partition_of(std::string_view region) {
    if (region.starts_with("cn-")) return "aws-cn";
    if (region.starts_with("us-gov-")) return "aws-us-gov";
    return "aws";
}

void check_document(const Json& document) {
    const Json* resources = find_member(document, "Resources");
    if (resources == nullptr || !resources->is_object() || resources->empty()) {
        throw SamProblem::document("'Resources' section is required");
    }
    for (const auto& [id, resource] : resources->items()) {
        if (!resource.is_object()) {
            throw SamProblem::document(
                "All 'Resources' must be Objects. If you're using YAML, this may be an indentation "
                "issue.");
        }
    }
    for (const auto& [id, resource] : resources->items()) {
        const Json* properties = find_member(resource, "Properties");
        const bool map = properties == nullptr || properties->is_object();
        if (!map && string_member(resource, "Type").starts_with("AWS::Serverless::")) {
            throw SamProblem::resource(id, "Attribute 'Properties' should be a map.");
        }
    }
    for (const std::string_view section : {"Mappings", "Parameters"}) {
        const Json* content = find_member(document, section);
        if (content != nullptr && !content->is_object()) {
            throw SamProblem::document(
                "'Mappings' or 'Parameters' is either null or not a valid "
                "dictionary.");
        }
    }
}

void translate(Context& context, const std::string& id, Translator translator) {
    Json& resource = context.resources()[id];
    Json* properties = nullptr;
    if (!resource.contains("Properties") || resource["Properties"].is_null()) {
        resource["Properties"] = Json::object();
    }
    properties = &resource["Properties"];
    if (!properties->is_object()) {
        throw SamProblem::resource(id, "Attribute 'Properties' should be a map.");
    }
    translator(context, Source{id, resource, *properties});
}

void translate_all(Context& context) {
    for (const Step& step : kSteps) {
        std::vector<std::string> ids;
        for (const auto& [id, resource] : context.resources().items()) {
            if (string_member(resource, "Type") == step.type) ids.push_back(id);
        }
        for (const std::string& id : ids) {
            try {
                translate(context, id, step.translate);
            } catch (const SamProblem& problem) {
                if (problem.ends_translation()) throw;
                context.propagate_tags(Json());
                context.problems().push_back(problem);
            }
        }
    }
}

bool is_translated(const Json& resource) {
    const std::string type = string_member(resource, "Type");
    return type == "AWS::Serverless::Connector" ||
           std::any_of(std::begin(kSteps), std::end(kSteps),
                       [&](const Step& step) { return step.type == type; });
}

Json assemble(Context& context) {
    Json result = Json::object();
    for (const auto& [section, content] : context.document().items()) {
        if (section == "Transform" || section == "Globals") continue;
        if (section != "Resources") {
            result[section] = content;
            continue;
        }
        Json resources = Json::object();
        for (const auto& [id, resource] : content.items()) {
            if (!is_translated(resource)) resources[id] = resource;
        }
        for (const auto& [id, resource] : context.generated().items()) resources[id] = resource;
        result["Resources"] = std::move(resources);
    }
    return with_generated_references(result, context.references());
}

[[noreturn]] void refuse(std::vector<SamProblem> problems) {
    std::stable_sort(problems.begin(), problems.end(),
                     [](const SamProblem& a, const SamProblem& b) { return a.id() < b.id(); });
    // What a resource lacks is told once, however many others come upon it.
    const auto same = [](const SamProblem& a, const SamProblem& b) {
        return a.id() == b.id() && std::string_view(a.what()) == b.what();
    };
    problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
    std::string text = fmt::format(
        "Invalid Serverless Application Specification document. Number of errors found: {}.",
        problems.size());
    std::vector<TransformError::Item> items;
    for (const SamProblem& problem : problems) {
        text += ' ';
        text += problem.what();
        items.push_back({problem.id(), problem.what()});
    }
    throw TransformError(text, std::move(items));
}

}  // namespace

Json transform(const Json& document, const Json& parameters, const std::string& region) {
    std::unique_ptr<Context> context;
    try {
        check_document(document);
        context = std::make_unique<Context>(document, with_defaults(document, parameters), region,
                                            partition_of(region));
        expand_embedded_connectors(*context);
        add_default_bodies(*context);
        add_implicit_rest_api(*context);
        add_implicit_http_api(*context);
        merge_globals(*context);
        translate_all(*context);
        add_code_deploy(*context);
        translate_connectors(*context);
        context->stop_at_problems();
        return assemble(*context);
    } catch (const SamProblem& problem) {
        const bool alone = context == nullptr || context->problems().empty() ||
                           problem.ends_translation() || problem.id().empty();
        refuse(alone ? std::vector<SamProblem>{problem} : context->problems());
    }
}

}  // namespace skafu::cloudformation::sam
