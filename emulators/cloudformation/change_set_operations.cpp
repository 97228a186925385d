#include <algorithm>

#include "cloudformation/change_set.h"
#include "cloudformation/operations.h"
#include "cloudformation/stack_engine.h"
#include "core/arn.h"
#include "core/cloud.h"
#include "core/text.h"

namespace skafu::cloudformation {
namespace {

std::set<std::string> stored_capabilities(const Json& change_set) {
    // A change set is looked at before it is executed: transforms need no capability of their own.
    std::set<std::string> names = {"CAPABILITY_AUTO_EXPAND"};
    for (const Json& name : change_set["Capabilities"]) names.insert(name.get<std::string>());
    return names;
}

StackRequest request_of(const Json& change_set) {
    StackRequest request;
    request.name = string_member(change_set, "StackName");
    request.source = read_template(string_member(change_set, "Template"), "");
    request.parameters = change_set["Given"];
    request.tags = change_set["Tags"];
    request.capabilities = stored_capabilities(change_set);
    const Json* keep = find_member(change_set, "DisableRollback");
    request.rolls_back = keep == nullptr || *keep != true;
    return request;
}

std::map<std::string, Json> resources_of(const StackStore& store, const Scope& scope,
                                         const std::string& stack_id) {
    std::map<std::string, Json> resources;
    for (Json& resource : store.resources(scope, stack_id)) {
        if (string_member(resource, "ResourceStatus") == "DELETE_COMPLETE") continue;
        const std::string id = string_member(resource, "LogicalResourceId");
        resources[id] = std::move(resource);
    }
    return resources;
}

/// The stack of a change set of type CREATE exists at once, to be reviewed.
std::string review_stack(Context& context, StackStore& store, const std::string& name) {
    const std::string id =
        make_arn("cloudformation", context.caller.region, context.caller.account,
                 fmt::format("stack/{}/{}", name, context.cloud.entropy().uuid()));
    Json stack = {{"StackId", id},
                  {"StackName", name},
                  {"CreationTime", store.now()},
                  {"StackStatus", "REVIEW_IN_PROGRESS"},
                  {"StackStatusReason", "User Initiated"},
                  {"Tags", Json::array()}};
    store.put(context.caller.scope(), stack);
    Json own = {{"LogicalResourceId", name},
                {"PhysicalResourceId", id},
                {"ResourceType", "AWS::CloudFormation::Stack"},
                {"ResourceStatus", "REVIEW_IN_PROGRESS"},
                {"ResourceStatusReason", "User Initiated"}};
    store.add_event(context.caller.scope(), stack, own);
    return id;
}

bool reads_attribute(const Json& value) {
    if (!value.is_structured()) return false;
    if (find_member(value, "Fn::GetAtt") != nullptr) return true;
    return std::any_of(value.begin(), value.end(), reads_attribute);
}

/// AWS shows what a resource that goes away had from others as it shows what is not known yet.
void forget_attributes(std::map<std::string, Json>& before,
                       const std::map<std::string, Json>& after, const std::string& text) {
    if (text.empty()) return;
    const Json document = read_template(text, "").value;
    const Json* declared = find_member(document, "Resources");
    for (auto& [id, resource] : before) {
        const Json* declaration = declared == nullptr ? nullptr : find_member(*declared, id);
        const Json* properties =
            declaration == nullptr ? nullptr : find_member(*declaration, "Properties");
        if (after.contains(id) || properties == nullptr || !properties->is_object()) continue;
        for (const auto& [name, value] : properties->items()) {
            const bool shown = find_member(resource["Properties"], name) != nullptr;
            if (shown && reads_attribute(value)) resource["Properties"][name] = kKnownAfterApply;
        }
    }
}

void evaluate_change_set(Context& context, StackStore& store, Json& change_set) {
    StackEngine engine(context.cloud, store, context.caller, context.activity.id(), nullptr);
    const std::string stack_id = string_member(change_set, "StackId");
    std::map<std::string, Json> before = resources_of(store, context.caller.scope(), stack_id);
    const StackPreview preview = engine.preview(request_of(change_set), stack_id);
    if (const Json* known = store.find(context.caller.scope(), stack_id)) {
        forget_attributes(before, preview.resources, string_member(*known, "Template"));
    }
    change_set["Changes"] = changes_between(before, preview.resources);
    change_set["Parameters"] = preview.parameters;
    const Json* stack = store.find(context.caller.scope(), stack_id);
    const bool same_outputs =
        stack != nullptr && stack->value("Template", Json()) == change_set["Template"];
    if (!change_set["Changes"].empty() || (stack != nullptr && !same_outputs)) {
        change_set["Status"] = "CREATE_COMPLETE";
        change_set["ExecutionStatus"] = "AVAILABLE";
        return;
    }
    change_set["Status"] = "FAILED";
    change_set["ExecutionStatus"] = "UNAVAILABLE";
    change_set["StatusReason"] =
        is_sam(read_template(string_member(change_set, "Template"), "").value)
            ? "No updates are to be performed."
            : "The submitted information didn't contain changes. Submit different information to "
              "create a change set.";
}

/// Throws ValidationError where the kind of the change set does not go with the stack.
void check_change_set_type(const std::string& type, const Json* stack, const Json& input) {
    const std::string stack_name = string_member(input, "StackName");
    const bool review =
        stack != nullptr && string_member(*stack, "StackStatus") == "REVIEW_IN_PROGRESS";
    if (type == "UPDATE" && (stack == nullptr || review)) {
        throw AwsError("ValidationError", fmt::format("Stack [{}] does not exist", stack_name));
    }
    if (type == "CREATE" && stack != nullptr && !review) {
        throw AwsError("ValidationError",
                       fmt::format("Stack [{}] already exists and cannot be created again with the "
                                   "changeSet [{}].",
                                   stack_name, string_member(input, "ChangeSetName")));
    }
}

/// Fills in what a change set would change, or why it cannot. `is_new`: the stack is not there yet.
void judge_change_set(Context& context, StackStore& store, bool is_new, Json& change_set) {
    const std::string stack_name = string_member(change_set, "StackName");
    try {
        read_template(string_member(change_set, "Template"), "");
        if (is_new) {
            // Checked before the stack is made: what cannot be read leaves nothing behind.
            StackEngine engine(context.cloud, store, context.caller, context.activity.id(),
                               nullptr);
            engine.preview(request_of(change_set), "");
            change_set["StackId"] = review_stack(context, store, stack_name);
        }
        evaluate_change_set(context, store, change_set);
    } catch (const TemplateError& error) {
        const std::string why = refused_template(error).message();
        if (!why.starts_with("Transform ")) throw refused_template(error);
        if (is_empty_text(change_set["StackId"]))
            change_set["StackId"] = review_stack(context, store, stack_name);
        change_set["Status"] = "FAILED";
        change_set["ExecutionStatus"] = "UNAVAILABLE";
        change_set["StatusReason"] = why;
        change_set["Changes"] = Json::array();
    }
}

Task<Json> create_change_set(Context& context, StackStore& store, Json input) {
    const std::string stack_name = string_member(input, "StackName");
    const Json* stack = store.find(context.caller.scope(), stack_name);
    const std::string type = string_member(input, "ChangeSetType", "UPDATE");
    check_change_set_type(type, stack, input);
    const bool is_new = stack == nullptr;
    const Json before = is_new ? Json::object() : *stack;
    const Json* previous = find_member(input, "UsePreviousTemplate");
    std::string text;
    if (previous != nullptr && *previous == true)
        text = string_member(before, "Template");
    else
        text = co_await template_text(context, input);
    const std::string name = string_member(input, "ChangeSetName");
    Json change_set = {
        {"ChangeSetName", name},
        {"ChangeSetId",
         make_arn("cloudformation", context.caller.region, context.caller.account,
                  fmt::format("changeSet/{}/{}", name, context.cloud.entropy().uuid()))},
        {"StackName", is_new ? stack_name : string_member(before, "StackName")},
        {"CreationTime", store.now()},
        {"Template", text},
        {"Given", given_parameters(input, is_new ? nullptr : &before)},
        {"Tags", input.value("Tags", before.value("Tags", Json::array()))},
        {"Capabilities", input.value("Capabilities", Json::array())},
        {"ChangeSetType", type}};
    if (const Json* words = find_member(input, "Description")) change_set["Description"] = *words;
    change_set["StackId"] = is_new ? Json("") : before["StackId"];
    judge_change_set(context, store, is_new, change_set);
    store.put_change_set(context.caller.scope(), change_set);
    Json answer = {{"Id", change_set.at("ChangeSetId")}, {"StackId", change_set.at("StackId")}};
    co_return answer;
}

const Json& require_change_set(Context& context, StackStore& store, const Json& input) {
    const std::string name = string_member(input, "ChangeSetName");
    const std::string stack = string_member(input, "StackName");
    const Json* found = store.find_change_set(context.caller.scope(), name, stack);
    if (found == nullptr) {
        throw AwsError("ChangeSetNotFound", fmt::format("ChangeSet [{}] does not exist", name),
                       404);
    }
    return *found;
}

Json describe_change_set(Context& context, StackStore& store, const Json& input) {
    Json answer = require_change_set(context, store, input);
    for (const std::string_view own : {"Template", "Given", "ChangeSetType"}) answer.erase(own);
    const Json* values = find_member(input, "IncludePropertyValues");
    if (values != nullptr && *values == true) return answer;
    for (Json& change : answer["Changes"]) {
        change["ResourceChange"].erase("BeforeContext");
        change["ResourceChange"].erase("AfterContext");
    }
    return answer;
}

Task<Json> execute_change_set(Context& context, StackStore& store, Json input) {
    Json change_set = require_change_set(context, store, input);
    if (string_member(change_set, "ExecutionStatus") != "AVAILABLE") {
        throw AwsError(
            "InvalidChangeSetStatus",
            fmt::format("ChangeSet [{}] cannot be executed in its current status of [{}]",
                        string_member(change_set, "ChangeSetId"),
                        string_member(change_set, "Status")));
    }
    StackEngine engine(context.cloud, store, context.caller, context.activity.id(), nullptr);
    StackRequest request = request_of(change_set);
    const Json* keep = find_member(input, "DisableRollback");
    if (keep != nullptr && *keep == true) request.rolls_back = false;
    std::string id;
    try {
        id = change_set["ChangeSetType"] == "CREATE" ? engine.begin_create(std::move(request))
                                                     : engine.begin_update(std::move(request));
    } catch (const TemplateError& error) {
        throw refused_template(error);
    }
    change_set["ExecutionStatus"] = "EXECUTE_COMPLETE";
    store.put_change_set(context.caller.scope(), change_set);
    co_await engine.run(id);
    co_return Json::object();
}

Json delete_change_set(Context& context, StackStore& store, const Json& input) {
    const std::string name = string_member(input, "ChangeSetName");
    const Json* found =
        store.find_change_set(context.caller.scope(), name, string_member(input, "StackName"));
    if (found != nullptr) {
        store.erase_change_set(context.caller.scope(), string_member(*found, "ChangeSetId"));
    }
    return Json::object();
}

Json list_change_sets(Context& context, StackStore& store, const Json& input) {
    const Json& stack = require_stack(store, context.caller, string_member(input, "StackName"));
    Json list = Json::array();
    for (const Json& entry :
         store.change_sets(context.caller.scope(), string_member(stack, "StackId"))) {
        Json summary = Json::object();
        for (const std::string_view name :
             {"StackId", "StackName", "ChangeSetId", "ChangeSetName", "ExecutionStatus", "Status",
              "StatusReason", "CreationTime", "Description"}) {
            if (const Json* value = find_member(entry, name)) summary[std::string(name)] = *value;
        }
        list.push_back(std::move(summary));
    }
    return Json{{"Summaries", std::move(list)}};
}

}  // namespace

void add_change_set_operations(Service& service, StackStore& store) {
    Operation create;
    create.name = "CreateChangeSet";
    create.input = change_set_shape();
    service.add_async(create, [&store](Context& context, Json input) {
        return create_change_set(context, store, std::move(input));
    });
    const std::vector<Shape::Member> members = {
        shape::required("ChangeSetName", shape::string(1)),
        shape::optional("StackName", shape::string()),
        shape::optional("IncludePropertyValues", shape::boolean()),
        shape::optional("DisableRollback", shape::boolean()),
        shape::optional("NextToken", shape::string())};
    Operation execute;
    execute.name = "ExecuteChangeSet";
    execute.input = shape::structure(members);
    service.add_async(execute, [&store](Context& context, Json input) {
        return execute_change_set(context, store, std::move(input));
    });
    using Handler = Json (*)(Context&, StackStore&, const Json&);
    const auto add = [&](std::string name, std::vector<Shape::Member> input_members,
                         Handler handler) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = shape::structure(std::move(input_members));
        service.add(std::move(operation), [&store, handler](Context& context, const Json& input) {
            return handler(context, store, input);
        });
    };
    add("DescribeChangeSet", members, describe_change_set);
    add("DeleteChangeSet", members, delete_change_set);
    add("ListChangeSets",
        {shape::required("StackName", shape::string(1)),
         shape::optional("NextToken", shape::string())},
        list_change_sets);
}

}  // namespace skafu::cloudformation
