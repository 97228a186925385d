#include "core/arn.h"
#include "core/aws_error.h"
#include "stepfunctions/service.h"

namespace skafu::stepfunctions {
namespace {

using shape::optional;
using shape::required;

Shape arn_shape() {
    return shape::string(1, 256);
}

Shape page_members() {
    return shape::structure({optional("maxResults", shape::integer(0, 1000)),
                             optional("nextToken", shape::string(1, 1024))});
}

Shape with_page(std::vector<Shape::Member> members) {
    for (const Shape::Member& member : page_members()->members) members.push_back(member);
    return shape::structure(std::move(members));
}

Shape configuration_members(std::vector<Shape::Member> members) {
    members.push_back(optional(
        "loggingConfiguration",
        shape::structure(
            {optional("level", shape::enumeration({"ALL", "ERROR", "FATAL", "OFF"})),
             optional("includeExecutionData", shape::boolean()),
             optional(
                 "destinations",
                 shape::list(shape::structure({optional(
                     "cloudWatchLogsLogGroup",
                     shape::structure({optional("logGroupArn", shape::string(1, 256))}))})))})));
    members.push_back(optional("tracingConfiguration",
                               shape::structure({optional("enabled", shape::boolean())})));
    members.push_back(optional("encryptionConfiguration", encryption_configuration()));
    members.push_back(optional("publish", shape::boolean()));
    members.push_back(optional("versionDescription", shape::string(0, 256)));
    return shape::structure(std::move(members));
}

Shape routing_configuration() {
    return shape::list(shape::structure({required("stateMachineVersionArn", arn_shape()),
                                         required("weight", shape::integer(0, 100))}),
                       1, 2);
}

/// The tags of a machine or an activity, and how to put them back.
struct Tagged {
    Json tags;
    std::function<void(Json)> store;
};

Tagged find_tagged(StepFunctions& state, const std::string& arn) {
    check_arn(arn);
    const std::optional<Arn> parsed = Arn::parse(arn);
    if (parsed) {
        const Scope scope{parsed->account, parsed->region};
        const std::size_t colon = parsed->resource.find(':');
        const std::string type = parsed->resource.substr(0, colon);
        std::string name =
            colon == std::string::npos ? std::string() : parsed->resource.substr(colon + 1);
        if (type == "stateMachine") {
            if (const Json* machine = state.machines.find(scope, name)) {
                return {machine->value("tags", Json::array()), [&state, scope, name](Json tags) {
                            state.machines.set_tags(scope, name, std::move(tags));
                        }};
            }
        }
        if (type == "activity") {
            if (const Json* activity = state.activities.find(scope, name)) {
                return {activity->value("tags", Json::array()), [&state, scope, name](Json tags) {
                            state.activities.set_tags(scope, name, std::move(tags));
                        }};
            }
        }
    }
    throw AwsError("ResourceNotFound", "Resource not found: '" + arn + "'");
}

Json validate_definition(Cloud& cloud, const Json& input) {
    Diagnostics diagnostics;
    const MachineType type =
        string_member(input, "type") == "EXPRESS" ? MachineType::express : MachineType::standard;
    compile_definition(string_member(input, "definition"), type, cloud, Tolerance::none,
                       diagnostics);
    constexpr std::int64_t kMost = 100;
    const auto wanted = input.value("maxResults", std::int64_t{0});
    const auto limit = static_cast<std::size_t>(wanted == 0 ? kMost : wanted);
    const std::string severity = string_member(input, "severity", "ERROR");
    Json shown = diagnostics.to_json(SIZE_MAX, severity);
    const bool is_truncated = shown.size() > limit;
    if (is_truncated) shown.erase(shown.begin() + static_cast<std::ptrdiff_t>(limit), shown.end());
    return {{"result", diagnostics.has_errors() ? "FAIL" : "OK"},
            {"diagnostics", std::move(shown)},
            {"truncated", is_truncated}};
}

}  // namespace

void add_machine_operations(Service& service, StepFunctions& state) {
    const Shape type = shape::enumeration({"STANDARD", "EXPRESS"});
    service.add(row("CreateStateMachine",
                    configuration_members({required("name", shape::string(1, 80)),
                                           required("definition", shape::string(1, 1048576)),
                                           required("roleArn", arn_shape()), optional("type", type),
                                           optional("tags", tag_list())})),
                [&state](Context& context, const Json& input) {
                    check_encryption(input);
                    return state.machines.create(context.caller, input);
                });
    service.add(row("UpdateStateMachine",
                    configuration_members({required("stateMachineArn", arn_shape()),
                                           optional("definition", shape::string(1, 1048576)),
                                           optional("roleArn", arn_shape())})),
                [&state](Context& context, const Json& input) {
                    check_encryption(input);
                    return state.machines.update(context.caller, input);
                });
    const Shape by_arn = shape::structure({required("stateMachineArn", arn_shape())});
    service.add(row("DeleteStateMachine", by_arn), [&state](Context&, const Json& input) {
        const std::string arn = string_member(input, "stateMachineArn");
        if (state.executions.is_running(arn)) {
            state.machines.begin_removal(arn);
        } else {
            state.machines.remove(arn);
        }
        state.executions.machine_deleted(arn);
        return Json::object();
    });
    const Shape described = shape::structure(
        {required("stateMachineArn", arn_shape()),
         optional("includedData", shape::enumeration({"ALL_DATA", "METADATA_ONLY"}))});
    service.add(row("DescribeStateMachine", described), [&state](Context&, const Json& input) {
        const bool has_all = string_member(input, "includedData") != "METADATA_ONLY";
        return state.machines.describe(string_member(input, "stateMachineArn"),
                                       has_all ? IncludedData::all : IncludedData::metadata_only);
    });
    service.add(row("ListStateMachines", page_members()),
                [&state](Context& context, const Json& input) {
                    return state.machines.list(context.caller, input);
                });
    service.add(row("ValidateStateMachineDefinition",
                    shape::structure(
                        {required("definition", shape::string(1, 1048576)), optional("type", type),
                         optional("severity", shape::enumeration({"ERROR", "WARNING"})),
                         optional("maxResults", shape::integer(0, 100))})),
                [](Context& context, const Json& input) {
                    return validate_definition(context.cloud, input);
                });
    service.add(row("TagResource", shape::structure({required("resourceArn", arn_shape()),
                                                     required("tags", tag_list())})),
                [&state](Context&, const Json& input) {
                    Tagged tagged = find_tagged(state, string_member(input, "resourceArn"));
                    tagged.store(merged_tags(std::move(tagged.tags), input["tags"]));
                    return Json::object();
                });
    service.add(row("UntagResource",
                    shape::structure({required("resourceArn", arn_shape()),
                                      required("tagKeys", shape::list(shape::string(1, 128)))})),
                [&state](Context&, const Json& input) {
                    Tagged tagged = find_tagged(state, string_member(input, "resourceArn"));
                    const Json& keys = input["tagKeys"];
                    Json kept = Json::array();
                    for (const Json& tag : tagged.tags) {
                        if (std::find(keys.begin(), keys.end(), tag["key"]) == keys.end()) {
                            kept.push_back(tag);
                        }
                    }
                    tagged.store(std::move(kept));
                    return Json::object();
                });
    service.add(
        row("ListTagsForResource", shape::structure({required("resourceArn", arn_shape())})),
        [&state](Context&, const Json& input) {
            return Json{{"tags", find_tagged(state, string_member(input, "resourceArn")).tags}};
        });
}

void add_version_operations(Service& service, StepFunctions& state) {
    service.add(row("PublishStateMachineVersion",
                    shape::structure({required("stateMachineArn", arn_shape()),
                                      optional("revisionId", shape::string()),
                                      optional("description", shape::string(0, 256))})),
                [&state](Context&, const Json& input) {
                    return state.machines.publish(string_member(input, "stateMachineArn"), input);
                });
    service.add(
        row("ListStateMachineVersions", with_page({required("stateMachineArn", arn_shape())})),
        [&state](Context&, const Json& input) { return state.machines.list_versions(input); });
    service.add(row("DeleteStateMachineVersion",
                    shape::structure({required("stateMachineVersionArn", shape::string(1, 2000))})),
                [&state](Context&, const Json& input) {
                    state.machines.remove_version(string_member(input, "stateMachineVersionArn"));
                    return Json::object();
                });
    service.add(
        row("CreateStateMachineAlias",
            shape::structure({required("name", shape::any()),
                              required("routingConfiguration", routing_configuration()),
                              optional("description", shape::string(0, 256))})),
        [&state](Context&, const Json& input) { return state.machines.create_alias(input); });
    const Shape by_arn =
        shape::structure({required("stateMachineAliasArn", arn_shape()),
                          optional("routingConfiguration", routing_configuration()),
                          optional("description", shape::string(0, 256))});
    service.add(row("UpdateStateMachineAlias", by_arn), [&state](Context&, const Json& input) {
        return state.machines.update_alias(input);
    });
    service.add(row("DescribeStateMachineAlias", by_arn), [&state](Context&, const Json& input) {
        return state.machines.describe_alias(string_member(input, "stateMachineAliasArn"));
    });
    service.add(row("DeleteStateMachineAlias", by_arn), [&state](Context&, const Json& input) {
        state.machines.remove_alias(string_member(input, "stateMachineAliasArn"));
        return Json::object();
    });
    service.add(
        row("ListStateMachineAliases", with_page({required("stateMachineArn", arn_shape())})),
        [&state](Context&, const Json& input) { return state.machines.list_aliases(input); });
}

}  // namespace skafu::stepfunctions
