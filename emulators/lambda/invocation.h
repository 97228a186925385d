#pragma once

#include <memory>
#include <string>

#include "core/clock.h"
#include "core/event.h"
#include "core/journal.h"

namespace skafu::lambda {

/// What became of an invocation.
struct Outcome {
    std::string payload;   ///< the result, or the error document
    std::string error;     ///< "", or "Unhandled" as X-Amz-Function-Error says
    std::string log_tail;  ///< the last 4 KiB of its log
};

/// One run of a function: waiting for a process, running in one, or finished.
struct Invocation {
    Invocation(boost::asio::io_context& io, Clock& clock) : done(io), busy(clock) {}

    std::string request_id;
    std::string payload;
    std::string invoked_arn;
    std::string client_context;  ///< JSON, decoded
    std::string trace_id;
    ActivityId activity = 0;

    Event done;
    bool finished = false;
    Outcome outcome;
    Clock::Busy busy;  ///< a clock that runs ahead waits for the process

    void finish(Outcome result) {
        outcome = std::move(result);
        finished = true;
        done.notify_all();
    }
};

}  // namespace skafu::lambda
