#include "sqs/message.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "core/base64.h"
#include "core/digest.h"
#include "core/text.h"
#include "sqs/errors.h"

namespace skafu::sqs {
namespace {

constexpr std::string_view kHandlePrefix = "AQEB";
constexpr std::uint64_t kFirstSequenceNumber = 496'460'467'696'128;
constexpr std::size_t kHandleSize = kHandlePrefix.size() + 32;

std::string_view base_type(std::string_view data_type) {
    return data_type.substr(0, data_type.find('.'));
}

void append_sized(std::string& out, std::string_view bytes) {
    out += digest::big_endian(bytes.size(), 4);
    out += bytes;
}

bool asks_for(const Json& names, std::string_view name) {
    if (!names.is_array()) return false;
    for (const Json& entry : names) {
        if (!entry.is_string()) continue;
        const std::string_view wanted = entry.get_ref<const std::string&>();
        if (wanted == "All" || wanted == ".*" || wanted == name) return true;
        if (wanted.ends_with(".*") && name.starts_with(wanted.substr(0, wanted.size() - 2))) {
            return true;
        }
    }
    return false;
}

Json system_attributes(const Message& message, const Json& names) {
    Json out = Json::object();
    const auto put = [&](std::string_view name, std::string value) {
        if (!value.empty() && asks_for(names, name)) out[name] = std::move(value);
    };
    put("SenderId", message.content->sender);
    put("ApproximateFirstReceiveTimestamp", std::to_string(message.first_received_ms));
    put("ApproximateReceiveCount", std::to_string(message.receive_count));
    put("SentTimestamp", std::to_string(message.sent_ms));
    put("MessageDeduplicationId", message.content->deduplication_id);
    put("MessageGroupId", message.group);
    if (!message.content->deduplication_id.empty()) {
        put("SequenceNumber", sequence_number(message.sequence));
    }
    put("AWSTraceHeader", message.content->trace_header);
    put("DeadLetterQueueSourceArn", message.content->dead_letter_source);
    return out;
}

void check_attribute(const std::string& name, const Json& value) {
    const auto fail = [](std::string why) { throw invalid_parameter(std::move(why)); };
    const bool good_name =
        !name.empty() && name.size() <= 256 && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   c == '_' || c == '-' || c == '.';
        });
    const std::string lower = lower_case(name);
    if (lower.starts_with("aws.") || lower.starts_with("amazon.")) {
        fail(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These "
            "strings are reserved for internal use.");
    }
    if (!good_name || name.front() == '.' || name.back() == '.' ||
        name.find("..") != std::string::npos) {
        fail(
            fmt::format("The message attribute name '{}' is invalid. Attribute name can contain "
                        "A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.",
                        name));
    }
    const std::string type = string_member(value, "DataType");
    if (type.empty()) {
        fail(
            fmt::format("The message attribute '{}' must contain non-empty message attribute "
                        "type.",
                        name));
    }
    const std::string_view base = base_type(type);
    if (base != "String" && base != "Number" && base != "Binary") {
        fail(
            fmt::format("The message attribute '{}' has an invalid message attribute type, the "
                        "set of supported type prefixes is Binary, Number, and String.",
                        name));
    }
    const Json* given = find_member(value, base == "Binary" ? "BinaryValue" : "StringValue");
    if (given == nullptr || !given->is_string() || given->get_ref<const std::string&>().empty()) {
        fail(
            fmt::format("The message attribute '{}' must contain non-empty message attribute "
                        "value for message attribute type '{}'.",
                        name, type));
    }
    if (base == "Number") {
        const std::string& text = given->get_ref<const std::string&>();
        double number = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
        if (end.ec == std::errc::invalid_argument || end.ptr != text.data() + text.size()) {
            fail(fmt::format("Can't cast the value of message (user) attribute '{}' to a number.",
                             name));
        }
    }
}

constexpr std::size_t kWord = sizeof(std::uint64_t);

/// Whether none of eight bytes lies below a blank or above ASCII: a body is mostly such words.
bool is_printable_ascii(const char* bytes) {
    constexpr std::uint64_t kBlanks = 0x2020202020202020;
    constexpr std::uint64_t kHighBits = 0x8080808080808080;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, kWord);
    return (((word - kBlanks) | word) & kHighBits) == 0;
}

}  // namespace

