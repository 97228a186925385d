#include "http/listener.h"

#include <list>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/aws_error.h"
#include "core/log.h"
#include "http/response_writer.h"

namespace skafu::server {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using SteadyTimer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, Executor>;
using SteadyTime = std::chrono::steady_clock::time_point;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>());
constexpr std::size_t kReadAtOnce = 64 * 1024;
/// A body must come at least this fast, each time within the request timeout.
constexpr std::size_t kProgress = 4 * 1024;
/// How much of a refused request is still read, so that its sender gets to see the refusal.
constexpr std::size_t kDrained = 64 * 1024 * 1024;
constexpr std::chrono::seconds kDrainTime{5};
constexpr std::chrono::milliseconds kAcceptPause{50};
constexpr std::chrono::milliseconds kShutdownCheck{20};

/// One connection, as its sweeper and its server see it.
struct Connection {
    explicit Connection(Socket s) : socket(std::move(s)) {}
    Socket socket;
    SteadyTime deadline = SteadyTime::max();
    bool busy = false;  // a request is being answered
};

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
    State(asio::io_context& loop, HttpHandler answer, HttpOptions with,
          std::function<Task<void>()> before, std::function<bool(const HttpRequest&)> repeat)
        : io(loop),
          handler(std::move(answer)),
          options(with),
          before_answer(std::move(before)),
          may_repeat(std::move(repeat)),
          sweeper(loop) {}

    asio::io_context& io;
    HttpHandler handler;
    HttpOptions options;
    std::function<Task<void>()> before_answer;
    std::function<bool(const HttpRequest&)> may_repeat;
    std::list<Acceptor> acceptors;
    std::list<std::shared_ptr<Connection>> connections;
    SteadyTimer sweeper;
    bool sweeping = false;
    bool stopping = false;

    /// What answers say of when they were made (RFC 9110, 6.6.1); written once a second.
    std::string_view date() {
        if (options.clock == nullptr) return {};
        const auto now = std::chrono::floor<std::chrono::seconds>(options.clock->now());
        if (now != dated) {
            dated = now;
            date_text = http_date(TimePoint(now));
        }
        return date_text;
    }

    std::chrono::sys_seconds dated{std::chrono::seconds(-1)};
    std::string date_text;

    void accept(Acceptor& acceptor) {
        acceptor.async_accept(io.get_executor(),
                              [self = shared_from_this(), &acceptor](
                                  const boost::system::error_code& error, Socket socket) {
                                  if (self->stopping || error == asio::error::operation_aborted)
                                      return;
                                  if (error) {
                                      self->accept_later(acceptor);
                                      return;
                                  }
                                  self->start(std::move(socket));
                                  self->accept(acceptor);
                              });
    }

    /// Out of file descriptors, mostly: asking again at once would only keep the loop busy.
    void accept_later(Acceptor& acceptor) {
        auto pause = std::make_shared<SteadyTimer>(io);
        pause->expires_after(kAcceptPause);
        pause->async_wait(
            [self = shared_from_this(), &acceptor, pause](const boost::system::error_code&) {
                if (!self->stopping) self->accept(acceptor);
            });
    }

    void start(Socket socket) {
        boost::system::error_code ignored;
        socket.set_option(Tcp::no_delay(true), ignored);
        socket.non_blocking(true, ignored);
        auto connection = std::make_shared<Connection>(std::move(socket));
        const auto at = connections.insert(connections.end(), connection);
        sweep();
        auto ended = [self = shared_from_this(), at](std::exception_ptr error) {
            self->connections.erase(at);
            if (!error) return;
            try {
                std::rethrow_exception(error);
            } catch (const std::exception& failure) {
                log::error("a connection ended with an error: {}", failure.what());
            }
        };
        asio::co_spawn(io, serve(shared_from_this(), connection), std::move(ended));
    }

    /// Closes connections whose peer is too slow; one timer serves them all.
    void sweep() {
        if (sweeping || connections.empty()) return;
        sweeping = true;
        sweeper.expires_after(std::chrono::seconds(1));
        sweeper.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            self->sweeping = false;
            if (error) return;
            const SteadyTime now = std::chrono::steady_clock::now();
            for (const std::shared_ptr<Connection>& connection : self->connections) {
                if (connection->deadline < now) close(*connection);
            }
            self->sweep();
        });
    }

    static void close(Connection& connection) {
        boost::system::error_code ignored;
        connection.socket.shutdown(Tcp::socket::shutdown_both, ignored);
        connection.socket.close(ignored);
    }

    /// Sends what the socket takes at once: nearly every answer, and without a turn of the loop.
    static std::size_t send_now(Connection& connection, std::string_view bytes) {
        boost::system::error_code ignored;
        return connection.socket.write_some(asio::const_buffer(bytes.data(), bytes.size()),
                                            ignored);
    }

    void expect_within(Connection& connection, std::chrono::seconds time) {
        connection.deadline = std::chrono::steady_clock::now() + time;
    }

    static Task<void> serve(std::shared_ptr<State> self, std::shared_ptr<Connection> connection);
    static Task<HttpResponse> answer(std::shared_ptr<State> self, HttpRequest request);
    static Task<bool> send(std::shared_ptr<State> self, std::shared_ptr<Connection> connection,
                           std::string_view bytes);
    static Task<void> refuse(std::shared_ptr<State> self, std::shared_ptr<Connection> connection,
                             int status);
};

