#include <fstream>

#include "core/aws_error.h"
#include "core/text.h"
#include "stepfunctions/definition_text.h"
#include "stepfunctions/service.h"

namespace skafu::stepfunctions::resources {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw AwsError::validation("The state machine definition " + path + " cannot be read");
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

Task<std::string> read_object(Cloud& cloud, ResourceRequest request, Json location) {
    Json input = {{"Bucket", string_member(location, "Bucket")},
                  {"Key", string_member(location, "Key")}};
    const Json object = co_await cloud.call_json("s3", "GetObject", std::move(input),
                                                 request.caller, request.cause);
    co_return string_member(object, "Body");
}

/// The definition, wherever the template has it, with its substitutions made, as JSON text.
Task<std::string> definition_of(Cloud& cloud, ResourceRequest request) {
    const Json& properties = request.properties;
    std::string text;
    const Json* string_form = find_member(properties, "DefinitionString");
    const Json* object_form = find_member(properties, "Definition");
    const Json* s3_form = find_member(properties, "DefinitionS3Location");
    if (string_form != nullptr) {
        text = string_form->is_string() ? string_form->get<std::string>() : to_text(*string_form);
    } else if (object_form != nullptr) {
        text = to_text(*object_form);
    } else if (!request.local_path.empty()) {
        text = read_file(request.local_path);
    } else if (s3_form != nullptr) {
        Json location = *s3_form;
        text = co_await read_object(cloud, request, std::move(location));
    } else {
        throw AwsError::validation(
            "One of DefinitionString, Definition and DefinitionS3Location is required");
    }
    if (const Json* substitutions = find_member(properties, "DefinitionSubstitutions")) {
        text = substitute(text, *substitutions);
    }
    co_return definition_as_json(text);
}

Json tags_of(const Json& properties) {
    Json tags = Json::array();
    const Json* list = find_member(properties, "Tags");
    if (list == nullptr || !list->is_array()) return tags;
    for (const Json& tag : *list) {
        tags.push_back(
            {{"key", string_member(tag, "Key")}, {"value", string_member(tag, "Value")}});
    }
    return tags;
}

/// "CloudWatchLogsLogGroup" -> "cloudWatchLogsLogGroup", at every level.
Json camel_case(const Json& value) {
    if (value.is_array()) {
        Json list = Json::array();
        for (const Json& item : value) list.push_back(camel_case(item));
        return list;
    }
    if (!value.is_object()) return value;
    Json object = Json::object();
    for (const auto& [key, member] : value.items()) {
        std::string name = key;
        if (!name.empty()) name[0] = static_cast<char>(std::tolower(name[0]));
        object[name] = camel_case(member);
    }
    return object;
}

Json truths(Json value) {
    for (auto& [key, member] : value.items()) {
        if (member == "true")
            member = true;
        else if (member == "false")
            member = false;
        else if (member.is_object())
            member = truths(std::move(member));
    }
    return value;
}

void add_configuration(Json& input, const Json& properties) {
    for (const auto& [from, to] :
         {std::pair{"LoggingConfiguration", "loggingConfiguration"},
          std::pair{"TracingConfiguration", "tracingConfiguration"},
          std::pair{"EncryptionConfiguration", "encryptionConfiguration"}}) {
        const Json* value = find_member(properties, from);
        if (value != nullptr && value->is_object()) input[to] = truths(camel_case(*value));
    }
}

MachineType type_of_resource(const ResourceRequest& request) {
    return string_member(request.properties, "StateMachineType") == "EXPRESS"
               ? MachineType::express
               : MachineType::standard;
}

/// The text of the file that a definition came from; empty where there is none.
std::string source_text(const ResourceRequest& request) {
    if (request.local_path.empty()) return {};
    try {
        return read_file(request.local_path);
    } catch (const AwsError&) {
        return {};
    }
}

/// "file:line:column" of what was found; empty where that is not known.
std::string place_in_file(const ResourceRequest& request, const std::string& text,
                          const Diagnostic& found) {
    const auto place = text.empty() ? std::nullopt : find_place(text, found.location);
    if (!place) return {};
    return fmt::format("{}:{}:{}", request.local_path, place->line, place->column);
}

/// The refusal of a definition that came from a file, with the places in that file below it.
AwsError located(const AwsError& error, Cloud& cloud, const ResourceRequest& request,
                 const std::string& definition) {
    const std::string text = source_text(request);
    if (error.code() != "InvalidDefinition" || text.empty()) return error;
    Diagnostics diagnostics;
    compile_definition(definition, type_of_resource(request), cloud,
                       request.strict ? Tolerance::none : Tolerance::template_, diagnostics);
    std::string message = error.message();
    for (const Diagnostic& found : diagnostics.all()) {
        if (found.is_warning) continue;
        const std::string place = place_in_file(request, text, found);
        if (!place.empty()) message += fmt::format("\n{}: {}", place, found.message);
    }
    return AwsError(error.code(), message, error.status());
}

/// What a finding of a deployment says about a definition that runs here all the same.
std::string finding_of(const Diagnostic& found, const std::string& place) {
    const std::string location = found.location.empty() ? "/" : found.location;
    std::string text =
        fmt::format("{} ({})", found.message, place.empty() ? location : location + ", " + place);
    if (found.is_tolerated) text += ": AWS refuses the state machine";
    if (found.code == "NUMBER_AS_TEXT") text += "; write the number without quotes";
    if (found.is_tolerated) text += ".";
    return found.hint.empty() ? text : text + "\n" + found.hint;
}

ResourceState machine_state(Cloud& cloud, const ResourceRequest& request, const std::string& arn,
                            const std::string& definition) {
    ResourceState state;
    state.physical_id = arn;
    const std::string name = arn.substr(arn.rfind(':') + 1);
    state.attributes = {{"Arn", arn}, {"Name", name}};
    if (request.strict) return state;
    Diagnostics diagnostics;
    compile_definition(definition, type_of_resource(request), cloud, Tolerance::template_,
                       diagnostics);
    const std::string text = source_text(request);
    for (const Diagnostic& found : diagnostics.all()) {
        if (!found.is_tolerated && found.code != "UNKNOWN_ERROR_NAME") continue;
        state.findings.push_back(finding_of(found, place_in_file(request, text, found)));
    }
    return state;
}

Task<ResourceState> create_machine(Cloud& cloud, ResourceRequest request) {
    const std::string definition = co_await definition_of(cloud, request);
    std::string name = string_member(request.properties, "StateMachineName");
    if (name.empty()) name = request.generated_name.substr(0, 80);
    Json input = {{"name", name},
                  {"definition", definition},
                  {"roleArn", string_member(request.properties, "RoleArn")},
                  {"type", string_member(request.properties, "StateMachineType", "STANDARD")},
                  {"tags", tags_of(request.properties)}};
    if (is_empty_text(input["roleArn"])) {
        input["roleArn"] = "arn:aws:iam::" + request.caller.account + ":role/states";
    }
    if (!request.strict) input["skafuTemplate"] = true;
    add_configuration(input, request.properties);
    Json made;
    try {
        made = co_await cloud.call_json("states", "CreateStateMachine", std::move(input),
                                        request.caller, request.cause);
    } catch (const AwsError& error) {
        throw located(error, cloud, request, definition);
    }
    co_return machine_state(cloud, request, string_member(made, "stateMachineArn"), definition);
}

Task<ResourceState> update_machine(Cloud& cloud, ResourceRequest request) {
    const std::string definition = co_await definition_of(cloud, request);
    Json input = {{"stateMachineArn", request.physical_id}, {"definition", definition}};
    const std::string role = string_member(request.properties, "RoleArn");
    if (!role.empty()) input["roleArn"] = role;
    if (!request.strict) input["skafuTemplate"] = true;
    add_configuration(input, request.properties);
    try {
        co_await cloud.call_json("states", "UpdateStateMachine", std::move(input), request.caller,
                                 request.cause);
    } catch (const AwsError& error) {
        throw located(error, cloud, request, definition);
    }
    co_return machine_state(cloud, request, request.physical_id, definition);
}

Task<void> remove_machine(Cloud& cloud, ResourceRequest request) {
    Json input = {{"stateMachineArn", request.physical_id}};
    co_await cloud.call_json("states", "DeleteStateMachine", std::move(input), request.caller,
                             request.cause);
}

Task<ResourceState> create_version(Cloud& cloud, ResourceRequest request) {
    Json input = {{"stateMachineArn", string_member(request.properties, "StateMachineArn")}};
    const std::string description = string_member(request.properties, "Description");
    if (!description.empty()) input["description"] = description;
    const Json made = co_await cloud.call_json("states", "PublishStateMachineVersion",
                                               std::move(input), request.caller, request.cause);
    ResourceState state;
    state.physical_id = string_member(made, "stateMachineVersionArn");
    state.attributes = {{"Arn", state.physical_id}};
    co_return state;
}

Task<void> remove_version(Cloud& cloud, ResourceRequest request) {
    Json input = {{"stateMachineVersionArn", request.physical_id}};
    co_await cloud.call_json("states", "DeleteStateMachineVersion", std::move(input),
                             request.caller, request.cause);
}

Json routes_of(const Json& properties) {
    Json routes = Json::array();
    if (const Json* list = find_member(properties, "RoutingConfiguration")) {
        for (const Json& route : *list) {
            Json weight = route.value("Weight", Json(100));
            if (weight.is_string()) weight = std::stoi(weight.get<std::string>());
            routes.push_back(
                {{"stateMachineVersionArn", string_member(route, "StateMachineVersionArn")},
                 {"weight", weight}});
        }
        return routes;
    }
    const Json* preference = find_member(properties, "DeploymentPreference");
    const std::string version =
        preference == nullptr ? "" : string_member(*preference, "StateMachineVersionArn");
    routes.push_back({{"stateMachineVersionArn", version}, {"weight", 100}});
    return routes;
}

ResourceState alias_state(const std::string& arn) {
    ResourceState state;
    state.physical_id = arn;
    state.attributes = {{"Arn", arn}};
    return state;
}

Task<ResourceState> create_alias(Cloud& cloud, ResourceRequest request) {
    std::string name = string_member(request.properties, "Name");
    if (name.empty()) name = request.generated_name.substr(0, 80);
    Json input = {{"name", name}, {"routingConfiguration", routes_of(request.properties)}};
    const std::string description = string_member(request.properties, "Description");
    if (!description.empty()) input["description"] = description;
    const Json made = co_await cloud.call_json("states", "CreateStateMachineAlias",
                                               std::move(input), request.caller, request.cause);
    co_return alias_state(string_member(made, "stateMachineAliasArn"));
}

Task<ResourceState> update_alias(Cloud& cloud, ResourceRequest request) {
    Json input = {{"stateMachineAliasArn", request.physical_id},
                  {"routingConfiguration", routes_of(request.properties)}};
    co_await cloud.call_json("states", "UpdateStateMachineAlias", std::move(input), request.caller,
                             request.cause);
    co_return alias_state(request.physical_id);
}

Task<void> remove_alias(Cloud& cloud, ResourceRequest request) {
    Json input = {{"stateMachineAliasArn", request.physical_id}};
    co_await cloud.call_json("states", "DeleteStateMachineAlias", std::move(input), request.caller,
                             request.cause);
}

Task<ResourceState> create_activity(Cloud& cloud, ResourceRequest request) {
    std::string name = string_member(request.properties, "Name");
    if (name.empty()) name = request.generated_name.substr(0, 80);
    Json input = {{"name", name}, {"tags", tags_of(request.properties)}};
    const Json made = co_await cloud.call_json("states", "CreateActivity", std::move(input),
                                               request.caller, request.cause);
    ResourceState state;
    state.physical_id = string_member(made, "activityArn");
    state.attributes = {{"Arn", state.physical_id}, {"Name", name}};
    co_return state;
}

Task<void> remove_activity(Cloud& cloud, ResourceRequest request) {
    Json input = {{"activityArn", request.physical_id}};
    co_await cloud.call_json("states", "DeleteActivity", std::move(input), request.caller,
                             request.cause);
}

}  // namespace

void add_types(Cloud& cloud) {
    cloud.resource_types().add({"AWS::StepFunctions::StateMachine",
                                create_machine,
                                update_machine,
                                remove_machine,
                                {"StateMachineName", "StateMachineType"}});
    cloud.resource_types().add(
        {"AWS::StepFunctions::StateMachineVersion", create_version, {}, remove_version, {}});
    cloud.resource_types().add({"AWS::StepFunctions::StateMachineAlias",
                                create_alias,
                                update_alias,
                                remove_alias,
                                {"Name"}});
    cloud.resource_types().add(
        {"AWS::StepFunctions::Activity", create_activity, {}, remove_activity, {}});
}

}  // namespace skafu::stepfunctions::resources
