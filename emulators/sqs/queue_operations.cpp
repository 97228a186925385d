#include "core/aws_error.h"
#include "core/principals.h"
#include "core/text.h"
#include "sqs/errors.h"
#include "sqs/operations.h"
#include "sqs/queue_attributes.h"

namespace skafu::sqs {
namespace {

constexpr std::int64_t kPurgePauseMs = 60'000;
constexpr std::size_t kMostListed = 1000;

const Json& member_or_empty(const Json& input, std::string_view name) {
    static const Json kEmpty = Json::object();
    const Json* found = find_member(input, name);
    return found == nullptr || found->is_null() ? kEmpty : *found;
}

/// Throws InvalidParameterValue where a queue cannot have the dead-letter queue it is to have. A
/// template may name one that it makes later.
void check_dead_letter_target(const Queues& queues, const Caller& caller, std::string_view name,
                              const Json& attributes) {
    const std::string policy = string_member(attributes, "RedrivePolicy");
    if (policy.empty()) return;
    const std::string target = string_member(parse_json(policy), "deadLetterTargetArn");
    if (target.ends_with(".fifo") != name.ends_with(".fifo")) {
        throw invalid_value(policy, "RedrivePolicy",
                            "Dead-letter queue must be same type of queue as the source..");
    }
    if (queues.find_arn(target) == nullptr && caller.principal != kTemplates) {
        throw invalid_value(policy, "RedrivePolicy", "Dead letter target does not exist.");
    }
}

Json create_queue(Queues& queues, Context& context, const Json& input) {
    const std::string name = string_member(input, "QueueName");
    if (find_member(input, "QueueName") == nullptr) throw missing_parameter("QueueName");
    const Json& given = member_or_empty(input, "Attributes");
    check_queue_name(name, given);
    Json attributes = checked_attributes(given, name);
    QueuePtr queue = queues.find(context.caller.scope(), name);
    if (queue != nullptr) {
        const std::string other =
            first_difference(queues.document(*queue).at("attributes"), attributes);
        if (!other.empty()) {
            throw AwsError("QueueNameExists",
                           "A queue already exists with the same name and a different value for "
                           "attribute " +
                               other);
        }
    } else {
        check_dead_letter_target(queues, context.caller, name, attributes);
        const Json* tags = find_member(input, "tags");
        queue = queues.create(context.caller.scope(), name, with_defaults(attributes),
                              tags != nullptr ? *tags : member_or_empty(input, "Tags"));
    }
    return {{"QueueUrl", queues.url(*queue)}};
}

Json get_queue_url(Queues& queues, Context& context, const Json& input) {
    const std::string name = string_member(input, "QueueName");
    if (name.empty()) throw missing_parameter("QueueName");
    Scope scope = context.caller.scope();
    scope.account = string_member(input, "QueueOwnerAWSAccountId", scope.account);
    const QueuePtr queue = queues.find(scope, name);
    if (queue == nullptr) throw queue_does_not_exist();
    return {{"QueueUrl", queues.url(*queue)}};
}

/// One page of URLs; the token is the name of the first queue of the next page.
Json list_page(const Queues& queues, const std::vector<QueuePtr>& all, const Json& input,
               std::string_view member) {
    const std::string from = string_member(input, "NextToken");
    const Json* asked = find_member(input, "MaxResults");
    const std::size_t most = asked != nullptr && asked->is_number_integer()
                                 ? static_cast<std::size_t>(std::clamp<std::int64_t>(
                                       asked->get<std::int64_t>(), 1, 1000))
                                 : kMostListed;
    Json urls = Json::array();
    Json out = Json::object();
    for (const QueuePtr& queue : all) {
        if (queue->name < from) continue;
        if (urls.size() == most) {
            if (asked != nullptr) out["NextToken"] = queue->name;
            break;
        }
        urls.push_back(queues.url(*queue));
    }
    if (!urls.empty()) out[member] = std::move(urls);
    return out;
}

Json list_queues(Queues& queues, Context& context, const Json& input) {
    const std::string prefix = string_member(input, "QueueNamePrefix");
    std::vector<QueuePtr> chosen;
    for (QueuePtr& queue : queues.all_of(context.caller.scope())) {
        if (queue->name.starts_with(prefix)) chosen.push_back(std::move(queue));
    }
    return list_page(queues, chosen, input, "QueueUrls");
}

Json list_dead_letter_sources(Queues& queues, Context& context, const Json& input) {
    const QueuePtr target = queues.require(context.caller, queue_url_of(input));
    std::vector<QueuePtr> chosen;
    for (QueuePtr& queue : queues.all_of(target->scope)) {
        const auto& redrive = queue->queue.settings.redrive;
        if (redrive && redrive->target_arn == target->arn) chosen.push_back(std::move(queue));
    }
    Json out = list_page(queues, chosen, input, "queueUrls");
    if (!out.contains("queueUrls")) out["queueUrls"] = Json::array();
    return out;
}

Json delete_queue(Queues& queues, Context& context, const Json& input) {
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    queues.remove(*queue);
    return Json::object();
}

Json purge_queue(Queues& queues, Context& context, const Json& input) {
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    const std::int64_t now = queues.now_ms();
    if (context.cloud.settings().strict && queue->purged_ms != 0 &&
        now - queue->purged_ms < kPurgePauseMs) {
        throw AwsError("PurgeQueueInProgress",
                       fmt::format("Only one PurgeQueue operation on {} is allowed every 60 "
                                   "seconds.",
                                   queue->name),
                       403);
    }
    queue->purged_ms = now;
    queue->queue.purge();
    return Json::object();
}

/// All attributes of a queue, stored and counted.
Json all_attributes(Queues& queues, OpenQueue& queue) {
    const Json& document = queues.document(queue);
    const QueueCounts counts = queue.queue.counts(queues.now_ms());
    Json out = {{"QueueArn", queue.arn},
                {"ApproximateNumberOfMessages", std::to_string(counts.ready)},
                {"ApproximateNumberOfMessagesNotVisible", std::to_string(counts.in_flight)},
                {"ApproximateNumberOfMessagesDelayed", std::to_string(counts.delayed)},
                {"CreatedTimestamp", to_text(document.at("created"))},
                {"LastModifiedTimestamp", to_text(document.at("modified"))}};
    for (const auto& [name, value] : document.at("attributes").items()) {
        if (!is_empty_text(value)) out[name] = value;
    }
    return out;
}

bool is_attribute_name(std::string_view name) {
    for (const std::string_view known : {"All",
                                         "Policy",
                                         "VisibilityTimeout",
                                         "MaximumMessageSize",
                                         "MessageRetentionPeriod",
                                         "ApproximateNumberOfMessages",
                                         "ApproximateNumberOfMessagesNotVisible",
                                         "CreatedTimestamp",
                                         "LastModifiedTimestamp",
                                         "QueueArn",
                                         "ApproximateNumberOfMessagesDelayed",
                                         "DelaySeconds",
                                         "ReceiveMessageWaitTimeSeconds",
                                         "RedrivePolicy",
                                         "FifoQueue",
                                         "ContentBasedDeduplication",
                                         "KmsMasterKeyId",
                                         "KmsDataKeyReusePeriodSeconds",
                                         "DeduplicationScope",
                                         "FifoThroughputLimit",
                                         "RedriveAllowPolicy",
                                         "SqsManagedSseEnabled"}) {
        if (name == known) return true;
    }
    return false;
}

Json get_queue_attributes(Queues& queues, Context& context, const Json& input) {
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    const Json& names = member_or_empty(input, "AttributeNames");
    Json chosen = Json::object();
    const Json all = all_attributes(queues, *queue);
    for (const Json& entry : names) {
        const std::string name = entry.is_string() ? entry.get<std::string>() : to_text(entry);
        if (!is_attribute_name(name)) throw invalid_attribute_name(name);
        if (name == "All") return {{"Attributes", all}};
        if (const Json* value = find_member(all, name)) chosen[name] = *value;
    }
    return chosen.empty() ? Json::object() : Json{{"Attributes", std::move(chosen)}};
}

void store_attributes(Queues& queues, OpenQueue& queue, const Json& changes) {
    Json document = queues.document(queue);
    for (const auto& [name, value] : changes.items()) {
        if (is_empty_text(value)) {
            document["attributes"].erase(name);
        } else {
            document["attributes"][name] = value;
        }
    }
    document["modified"] = queues.now_ms() / 1000;
    queues.change(queue, std::move(document));
}

Json set_queue_attributes(Queues& queues, Context& context, const Json& input) {
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    const Json& given = member_or_empty(input, "Attributes");
    if (given.empty()) throw missing_parameter("Attribute.Name");
    const Json attributes = checked_attributes(given, queue->name);
    check_dead_letter_target(queues, context.caller, queue->name, attributes);
    store_attributes(queues, *queue, attributes);
    return Json::object();
}

Json tag_queue(Queues& queues, Context& context, const Json& input) {
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    Json document = queues.document(*queue);
    for (const auto& [key, value] : member_or_empty(input, "Tags").items()) {
        document["tags"][key] = value;
    }
    queues.change(*queue, std::move(document));
    return Json::object();
}

Json untag_queue(Queues& queues, Context& context, const Json& input) {
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    Json document = queues.document(*queue);
    for (const Json& key : member_or_empty(input, "TagKeys")) {
        document["tags"].erase(key.get<std::string>());
    }
    queues.change(*queue, std::move(document));
    return Json::object();
}

Json list_queue_tags(Queues& queues, Context& context, const Json& input) {
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    const Json& tags = queues.document(*queue).at("tags");
    return tags.empty() ? Json::object() : Json{{"Tags", tags}};
}

Json policy_of(Queues& queues, const OpenQueue& queue) {
    const std::string text = string_member(queues.document(queue).at("attributes"), "Policy");
    if (!text.empty()) return parse_json(text);
    return {{"Version", "2012-10-17"},
            {"Id", queue.arn + "/SQSDefaultPolicy"},
            {"Statement", Json::array()}};
}

Json add_permission(Queues& queues, Context& context, const Json& input) {
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    Json principals = Json::array();
    for (const Json& account : member_or_empty(input, "AWSAccountIds")) {
        principals.push_back("arn:aws:iam::" + account.get<std::string>() + ":root");
    }
    Json actions = Json::array();
    for (const Json& action : member_or_empty(input, "Actions")) {
        actions.push_back("SQS:" + action.get<std::string>());
    }
    const std::string label = string_member(input, "Label");
    Json policy = policy_of(queues, *queue);
    for (const Json& statement : policy["Statement"]) {
        if (string_member(statement, "Sid") == label) {
            throw invalid_value(label, "Label", "Already exists.");
        }
    }
    policy["Statement"].push_back({{"Sid", label},
                                   {"Effect", "Allow"},
                                   {"Principal", {{"AWS", std::move(principals)}}},
                                   {"Action", std::move(actions)},
                                   {"Resource", queue->arn}});
    store_attributes(queues, *queue, Json{{"Policy", to_text(policy)}});
    return Json::object();
}

Json remove_permission(Queues& queues, Context& context, const Json& input) {
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    const std::string label = string_member(input, "Label");
    Json policy = policy_of(queues, *queue);
    Json kept = Json::array();
    for (const Json& statement : policy["Statement"]) {
        if (string_member(statement, "Sid") != label) kept.push_back(statement);
    }
    if (kept.size() == policy["Statement"].size()) {
        throw invalid_parameter(
            fmt::format("Value {} for parameter Label is invalid. Reason: can't find label on "
                        "existing policy.",
                        label));
    }
    policy["Statement"] = kept;
    store_attributes(queues, *queue, Json{{"Policy", kept.empty() ? "" : to_text(policy)}});
    return Json::object();
}

XmlOutput flattened(std::string list, std::string element) {
    XmlOutput xml;
    xml.flattened = {{std::move(list), std::move(element)}};
    return xml;
}

XmlOutput flattened_map(const std::string& map, std::string element, std::string key) {
    XmlOutput xml = flattened(map, std::move(element));
    xml.map_names = {{map, {std::move(key), "Value"}}};
    return xml;
}

}  // namespace

void add_queue_operations(Service& service, Queues& queues) {
    using namespace shape;
    const Shape text = string();
    const Shape::Member url = required("QueueUrl", text);
    const Shape::Member attributes = optional("Attributes", flat(map(text, text)), "Attribute");
    const Shape::Member most = optional("MaxResults", integer());
    const Shape::Member token = optional("NextToken", text);
    const auto add = [&](std::string name, std::vector<Shape::Member> members, XmlOutput xml,
                         Json (*handler)(Queues&, Context&, const Json&)) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = structure(std::move(members));
        operation.xml = std::move(xml);
        operation.validates_itself = true;
        service.add(std::move(operation), [&queues, handler](Context& context, const Json& input) {
            return handler(queues, context, input);
        });
    };
    add("CreateQueue",
        {required("QueueName", text), attributes, optional("tags", flat(map(text, text)), "Tag")},
        {}, create_queue);
    add("GetQueueUrl", {required("QueueName", text), optional("QueueOwnerAWSAccountId", text)}, {},
        get_queue_url);
    add("ListQueues", {optional("QueueNamePrefix", text), most, token},
        flattened("QueueUrls", "QueueUrl"), list_queues);
    add("ListDeadLetterSourceQueues", {url, most, token}, flattened("queueUrls", "QueueUrl"),
        list_dead_letter_sources);
    add("DeleteQueue", {url}, {}, delete_queue);
    add("PurgeQueue", {url}, {}, purge_queue);
    add("GetQueueAttributes", {url, optional("AttributeNames", flat(list(text)), "AttributeName")},
        flattened_map("Attributes", "Attribute", "Name"), get_queue_attributes);
    add("SetQueueAttributes", {url, attributes}, {}, set_queue_attributes);
    add("TagQueue", {url, optional("Tags", flat(map(text, text)), "Tag")}, {}, tag_queue);
    add("UntagQueue", {url, optional("TagKeys", flat(list(text)), "TagKey")}, {}, untag_queue);
    add("ListQueueTags", {url}, flattened_map("Tags", "Tag", "Key"), list_queue_tags);
    add("AddPermission",
        {url, required("Label", text), optional("AWSAccountIds", flat(list(text)), "AWSAccountId"),
         optional("Actions", flat(list(text)), "ActionName")},
        {}, add_permission);
    // For those who wait for messages with a clock that runs ahead.
    Operation next;
    next.name = "NextVisible";
    next.internal = true;
    service.add(std::move(next), [&queues](Context& context, const Json& input) -> Json {
        const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
        const auto at = queue->queue.next_visible_ms();
        return at ? Json{{"At", *at}} : Json::object();
    });
    add("RemovePermission", {url, required("Label", text)}, {}, remove_permission);
}

}  // namespace skafu::sqs
