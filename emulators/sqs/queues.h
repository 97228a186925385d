#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/cloud.h"
#include "core/collection.h"
#include "core/event.h"
#include "sqs/queue.h"
#include "sqs/store.h"

namespace skafu::sqs {

/// A queue that exists: its name, its messages, and those who wait for them.
struct OpenQueue {
    OpenQueue(boost::asio::io_context& io, std::uint32_t number, MessageLog& log, Scope of,
              std::string named);

    Scope scope;
    std::string name;
    std::string arn;
    Queue queue;
    Event changed;  ///< there may be something to receive, earlier than it seemed
    bool deleted = false;
    std::int64_t purged_ms = 0;
};

using QueuePtr = std::shared_ptr<OpenQueue>;

/// All queues of all accounts and regions.
class Queues {
  public:
    explicit Queues(Cloud& cloud);

    /// By QueueUrl (any host), ARN or name. Throws QueueDoesNotExist.
    const QueuePtr& require(const Caller& caller, std::string_view reference) const;
    QueuePtr find_arn(std::string_view arn) const;
    QueuePtr find(const Scope& scope, std::string_view name) const;
    /// In the order of names.
    std::vector<QueuePtr> all_of(const Scope& scope) const;

    /// The document of a queue: {number, created, modified, attributes, tags}, times in seconds.
    const Json& document(const OpenQueue& queue) const;
    QueuePtr create(const Scope& scope, const std::string& name, Json attributes, Json tags);
    void change(OpenQueue& queue, Json document);
    void remove(OpenQueue& queue);

    std::string url(const OpenQueue& queue) const;
    std::int64_t now_ms() const { return epoch_millis(cloud_.clock().now()); }
    Cloud& cloud() const { return cloud_; }
    Store& store() { return store_; }

    /// Takes messages off the queue, sending on those that belong to its dead-letter queue.
    std::vector<const Message*> receive(OpenQueue& queue, std::size_t most,
                                        std::int64_t visibility_ms);
    /// Puts a message that was in another queue into this one.
    void transfer(OpenQueue& to, Message message);
    /// Wakes receivers after `count` messages were added to it.
    void announce(OpenQueue& queue, std::size_t count) const;
    /// Answers all that wait for messages, with none.
    void end_waits();
    /// How often that was asked: who sees it change waits no longer.
    std::uint64_t ended_waits() const { return ended_waits_; }
    /// Drops all messages of one scope, or of all when nullptr.
    void purge(const Scope* scope);
    /// Drops the queues too.
    void reset(const Scope* scope);

  private:
    static std::string key_of(const Scope& scope, std::string_view name);
    void load();

    Cloud& cloud_;
    Collection documents_;
    Store store_;
    std::unordered_map<std::string, QueuePtr> by_key_;
    std::unordered_map<std::uint32_t, QueuePtr> by_number_;
    std::uint32_t last_number_ = 0;
    std::uint64_t ended_waits_ = 0;
};

}  // namespace skafu::sqs
