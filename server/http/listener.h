#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/http.h"
#include "core/task.h"
#include "http/request_parser.h"

namespace skafu::server {

struct HttpOptions {
    RequestParser::Limits limits;
    std::chrono::seconds idle_timeout{120};  ///< between requests
    /// For a request's header to arrive, for each 4 KiB of its body, and for an answer to be taken.
    std::chrono::seconds request_timeout{30};
    /// The clock that answers are dated by; without one they have no Date.
    const Clock* clock = nullptr;
};

/// An HTTP/1.1 server: keep-alive, pipelining, chunked bodies, Expect, HEAD; each connection is a
/// coroutine. Handlers answer what they can; an exception becomes a 500.
class HttpServer {
  public:
    /// `before_answer` runs before each answer leaves: it waits until what the answer says is
    /// stored. Where it throws, a request that `may_repeat` took is handled once more.
    HttpServer(boost::asio::io_context& io, HttpHandler handler, HttpOptions options = {},
               std::function<Task<void>()> before_answer = {},
               std::function<bool(const HttpRequest&)> may_repeat = {});
    ~HttpServer();

    /// Listens on an address ("127.0.0.1", "::1", "0.0.0.0"; "::" is all of IPv6 and IPv4) and
    /// port; 0 takes a free one. Gives the port. Throws std::runtime_error saying what is in the
    /// way.
    std::uint16_t listen(const std::string& address, std::uint16_t port);
    /// Accepts no more connections and no more requests, and ends idle connections.
    void stop_accepting();
    /// After that: lets requests in flight finish for at most `patience`, then closes what is left.
    Task<void> finish(std::chrono::seconds patience);
    /// Closes everything at once.
    void close();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace skafu::server
