#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/cloud.h"
#include "lambda/code_store.h"
#include "lambda/invocation.h"
#include "lambda/runtime_files.h"
#include "lambda/sandbox.h"

namespace skafu::lambda {

/// What to run a function with.
struct InvocationRequest {
    std::string payload;  ///< JSON text
    std::string invoked_arn;
    std::string client_context;  ///< JSON, or ""
    std::string request_id;
    ActivityId cause = 0;
};

/// Runs functions: a process per concurrent invocation, kept warm for the next one. Work that
/// finds no free process waits for whichever comes first: one that gets free, or a new one.
class Invoker {
  public:
    Invoker(Cloud& cloud, CodeStore& code);
    ~Invoker();

    /// Runs one invocation to its end. Never throws AwsError: what goes wrong with the function is
    /// in the outcome.
    Task<Outcome> invoke(std::shared_ptr<const FunctionSpec> spec, InvocationRequest request);
    /// Invocations of a function, of all versions, that wait or run.
    int in_flight(const Scope& scope, const std::string& name) const;
    /// Ends the processes of a function that has been deleted, once they are free.
    void drop(const Scope& scope, const std::string& name);
    /// The same for all functions of a scope, or of all scopes when nullptr.
    void drop_scope(const Scope* scope);

  private:
    using SandboxPtr = std::shared_ptr<Sandbox>;
    struct Pool {
        std::shared_ptr<const FunctionSpec> spec;
        std::vector<SandboxPtr> idle;  ///< the one used last is at the end
        std::vector<SandboxPtr> all;
        std::deque<std::shared_ptr<Invocation>> queue;
        int starting = 0;
        bool retired = false;  ///< the function is gone: processes end when they get free
    };
    using Key = std::tuple<Scope, std::string, std::string>;  ///< name, version

    static Key key_of(const FunctionSpec& spec);
    Pool& pool_for(const std::shared_ptr<const FunctionSpec>& spec);
    void retire_idle(Pool& pool);
    void start_sandboxes();
    void start_one(Pool& pool);
    bool make_room();
    void on_ready(const SandboxPtr& sandbox);
    void on_start_failed(const SandboxPtr& sandbox);
    void on_gone(const SandboxPtr& sandbox);
    void forget(Pool& pool, const SandboxPtr& sandbox);
    void stop_all();
    void arm_sweep();
    void sweep();

    Cloud& cloud_;
    CodeStore& code_;
    std::optional<RuntimeFiles> files_;  ///< written out when the first process starts
    std::map<Key, Pool> pools_;
    std::map<std::pair<Scope, std::string>, int> in_flight_;
    std::size_t processes_ = 0;
    int starting_ = 0;
    bool stopped_ = false;
    Clock::TimerId sweep_ = 0;
};

}  // namespace skafu::lambda
