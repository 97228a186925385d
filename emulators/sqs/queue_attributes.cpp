#include "sqs/queue_attributes.h"

#include <array>
#include <charconv>
#include <optional>

#include "core/arn.h"
#include "core/text.h"
#include "sqs/errors.h"

namespace skafu::sqs {
namespace {

struct NumberAttribute {
    std::string_view name;
    std::int64_t least;
    std::int64_t most;
    std::string_view standard;  // the value of a queue that does not say
};

constexpr std::array<NumberAttribute, 5> kNumbers = {{
    {"DelaySeconds", 0, 900, "0"},
    {"MaximumMessageSize", 1024, 1'048'576, "1048576"},
    {"MessageRetentionPeriod", 60, 1'209'600, "345600"},
    {"ReceiveMessageWaitTimeSeconds", 0, 20, "0"},
    {"VisibilityTimeout", 0, 43'200, "30"},
}};
constexpr NumberAttribute kKeyReuse = {"KmsDataKeyReusePeriodSeconds", 60, 86'400, "300"};

std::optional<std::int64_t> to_number(std::string_view text) {
    std::int64_t number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

bool is_json_object(const std::string& text) {
    try {
        return parse_json(text).is_object();
    } catch (const JsonError&) {
        return false;
    }
}

bool is_truth(std::string_view text) {
    return text == "true" || text == "false";
}

std::string checked_redrive(const Json& value) {
    const auto fail = [&](std::string why) {
        return invalid_value(plain_text(value), "RedrivePolicy", why);
    };
    Json policy;
    try {
        policy = value.is_string() ? parse_json(value.get<std::string>()) : value;
    } catch (const JsonError&) {
        throw fail("Redrive policy is not a valid JSON map.");
    }
    if (!policy.is_object()) throw fail("Redrive policy is not a valid JSON map.");
    const Json* target = find_member(policy, "deadLetterTargetArn");
    const Json* most = find_member(policy, "maxReceiveCount");
    if (target == nullptr || !target->is_string()) {
        throw fail("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
    }
    if (!Arn::parse(target->get_ref<const std::string&>())) {
        throw fail("Invalid value for deadLetterTargetArn.");
    }
    if (most == nullptr) {
        throw fail("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
    }
    const auto count = to_number(plain_text(*most));
    if (!count || *count < 1 || *count > 1000) {
        throw fail("Invalid value for maxReceiveCount: " + plain_text(*most) +
                   ", valid values are from 1 to 1000 both inclusive.");
    }
    return value.is_string() ? value.get<std::string>() : to_text(value);
}

std::string checked_value(const std::string& name, const Json& value, bool fifo) {
    const std::string text = plain_text(value);
    const auto check_number = [&](const NumberAttribute& number) {
        const auto given = to_number(text);
        if (!given || *given < number.least || *given > number.most) {
            throw invalid_attribute_value(name);
        }
        return text;
    };
    for (const NumberAttribute& number : kNumbers) {
        if (name == number.name) return check_number(number);
    }
    if (name == kKeyReuse.name) return check_number(kKeyReuse);
    if (name == "RedrivePolicy") return text.empty() ? text : checked_redrive(value);
    if (name == "Policy") {
        if (!text.empty() && !is_json_object(text)) throw invalid_attribute_value(name);
        return text;
    }
    if (name == "KmsMasterKeyId" || name == "RedriveAllowPolicy") return text;
    if (name == "SqsManagedSseEnabled") {
        if (!is_truth(text)) throw invalid_attribute_value(name);
        return text;
    }
    if (!fifo) throw invalid_attribute_name(name);
    const bool known =
        (name == "FifoQueue" && text == "true") ||
        (name == "ContentBasedDeduplication" && is_truth(text)) ||
        (name == "DeduplicationScope" && (text == "queue" || text == "messageGroup")) ||
        (name == "FifoThroughputLimit" && (text == "perQueue" || text == "perMessageGroupId"));
    if (known) return text;
    for (const std::string_view fifo_name :
         {"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"}) {
        if (name == fifo_name) throw invalid_attribute_value(name);
    }
    throw invalid_attribute_name(name);
}

}  // namespace

void check_queue_name(std::string_view name, const Json& attributes) {
    const bool fifo = name.ends_with(".fifo");
    const bool says_fifo = string_member(attributes, "FifoQueue") == "true" ||
                           (find_member(attributes, "FifoQueue") != nullptr &&
                            *find_member(attributes, "FifoQueue") == Json(true));
    const std::string_view stem = fifo ? name.substr(0, name.size() - 5) : name;
    const bool valid =
        !stem.empty() && name.size() <= 80 && std::all_of(stem.begin(), stem.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   c == '_' || c == '-';
        });
    if (says_fifo && (!fifo || !valid)) {
        throw invalid_parameter(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
            "underscores, must end with .fifo suffix and be 1 to 80 in length");
    }
    if (!valid || (fifo && !says_fifo)) {
        throw invalid_parameter(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    }
}

Json checked_attributes(const Json& attributes, std::string_view queue_name) {
    Json out = Json::object();
    for (const auto& [name, value] : attributes.items()) {
        out[name] = checked_value(name, value, queue_name.ends_with(".fifo"));
    }
    return out;
}

Json with_defaults(const Json& given) {
    Json out = Json::object();
    for (const NumberAttribute& number : kNumbers) out[number.name] = number.standard;
    if (string_member(given, "FifoQueue") == "true") {
        out["ContentBasedDeduplication"] = "false";
        out["DeduplicationScope"] = "queue";
        out["FifoThroughputLimit"] = "perQueue";
    }
    if (find_member(given, "KmsMasterKeyId") != nullptr) {
        out[kKeyReuse.name] = kKeyReuse.standard;
        out["SqsManagedSseEnabled"] = "false";
    } else {
        out["SqsManagedSseEnabled"] = "true";
    }
    for (const auto& [name, value] : given.items()) out[name] = value;
    return out;
}

std::string first_difference(const Json& kept, const Json& given) {
    for (const auto& [name, value] : given.items()) {
        const Json* old = find_member(kept, name);
        if (old == nullptr || *old != value) return name;
    }
    return {};
}

QueueSettings to_settings(const Json& attributes) {
    const auto seconds = [&](std::string_view name) {
        return to_number(string_member(attributes, name)).value_or(0) * 1000;
    };
    QueueSettings out;
    out.visibility_ms = seconds("VisibilityTimeout");
    out.delay_ms = seconds("DelaySeconds");
    out.retention_ms = seconds("MessageRetentionPeriod");
    out.wait_ms = seconds("ReceiveMessageWaitTimeSeconds");
    out.max_message_size = static_cast<std::size_t>(seconds("MaximumMessageSize") / 1000);
    out.fifo = string_member(attributes, "FifoQueue") == "true";
    out.content_deduplication = string_member(attributes, "ContentBasedDeduplication") == "true";
    out.deduplication_per_group = string_member(attributes, "DeduplicationScope") == "messageGroup";
    if (const std::string redrive = string_member(attributes, "RedrivePolicy"); !redrive.empty()) {
        const Json policy = parse_json(redrive);
        const auto most = to_number(plain_text(policy["maxReceiveCount"]));
        out.redrive = RedrivePolicy{string_member(policy, "deadLetterTargetArn"),
                                    static_cast<std::uint32_t>(most.value_or(1))};
    }
    return out;
}

}  // namespace skafu::sqs
