#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/cloud.h"
#include "stepfunctions/interpreter.h"
#include "stepfunctions/machines.h"
#include "stepfunctions/map_run.h"

namespace skafu::stepfunctions {

class ExecutionStore;
class ExecutionLog;
class ExecutionMetrics;

/// All executions that are known: those that run, and those that have ended, newest kept.
class Executions {
  public:
    Executions(Cloud& cloud, Machines& machines);
    ~Executions();

    struct Start {
        std::string machine_arn;
        std::string name;   ///< empty: one is made
        std::string input;  ///< JSON text
        std::string trace_header;
        bool is_synchronous = false;
    };
    /// Starts one; may have ended already when this returns. Throws AwsError.
    std::shared_ptr<Execution> start(const Start& start, ActivityId cause);

    bool is_running(const std::string& machine_arn) const;
    /// The machine was deleted: what runs of it ends at its next transition, as AWS says.
    void machine_deleted(const std::string& machine_arn);
    /// Starts what failed of a finished one again, or repeats the answer to the same client token;
    /// gives the date of that. Throws AwsError ExecutionNotRedrivable.
    TimePoint redrive(const std::string& arn, const std::string& client_token, ActivityId cause);

    std::shared_ptr<Execution> find(const std::string& arn) const;
    /// As find(), but throws InvalidArn, ExecutionDoesNotExist, and refuses Express ones.
    std::shared_ptr<Execution> get(const std::string& arn) const;
    /// Of one machine (any of its versions) or of one Map Run, newest first.
    std::vector<std::shared_ptr<Execution>> of_machine(const std::string& machine_arn) const;
    std::shared_ptr<MapRun> find_run(const std::string& arn) const;
    std::vector<std::shared_ptr<MapRun>> runs_of(const std::string& execution_arn) const;
    /// Every execution that is kept, newest first.
    std::vector<std::shared_ptr<Execution>> recent(std::size_t limit) const;

    Interpreter& interpreter() { return interpreter_; }
    /// Goes on with what a former process left running.
    void restore();
    void clear(const Scope* scope);
    void set_activity_hooks(std::function<void(const std::string&)> on_task,
                            std::function<bool(const std::string&)> exists);

  private:
    InterpreterHooks hooks();
    void keep(const std::shared_ptr<Execution>& execution);
    void forget_old();
    std::shared_ptr<Execution> existing(const std::string& arn, const Start& start) const;
    void announce(const Execution& execution);
    void restore_runs();
    void restore_child(const std::shared_ptr<Execution>& child, const Json& document);

    Cloud& cloud_;
    Machines& machines_;
    std::unique_ptr<ExecutionStore> store_;
    std::unique_ptr<ExecutionLog> log_;
    std::unique_ptr<ExecutionMetrics> metrics_;
    std::function<void(const std::string&)> on_activity_task_;
    std::function<bool(const std::string&)> activity_exists_;
    std::unordered_map<std::string, std::shared_ptr<Execution>> by_arn_;
    std::unordered_map<std::string, std::deque<std::shared_ptr<Execution>>> by_machine_;
    std::deque<std::shared_ptr<Execution>> standard_;
    std::deque<std::shared_ptr<Execution>> express_;
    std::map<std::string, std::shared_ptr<MapRun>> runs_;
    Interpreter interpreter_;
};

}  // namespace skafu::stepfunctions
