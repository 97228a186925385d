#pragma once

#include <string>

#include "core/cloud.h"
#include "lambda/functions.h"
#include "lambda/invoker.h"
#include "lambda/store.h"

namespace skafu::lambda {

/// Asynchronous invocations ("Invoking a Lambda function asynchronously", Lambda Developer Guide):
/// accepted at once, run behind, tried again after a minute and after two more, and handed to a
/// destination or a dead-letter queue in the end. What was accepted survives a restart.
class AsyncInvoker {
  public:
    AsyncInvoker(Cloud& cloud, LambdaStore& store, Functions& functions, Invoker& invoker);

    /// Takes an invocation; it runs in a coroutine of its own.
    void accept(const FunctionName& name, std::string payload, const std::string& request_id,
                ActivityId cause);
    /// Runs what was accepted before the process ended.
    void resume();

  private:
    struct Job;

    Task<void> run(Scope scope, Json record, ActivityId cause);
    /// One attempt; false where another one is due after `job.wait`.
    Task<bool> attempt(Job& job);
    Task<void> conclude(const Job& job);
    Task<void> send(const Job& job, std::string destination, std::string condition);
    Task<void> send_to_dead_letters(const Job& job);
    Json destination_record(const Job& job, const std::string& condition) const;

    Cloud& cloud_;
    LambdaStore& store_;
    Functions& functions_;
    Invoker& invoker_;
};

}  // namespace skafu::lambda
