#include "cloudformation/operations.h"
#include "cloudformation/stack_template.h"
#include "cloudformation/template_check.h"
#include "core/cloud.h"

namespace skafu::cloudformation {
namespace {

Json picked(const Json& document, std::initializer_list<std::string_view> names) {
    Json result = Json::object();
    for (const std::string_view name : names) {
        if (const Json* value = find_member(document, name)) result[std::string(name)] = *value;
    }
    return result;
}

void copy_text(const Json& from, Json& to, const std::string& name) {
    const std::string text = string_member(from, name);
    if (!text.empty()) to[name] = text;
}

Json described_stack(const Json& stack) {
    Json result = picked(
        stack, {"StackId", "StackName", "ChangeSetId", "Description", "Parameters", "CreationTime",
                "DeletionTime", "LastUpdatedTime", "StackStatus", "StackStatusReason",
                "DisableRollback", "Capabilities", "Outputs", "ParentId", "RootId", "Tags"});
    result["NotificationARNs"] = Json::array();
    result["RollbackConfiguration"] = Json::object();
    result["DriftInformation"] = Json{{"StackDriftStatus", "NOT_CHECKED"}};
    result["EnableTerminationProtection"] = false;
    return result;
}

Json describe_stacks(Context& context, StackStore& store, const Json& input) {
    Json list = Json::array();
    const std::string name = string_member(input, "StackName");
    if (!name.empty()) {
        list.push_back(described_stack(require_stack(store, context.caller, name)));
    } else {
        store.for_each(context.caller.scope(), [&](const Json& stack) {
            if (stack["StackStatus"] != "DELETE_COMPLETE") list.push_back(described_stack(stack));
        });
    }
    return Json{{"Stacks", std::move(list)}};
}

Json list_stacks(Context& context, StackStore& store, const Json& input) {
    const Json* filter = find_member(input, "StackStatusFilter");
    Json list = Json::array();
    store.for_each(context.caller.scope(), [&](const Json& stack) {
        if (filter != nullptr && !filter->empty() &&
            std::find(filter->begin(), filter->end(), stack["StackStatus"]) == filter->end()) {
            return;
        }
        Json entry = picked(
            stack, {"StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime",
                    "StackStatus", "StackStatusReason", "ParentId", "RootId"});
        if (const Json* text = find_member(stack, "Description"))
            entry["TemplateDescription"] = *text;
        entry["DriftInformation"] = Json{{"StackDriftStatus", "NOT_CHECKED"}};
        list.push_back(std::move(entry));
    });
    return Json{{"StackSummaries", std::move(list)}};
}

Json described_resource(const Json& stack, const Json& resource) {
    Json entry = picked(resource, {"LogicalResourceId", "PhysicalResourceId", "ResourceType",
                                   "Timestamp", "ResourceStatus", "ResourceStatusReason"});
    entry["StackId"] = stack["StackId"];
    entry["StackName"] = stack["StackName"];
    entry["DriftInformation"] = Json{{"StackResourceDriftStatus", "NOT_CHECKED"}};
    return entry;
}

Json describe_stack_resources(Context& context, StackStore& store, const Json& input) {
    const std::string name = string_member(input, "StackName");
    const std::string wanted = string_member(input, "LogicalResourceId");
    const Json& stack = require_stack(store, context.caller, name);
    Json list = Json::array();
    for (const Json& resource :
         store.resources(context.caller.scope(), string_member(stack, "StackId"))) {
        if (!wanted.empty() && resource["LogicalResourceId"] != wanted) continue;
        list.push_back(described_resource(stack, resource));
    }
    return Json{{"StackResources", std::move(list)}};
}

Json describe_stack_resource(Context& context, StackStore& store, const Json& input) {
    const Json& stack = require_stack(store, context.caller, string_member(input, "StackName"));
    const std::string id = string_member(input, "LogicalResourceId");
    const Json* resource =
        store.find_resource(context.caller.scope(), string_member(stack, "StackId"), id);
    if (resource == nullptr) {
        throw AwsError("ValidationError", fmt::format("Resource {} does not exist for stack {}", id,
                                                      string_member(stack, "StackName")));
    }
    Json entry = described_resource(stack, *resource);
    entry["LastUpdatedTimestamp"] = entry["Timestamp"];
    entry.erase("Timestamp");
    return Json{{"StackResourceDetail", std::move(entry)}};
}

Json list_stack_resources(Context& context, StackStore& store, const Json& input) {
    const Json& stack = require_stack(store, context.caller, string_member(input, "StackName"));
    Json list = Json::array();
    for (const Json& resource :
         store.resources(context.caller.scope(), string_member(stack, "StackId"))) {
        Json entry = picked(resource, {"LogicalResourceId", "PhysicalResourceId", "ResourceType",
                                       "ResourceStatus", "ResourceStatusReason"});
        entry["LastUpdatedTimestamp"] = resource["Timestamp"];
        entry["DriftInformation"] = Json{{"StackResourceDriftStatus", "NOT_CHECKED"}};
        list.push_back(std::move(entry));
    }
    return Json{{"StackResourceSummaries", std::move(list)}};
}

Json describe_stack_events(Context& context, StackStore& store, const Json& input) {
    const Json& stack = require_stack(store, context.caller, string_member(input, "StackName"));
    std::vector<Json> events =
        store.events(context.caller.scope(), string_member(stack, "StackId"));
    std::reverse(events.begin(), events.end());
    return Json{{"StackEvents", std::move(events)}};
}

Json get_template(Context& context, StackStore& store, const Json& input) {
    const Json& stack = require_stack(store, context.caller, string_member(input, "StackName"));
    const std::string text = string_member(stack, "Template");
    Json answer = {{"TemplateBody", text},
                   {"StagesAvailable", Json::array({"Original", "Processed"})}};
    if (string_member(input, "TemplateStage") == "Processed") {
        std::vector<Problem> problems;
        const Json processed =
            apply_transforms(read_template(text, ""), stack.value("Given", Json::object()),
                             context.caller.region, nullptr, problems);
        answer["TemplateBody"] = to_text(processed);
    }
    return answer;
}

Json described_template(const TemplateSource& source) {
    Json parameters = Json::array();
    if (const Json* declared = find_member(source.value, "Parameters")) {
        for (const auto& [name, declaration] : declared->items()) {
            Json entry = {{"ParameterKey", name},
                          {"ParameterType", string_member(declaration, "Type", "String")}};
            if (const Json* value = find_member(declaration, "Default")) {
                entry["DefaultValue"] = scalar_text(*value);
            }
            const Json* hidden = find_member(declaration, "NoEcho");
            entry["NoEcho"] = hidden != nullptr && scalar_text(*hidden) == "true";
            copy_text(declaration, entry, "Description");
            parameters.push_back(std::move(entry));
        }
    }
    Json result = {{"Parameters", std::move(parameters)}};
    copy_text(source.value, result, "Description");
    return result;
}

Json validate_template(const std::string& text) {
    const TemplateSource source = read_template(text, "");
    if (!is_sam(source.value)) {
        const std::vector<Problem> problems = check_form(source.value, source);
        if (!problems.empty()) throw TemplateError(problems);
        const std::vector<Problem> names = check_references(source.value, source);
        if (!names.empty()) throw TemplateError(names);
    }
    Json result = described_template(source);
    result["Capabilities"] = Json::array();
    bool iam = is_sam(source.value);
    if (const Json* resources = find_member(source.value, "Resources")) {
        for (const Json& resource : *resources) {
            iam = iam || string_member(resource, "Type").starts_with("AWS::IAM::");
        }
    }
    if (iam) {
        result["Capabilities"].push_back("CAPABILITY_IAM");
        result["CapabilitiesReason"] =
            "The following resource(s) require capabilities: [AWS::IAM::Role]";
    }
    return result;
}

Task<Json> validate_or_summarize(Context& context, StackStore& store, Json input) {
    std::string text;
    const std::string name = string_member(input, "StackName");
    if (!name.empty()) {
        text = string_member(require_stack(store, context.caller, name), "Template");
    } else {
        text = co_await template_text(context, input);
    }
    try {
        Json result = validate_template(text);
        if (context.operation == "GetTemplateSummary") {
            Json types = Json::array();
            const Json document = read_template(text, "").value;
            for (const Json& resource : document["Resources"]) {
                const Json type = string_member(resource, "Type");
                if (std::find(types.begin(), types.end(), type) == types.end())
                    types.push_back(type);
            }
            result["ResourceTypes"] = std::move(types);
        }
        co_return result;
    } catch (const TemplateError& error) {
        throw refused_template(error);
    }
}

Json list_exports(Context& context, StackStore& store) {
    std::map<std::string, Json> exports;
    store.for_each(context.caller.scope(), [&](const Json& stack) {
        const Json* own = find_member(stack, "Exports");
        if (own == nullptr) return;
        for (const auto& [name, value] : own->items()) {
            exports[name] =
                Json{{"ExportingStackId", stack["StackId"]}, {"Name", name}, {"Value", value}};
        }
    });
    Json list = Json::array();
    for (auto& [name, entry] : exports) list.push_back(std::move(entry));
    return Json{{"Exports", std::move(list)}};
}

Json list_imports(Context& context, StackStore& store, const Json& input) {
    const std::string name = string_member(input, "ExportName");
    const std::vector<std::string> names = store.importers(context.caller.scope(), name);
    if (names.empty()) {
        throw AwsError("ValidationError",
                       fmt::format("Export '{}' is not imported by any stack.", name));
    }
    return Json{{"Imports", names}};
}

using Handler = Json (*)(Context&, StackStore&, const Json&);

void add(Service& service, StackStore& store, std::string name, std::vector<Shape::Member> members,
         Handler handler) {
    Operation operation;
    operation.name = std::move(name);
    operation.input = shape::structure(std::move(members));
    service.add(std::move(operation), [&store, handler](Context& context, const Json& input) {
        return handler(context, store, input);
    });
}

}  // namespace

void add_query_operations(Service& service, StackStore& store) {
    const Shape::Member stack = shape::optional("StackName", shape::string());
    const Shape::Member token = shape::optional("NextToken", shape::string());
    const Shape::Member logical = shape::optional("LogicalResourceId", shape::string());
    add(service, store, "DescribeStacks", {stack, token}, describe_stacks);
    add(service, store, "ListStacks",
        {shape::optional("StackStatusFilter", shape::list(shape::string())), token}, list_stacks);
    add(service, store, "DescribeStackResources", {stack, logical}, describe_stack_resources);
    add(service, store, "DescribeStackResource", {stack, logical}, describe_stack_resource);
    add(service, store, "ListStackResources", {stack, token}, list_stack_resources);
    add(service, store, "DescribeStackEvents", {stack, token}, describe_stack_events);
    add(service, store, "GetTemplate",
        {stack, shape::optional("TemplateStage", shape::string()),
         shape::optional("ChangeSetName", shape::string())},
        get_template);
    add(service, store, "ListExports", {token},
        [](Context& context, StackStore& exports, const Json&) {
            return list_exports(context, exports);
        });
    add(service, store, "ListImports", {shape::required("ExportName", shape::string()), token},
        list_imports);
    for (const std::string_view name : {"ValidateTemplate", "GetTemplateSummary"}) {
        Operation operation;
        operation.name = std::string(name);
        operation.input =
            shape::structure({shape::optional("TemplateBody", shape::string()),
                              shape::optional("TemplateURL", shape::string()), stack});
        service.add_async(std::move(operation), [&store](Context& context, Json input) {
            return validate_or_summarize(context, store, std::move(input));
        });
    }
}

}  // namespace skafu::cloudformation
