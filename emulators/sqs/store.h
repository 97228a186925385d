#pragma once

#include <functional>

#include "core/database.h"
#include "sqs/queue.h"

namespace skafu::sqs {

/// Keeps messages in the database, one row each.
class Store : public MessageLog {
  public:
    explicit Store(Database& database);

    /// Of the next message; greater than all before, also after a restart.
    std::uint64_t next_sequence() { return ++last_sequence_; }
    /// All messages in the order of their arrival.
    void load(const std::function<void(Message)>& visit);

    void inserted(const Message& message) override;
    void updated(const Message& message) override;
    void removed(std::uint64_t sequence) override;
    std::unique_ptr<MessageContent> content(std::uint64_t sequence) override;

  private:
    Database& database_;
    Statement insert_;
    Statement update_;
    Statement select_;
    Statement delete_;
    std::uint64_t last_sequence_ = 0;
};

}  // namespace skafu::sqs