std::string attributes_md5(const Json& attributes) {
    std::vector<std::pair<std::string_view, const Json*>> sorted;
    for (const auto& [name, value] : attributes.items()) sorted.emplace_back(name, &value);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string bytes;
    for (const auto& [name, value] : sorted) {
        const std::string type = string_member(*value, "DataType");
        append_sized(bytes, name);
        append_sized(bytes, type);
        if (base_type(type) == "Binary") {
            bytes += '\x02';
            append_sized(bytes, base64_decode(string_member(*value, "BinaryValue")).value_or(""));
        } else {
            bytes += '\x01';
            append_sized(bytes, string_member(*value, "StringValue"));
        }
    }
    return digest::hex(digest::md5(bytes));
}

void check_attributes(const Json& attributes) {
    if (attributes.size() > 10) {
        throw invalid_parameter("Number of message attributes [" +
                                std::to_string(attributes.size()) +
                                "] exceeds the allowed maximum [10].");
    }
    for (const auto& [name, value] : attributes.items()) check_attribute(name, value);
}

std::size_t attributes_size(const Json& attributes) {
    std::size_t size = 0;
    for (const auto& [name, value] : attributes.items()) {
        size += name.size() + string_member(value, "DataType").size() +
                string_member(value, "StringValue").size() +
                string_member(value, "BinaryValue").size() * 3 / 4;
    }
    return size;
}

bool has_only_valid_characters(std::string_view body) {
    for (std::size_t i = 0; i < body.size();) {
        if (body.size() - i >= kWord && is_printable_ascii(body.data() + i)) {
            i += kWord;
            continue;
        }
        const auto c = static_cast<unsigned char>(body[i]);
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
        if (c == 0xef && body.size() - i > 2 && body[i + 1] == '\xbf' &&
            static_cast<unsigned char>(body[i + 2]) >= 0xbe) {
            return false;  // U+FFFE and U+FFFF
        }
        ++i;
    }
    return true;
}

std::string sequence_number(std::uint64_t sequence) {
    return fmt::format("18849{:015d}", kFirstSequenceNumber + sequence);
}

std::string to_handle(const Receipt& receipt) {
    return fmt::format("{}{:08x}{:016x}{:08x}", kHandlePrefix, receipt.queue, receipt.sequence,
                       receipt.receive);
}

Receipt parse_handle(std::string_view handle) {
    Receipt receipt;
    const auto number = [&](std::size_t at, std::size_t size, auto& into) {
        const char* first = handle.data() + kHandlePrefix.size() + at;
        const auto end = std::from_chars(first, first + size, into, 16);
        return end.ec == std::errc() && end.ptr == first + size;
    };
    if (handle.size() != kHandleSize || !handle.starts_with(kHandlePrefix) ||
        !number(0, 8, receipt.queue) || !number(8, 16, receipt.sequence) ||
        !number(24, 8, receipt.receive)) {
        throw receipt_handle_is_invalid(handle);
    }
    return receipt;
}

Json to_received(const Message& message, const Json& system, const Json& custom) {
    Json out = Json::object();
    out["MessageId"] = message.content->id;
    out["ReceiptHandle"] = to_handle({message.queue, message.sequence, message.receive_count});
    // Of messages from before a restart it is not known.
    out["MD5OfBody"] = message.content->body_md5.empty()
                           ? digest::hex(digest::md5(message.content->body))
                           : message.content->body_md5;
    out["Body"] = message.content->body;
    if (Json attributes = system_attributes(message, system); !attributes.empty()) {
        out["Attributes"] = std::move(attributes);
    }
    if (message.content->attributes.empty() || !custom.is_array() || custom.empty()) return out;
    Json chosen = Json::object();
    const Json all = parse_json(message.content->attributes);
    for (const auto& [name, value] : all.items()) {
        if (asks_for(custom, name)) chosen[name] = value;
    }
    if (!chosen.empty()) {
        out["MD5OfMessageAttributes"] = attributes_md5(chosen);
        out["MessageAttributes"] = std::move(chosen);
    }
    return out;
}

}  // namespace skafu::sqs
