#include "core/aws_error.h"
#include "logs/log_service.h"
#include "logs/pages.h"
#include "logs/shapes.h"

namespace skafu::logs {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

const Json kNothing = Json();

Json create_group(LogService& logs, Context& context, const Json& input) {
    const std::string name = group_name(input);
    const Scope scope = context.caller.scope();
    if (logs.store().groups.find(scope, name) != nullptr) {
        throw AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
    }
    Json group = {{"logGroupName", name}, {"creationTime", logs.now_millis()}};
    group["logGroupClass"] = string_member(input, "logGroupClass", "STANDARD");
    if (const Json* key = find_member(input, "kmsKeyId")) group["kmsKeyId"] = *key;
    if (const Json* tags = find_member(input, "tags")) group["tags"] = *tags;
    logs.store().groups.put(scope, name, std::move(group));
    return kNothing;
}

Json delete_group(LogService& logs, Context& context, const Json& input) {
    const std::string name = group_name(input);
    logs.group(context.caller.scope(), name);
    logs.store().erase_group(context.caller.scope(), name);
    return kNothing;
}

std::int64_t stored_bytes(LogService& logs, const Scope& scope, const std::string& group) {
    std::int64_t bytes = 0;
    logs.store().for_each_stream(scope, group, [&](const Json& stream) {
        bytes += logs.store().summary(stream["id"].get<std::int64_t>()).bytes;
        return true;
    });
    return bytes;
}

Json describe_groups(LogService& logs, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string pattern = string_member(input, "logGroupNamePattern");
    const std::string prefix = string_member(input, "logGroupNamePrefix");
    return page_of(logs.store().groups, scope, input, "logGroups", prefix, [&](Json& group) {
        const std::string name = group["logGroupName"].get<std::string>();
        if (name.find(pattern) == std::string::npos) return false;
        const std::string arn = group_arn(context.caller, name);
        std::size_t filters = 0;
        const std::string key = LogStore::stream_key(name, "");
        logs.store().metric_filters.for_each(
            scope,
            [&](const std::string& each, const Json&) {
                if (!each.starts_with(key)) return false;
                ++filters;
                return true;
            },
            key);
        group.erase("tags");
        group["arn"] = arn + ":*";
        group["logGroupArn"] = arn;
        group["metricFilterCount"] = filters;
        group["storedBytes"] = stored_bytes(logs, scope, name);
        return true;
    });
}

/// Changes a group's document in place.
Json change_group(LogService& logs, Context& context, const std::string& name,
                  const std::function<void(Json&)>& change) {
    const Scope scope = context.caller.scope();
    Json group = logs.group(scope, name);
    change(group);
    logs.store().groups.put(scope, name, std::move(group));
    return kNothing;
}

/// The group that a resource ARN means.
std::string tagged_group(const Json& input) {
    return group_name({{"logGroupIdentifier", string_member(input, "resourceArn")}});
}

void add_tags(Json& group, const Json& tags) {
    for (const auto& [key, value] : tags.items()) group["tags"][key] = value;
}

void remove_tags(Json& group, const Json& keys) {
    if (!group.contains("tags")) return;
    for (const Json& key : keys) group["tags"].erase(key.get<std::string>());
}

Json tags_of(LogService& logs, Context& context, const std::string& name) {
    const Json& group = logs.group(context.caller.scope(), name);
    const Json* tags = find_member(group, "tags");
    return {{"tags", tags == nullptr ? Json::object() : *tags}};
}

void add_tag_operations(Service& service, LogService& logs) {
    const Shape by_name = structure({required("logGroupName", group_shape())});
    const Shape by_arn = structure({required("resourceArn", shape::string(1, 1011))});
    service.add(row("TagLogGroup", by_name), [&logs](Context& context, const Json& input) {
        return change_group(logs, context, group_name(input), [&](Json& group) {
            add_tags(group, input.value("tags", Json::object()));
        });
    });
    service.add(row("UntagLogGroup", by_name), [&logs](Context& context, const Json& input) {
        return change_group(logs, context, group_name(input), [&](Json& group) {
            remove_tags(group, input.value("tags", Json::array()));
        });
    });
    service.add(row("ListTagsLogGroup", by_name), [&logs](Context& context, const Json& input) {
        return tags_of(logs, context, group_name(input));
    });
    service.add(row("TagResource", by_arn), [&logs](Context& context, const Json& input) {
        return change_group(logs, context, tagged_group(input), [&](Json& group) {
            add_tags(group, input.value("tags", Json::object()));
        });
    });
    service.add(row("UntagResource", by_arn), [&logs](Context& context, const Json& input) {
        return change_group(logs, context, tagged_group(input), [&](Json& group) {
            remove_tags(group, input.value("tagKeys", Json::array()));
        });
    });
    service.add(row("ListTagsForResource", by_arn), [&logs](Context& context, const Json& input) {
        return tags_of(logs, context, tagged_group(input));
    });
}

void check_retention(const Json& days) {
    constexpr std::array<int, 22> kAllowed = {1,    3,    5,    7,    14,   30,  60,  90,
                                              120,  150,  180,  365,  400,  545, 731, 1096,
                                              1827, 2192, 2557, 2922, 3288, 3653};
    if (std::find(kAllowed.begin(), kAllowed.end(), days.get<int>()) != kAllowed.end()) return;
    std::string allowed;
    for (const int each : kAllowed) allowed += (allowed.empty() ? "" : ", ") + std::to_string(each);
    invalid_parameter(fmt::format(
        "1 validation error detected: Value '{}' at 'retentionInDays' failed to satisfy "
        "constraint: Member must satisfy enum value set: [{}]",
        days.get<int>(), allowed));
}

}  // namespace

void add_group_operations(Service& service, LogService& logs) {
    const Shape by_name = structure({required("logGroupName", group_shape())});
    service.add(row("CreateLogGroup", by_name), [&logs](Context& context, const Json& input) {
        return create_group(logs, context, input);
    });
    service.add(row("DeleteLogGroup", by_name), [&logs](Context& context, const Json& input) {
        return delete_group(logs, context, input);
    });
    const Shape describe = structure({optional("limit", shape::integer(1, 50)),
                                      optional("logGroupNamePrefix", group_shape()),
                                      optional("nextToken", token_shape())});
    service.add(row("DescribeLogGroups", describe), [&logs](Context& context, const Json& input) {
        return describe_groups(logs, context, input);
    });
    const Shape retention = structure(
        {required("logGroupName", group_shape()), required("retentionInDays", shape::integer())});
    service.add(row("PutRetentionPolicy", retention), [&logs](Context& context, const Json& input) {
        check_retention(input["retentionInDays"]);
        change_group(logs, context, group_name(input),
                     [&](Json& group) { group["retentionInDays"] = input["retentionInDays"]; });
        logs.expire();
        return Json();
    });
    service.add(row("DeleteRetentionPolicy", by_name),
                [&logs](Context& context, const Json& input) {
                    return change_group(logs, context, group_name(input),
                                        [](Json& group) { group.erase("retentionInDays"); });
                });
    add_tag_operations(service, logs);
}

}  // namespace skafu::logs
