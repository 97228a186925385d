#include "sqs/queue.h"

#include <utility>

namespace skafu::sqs {
namespace {

constexpr std::int64_t kDeduplicationMs = 300'000;
constexpr std::int64_t kExpireEveryMs = 1000;
constexpr std::size_t kHiddenSlack = 1024;
constexpr std::size_t kMostContentBytes = std::size_t{8} << 20;

std::size_t bytes_of(const MessageContent& content) {
    constexpr std::size_t kRest = 256;  // the short texts, and what memory costs beside
    return content.body.size() + content.attributes.size() + kRest;
}

}  // namespace

const Deduplicated* Queue::duplicate_of(const Message& message, std::int64_t now_ms) {
    while (!deduplication_order_.empty() && deduplication_order_.front().first <= now_ms) {
        const auto& [until, key] = deduplication_order_.front();
        const auto found = deduplication_.find(key);
        if (found != deduplication_.end() && found->second.until_ms <= now_ms) {
            deduplication_.erase(found);
        }
        deduplication_order_.pop_front();
    }
    if (!settings.fifo) return nullptr;
    const auto found = deduplication_.find(
        settings.deduplication_per_group ? message.group + '\n' + message.content->deduplication_id
                                         : message.content->deduplication_id);
    return found == deduplication_.end() ? nullptr : &found->second;
}

void Queue::add(Message message, std::int64_t now_ms) {
    if (settings.fifo) {
        std::string key = settings.deduplication_per_group
                              ? message.group + '\n' + message.content->deduplication_id
                              : message.content->deduplication_id;
        const std::int64_t until = now_ms + kDeduplicationMs;
        deduplication_order_.emplace_back(until, key);
        deduplication_[std::move(key)] = {message.content->id, message.sequence, until};
    }
    message.state = message.visible_ms > now_ms ? MessageState::kDelayed : MessageState::kReady;
    message.queue = number_;
    log_.inserted(message);
    place(std::move(message));
}

void Queue::restore(Message message, std::int64_t now_ms) {
    message.state = message.visible_ms <= now_ms ? MessageState::kReady
                    : message.receive_count > 0  ? MessageState::kInFlight
                                                 : MessageState::kDelayed;
    place(std::move(message));
}

void Queue::place(Message message) {
    keep_content(message);
    oldest_sent_ms_ = std::min(oldest_sent_ms_, message.sent_ms);
    const std::uint64_t sequence = message.sequence;
    Message& kept = messages_.insert_or_assign(sequence, std::move(message)).first->second;
    if (kept.state == MessageState::kReady) {
        make_ready(kept);
    } else {
        hide(kept, kept.state);
    }
}

std::vector<const Message*> Queue::receive(std::size_t most, std::int64_t visibility_ms,
                                           std::int64_t now_ms, std::vector<Message>* dead) {
    drop_fetched();
    catch_up(now_ms);
    std::vector<const Message*> taken;
    while (taken.size() < most) {
        Message* message = nullptr;
        if (settings.fifo && !taken.empty()) {  // all of one group before the next
            const Group& group = groups_[taken.back()->group];
            if (!group.pending.empty()) message = &messages_.at(*group.pending.begin());
        }
        if (message == nullptr) message = next_ready();
        if (message == nullptr) break;
        if (dead != nullptr && settings.redrive &&
            message->receive_count >= settings.redrive->max_receive_count) {
            dead->push_back(take_out(*message));
            continue;
        }
        leave_state(*message);
        ++message->receive_count;
        if (message->first_received_ms == 0) message->first_received_ms = now_ms;
        message->visible_ms = now_ms + visibility_ms;
        hide(*message, MessageState::kInFlight);
        log_.updated(*message);
        fetch_content(*message);
        taken.push_back(message);
    }
    return taken;
}

HandleResult Queue::remove(const Receipt& receipt, std::int64_t now_ms) {
    catch_up(now_ms);
    const auto found = messages_.find(receipt.sequence);
    if (found == messages_.end()) return HandleResult::kGone;
    Message& message = found->second;
    const bool current =
        message.state == MessageState::kInFlight && message.receive_count == receipt.receive;
    if (settings.fifo && !current) return HandleResult::kExpired;
    erase(message);
    return HandleResult::kDone;
}

HandleResult Queue::change_visibility(const Receipt& receipt, std::int64_t visibility_ms,
                                      std::int64_t now_ms) {
    catch_up(now_ms);
    const auto found = messages_.find(receipt.sequence);
    if (found == messages_.end()) return HandleResult::kGone;
    Message& message = found->second;
    if (message.state != MessageState::kInFlight) return HandleResult::kNotInFlight;
    if (message.receive_count != receipt.receive) {
        return settings.fifo ? HandleResult::kExpired : HandleResult::kDone;
    }
    leave_state(message);
    message.visible_ms = now_ms + visibility_ms;
    if (visibility_ms == 0) {
        message.state = MessageState::kReady;
        make_ready(message);
    } else {
        hide(message, MessageState::kInFlight);
    }
    log_.updated(message);
    return HandleResult::kDone;
}

std::optional<Message> Queue::take_oldest(std::int64_t now_ms) {
    catch_up(now_ms);
    Message* message = next_ready();
    if (message == nullptr) return std::nullopt;
    return take_out(*message);
}

void Queue::purge() {
    for (const auto& [sequence, message] : messages_) log_.removed(sequence);
    messages_.clear();
    ready_.clear();
    groups_.clear();
    groups_by_head_.clear();
    hidden_ = {};
    counts_ = {};
    content_bytes_ = 0;
    fetched_.clear();
    oldest_sent_ms_ = INT64_MAX;
}

QueueCounts Queue::counts(std::int64_t now_ms) {
    catch_up(now_ms);
    return counts_;
}

std::optional<std::int64_t> Queue::next_visible_ms() {
    while (!hidden_.empty() && is_stale(hidden_.top())) hidden_.pop();
    if (hidden_.empty()) return std::nullopt;
    return hidden_.top().visible_ms;
}

bool Queue::has_ready(std::int64_t now_ms) {
    catch_up(now_ms);
    return settings.fifo ? !groups_by_head_.empty() : counts_.ready > 0;
}

bool Queue::is_stale(const Hidden& hidden) const {
    const auto found = messages_.find(hidden.sequence);
    return found == messages_.end() || found->second.state == MessageState::kReady ||
           found->second.visible_ms != hidden.visible_ms;
}

void Queue::catch_up(std::int64_t now_ms) {
    while (!hidden_.empty() && hidden_.top().visible_ms <= now_ms) {
        const Hidden next = hidden_.top();
        hidden_.pop();
        if (is_stale(next)) continue;
        Message& message = messages_.at(next.sequence);
        leave_state(message);
        message.state = MessageState::kReady;
        make_ready(message);
    }
    if (oldest_sent_ms_ != INT64_MAX && now_ms - oldest_sent_ms_ >= settings.retention_ms &&
        now_ms - expired_ms_ >= kExpireEveryMs) {
        expire(now_ms);
    }
}

void Queue::expire(std::int64_t now_ms) {
    std::vector<std::uint64_t> expired;
    expired_ms_ = now_ms;
    oldest_sent_ms_ = INT64_MAX;
    for (const auto& [sequence, message] : messages_) {
        if (now_ms - message.sent_ms >= settings.retention_ms) {
            expired.push_back(sequence);
        } else {
            oldest_sent_ms_ = std::min(oldest_sent_ms_, message.sent_ms);
        }
    }
    for (const std::uint64_t sequence : expired) erase(messages_.at(sequence));
}

void Queue::hide(Message& message, MessageState state) {
    message.state = state;
    ++(state == MessageState::kInFlight ? counts_.in_flight : counts_.delayed);
    if (settings.fifo && state == MessageState::kInFlight) {
        Group& group = groups_[message.group];
        if (group.in_flight == 0 && !group.pending.empty()) {
            groups_by_head_.erase(*group.pending.begin());
        }
        ++group.in_flight;
    }
    hidden_.push({message.visible_ms, message.sequence});
    if (hidden_.size() > 2 * messages_.size() + kHiddenSlack) compact_hidden();
}

void Queue::compact_hidden() {
    HiddenHeap kept;
    for (const auto& [sequence, message] : messages_) {
        if (message.state != MessageState::kReady) kept.push({message.visible_ms, sequence});
    }
    hidden_ = std::move(kept);
}

void Queue::make_ready(Message& message) {
    ++counts_.ready;
    if (settings.fifo) {
        Group& group = groups_[message.group];
        if (group.in_flight == 0 && !group.pending.empty()) {
            groups_by_head_.erase(*group.pending.begin());
        }
        group.pending.insert(message.sequence);
        offer_group(message.group, group);
    } else if (message.receive_count > 0) {
        ready_.push_front(message.sequence);
    } else {
        ready_.push_back(message.sequence);
    }
}

void Queue::leave_state(Message& message) {
    switch (message.state) {
        case MessageState::kDelayed:
            --counts_.delayed;
            break;
        case MessageState::kReady:
            --counts_.ready;
            break;
        case MessageState::kInFlight:
            --counts_.in_flight;
            break;
    }
    if (!settings.fifo) return;
    Group& group = groups_[message.group];
    if (message.state == MessageState::kInFlight) {
        --group.in_flight;
        offer_group(message.group, group);
    } else if (message.state == MessageState::kReady && group.pending.count(message.sequence)) {
        if (group.in_flight == 0) groups_by_head_.erase(*group.pending.begin());
        group.pending.erase(message.sequence);
        offer_group(message.group, group);
    }
}

void Queue::offer_group(const std::string& name, Group& group) {
    if (group.in_flight == 0 && !group.pending.empty()) {
        groups_by_head_.emplace(*group.pending.begin(), name);
    }
}

Message* Queue::next_ready() {
    if (settings.fifo) {
        if (groups_by_head_.empty()) return nullptr;
        return &messages_.at(groups_by_head_.begin()->first);
    }
    while (!ready_.empty()) {
        const auto found = messages_.find(ready_.front());
        ready_.pop_front();
        if (found != messages_.end() && found->second.state == MessageState::kReady) {
            return &found->second;
        }
    }
    return nullptr;
}

void Queue::forget(Message& message) {
    leave_state(message);
    if (settings.fifo) {
        const auto group = groups_.find(message.group);
        if (group != groups_.end() && group->second.pending.empty() &&
            group->second.in_flight == 0) {
            groups_.erase(group);
        }
    }
    log_.removed(message.sequence);
}

void Queue::erase(Message& message) {
    forget(message);
    drop_content(message);
    messages_.erase(message.sequence);
}

Message Queue::take_out(Message& message) {
    fetch_content(message);
    forget(message);
    content_bytes_ -= bytes_of(*message.content);
    return std::move(messages_.extract(message.sequence).mapped());
}

/// Keeps the content of a message that comes in at hand, unless there is much of that already.
void Queue::keep_content(Message& message) {
    const std::size_t bytes = bytes_of(*message.content);
    if (content_bytes_ + bytes > kMostContentBytes) {
        message.content.reset();
    } else {
        content_bytes_ += bytes;
    }
}

void Queue::drop_content(Message& message) {
    if (!message.content) return;
    content_bytes_ -= bytes_of(*message.content);
    message.content.reset();
}

void Queue::fetch_content(Message& message) {
    if (message.content) return;
    message.content = log_.content(message.sequence);
    content_bytes_ += bytes_of(*message.content);
    fetched_.push_back(message.sequence);
}

void Queue::drop_fetched() {
    for (const std::uint64_t sequence : fetched_) {
        const auto found = messages_.find(sequence);
        if (found != messages_.end()) drop_content(found->second);
    }
    fetched_.clear();
}

}  // namespace skafu::sqs
