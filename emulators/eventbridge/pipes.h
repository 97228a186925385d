#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/cloud.h"

namespace skafu::eventbridge {

/// The pipes of EventBridge Pipes: each reads a queue or a table's stream, filters, enriches and
/// hands what is left to its target, batch by batch and in order.
class Pipes {
  public:
    explicit Pipes(Cloud& cloud);

    Collection& documents() { return documents_; }
    /// Throws AwsError ValidationException for a source or target that we cannot serve.
    void check(const Json& pipe) const;
    /// Starts or stops a pipe as its document says; call it whenever that changed.
    void follow(const Scope& scope, const std::string& name);
    void reset(const Scope* scope);

  private:
    struct Run {
        Scope scope;
        Json pipe;
        bool stopped = false;
        /// Where it stands in each shard of a stream; empty at the end of a closed one.
        std::map<std::string, std::string> positions;
    };
    using RunPtr = std::shared_ptr<Run>;

    Task<void> read(RunPtr run);
    Task<void> read_queue(RunPtr run);
    Task<Json> receive(RunPtr run);
    Task<void> read_stream(RunPtr run);
    Task<void> read_shard(RunPtr run, std::string shard);
    void keep_position(const Run& run, const std::string& shard, Json sequence);
    Task<std::string> first_position(RunPtr run, std::string shard);
    Task<bool> process_batch(RunPtr run, std::string shard, Json records, ActivityId cause);
    const char* exhausted_condition(const Run& run, const Json& records, int attempts) const;
    void send_dead_letter(const Run& run, const std::string& shard, const Json& records,
                          const char* condition, ActivityId cause);
    Task<Json> call(RunPtr run, std::string_view service, std::string_view operation, Json input,
                    ActivityId cause);

    Cloud& cloud_;
    Collection documents_;
    Collection positions_;  // of streams: the last sequence number delivered, by shard
    std::map<std::string, RunPtr> runs_;
};

/// Registers the service `pipes`.
void register_pipes(Cloud& cloud);

}  // namespace skafu::eventbridge
