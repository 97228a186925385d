// The yardstick: what one core can do when it only parses HTTP with Beast and answers a fixed
// body. Usage: bare_server PORT
#include <cstdlib>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;

namespace {

struct Session : std::enable_shared_from_this<Session> {
    explicit Session(Tcp::socket accepted) : socket(std::move(accepted)) {
        socket.set_option(Tcp::no_delay(true));
    }

    void read() {
        request.emplace();
        http::async_read(socket, buffer, *request,
                         [self = shared_from_this()](const auto& error, std::size_t) {
                             if (!error) self->answer();
                         });
    }

    void answer() {
        response = {};
        response.result(http::status::ok);
        response.set(http::field::content_type, "application/x-amz-json-1.0");
        response.keep_alive(request->get().keep_alive());
        response.body() = R"({"ok":true})";
        response.prepare_payload();
        http::async_write(socket, response,
                          [self = shared_from_this()](const auto& error, std::size_t) {
                              if (!error) self->read();
                          });
    }

    Tcp::socket socket;
    boost::beast::flat_buffer buffer;
    std::optional<http::request_parser<http::string_body>> request;
    http::response<http::string_body> response;
};

void accept(Tcp::acceptor& acceptor) {
    acceptor.async_accept([&acceptor](const auto& error, Tcp::socket socket) {
        if (!error) std::make_shared<Session>(std::move(socket))->read();
        accept(acceptor);
    });
}

}  // namespace

int main(int argc, char** argv) {
    asio::io_context io(1);
    const auto port = static_cast<unsigned short>(argc > 1 ? std::atoi(argv[1]) : 4599);
    Tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
    accept(acceptor);
    io.run();
}