Task<bool> HttpServer::State::send(std::shared_ptr<State> self,
                                   std::shared_ptr<Connection> connection, std::string_view bytes) {
    self->expect_within(*connection, self->options.request_timeout);
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    const auto [error, sent] = co_await asio::async_write(connection->socket, buffer, kAwait);
    co_return !error;
}

/// Says no and ends the connection. Closing at once would reset it while the peer still sends, and
/// the answer would be lost with it: so what comes is read for a while, and thrown away.
Task<void> HttpServer::State::refuse(std::shared_ptr<State> self,
                                     std::shared_ptr<Connection> connection, int status) {
    HttpResponse refusal;
    refusal.status = status;
    refusal.headers.add("Content-Type", "text/plain");
    refusal.body = fmt::format("{} {}\n", status, reason_phrase(status));
    std::string output;
    write_response(refusal, Persist::close, BodyPart::send, self->date(), output);
    const bool sent = co_await send(self, connection, output);
    boost::system::error_code ignored;
    connection->socket.shutdown(Tcp::socket::shutdown_send, ignored);
    self->expect_within(*connection, kDrainTime);
    std::string thrown_away(kReadAtOnce, '\0');
    std::size_t total = 0;
    while (sent && total < kDrained) {
        const asio::mutable_buffer space(thrown_away.data(), thrown_away.size());
        const auto [error, count] = co_await connection->socket.async_read_some(space, kAwait);
        if (error || self->stopping) break;
        total += count;
    }
    close(*connection);
}

Task<HttpResponse> HttpServer::State::answer(std::shared_ptr<State> self, HttpRequest request) {
    HttpResponse response;
    try {
        std::optional<HttpRequest> again;  // what is asked once more where it could not be stored
        if (self->may_repeat && self->may_repeat(request)) again = request;
        while (true) {
            response = co_await self->handler(std::move(request));
            if (!self->before_answer) break;
            try {
                co_await self->before_answer();
                break;
            } catch (const AwsError&) {
                if (!again) throw;
                request = *again;
            }
        }
    } catch (const AwsError& error) {
        response = HttpResponse{};
        response.status = error.status();
        response.headers.add("Content-Type", "application/x-amz-json-1.0");
        response.body = to_text(Json{{"__type", error.code()}, {"message", error.message()}});
    } catch (const std::exception& error) {
        log::error("a request ended with an error: {}", error.what());
        response = HttpResponse{};
        response.status = 500;
        response.headers.add("Content-Type", "application/x-amz-json-1.0");
        response.body = R"({"__type":"InternalFailure","message":"The request processing has )"
                        R"(failed because of an unknown error, exception or failure."})";
    }
    co_return response;
}

