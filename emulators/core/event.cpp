#include "core/event.h"

#include <deque>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace skafu {
namespace {

using Token = boost::asio::use_awaitable_t<Executor>;

/// One suspended coroutine, resumed exactly once, in a turn of its own.
class Waiter {
  public:
    virtual ~Waiter() = default;
    virtual void resume(boost::system::error_code error, bool notified) = 0;

    Clock* clock = nullptr;
    Clock::TimerId timer = 0;
    bool done = false;

    void finish(boost::system::error_code error, bool notified) {
        if (done) return;
        done = true;
        if (timer != 0) clock->cancel(timer);
        resume(error, notified);
    }
};

template <class Handler>
class HandlerWaiter final : public Waiter {
  public:
    HandlerWaiter(boost::asio::io_context& io, Handler handler)
        : io_(io), handler_(std::move(handler)) {}

    void resume(boost::system::error_code error, bool notified) override {
        boost::asio::get_associated_cancellation_slot(handler_).clear();
        boost::asio::post(io_, [handler = std::move(handler_), error, notified]() mutable {
            std::move(handler)(error, notified);
        });
    }

  private:
    boost::asio::io_context& io_;
    Handler handler_;
};

}  // namespace

struct Event::State {
    explicit State(boost::asio::io_context& loop) : io(loop) {}
    boost::asio::io_context& io;
    std::deque<std::shared_ptr<Waiter>> waiters;

    void forget_done() {
        while (!waiters.empty() && waiters.front()->done) waiters.pop_front();
        if (waiters.size() > 64) std::erase_if(waiters, [](const auto& w) { return w->done; });
    }
};

Event::Event(boost::asio::io_context& io) : state_(std::make_shared<State>(io)) {}

Event::~Event() {
    notify_all();
}

void Event::notify_all() {
    std::deque<std::shared_ptr<Waiter>> woken;
    woken.swap(state_->waiters);
    for (const std::shared_ptr<Waiter>& waiter : woken) waiter->finish({}, true);
}

void Event::notify_one() {
    while (!state_->waiters.empty()) {
        const std::shared_ptr<Waiter> waiter = std::move(state_->waiters.front());
        state_->waiters.pop_front();
        if (waiter->done) continue;
        waiter->finish({}, true);
        return;
    }
}

std::size_t Event::waiting() const {
    return static_cast<std::size_t>(
        std::count_if(state_->waiters.begin(), state_->waiters.end(),
                      [](const std::shared_ptr<Waiter>& waiter) { return !waiter->done; }));
}

Task<void> Event::wait() {
    // Waiting without an end is waiting for the last moment of the clock; no timer is made for it.
    const std::shared_ptr<State> state = state_;
    auto start = [state](auto handler) {
        using Handler = std::decay_t<decltype(handler)>;
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        auto waiter = std::make_shared<HandlerWaiter<Handler>>(state->io, std::move(handler));
        state->forget_done();
        state->waiters.push_back(waiter);
        if (slot.is_connected()) {
            slot.assign([weak = std::weak_ptr<Waiter>(waiter)](boost::asio::cancellation_type) {
                // A copy first: finishing clears the slot that holds this lambda.
                const std::shared_ptr<Waiter> cancelled = weak.lock();
                if (cancelled) cancelled->finish(boost::asio::error::operation_aborted, false);
            });
        }
    };
    Token token;
    co_await boost::asio::async_initiate<Token, void(boost::system::error_code, bool)>(
        std::move(start), token);
}

Task<bool> Event::wait_until(Clock& clock, TimePoint due, TimerKind kind) {
    const std::shared_ptr<State> state = state_;
    auto start = [state, &clock, due, kind](auto handler) {
        using Handler = std::decay_t<decltype(handler)>;
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        auto waiter = std::make_shared<HandlerWaiter<Handler>>(state->io, std::move(handler));
        state->forget_done();
        state->waiters.push_back(waiter);
        const std::weak_ptr<Waiter> weak = waiter;
        if (slot.is_connected()) {
            slot.assign([weak](boost::asio::cancellation_type) {
                const std::shared_ptr<Waiter> cancelled = weak.lock();
                if (cancelled) cancelled->finish(boost::asio::error::operation_aborted, false);
            });
        }
        auto expire = [weak] {
            const std::shared_ptr<Waiter> expired = weak.lock();
            if (expired == nullptr) return;
            expired->timer = 0;
            expired->finish({}, false);
        };
        waiter->clock = &clock;
        waiter->timer = clock.at(due, std::move(expire), kind);
    };
    Token token;
    const bool notified =
        co_await boost::asio::async_initiate<Token, void(boost::system::error_code, bool)>(
            std::move(start), token);
    co_return notified;
}

}  // namespace skafu
