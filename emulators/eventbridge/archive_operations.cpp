#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge {
namespace {

std::string archive_arn(const Context& context, std::string_view name) {
    return make_arn("events", context.caller.region, context.caller.account,
                    "archive/" + std::string(name));
}

Json listed(EventBridge& events, const Scope& scope, const Json& document) {
    const Store::ArchiveSize size =
        events.store.archive_size(scope, string_member(document, "ArchiveName"));
    Json answer = Json::object();
    for (const char* name : {"ArchiveName", "EventSourceArn", "State", "RetentionDays"}) {
        if (const Json* value = find_member(document, name)) answer[name] = *value;
    }
    answer["SizeBytes"] = size.bytes;
    answer["EventCount"] = size.events;
    answer["CreationTime"] = document["CreationTime"];
    return answer;
}

Json create_archive(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "ArchiveName");
    if (events.archives.find(scope, name) != nullptr) {
        throw AwsError("ResourceAlreadyExistsException",
                       fmt::format("Archive {} already exists.", name));
    }
    const Bus& bus = events.buses.require(scope, string_member(input, "EventSourceArn"));
    if (bus.scope() != scope) {  // one of another region might as well not be there
        throw AwsError::not_found(fmt::format("Event bus {} does not exist.", bus.name()));
    }
    const std::string pattern = string_member(input, "EventPattern");
    if (!pattern.empty()) parse_pattern(pattern);
    const Json now = epoch_seconds(context.cloud.clock().now());
    const Json* days = find_member(input, "RetentionDays");
    Json document = {{"ArchiveName", name},
                     {"EventSourceArn", bus.arn()},
                     {"State", "ENABLED"},
                     {"RetentionDays", days == nullptr ? Json(0) : *days},
                     {"CreationTime", now}};
    for (const char* member : {"Description", "EventPattern"}) {
        if (const Json* value = find_member(input, member)) document[member] = *value;
    }
    events.archives.put(scope, name, std::move(document));
    return {
        {"ArchiveArn", archive_arn(context, name)}, {"State", "ENABLED"}, {"CreationTime", now}};
}

Json update_archive(EventBridge& events, Context& context, const Json& input) {
    bool changes = false;
    for (const char* member : {"Description", "EventPattern", "RetentionDays"}) {
        changes = changes || find_member(input, member) != nullptr;
    }
    if (!changes) {
        throw AwsError::validation(
            "At least one of EventPattern, RetentionDays or Description must be provided.");
    }
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "ArchiveName");
    Json document = events.archives.require(scope, name);
    const std::string pattern = string_member(input, "EventPattern");
    if (!pattern.empty()) parse_pattern(pattern);
    for (const char* member : {"Description", "EventPattern", "RetentionDays"}) {
        if (const Json* value = find_member(input, member)) document[member] = *value;
    }
    const Json created = document["CreationTime"];
    events.archives.put(scope, name, std::move(document));
    return {{"ArchiveArn", archive_arn(context, name)},
            {"State", "ENABLED"},
            {"CreationTime", created}};
}

Json describe_archive(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "ArchiveName");
    const Json& document = events.archives.require(scope, name);
    Json answer = listed(events, scope, document);
    answer["ArchiveArn"] = archive_arn(context, name);
    for (const char* member : {"Description", "EventPattern"}) {
        if (const Json* value = find_member(document, member)) answer[member] = *value;
    }
    return answer;
}

Json delete_archive(EventBridge& events, Context& context, const Json& input) {
    const std::string name = string_member(input, "ArchiveName");
    events.archives.require(context.caller.scope(), name);
    events.archives.remove(context.caller.scope(), name);
    return Json::object();
}

Json list_archives(EventBridge& events, Context& context, const Json& input) {
    require_one_filter(context, input);
    const Scope scope = context.caller.scope();
    const std::string source = string_member(input, "EventSourceArn");
    if (!source.empty()) events.buses.require(scope, source);
    const std::string prefix = string_member(input, "NamePrefix");
    const std::string state = string_member(input, "State");
    Json all = Json::array();
    events.archives.for_each(scope, [&](const std::string& name, const Json& document) {
        const bool wanted =
            name.starts_with(prefix) &&
            (source.empty() || string_member(document, "EventSourceArn") == source) &&
            (state.empty() || string_member(document, "State") == state);
        if (wanted) all.push_back(listed(events, scope, document));
        return true;
    });
    return page(input, "Archives", std::move(all));
}

}  // namespace

void add_archive_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const auto add = [&](Row row, Json (*handler)(EventBridge&, Context&, const Json&)) {
        service.add(std::move(row), [&events, handler](Context& context, const Json& input) {
            return handler(events, context, input);
        });
    };
    const Shape name = name_shape(48);
    const Shape named = structure({required("ArchiveName", name)});
    add({"CreateArchive",
         structure(
             {required("ArchiveName", name), required("EventSourceArn", event_source_arn_shape()),
              optional("Description", string(0, 512)), optional("EventPattern", string(0, 4096)),
              optional("RetentionDays", integer(0)),
              optional("KmsKeyIdentifier", key_identifier_shape())})},
        create_archive);
    add({"UpdateArchive",
         structure({required("ArchiveName", name), optional("Description", string(0, 512)),
                    optional("EventPattern", string(0, 4096)),
                    optional("RetentionDays", integer(0)),
                    optional("KmsKeyIdentifier", key_identifier_shape())})},
        update_archive);
    add({"DescribeArchive", named}, describe_archive);
    add({"DeleteArchive", named}, delete_archive);
    add({"ListArchives",
         structure({optional("NamePrefix", name),
                    optional("EventSourceArn", event_source_arn_shape()),
                    optional("State", enumeration({"ENABLED", "DISABLED", "CREATING", "UPDATING",
                                                   "CREATE_FAILED", "UPDATE_FAILED"})),
                    optional("NextToken", string(1, 2048)), optional("Limit", integer(1, 100))})},
        list_archives);
}

}  // namespace skafu::eventbridge
