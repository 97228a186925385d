#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "core/cloud.h"
#include "core/http.h"
#include "core/process.h"
#include "lambda/function_spec.h"
#include "lambda/invocation.h"
#include "lambda/invocation_log.h"
#include "lambda/log_splitter.h"
#include "lambda/runtime_files.h"

namespace skafu::lambda {

/// One process of a function and the Runtime API that it speaks ("Using the Lambda runtime API",
/// Lambda Developer Guide): it runs one invocation at a time, and stays warm between them.
class Sandbox : public std::enable_shared_from_this<Sandbox> {
  public:
    /// What the owner of sandboxes is told. Each call may assign(), stop() or drop the sandbox.
    struct Owner {
        std::function<void(const std::shared_ptr<Sandbox>&)> on_ready;  ///< it can take work
        /// It could not start; fail_start() gives an invocation the reason.
        std::function<void(const std::shared_ptr<Sandbox>&)> on_start_failed;
        std::function<void(const std::shared_ptr<Sandbox>&)> on_gone;  ///< it was ready once
    };

    Sandbox(Cloud& cloud, std::shared_ptr<const FunctionSpec> spec, Owner owner);
    ~Sandbox();

    const std::shared_ptr<const FunctionSpec>& spec() const { return spec_; }
    TimePoint idle_since() const { return idle_since_; }
    /// True until on_ready has been called for the first time.
    bool is_new() const { return new_; }

    /// Starts the process; on_ready or on_start_failed tells how it went.
    Task<void> start(RuntimeFiles& files);
    /// Runs an invocation; the sandbox must be ready.
    void assign(std::shared_ptr<Invocation> invocation);
    /// Ends an invocation with the reason why the sandbox did not start.
    void fail_start(Invocation& invocation);
    /// Ends the process. An invocation that runs in it ends as when the runtime exits.
    void stop();

  private:
    enum class State { starting, ready, busy, answered, gone };
    struct Timer;

    Process::Command command(RuntimeFiles& files) const;
    std::vector<std::string> environment() const;
    // Coroutines that own what they run on: the sandbox may be dropped meanwhile.
    static Task<HttpResponse> handle_for(std::shared_ptr<Sandbox> self, HttpRequest request);
    static Task<HttpResponse> next(std::shared_ptr<Sandbox> self);
    HttpResponse event_response() const;
    HttpResponse take_answer(const std::string& request_id, std::string_view kind,
                             HttpRequest request);
    HttpResponse take_init_error(HttpRequest request);
    void start_failed(std::string document, std::string error_type);
    void end_invocation(Outcome outcome, std::string status, std::string error_type);
    int memory_used();
    void on_timeout();
    void on_exit(ExitStatus status);
    void arm(std::chrono::seconds limit);

    Cloud& cloud_;
    std::shared_ptr<const FunctionSpec> spec_;
    Owner owner_;
    State state_ = State::starting;
    InvocationLog log_;
    LogSplitter splitter_;
    Event work_;
    std::unique_ptr<HttpTransport::Listener> listener_;
    std::unique_ptr<Process> process_;
    std::unique_ptr<Timer> timer_;
    std::shared_ptr<Invocation> current_;
    bool new_ = true;
    bool delivered_ = false;  ///< current_ has been handed to the process
    Stopwatch since_start_;
    Stopwatch since_assigned_;
    Stopwatch since_memory_read_;
    int memory_used_ = 0;        ///< MiB, at since_memory_read_
    Duration init_duration_{0};  ///< until it has stood in a REPORT
    TimePoint idle_since_;
    std::string start_failure_;  ///< the error document
    std::string start_error_type_;
};

}  // namespace skafu::lambda
