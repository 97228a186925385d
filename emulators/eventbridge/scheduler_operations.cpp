#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/rest_rows.h"
#include "eventbridge/scheduler.h"

namespace skafu::eventbridge {
namespace {

constexpr const char* kClientToken = "ClientToken";

AwsError schedule_not_found(const Json& input) {
    return AwsError("ResourceNotFoundException",
                    fmt::format("Schedule {} does not exist.", string_member(input, "Name")), 404);
}

std::string arn_of(const Context& context, std::string_view kind, std::string_view id) {
    return make_arn("scheduler", context.caller.region, context.caller.account,
                    fmt::format("{}/{}", kind, id));
}

void require_group(Scheduler& scheduler, const Context& context, const std::string& group) {
    if (group == "default" || scheduler.groups().find(context.caller.scope(), group)) return;
    throw AwsError("ResourceNotFoundException",
                   fmt::format("Schedule group {} does not exist.", group), 404);
}

Json schedule_document(Context& context, const Json& input, const Json* before) {
    const Json now = epoch_seconds(context.cloud.clock().now());
    Json schedule = Json::object();
    for (const char* name : {"Name", "ScheduleExpression", "ScheduleExpressionTimezone",
                             "StartDate", "EndDate", "Description", "State", "FlexibleTimeWindow",
                             "Target", "ActionAfterCompletion", "KmsKeyArn", kClientToken}) {
        const Json* value = find_member(input, name);
        if (value != nullptr && !value->is_null()) schedule[name] = *value;
    }
    if (!schedule.contains("State")) schedule["State"] = "ENABLED";
    if (!schedule.contains("ScheduleExpressionTimezone")) {
        schedule["ScheduleExpressionTimezone"] = "UTC";
    }
    if (!schedule.contains("ActionAfterCompletion")) schedule["ActionAfterCompletion"] = "NONE";
    schedule["GroupName"] = string_member(input, "GroupName", "default");
    schedule["Arn"] = arn_of(context, "schedule", Scheduler::key_of(input));
    schedule["CreationDate"] = before == nullptr ? now : (*before)["CreationDate"];
    schedule["LastModificationDate"] = now;
    return schedule;
}

Json put_schedule(Scheduler& scheduler, Context& context, const Json& input, const Json* before) {
    const Scope scope = context.caller.scope();
    const std::string key = Scheduler::key_of(input);
    Json schedule = schedule_document(context, input, before);
    scheduler.check(schedule);
    const std::string arn = string_member(schedule, "Arn");
    scheduler.schedules().put(scope, key, std::move(schedule));
    scheduler.follow(scope, key);
    return {{"ScheduleArn", arn}};
}

Json create_schedule(Scheduler& scheduler, Context& context, const Json& input) {
    require_group(scheduler, context, string_member(input, "GroupName", "default"));
    const Json* found =
        scheduler.schedules().find(context.caller.scope(), Scheduler::key_of(input));
    if (found != nullptr) {
        // Sent again, for want of an answer.
        const std::string token = string_member(input, kClientToken);
        if (!token.empty() && token == string_member(*found, kClientToken)) {
            return {{"ScheduleArn", (*found)["Arn"]}};
        }
        throw AwsError("ConflictException",
                       fmt::format("Schedule {} already exists.", string_member(input, "Name")),
                       409);
    }
    return put_schedule(scheduler, context, input, nullptr);
}

Json update_schedule(Scheduler& scheduler, Context& context, const Json& input) {
    const Json* before =
        scheduler.schedules().find(context.caller.scope(), Scheduler::key_of(input));
    if (before == nullptr) throw schedule_not_found(input);
    const Json kept = *before;
    return put_schedule(scheduler, context, input, &kept);
}

Json get_schedule(Scheduler& scheduler, Context& context, const Json& input) {
    const Json* schedule =
        scheduler.schedules().find(context.caller.scope(), Scheduler::key_of(input));
    if (schedule == nullptr) throw schedule_not_found(input);
    Json answer = *schedule;
    answer.erase(Scheduler::kCompleted);
    answer.erase(kClientToken);
    return answer;
}

Json delete_schedule(Scheduler& scheduler, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string key = Scheduler::key_of(input);
    if (scheduler.schedules().find(scope, key) == nullptr) throw schedule_not_found(input);
    scheduler.forget(scope, key);
    scheduler.schedules().erase(scope, key);
    return Json::object();
}

Json paged(Json input, const char* member, Json all) {
    if (const Json* most = find_member(input, "MaxResults")) input["Limit"] = *most;
    return page(input, member, std::move(all));
}

Json list_schedules(Scheduler& scheduler, Context& context, const Json& input) {
    const std::string group = string_member(input, "GroupName");
    if (!group.empty()) require_group(scheduler, context, group);
    const std::string prefix = string_member(input, "NamePrefix");
    const std::string state = string_member(input, "State");
    Json all = Json::array();
    scheduler.schedules().for_each(
        context.caller.scope(), [&](const std::string&, const Json& schedule) {
            const bool wanted = (group.empty() || string_member(schedule, "GroupName") == group) &&
                                (state.empty() || string_member(schedule, "State") == state) &&
                                string_member(schedule, "Name").starts_with(prefix);
            if (!wanted) return true;
            Json one = Json::object();
            for (const char* name :
                 {"Arn", "Name", "GroupName", "State", "CreationDate", "LastModificationDate"}) {
                one[name] = schedule[name];
            }
            one["Target"] = {{"Arn", string_member(schedule["Target"], "Arn")}};
            all.push_back(std::move(one));
            return true;
        });
    return paged(input, "Schedules", std::move(all));
}

Json group_document(const Context& context, const std::string& name, const Json& now) {
    return {{"Arn", arn_of(context, "schedule-group", name)},
            {"Name", name},
            {"State", "ACTIVE"},
            {"CreationDate", now},
            {"LastModificationDate", now}};
}

/// Answers do not carry the tags.
Json untagged(Json group) {
    group.erase("Tags");
    return group;
}

Json create_group(Scheduler& scheduler, Context& context, const Json& input) {
    const std::string name = string_member(input, "Name");
    if (name == "default") {
        throw AwsError::validation("This operation cannot be performed on schedule group default.");
    }
    if (scheduler.groups().find(context.caller.scope(), name) != nullptr) {
        throw AwsError("ConflictException", fmt::format("Schedule group {} already exists.", name),
                       409);
    }
    Json group = group_document(context, name, epoch_seconds(context.cloud.clock().now()));
    if (const Json* tags = find_member(input, "Tags")) group["Tags"] = *tags;
    const Json arn = group["Arn"];
    scheduler.groups().put(context.caller.scope(), name, std::move(group));
    return {{"ScheduleGroupArn", arn}};
}

Json get_group(Scheduler& scheduler, Context& context, const Json& input) {
    const std::string name = string_member(input, "Name");
    if (name == "default") return group_document(context, name, Json(0));
    require_group(scheduler, context, name);
    return untagged(*scheduler.groups().find(context.caller.scope(), name));
}

Json delete_group(Scheduler& scheduler, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    if (name == "default") {
        throw AwsError::validation("Deletion of the default schedule group is not supported.");
    }
    require_group(scheduler, context, name);
    std::vector<std::string> keys;
    scheduler.schedules().for_each(scope, [&](const std::string& key, const Json& schedule) {
        if (string_member(schedule, "GroupName") == name) keys.push_back(key);
        return true;
    });
    for (const std::string& key : keys) {
        scheduler.forget(scope, key);
        scheduler.schedules().erase(scope, key);
    }
    scheduler.groups().erase(scope, name);
    return Json::object();
}

Json list_groups(Scheduler& scheduler, Context& context, const Json& input) {
    const std::string prefix = string_member(input, "NamePrefix");
    Json all = Json::array();
    if (std::string_view("default").starts_with(prefix)) {
        all.push_back(group_document(context, "default", Json(0)));
    }
    scheduler.groups().for_each(context.caller.scope(),
                                [&](const std::string& name, const Json& group) {
                                    if (name.starts_with(prefix)) all.push_back(untagged(group));
                                    return true;
                                });
    return paged(input, "ScheduleGroups", std::move(all));
}

// --- tags: of groups only

/// The group that an ARN names, changed and stored. Throws ResourceNotFoundException.
Json change_group_tags(Scheduler& scheduler, Context& context, const Json& input,
                       const std::function<void(Json& tags)>& change) {
    const std::optional<Arn> arn = Arn::parse(string_member(input, "ResourceArn"));
    const std::string name = arn ? std::string(arn->resource_id()) : "";
    const Json* found = scheduler.groups().find(context.caller.scope(), name);
    if (found == nullptr) {
        throw AwsError("ResourceNotFoundException",
                       fmt::format("Schedule group {} does not exist.", name), 404);
    }
    Json group = *found;
    Json tags = group.value("Tags", Json::array());
    change(tags);
    Json answer = {{"Tags", tags}};
    group["Tags"] = std::move(tags);
    scheduler.groups().put(context.caller.scope(), name, std::move(group));
    return answer;
}

void drop_tag(Json& tags, const std::string& key) {
    Json kept = Json::array();
    for (const Json& tag : tags) {
        if (string_member(tag, "Key") != key) kept.push_back(tag);
    }
    tags = std::move(kept);
}

Json tag_group(Scheduler& scheduler, Context& context, const Json& input) {
    change_group_tags(scheduler, context, input, [&](Json& tags) {
        for (const Json& tag : input["Tags"]) {
            drop_tag(tags, string_member(tag, "Key"));
            tags.push_back(tag);
        }
    });
    return Json::object();
}

Json untag_group(Scheduler& scheduler, Context& context, const Json& input) {
    change_group_tags(scheduler, context, input, [&](Json& tags) {
        for (const Json& key : input["TagKeys"]) drop_tag(tags, key.get<std::string>());
    });
    return Json::object();
}

Json list_group_tags(Scheduler& scheduler, Context& context, const Json& input) {
    return change_group_tags(scheduler, context, input, [](Json&) {});
}

Shape schedule_shape() {
    using namespace shape;
    const Shape name = string(1, 64, "[0-9a-zA-Z-_.]+");
    const Shape role = string(1, 1600, "^arn:aws(-[a-z]+)?:iam::\\d{12}:role\\/[\\w+=,.@\\/-]+$");
    // Names of FIFO queues pass here, to be refused in words that say why.
    const Shape dead_queue =
        string(1, 1600, "^arn:aws(-[a-z]+)?:sqs:[a-z0-9\\-]+:\\d{12}:[a-zA-Z0-9\\-_]+(\\.fifo)?$");
    const Shape key = string(1, 2048,
                             "^arn:aws(-[a-z]+)?:kms:[a-z0-9\\-]+:\\d{12}:(key|alias)\\/"
                             "[0-9a-zA-Z-_]*$");
    return structure(
        {required("Name", name), optional("GroupName", name),
         required("ScheduleExpression", string(1, 256)),
         optional("ScheduleExpressionTimezone", string(1, 50)), optional("StartDate", timestamp()),
         optional("EndDate", timestamp()), optional("Description", string(0, 512)),
         optional("State", enumeration({"ENABLED", "DISABLED"})), optional("KmsKeyArn", key),
         optional("ClientToken", string(1, 64, "^[a-zA-Z0-9-_]+$")),
         optional("ActionAfterCompletion", enumeration({"NONE", "DELETE"})),
         required("FlexibleTimeWindow",
                  structure({required("Mode", enumeration({"OFF", "FLEXIBLE"})),
                             optional("MaximumWindowInMinutes", integer(1, 1440))})),
         required(
             "Target",
             structure(
                 {required("Arn", string(1, 1600)), required("RoleArn", role),
                  optional("Input", string(1)),
                  optional("DeadLetterConfig", structure({optional("Arn", dead_queue)})),
                  optional("SqsParameters",
                           structure({optional("MessageGroupId", string(1, 128))})),
                  optional("EventBridgeParameters",
                           structure({required("DetailType", string(1, 128)),
                                      required("Source", string(1, 256))})),
                  optional("RetryPolicy",
                           structure({optional("MaximumEventAgeInSeconds", integer(60, 86400)),
                                      optional("MaximumRetryAttempts", integer(0, 185))}))}))});
}

ResourceState schedule_state(const Json& made, const Json& input) {
    ResourceState state;
    state.physical_id = string_member(input, "Name");
    state.attributes = {{"Arn", made["ScheduleArn"]}};
    return state;
}

Task<ResourceState> deploy(Cloud& cloud, ResourceRequest request, std::string operation) {
    Json input = request.properties;
    if (!input.contains("Name")) {
        input["Name"] = request.physical_id.empty() ? request.generated_name.substr(0, 64)
                                                    : request.physical_id;
    }
    Json made =
        co_await cloud.call_json("scheduler", operation, input, request.caller, request.cause);
    co_return schedule_state(made, input);
}

Task<ResourceState> create_schedule_resource(Cloud& cloud, ResourceRequest request) {
    std::string operation = "CreateSchedule";
    ResourceState state = co_await deploy(cloud, std::move(request), std::move(operation));
    co_return state;
}

Task<ResourceState> update_schedule_resource(Cloud& cloud, ResourceRequest request) {
    std::string operation = "UpdateSchedule";
    ResourceState state = co_await deploy(cloud, std::move(request), std::move(operation));
    co_return state;
}

Task<void> remove_schedule_resource(Cloud& cloud, ResourceRequest request) {
    Json input = {{"Name", request.physical_id}};
    const std::string group = string_member(request.properties, "GroupName");
    if (!group.empty()) input["GroupName"] = group;
    co_await cloud.call_json("scheduler", "DeleteSchedule", std::move(input), request.caller,
                             request.cause);
}

Task<ResourceState> create_group_resource(Cloud& cloud, ResourceRequest request) {
    const std::string name =
        string_member(request.properties, "Name", request.generated_name.substr(0, 64));
    Json input = {{"Name", name}};
    Json made = co_await cloud.call_json("scheduler", "CreateScheduleGroup", std::move(input),
                                         request.caller, request.cause);
    ResourceState state;
    state.physical_id = name;
    state.attributes = {{"Arn", made["ScheduleGroupArn"]}, {"State", "ACTIVE"}};
    co_return state;
}

Task<void> remove_group_resource(Cloud& cloud, ResourceRequest request) {
    Json input = {{"Name", request.physical_id}};
    co_await cloud.call_json("scheduler", "DeleteScheduleGroup", std::move(input), request.caller,
                             request.cause);
}

void add_scheduler_resource_types(Cloud& cloud) {
    cloud.resource_types().add({"AWS::Scheduler::Schedule",
                                create_schedule_resource,
                                update_schedule_resource,
                                remove_schedule_resource,
                                {"Name", "GroupName"}});
    cloud.resource_types().add(
        {"AWS::Scheduler::ScheduleGroup", create_group_resource, {}, remove_group_resource, {}});
}

void add_scheduler_operations(Service& service, Scheduler& scheduler) {
    using namespace shape;
    const Shape name = string(1, 64, "[0-9a-zA-Z-_.]+");
    const Shape named = structure({required("Name", name), optional("GroupName", name)});
    const Shape listing = structure({optional("GroupName", name), optional("NamePrefix", name),
                                     optional("State", enumeration({"ENABLED", "DISABLED"})),
                                     optional("NextToken", string(1, 2048)),
                                     optional("MaxResults", integer(1, 100))});
    const Shape::Member tags = optional(
        "Tags",
        list(structure({required("Key", string(1, 128)), required("Value", string(1, 256))}), 0,
             200));
    const Shape::Member resource = required(
        "ResourceArn", string(1, 1011,
                              "^arn:aws(-[a-z]+)?:scheduler:[a-z0-9\\-]+:\\d{12}:schedule-group\\/"
                              "[0-9a-zA-Z-_.]+$"));
    const RestRows<Scheduler>::Query of_group = {{"GroupName", "groupName"}};
    const RestRows<Scheduler>::Query paging = {
        {"NamePrefix", "NamePrefix"}, {"NextToken", "NextToken"}, {"MaxResults", "MaxResults"}};
    RestRows<Scheduler>::Query of_list = paging;
    of_list.insert(of_list.end(), {{"GroupName", "ScheduleGroup"}, {"State", "State"}});
    const char* one = "/schedules/{Name}";
    const char* group = "/schedule-groups/{Name}";
    const char* tags_uri = "/tags/{ResourceArn+}";
    const RestRows<Scheduler> rows(service, scheduler);
    rows.add({"CreateSchedule", schedule_shape()}, "POST", one, create_schedule);
    rows.add({"GetSchedule", named}, "GET", one, get_schedule, of_group);
    rows.add({"UpdateSchedule", schedule_shape()}, "PUT", one, update_schedule);
    rows.add({"DeleteSchedule", named}, "DELETE", one, delete_schedule, of_group);
    rows.add({"ListSchedules", listing}, "GET", "/schedules", list_schedules, of_list);
    rows.add({"CreateScheduleGroup", structure({required("Name", name), tags})}, "POST", group,
             create_group);
    rows.add({"GetScheduleGroup", named}, "GET", group, get_group);
    rows.add({"DeleteScheduleGroup", named}, "DELETE", group, delete_group);
    rows.add({"ListScheduleGroups", listing}, "GET", "/schedule-groups", list_groups, paging);
    rows.add({"TagResource", structure({resource, tags})}, "POST", tags_uri, tag_group);
    rows.add({"UntagResource", structure({resource, required("TagKeys", list(string(1, 128)))})},
             "DELETE", tags_uri, untag_group, {{"TagKeys", "TagKeys"}});
    rows.add({"ListTagsForResource", structure({resource})}, "GET", tags_uri, list_group_tags);
}

}  // namespace

void register_scheduler(Cloud& cloud) {
    Scheduler& scheduler = cloud.own(std::make_unique<Scheduler>(cloud));
    Service service = rest_service("scheduler", "2021-06-30");
    service.reset = [&scheduler](const Scope* scope) { scheduler.reset(scope); };
    service.describe = [&scheduler](Service& service) {
        add_scheduler_operations(service, scheduler);
    };
    cloud.add_service(std::move(service));
    add_scheduler_resource_types(cloud);
}

}  // namespace skafu::eventbridge
