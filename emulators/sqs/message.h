#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/journal.h"
#include "core/json.h"

namespace skafu::sqs {

/// Where a message stands in its queue.
enum class MessageState : std::uint8_t { kDelayed, kReady, kInFlight };

/// What a message says: nothing that its queue goes by.
struct MessageContent {
    std::string id;
    std::string body;
    std::string body_md5;
    std::string attributes;  ///< MessageAttributes as JSON text; empty where there are none
    std::string attributes_md5;
    std::string trace_header;
    std::string sender;
    std::string deduplication_id;
    std::string dead_letter_source;  ///< ARN of the queue that gave it up
};

/// One message of a queue. Times are milliseconds of the virtual clock.
struct Message {
    std::uint64_t sequence = 0;  ///< order of arrival, unique over all queues; the row's key
    std::uint32_t queue = 0;     ///< number of the queue that holds it
    /// Null inside a queue that holds much: then it is in the log alone.
    std::unique_ptr<MessageContent> content = std::make_unique<MessageContent>();
    std::string group;
    std::int64_t sent_ms = 0;
    std::int64_t visible_ms = 0;
    std::int64_t first_received_ms = 0;
    std::uint32_t receive_count = 0;
    MessageState state = MessageState::kReady;
    ActivityId cause = 0;  ///< the call that sent it; forgotten at a restart
};

/// MD5 in hexadecimal of message attributes ({name: {DataType, StringValue | BinaryValue}}), by
/// the algorithm of "Amazon SQS message metadata" in the SQS Developer Guide.
std::string attributes_md5(const Json& attributes);

/// Checks names, types and values of message attributes; throws InvalidParameterValue as SQS does.
void check_attributes(const Json& attributes);

/// Bytes that the attributes add to a message: names, types and values.
std::size_t attributes_size(const Json& attributes);

/// Whether SQS takes the body: XML's characters only ("SendMessage", parameter MessageBody).
bool has_only_valid_characters(std::string_view body);

/// The FIFO sequence number of a message: 20 digits that grow with the order of arrival.
std::string sequence_number(std::uint64_t sequence);

/// A receipt handle names the queue, the message and which of its receives this was.
struct Receipt {
    std::uint32_t queue = 0;
    std::uint64_t sequence = 0;
    std::uint32_t receive = 0;
};
std::string to_handle(const Receipt& receipt);
/// Throws ReceiptHandleIsInvalid for a text that to_handle did not make.
Receipt parse_handle(std::string_view handle);

/// The message (with its content) as ReceiveMessage answers it, with a new receipt handle: `system`
/// and `custom` are the attribute names asked for ("All" and prefixes "foo.*" allowed).
Json to_received(const Message& message, const Json& system, const Json& custom);

}  // namespace skafu::sqs
