#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "sqs/message.h"

namespace skafu::sqs {

/// Told of each change of a message, so that it can be kept; called within the change.
class MessageLog {
  public:
    virtual ~MessageLog() = default;
    virtual void inserted(const Message& message) = 0;
    virtual void updated(const Message& message) = 0;
    virtual void removed(std::uint64_t sequence) = 0;
    /// What a message said that was inserted and not removed.
    virtual std::unique_ptr<MessageContent> content(std::uint64_t sequence) = 0;
};

struct RedrivePolicy {
    std::string target_arn;
    std::uint32_t max_receive_count = 0;
};

/// What the attributes of a queue say, in the units the queue works with.
struct QueueSettings {
    std::int64_t visibility_ms = 30'000;
    std::int64_t delay_ms = 0;
    std::int64_t retention_ms = 345'600'000;
    std::int64_t wait_ms = 0;
    std::size_t max_message_size = 1'048'576;
    bool fifo = false;
    bool content_deduplication = false;
    bool deduplication_per_group = false;
    std::optional<RedrivePolicy> redrive;
};

/// Numbers of messages by state.
struct QueueCounts {
    std::size_t ready = 0;
    std::size_t in_flight = 0;
    std::size_t delayed = 0;
};

/// What an earlier message with the same deduplication id was answered.
struct Deduplicated {
    std::string message_id;
    std::uint64_t sequence = 0;
    std::int64_t until_ms = 0;
};

enum class HandleResult : std::uint8_t { kDone, kGone, kExpired, kNotInFlight };

/// The messages of one queue and their order ("Amazon SQS visibility timeout", "FIFO queue
/// delivery logic", SQS Developer Guide). Knows no clock: each call says what time it is.
class Queue {
  public:
    Queue(std::uint32_t number, MessageLog& log) : number_(number), log_(log) {}
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    std::uint32_t number() const { return number_; }

    QueueSettings settings;

    /// The message sent within the last five minutes with this deduplication id, if any.
    const Deduplicated* duplicate_of(const Message& message, std::int64_t now_ms);
    /// Adds a message whose visible_ms says when it may be received, and logs it.
    void add(Message message, std::int64_t now_ms);
    /// Adds a message that the log already knows.
    void restore(Message message, std::int64_t now_ms);

    /// Takes up to `most` messages, hidden for `visibility_ms`. Messages received often enough for
    /// the dead-letter queue are removed and given in `dead` instead, unless that is nullptr. The
    /// messages stay as they are given until the next call.
    std::vector<const Message*> receive(std::size_t most, std::int64_t visibility_ms,
                                        std::int64_t now_ms, std::vector<Message>* dead);
    HandleResult remove(const Receipt& receipt, std::int64_t now_ms);
    HandleResult change_visibility(const Receipt& receipt, std::int64_t visibility_ms,
                                   std::int64_t now_ms);
    /// Removes the oldest ready message (message move tasks).
    std::optional<Message> take_oldest(std::int64_t now_ms);
    void purge();

    QueueCounts counts(std::int64_t now_ms);
    /// When the next hidden message becomes visible; nothing where none is hidden.
    std::optional<std::int64_t> next_visible_ms();
    /// Whether receive would give something now.
    bool has_ready(std::int64_t now_ms);

  private:
    struct Group {
        std::set<std::uint64_t> pending;
        std::size_t in_flight = 0;
    };
    struct Hidden {
        std::int64_t visible_ms;
        std::uint64_t sequence;
        bool operator>(const Hidden& other) const {
            return std::tie(visible_ms, sequence) > std::tie(other.visible_ms, other.sequence);
        }
    };
    using HiddenHeap = std::priority_queue<Hidden, std::vector<Hidden>, std::greater<>>;

    void place(Message message);
    void catch_up(std::int64_t now_ms);
    void expire(std::int64_t now_ms);
    void hide(Message& message, MessageState state);
    void make_ready(Message& message);
    void leave_state(Message& message);
    void offer_group(const std::string& name, Group& group);
    Message* next_ready();
    void erase(Message& message);
    Message take_out(Message& message);
    void forget(Message& message);
    void keep_content(Message& message);
    void drop_content(Message& message);
    void fetch_content(Message& message);
    void drop_fetched();
    bool is_stale(const Hidden& hidden) const;
    void compact_hidden();

    std::uint32_t number_;
    MessageLog& log_;
    std::unordered_map<std::uint64_t, Message> messages_;
    std::size_t content_bytes_ = 0;       // of the contents that are here, about
    std::vector<std::uint64_t> fetched_;  // messages whose content came back for a receive
    std::deque<std::uint64_t> ready_;     // standard queues; may name messages that are gone
    std::unordered_map<std::string, Group> groups_;        // FIFO queues
    std::map<std::uint64_t, std::string> groups_by_head_;  // groups with nothing in flight
    HiddenHeap hidden_;  // may name messages that are gone or changed
    QueueCounts counts_;
    std::int64_t oldest_sent_ms_ = INT64_MAX;  // no message is older
    std::int64_t expired_ms_ = 0;              // when expired messages were last looked for
    std::unordered_map<std::string, Deduplicated> deduplication_;
    std::deque<std::pair<std::int64_t, std::string>> deduplication_order_;
};

}  // namespace skafu::sqs
