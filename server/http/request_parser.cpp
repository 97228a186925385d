#include "http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/verb.hpp>

namespace skafu::server {

namespace http = boost::beast::http;
using Error = boost::beast::error_code;
using View = boost::beast::string_view;

/// Beast's parser, writing straight into our request.
class RequestParser::Parser final : public http::basic_parser<true> {
  public:
    HttpRequest request;
    bool expects_continue = false;

  private:
    static std::string_view view(View text) { return {text.data(), text.size()}; }

    void on_request_impl(http::verb, View method, View target, int, Error& error) override {
        error = {};
        request.method = view(method);
        request.target = view(target);
    }
    void on_response_impl(int, View, int, Error& error) override { error = {}; }
    void on_field_impl(http::field field, View name, View value, Error& error) override {
        error = {};
        if (field == http::field::expect && iequals(view(value), "100-continue")) {
            expects_continue = true;
        }
        request.headers.add(std::string(view(name)), std::string(view(value)));
    }
    void on_header_impl(Error& error) override { error = {}; }
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& error) override {
        error = {};
        // A claimed length is not worth that much memory before the bytes are there.
        constexpr std::uint64_t kReserveUpTo = 1024 * 1024;
        if (length) request.body.reserve(std::min<std::uint64_t>(*length, kReserveUpTo));
    }
    std::size_t on_body_impl(View body, Error& error) override {
        error = {};
        request.body.append(body.data(), body.size());
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, View, Error& error) override { error = {}; }
    std::size_t on_chunk_body_impl(std::uint64_t, View body, Error& error) override {
        return on_body_impl(body, error);
    }
    void on_finish_impl(Error& error) override { error = {}; }
};

RequestParser::RequestParser(Limits limits) : limits_(limits) {
    begin();
}
RequestParser::~RequestParser() = default;

void RequestParser::begin() {
    parser_ = std::make_unique<Parser>();
    parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
    parser_->body_limit(limits_.body_bytes);
    parser_->eager(true);
    fresh_ = true;
    continued_ = false;
}

RequestParser::State RequestParser::put(std::string_view input, std::size_t& used) {
    used = 0;
    if (input.empty()) return State::more;
    fresh_ = false;
    Error error;
    while (used < input.size() && !parser_->is_done()) {
        const boost::asio::const_buffer rest(input.data() + used, input.size() - used);
        const std::size_t taken = parser_->put(rest, error);
        used += taken;
        if (error == http::error::need_more) return State::more;
        if (error) {
            refusal_ = error == http::error::body_limit     ? 413
                       : error == http::error::header_limit ? 431
                                                            : 400;
            return State::refused;
        }
    }
    return parser_->is_done() ? State::complete : State::more;
}

bool RequestParser::wants_continue() {
    if (continued_ || !parser_->is_header_done() || !parser_->expects_continue) return false;
    continued_ = true;
    return parser_->request.body.empty();
}

bool RequestParser::fresh() const {
    return fresh_;
}
bool RequestParser::has_header() const {
    return parser_->is_header_done();
}
bool RequestParser::keep_alive() const {
    return parser_->keep_alive();
}
int RequestParser::refusal() const {
    return refusal_;
}

HttpRequest RequestParser::take() {
    HttpRequest request = std::move(parser_->request);
    begin();
    return request;
}

}  // namespace skafu::server
