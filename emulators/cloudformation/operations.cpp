#include "cloudformation/operations.h"

#include "cloudformation/s3_url.h"
#include "cloudformation/stack_engine.h"
#include "cloudformation/template_check.h"
#include "core/cloud.h"

namespace skafu::cloudformation {
namespace {

Shape parameter_list() {
    return shape::list(shape::structure({
        shape::optional("ParameterKey", shape::string()),
        shape::optional("ParameterValue", shape::string()),
        shape::optional("UsePreviousValue", shape::boolean()),
    }));
}

Shape tag_list() {
    return shape::list(shape::structure({
        shape::required("Key", shape::string()),
        shape::required("Value", shape::string()),
    }));
}

std::optional<std::set<std::string>> capabilities_of(const Json& input) {
    std::set<std::string> names;
    if (const Json* list = find_member(input, "Capabilities")) {
        for (const Json& name : *list) names.insert(name.get<std::string>());
    }
    return names;
}

StackRequest request_of(const Json& input, std::string text, const Json* stack) {
    StackRequest request;
    request.name =
        stack != nullptr ? string_member(*stack, "StackName") : string_member(input, "StackName");
    request.source = read_template(std::move(text), "");
    request.parameters = given_parameters(input, stack);
    if (const Json* tags = find_member(input, "Tags")) request.tags = *tags;
    request.capabilities = capabilities_of(input);
    const Json* keep = find_member(input, "DisableRollback");
    const std::string on_failure = string_member(input, "OnFailure");
    request.rolls_back = !(keep != nullptr && *keep == true) && on_failure != "DO_NOTHING";
    return request;
}

Task<Json> create_stack(Context& context, StackStore& store, Json input) {
    const std::string text = co_await template_text(context, input);
    StackEngine engine(context.cloud, store, context.caller, context.activity.id(), nullptr);
    std::string id;
    try {
        id = engine.begin_create(request_of(input, text, nullptr));
    } catch (const TemplateError& error) {
        throw refused_template(error);
    }
    co_await engine.run(id);
    const Json* stack = store.find(context.caller.scope(), id);
    if (stack != nullptr && string_member(input, "OnFailure") == "DELETE" &&
        string_member(*stack, "StackStatus") == "ROLLBACK_COMPLETE") {
        co_await engine.remove(id);
    }
    Json answer = {{"StackId", id}};
    co_return answer;
}

Task<Json> update_stack(Context& context, StackStore& store, Json input) {
    const Json stack = require_stack(store, context.caller, string_member(input, "StackName"));
    const Json* previous = find_member(input, "UsePreviousTemplate");
    std::string text;
    if (previous != nullptr && *previous == true)
        text = string_member(stack, "Template");
    else
        text = co_await template_text(context, input);
    StackEngine engine(context.cloud, store, context.caller, context.activity.id(), nullptr);
    std::string id;
    try {
        id = engine.begin_update(request_of(input, text, &stack));
    } catch (const TemplateError& error) {
        throw refused_template(error);
    }
    co_await engine.run(id);
    Json answer = {{"StackId", id}};
    co_return answer;
}

Task<Json> delete_stack(Context& context, StackStore& store, Json input) {
    StackEngine engine(context.cloud, store, context.caller, context.activity.id(), nullptr);
    const std::string name = string_member(input, "StackName");
    // A stack that is not there is deleted already.
    if (store.find(context.caller.scope(), name) != nullptr) co_await engine.remove(name);
    co_return Json::object();
}

}  // namespace

AwsError refused_template(const TemplateError& error) {
    return {"ValidationError", first_message(error.problems())};
}

const Json& require_stack(StackStore& store, const Caller& caller, const std::string& name) {
    const Json* stack = store.find(caller.scope(), name);
    if (stack == nullptr) {
        throw AwsError("ValidationError", fmt::format("Stack with id {} does not exist", name));
    }
    return *stack;
}

Json given_parameters(const Json& input, const Json* stack) {
    Json given = Json::object();
    const Json* list = find_member(input, "Parameters");
    if (list == nullptr) return given;
    for (const Json& entry : *list) {
        const std::string name = string_member(entry, "ParameterKey");
        const Json* previous = find_member(entry, "UsePreviousValue");
        if (previous != nullptr && *previous == true && stack != nullptr) {
            const Json* before = find_member(*stack, "Given");
            const Json* value = before == nullptr ? nullptr : find_member(*before, name);
            if (value != nullptr) given[name] = *value;
            continue;
        }
        given[name] = string_member(entry, "ParameterValue");
    }
    return given;
}

Task<std::string> template_text(Context& context, const Json& input) {
    const std::string body = string_member(input, "TemplateBody");
    if (!body.empty()) co_return body;
    const std::string url = string_member(input, "TemplateURL");
    if (url.empty()) {
        throw AwsError("ValidationError",
                       "Either Template URL or Template Body must be specified.");
    }
    const auto [bucket, key] = s3_object_of(url);
    if (bucket.empty()) throw AwsError("ValidationError", "TemplateURL must be a supported URL.");
    Json wanted = {{"Bucket", bucket}, {"Key", key}};
    const Json object = co_await context.cloud.call_json("s3", "GetObject", std::move(wanted),
                                                         context.caller, context.activity.id());
    co_return string_member(object, "Body");
}

Shape change_set_shape() {
    return shape::structure({
        shape::required("StackName", shape::string(1)),
        shape::required("ChangeSetName", shape::string(1, 128, "[a-zA-Z][-a-zA-Z0-9]*")),
        shape::optional("ChangeSetType", shape::enumeration({"CREATE", "UPDATE", "IMPORT"})),
        shape::optional("Description", shape::string()),
        shape::optional("TemplateBody", shape::string(1)),
        shape::optional("TemplateURL", shape::string(1)),
        shape::optional("UsePreviousTemplate", shape::boolean()),
        shape::optional("Parameters", parameter_list()),
        shape::optional("Capabilities", shape::list(shape::string())),
        shape::optional("Tags", tag_list()),
    });
}

void add_stack_operations(Service& service, StackStore& store) {
    Operation create;
    create.name = "CreateStack";
    create.input = shape::structure({
        shape::required("StackName", shape::string(1, 128, "[a-zA-Z][-a-zA-Z0-9]*")),
        shape::optional("TemplateBody", shape::string(1)),
        shape::optional("TemplateURL", shape::string(1)),
        shape::optional("Parameters", parameter_list()),
        shape::optional("Capabilities", shape::list(shape::string())),
        shape::optional("Tags", tag_list()),
        shape::optional("DisableRollback", shape::boolean()),
        shape::optional("OnFailure", shape::enumeration({"DO_NOTHING", "ROLLBACK", "DELETE"})),
        shape::optional("TimeoutInMinutes", shape::integer(1)),
    });
    service.add_async(create, [&store](Context& context, Json input) {
        return create_stack(context, store, std::move(input));
    });
    Operation update;
    update.name = "UpdateStack";
    update.input = shape::structure({
        shape::required("StackName", shape::string(1)),
        shape::optional("TemplateBody", shape::string(1)),
        shape::optional("TemplateURL", shape::string(1)),
        shape::optional("UsePreviousTemplate", shape::boolean()),
        shape::optional("Parameters", parameter_list()),
        shape::optional("Capabilities", shape::list(shape::string())),
        shape::optional("Tags", tag_list()),
        shape::optional("DisableRollback", shape::boolean()),
    });
    service.add_async(update, [&store](Context& context, Json input) {
        return update_stack(context, store, std::move(input));
    });
    Operation remove;
    remove.name = "DeleteStack";
    remove.input = shape::structure({shape::required("StackName", shape::string(1))});
    service.add_async(remove, [&store](Context& context, Json input) {
        return delete_stack(context, store, std::move(input));
    });
}

Service make_service(StackStore& store) {
    Service service;
    service.name = "cloudformation";
    service.protocols = {Protocol::query};
    service.api_version = "2010-05-15";
    service.xml_namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
    service.sdk_names = {"cloudformation"};
    service.validation_code = "ValidationError";
    service.reset = [&store](const Scope* scope) { store.clear(scope); };
    service.describe = [&store](Service& service) {
        add_stack_operations(service, store);
        add_query_operations(service, store);
        add_change_set_operations(service, store);
    };
    return service;
}

}  // namespace skafu::cloudformation
