#include "core/task.h"

#include <list>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

#include "core/event.h"
#include "core/log.h"

namespace skafu {

struct TaskGroup::State {
    State(boost::asio::io_context& loop, OnError handler)
        : io(loop), on_error(std::move(handler)), changed(loop) {}
    boost::asio::io_context& io;
    OnError on_error;
    std::list<boost::asio::cancellation_signal> children;
    Event changed;
};

TaskGroup::TaskGroup(boost::asio::io_context& io, OnError on_error)
    : state_(std::make_shared<State>(io, std::move(on_error))) {}

TaskGroup::~TaskGroup() {
    cancel();
}

std::size_t TaskGroup::size() const {
    return state_->children.size();
}

void TaskGroup::spawn(Task<void> task) {
    const std::shared_ptr<State> state = state_;
    const auto child = state->children.emplace(state->children.end());
    auto ended = [state, child](std::exception_ptr error) {
        state->children.erase(child);
        state->changed.notify_all();
        if (!error) return;
        if (state->on_error) {
            state->on_error(error);
            return;
        }
        try {
            std::rethrow_exception(error);
        } catch (const boost::system::system_error& failure) {
            if (failure.code() != boost::asio::error::operation_aborted) {
                log::error("a task ended with an error: {}", failure.what());
            }
        } catch (const std::exception& failure) {
            log::error("a task ended with an error: {}", failure.what());
        }
    };
    boost::asio::co_spawn(state->io, std::move(task),
                          boost::asio::bind_cancellation_slot(child->slot(), std::move(ended)));
}

void TaskGroup::cancel() {
    // A child that ends at once takes itself off the list.
    const std::shared_ptr<State> state = state_;
    for (auto child = state->children.begin(); child != state->children.end();) {
        const auto current = child++;
        current->emit(boost::asio::cancellation_type::terminal);
    }
}

Task<void> TaskGroup::join() {
    const std::shared_ptr<State> state = state_;
    while (!state->children.empty()) co_await state->changed.wait();
}

}  // namespace skafu
