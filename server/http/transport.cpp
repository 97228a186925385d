#include "http/transport.h"

#include <map>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "http/listener.h"

namespace skafu::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using TcpStream = beast::basic_stream<Tcp, Executor>;
using TlsStream = asio::ssl::stream<TcpStream>;
using Message = http::request<http::string_body>;

namespace {

constexpr std::size_t kLargestAnswer = 256 * 1024 * 1024;
constexpr asio::use_awaitable_t<Executor> kThrowing;

struct Target {
    bool tls = false;
    std::string host;
    std::string port;
    std::string path_and_query;
};

Target parse_target(const std::string& url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->host().empty()) throw std::runtime_error("not an absolute URL: " + url);
    const boost::urls::url_view view = *parsed;
    Target target;
    if (view.scheme() == "https")
        target.tls = true;
    else if (view.scheme() != "http")
        throw std::runtime_error("only http and https: " + url);
    target.host = view.host();
    target.port = view.has_port() ? std::string(view.port()) : (target.tls ? "443" : "80");
    target.path_and_query = std::string(view.encoded_target());
    if (target.path_and_query.empty()) target.path_and_query = "/";
    return target;
}

Message make_message(const Target& target, HttpRequest request, Connections connections) {
    Message message;
    message.version(11);
    message.method_string(request.method);
    message.target(target.path_and_query);
    for (const auto& [name, value] : request.headers) {
        const bool ours = iequals(name, "Content-Length") || iequals(name, "Connection") ||
                          iequals(name, "Transfer-Encoding");
        if (!ours) message.insert(name, value);
    }
    if (message.find(http::field::host) == message.end()) {
        const bool usual_port = target.port == (target.tls ? "443" : "80");
        message.set(http::field::host, usual_port ? target.host : target.host + ":" + target.port);
    }
    if (connections == Connections::kClosed) message.set(http::field::connection, "close");
    message.body() = std::move(request.body);
    message.prepare_payload();
    return message;
}

/// `reusable` tells whether the connection can take another request afterwards.
template <class Stream>
Task<HttpResponse> exchange(Stream& stream, Message& message, bool& reusable) {
    co_await http::async_write(stream, message, kThrowing);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kLargestAnswer);
    if (message.method() == http::verb::head) parser.skip(true);
    co_await http::async_read(stream, buffer, parser, kThrowing);
    HttpResponse response;
    response.status = parser.get().result_int();
    for (const auto& field : parser.get()) {
        const auto name = field.name_string();
        const auto value = field.value();
        response.headers.add({name.data(), name.size()}, {value.data(), value.size()});
    }
    response.body = std::move(parser.get().body());
    reusable = parser.get().keep_alive() && buffer.size() == 0;
    co_return response;
}

/// Connections that wait for their next request, by server.
template <class Stream>
class IdleConnections {
  public:
    /// One that its server has not closed meanwhile, or nullptr.
    std::unique_ptr<Stream> take(const std::string& server) {
        std::vector<std::unique_ptr<Stream>>& idle = idle_[server];
        while (!idle.empty()) {
            std::unique_ptr<Stream> stream = std::move(idle.back());
            idle.pop_back();
            if (is_silent(beast::get_lowest_layer(*stream).socket())) return stream;
        }
        return nullptr;
    }

    void give(const std::string& server, std::unique_ptr<Stream> stream) {
        std::vector<std::unique_ptr<Stream>>& idle = idle_[server];
        if (idle.size() >= kMost) return;
        beast::get_lowest_layer(*stream).expires_never();
        idle.push_back(std::move(stream));
    }

  private:
    static constexpr std::size_t kMost = 64;

    /// Between two requests a server has nothing to say: what can be read is its farewell.
    static bool is_silent(asio::basic_stream_socket<Tcp, Executor>& socket) {
        boost::system::error_code error;
        socket.non_blocking(true, error);
        char byte = 0;
        socket.receive(asio::buffer(&byte, 1), Tcp::socket::message_peek, error);
        return error == asio::error::would_block;
    }

    std::map<std::string, std::vector<std::unique_ptr<Stream>>> idle_;
};

