#pragma once

#include <exception>
#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace skafu {

/// The one executor of the process: every coroutine runs on its io_context, on one thread.
using Executor = boost::asio::io_context::executor_type;

/// A coroutine that gives a T.
template <class T = void>
using Task = boost::asio::awaitable<T, Executor>;

/// Coroutines with one owner: they end before it does. A child's exception goes to `on_error`
/// and ends that child alone.
class TaskGroup {
  public:
    using OnError = std::function<void(std::exception_ptr)>;

    /// Without `on_error`, errors are logged.
    explicit TaskGroup(boost::asio::io_context& io, OnError on_error = {});
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    void spawn(Task<void> task);
    /// Asks every child to end: its next suspension throws operation_aborted.
    void cancel();
    /// Resumes when no child runs any more.
    Task<void> join();
    std::size_t size() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace skafu