Task<void> HttpServer::State::serve(std::shared_ptr<State> self,
                                    std::shared_ptr<Connection> connection) {
    RequestParser parser(self->options.limits);
    std::string input;  // read, not yet parsed: [consumed, filled)
    std::size_t consumed = 0;
    std::size_t filled = 0;
    std::string remote;
    boost::system::error_code endpoint_error;
    const Tcp::endpoint peer = connection->socket.remote_endpoint(endpoint_error);
    if (!endpoint_error) remote = peer.address().to_string();
    std::string output;

    while (!self->stopping) {
        // Bring in one request.
        RequestParser::State state = RequestParser::State::more;
        self->expect_within(*connection, self->options.idle_timeout);
        bool waiting = true;  // not a byte of it has come
        std::size_t progress = 0;
        while (true) {
            std::size_t used = 0;
            state = parser.put(std::string_view(input).substr(consumed, filled - consumed), used);
            consumed += used;
            if (state == RequestParser::State::refused) break;
            if (parser.wants_continue()) {
                const bool sent = co_await send(self, connection, "HTTP/1.1 100 Continue\r\n\r\n");
                if (!sent) co_return;
            }
            if (state == RequestParser::State::complete) break;
            if (consumed > 0) {
                std::copy(input.begin() + static_cast<std::ptrdiff_t>(consumed),
                          input.begin() + static_cast<std::ptrdiff_t>(filled), input.begin());
                filled -= consumed;
                consumed = 0;
            }
            if (input.size() < filled + 1024) {
                // Small at first: an idle connection must not cost a large buffer.
                input.resize(
                    std::min(std::max<std::size_t>(4096, filled * 4), kReadAtOnce + filled));
            }
            const bool moves = parser.has_header() && progress >= kProgress;
            if (!parser.fresh() && (waiting || moves)) {
                self->expect_within(*connection, self->options.request_timeout);
                waiting = false;
                progress = 0;
            }
            const asio::mutable_buffer space(input.data() + filled, input.size() - filled);
            const auto [error, count] = co_await connection->socket.async_read_some(space, kAwait);
            if (error || self->stopping) co_return;
            filled += count;
            progress += count;
        }
        output.clear();
        if (state == RequestParser::State::refused) {
            co_await refuse(self, connection, parser.refusal());
            co_return;
        }
        bool keep_alive = parser.keep_alive();
        HttpRequest request = parser.take();
        request.remote_address = remote;
        const BodyPart part = request.method == "HEAD" ? BodyPart::omit : BodyPart::send;

        connection->deadline = SteadyTime::max();
        connection->busy = true;
        HttpResponse response = co_await answer(self, std::move(request));
        keep_alive = keep_alive && !self->stopping;
        write_response(response, keep_alive ? Persist::keep_alive : Persist::close, part,
                       self->date(), output);
        const std::size_t sent_now = send_now(*connection, output);
        bool sent = sent_now == output.size();
        if (!sent) {
            sent = co_await send(self, connection, std::string_view(output).substr(sent_now));
        }
        connection->busy = false;
        if (!sent || !keep_alive) {
            close(*connection);
            co_return;
        }
        // A large answer's buffer is not kept for the life of a connection.
        if (output.capacity() > kReadAtOnce) output = std::string();
        if (input.size() > 2 * kReadAtOnce && consumed == filled) {
            input = std::string();
            consumed = filled = 0;
        }
    }
    close(*connection);
}

HttpServer::HttpServer(asio::io_context& io, HttpHandler handler, HttpOptions options,
                       std::function<Task<void>()> before_answer,
                       std::function<bool(const HttpRequest&)> may_repeat)
    : state_(std::make_shared<State>(io, std::move(handler), options, std::move(before_answer),
                                     std::move(may_repeat))) {}

HttpServer::~HttpServer() {
    close();
}

std::uint16_t HttpServer::listen(const std::string& address, std::uint16_t port) {
    try {
        const asio::ip::address ip = asio::ip::make_address(address);
        Acceptor acceptor(state_->io);
        const Tcp::endpoint endpoint(ip, port);
        acceptor.open(endpoint.protocol());
        acceptor.set_option(asio::socket_base::reuse_address(true));
        if (ip.is_v6()) acceptor.set_option(asio::ip::v6_only(!ip.is_unspecified()));
        acceptor.bind(endpoint);
        acceptor.listen(asio::socket_base::max_listen_connections);
        state_->acceptors.push_back(std::move(acceptor));
    } catch (const boost::system::system_error& error) {
        std::string_view mend;
        if (error.code() == asio::error::address_in_use)
            mend = "; stop the other program or choose another --port";
        else if (error.code() == asio::error::invalid_argument)
            mend = "; --host takes an address such as 127.0.0.1 or 0.0.0.0";
        throw std::runtime_error(fmt::format("cannot listen on {}:{}: {}{}", address, port,
                                             error.code().message(), mend));
    }
    Acceptor& acceptor = state_->acceptors.back();
    state_->accept(acceptor);
    return acceptor.local_endpoint().port();
}

void HttpServer::stop_accepting() {
    state_->stopping = true;
    boost::system::error_code ignored;
    for (Acceptor& acceptor : state_->acceptors) acceptor.close(ignored);
    for (const std::shared_ptr<Connection>& connection : state_->connections) {
        if (!connection->busy) State::close(*connection);
    }
}

Task<void> HttpServer::finish(std::chrono::seconds patience) {
    const std::shared_ptr<State> state = state_;
    const SteadyTime limit = std::chrono::steady_clock::now() + patience;
    SteadyTimer tick(state->io);
    while (!state->connections.empty() && std::chrono::steady_clock::now() < limit) {
        tick.expires_after(kShutdownCheck);
        co_await tick.async_wait(kAwait);
    }
    for (const std::shared_ptr<Connection>& connection : state->connections) {
        State::close(*connection);
    }
    state->sweeper.cancel();
}

void HttpServer::close() {
    state_->stopping = true;
    boost::system::error_code ignored;
    for (Acceptor& acceptor : state_->acceptors) acceptor.close(ignored);
    for (const std::shared_ptr<Connection>& connection : state_->connections) {
        State::close(*connection);
    }
    state_->sweeper.cancel();
}

}  // namespace skafu::server
