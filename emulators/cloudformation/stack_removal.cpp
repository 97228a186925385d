// How the engine takes resources away: deletion of stacks, clean-up of updates, rollback.

#include "cloudformation/stack_work.h"
#include "core/aws_error.h"
#include "core/principals.h"

namespace skafu::cloudformation {
namespace {

bool is_retained(const Json& resource, std::string_view policy) {
    const std::string value = string_member(resource, policy);
    return value == "Retain" || value == "RetainExceptOnCreate";
}

}  // namespace

/// Deletes one resource; gives the reason where it cannot be.
Task<std::string> StackEngine::remove_resource(Json stack, Json resource) {
    const std::string type_name = string_member(resource, "ResourceType");
    const std::string physical_id = string_member(resource, "PhysicalResourceId");
    if (physical_id.empty() || resource.contains("Inert")) co_return "";
    if (type_name == "AWS::CloudFormation::Stack") {
        if (store_.find(scope(), physical_id) != nullptr) co_await remove(physical_id);
        co_return "";
    }
    const ResourceType* type = cloud_.resource_types().find(type_name);
    if (type == nullptr || !type->remove) co_return "";
    ResourceRequest request;
    request.caller = caller_;
    request.caller.principal = kTemplates;
    request.cause = cause_;
    request.type = type_name;
    request.stack_name = string_member(stack, "StackName");
    request.stack_id = string_member(stack, "StackId");
    request.logical_id = string_member(resource, "LogicalResourceId");
    request.properties = resource.value("Properties", Json::object());
    request.physical_id = physical_id;
    std::string reason;
    try {
        co_await type->remove(cloud_, std::move(request));
    } catch (const AwsError& error) {
        // What is gone already need not be deleted.
        const bool gone = error.status() == 404 ||
                          error.code().find("NotFound") != std::string::npos ||
                          error.code().find("NonExistent") != std::string::npos ||
                          error.code().find("DoesNotExist") != std::string::npos ||
                          error.code() == "NoSuchEntity" || error.code() == "NoSuchBucket";
        if (!gone) reason = fmt::format("{} ({})", error.message(), error.code());
    }
    co_return reason;
}

Task<void> StackEngine::clean_up(WorkPtr work) {
    set_status(work->stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
    for (const auto& [id, old] : work->replaced) {
        if (is_retained(old, "UpdateReplacePolicy")) continue;
        // Its logical id belongs to the new resource: only events tell of the old one.
        Json resource = old;
        const auto tell = [&](std::string_view status) {
            resource["ResourceStatus"] = status;
            resource["Timestamp"] = store_.now();
            store_.add_event(scope(), work->stack, resource);
        };
        tell("DELETE_IN_PROGRESS");
        const std::string reason = co_await remove_resource(work->stack, resource);
        if (!reason.empty()) resource["ResourceStatusReason"] = reason;
        tell(reason.empty() ? "DELETE_COMPLETE" : "DELETE_FAILED");
    }
    std::vector<std::string> gone;
    if (const Json* order = find_member(work->stack, "Order")) {
        for (const Json& id : *order) {
            const std::string name = id.get<std::string>();
            if (work->before.contains(name) && !work->resources.contains(name))
                gone.push_back(name);
        }
    }
    for (auto id = gone.rbegin(); id != gone.rend(); ++id) {
        Json resource = work->before[*id];
        if (is_retained(resource, "DeletionPolicy")) {
            set_resource_status(*work, resource, "DELETE_SKIPPED");
        } else {
            set_resource_status(*work, resource, "DELETE_IN_PROGRESS");
            const std::string reason = co_await remove_resource(work->stack, resource);
            set_resource_status(*work, resource,
                                reason.empty() ? "DELETE_COMPLETE" : "DELETE_FAILED", reason);
        }
        store_.erase_resource(scope(), work->identity.id, *id);
    }
}

Task<std::string> StackEngine::restore(std::string stack_id) {
    const auto earlier = earlier_.find(stack_id);
    if (earlier == earlier_.end()) co_return "";
    const bool outer = std::exchange(restoring_, true);
    std::string id;
    std::string fault;
    try {
        id = begin_update(earlier->second);
    } catch (const TemplateError& error) {
        fault = error.what();
    } catch (const AwsError& error) {
        fault = error.message();
    }
    if (!id.empty()) co_await run(id);
    restoring_ = outer;
    co_return fault;
}

Task<void> StackEngine::roll_back(WorkPtr work) {
    const std::string reason = work->reason();
    work->stack["FailureReason"] = reason;
    set_status(work->stack, work->updating ? "UPDATE_ROLLBACK_IN_PROGRESS" : "ROLLBACK_IN_PROGRESS",
               work->updating ? reason : reason + "Rollback requested by user.");
    for (auto id = work->updated.rbegin(); id != work->updated.rend(); ++id) {
        const Json before = work->before[*id];
        const std::string type_name = string_member(before, "ResourceType");
        const ResourceType* type = cloud_.resource_types().find(type_name);
        if (type_name == "AWS::CloudFormation::Stack") {
            const std::string fault = co_await restore(string_member(before, "PhysicalResourceId"));
            if (!fault.empty()) work->stack["FailureReason"] = reason + fault;
        } else if (type != nullptr && type->update) {
            ResourceRequest request = resource_request(*work, *id, before["Properties"]);
            request.old_properties = work->resources[*id]["Properties"];
            try {
                co_await type->update(cloud_, std::move(request));
            } catch (const AwsError& error) {
                work->stack["FailureReason"] = reason + error.message();
            }
        }
        Json restored = before;
        set_resource_status(*work, restored, "UPDATE_COMPLETE");
    }
    for (auto id = work->created.rbegin(); id != work->created.rend(); ++id) {
        Json resource = work->resources[*id];
        if (work->replaced.contains(*id)) {
            co_await remove_resource(work->stack, resource);
            store_.put_resource(scope(), work->identity.id, work->before[*id]);
            continue;
        }
        set_resource_status(*work, resource, "DELETE_IN_PROGRESS");
        const std::string fault = co_await remove_resource(work->stack, resource);
        set_resource_status(*work, resource, fault.empty() ? "DELETE_COMPLETE" : "DELETE_FAILED",
                            fault);
        if (work->updating) store_.erase_resource(scope(), work->identity.id, *id);
    }
    for (const std::string& id : work->failed_ids) {
        const auto found = work->resources.find(id);
        if (found == work->resources.end()) continue;
        Json resource = found->second;
        if (work->updating && work->before.contains(id)) {
            store_.put_resource(scope(), work->identity.id, work->before[id]);
            continue;
        }
        // A child that failed left a stack of its own behind.
        if (string_member(resource, "ResourceType") == "AWS::CloudFormation::Stack") {
            co_await remove_resource(work->stack, resource);
        }
        set_resource_status(*work, resource, "DELETE_COMPLETE");
        if (work->updating) store_.erase_resource(scope(), work->identity.id, id);
    }
    set_status(work->stack, work->updating ? "UPDATE_ROLLBACK_COMPLETE" : "ROLLBACK_COMPLETE");
}

Task<void> StackEngine::remove(std::string stack_id) {
    const Json* found = store_.find(scope(), stack_id);
    if (found == nullptr) co_return;
    Json stack = *found;
    const std::string id = string_member(stack, "StackId");
    if (const Json* exports = find_member(stack, "Exports")) {
        for (const auto& [name, value] : exports->items()) {
            const std::vector<std::string> users = store_.importers(scope(), name);
            if (users.empty()) continue;
            throw AwsError("ValidationError",
                           fmt::format("Export {} cannot be deleted as it is in use by {}", name,
                                       fmt::join(users, ", ")));
        }
    }
    auto work = std::make_shared<Work>();
    work->identity = {string_member(stack, "StackName"), id, caller_.account, caller_.region};
    work->stack = stack;
    set_status(work->stack, "DELETE_IN_PROGRESS", "User Initiated");
    std::vector<Json> resources = store_.resources(scope(), id);
    std::map<std::string, std::size_t> rank;
    if (const Json* order = find_member(stack, "Order")) {
        for (const Json& name : *order) rank.emplace(name.get<std::string>(), rank.size());
    }
    std::sort(resources.begin(), resources.end(), [&](const Json& a, const Json& b) {
        return rank[string_member(a, "LogicalResourceId")] >
               rank[string_member(b, "LogicalResourceId")];
    });
    std::vector<std::string> failed;
    for (Json& resource : resources) {
        if (string_member(resource, "ResourceStatus") == "DELETE_COMPLETE") continue;
        if (string_member(resource, "DeletionPolicy") == "Retain") {
            set_resource_status(*work, resource, "DELETE_SKIPPED");
            continue;
        }
        set_resource_status(*work, resource, "DELETE_IN_PROGRESS");
        const std::string reason = co_await remove_resource(stack, resource);
        if (!reason.empty()) failed.push_back(string_member(resource, "LogicalResourceId"));
        set_resource_status(*work, resource, reason.empty() ? "DELETE_COMPLETE" : "DELETE_FAILED",
                            reason);
    }
    if (!failed.empty()) {
        set_status(work->stack, "DELETE_FAILED",
                   fmt::format("The following resource(s) failed to delete: [{}]. ",
                               fmt::join(failed, ", ")));
        co_return;
    }
    work->stack["DeletionTime"] = store_.now();
    work->stack.erase("Exports");
    work->stack.erase("Imports");
    set_status(work->stack, "DELETE_COMPLETE");
}

}  // namespace skafu::cloudformation