class LoopbackListener final : public HttpTransport::Listener {
  public:
    LoopbackListener(asio::io_context& io, HttpHandler handler)
        : server_(io, std::move(handler), patient()), port_(server_.listen("127.0.0.1", 0)) {}
    std::uint16_t port() const override { return port_; }

  private:
    /// Who connects here is ours, and may be silent for long: a function says nothing while it
    /// works.
    static HttpOptions patient() {
        HttpOptions options;
        options.idle_timeout = std::chrono::hours(24);
        return options;
    }

    HttpServer server_;
    std::uint16_t port_;
};

class Transport final : public HttpTransport {
  public:
    Transport(asio::io_context& io, Connections connections) : io_(io), connections_(connections) {}

    Task<HttpResponse> fetch(std::string url, HttpRequest request, Duration timeout) override {
        const Target target = parse_target(url);
        Message message = make_message(target, std::move(request), connections_);
        HttpResponse response;
        try {
            if (target.tls) {
                response = co_await fetch_over(idle_tls_, target, message, timeout);
            } else {
                response = co_await fetch_over(idle_, target, message, timeout);
            }
        } catch (const boost::system::system_error& error) {
            // Anew, without the place in Asio's source that what() would tell.
            const boost::system::error_code& code = error.code();
            throw boost::system::system_error(
                boost::system::error_code(code.value(), code.category()));
        }
        co_return response;
    }

    std::unique_ptr<Listener> listen_loopback(HttpHandler handler) override {
        return std::make_unique<LoopbackListener>(io_, std::move(handler));
    }

  private:
    template <class Stream>
    Task<HttpResponse> fetch_over(IdleConnections<Stream>& idle, const Target& target,
                                  Message& message, Duration timeout) {
        const std::string server = target.host + ":" + target.port;
        std::unique_ptr<Stream> stream = idle.take(server);
        if (stream != nullptr) {
            beast::get_lowest_layer(*stream).expires_after(timeout);
        } else {
            stream = make_stream<Stream>();
            co_await connect(*stream, target, timeout);
        }
        bool reusable = false;
        HttpResponse response = co_await exchange(*stream, message, reusable);
        if (reusable && connections_ == Connections::kKept) idle.give(server, std::move(stream));
        co_return response;
    }

    template <class Stream>
    std::unique_ptr<Stream> make_stream() {
        if constexpr (std::is_same_v<Stream, TlsStream>) {
            return std::make_unique<TlsStream>(TcpStream(io_.get_executor()), tls());
        } else {
            return std::make_unique<TcpStream>(io_.get_executor());
        }
    }

    Task<void> connect(TcpStream& stream, const Target& target, Duration timeout) {
        asio::ip::basic_resolver<Tcp, Executor> resolver(io_);
        const auto endpoints = co_await resolver.async_resolve(target.host, target.port, kThrowing);
        stream.expires_after(timeout);
        co_await stream.async_connect(endpoints, kThrowing);
    }

    Task<void> connect(TlsStream& stream, const Target& target, Duration timeout) {
        SSL_set_tlsext_host_name(stream.native_handle(), target.host.c_str());
        stream.set_verify_callback(asio::ssl::host_name_verification(target.host));
        co_await connect(stream.next_layer(), target, timeout);
        co_await stream.async_handshake(asio::ssl::stream_base::client, kThrowing);
    }

    /// Reading the system's certificates takes a while: only when somebody asks for https.
    asio::ssl::context& tls() {
        if (!tls_) {
            tls_ = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
            tls_->set_default_verify_paths();
            tls_->set_verify_mode(asio::ssl::verify_peer);
        }
        return *tls_;
    }

    asio::io_context& io_;
    Connections connections_;
    std::unique_ptr<asio::ssl::context> tls_;
    IdleConnections<TcpStream> idle_;
    IdleConnections<TlsStream> idle_tls_;
};

}  // namespace

std::unique_ptr<HttpTransport> make_transport(asio::io_context& io, Connections connections) {
    return std::make_unique<Transport>(io, connections);
}

}  // namespace skafu::server
