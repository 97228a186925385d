#include "http/response_writer.h"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

namespace skafu::server {
namespace {

/// A value that a handler took from a client must not start a header line of its own.
void append_value(std::string_view value, std::string& out) {
    for (const char c : value) {
        if (c != '\r' && c != '\n') out.push_back(c);
    }
}

}  // namespace

std::string_view reason_phrase(int status) {
    const auto text = boost::beast::http::obsolete_reason(
        boost::beast::http::int_to_status(static_cast<unsigned>(status)));
    return {text.data(), text.size()};
}

void write_response(const HttpResponse& response, Persist persist, BodyPart body,
                    std::string_view date, std::string& out) {
    out.reserve(out.size() + 256 + (body == BodyPart::send ? response.body.size() : 0));
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                   reason_phrase(response.status));
    bool has_length = false;
    bool has_date = date.empty();
    for (const auto& [name, value] : response.headers) {
        if (iequals(name, "Content-Length")) {
            if (body == BodyPart::send) continue;
            has_length = true;
        }
        if (iequals(name, "Date")) has_date = true;
        out.append(name).append(": ");
        append_value(value, out);
        out.append("\r\n");
    }
    if (!has_date) out.append("Date: ").append(date).append("\r\n");
    const bool bodiless = response.status == 204 || response.status == 304;
    if (!has_length && !bodiless) {
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
    }
    out.append(persist == Persist::keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
    if (body == BodyPart::send && !bodiless) out.append(response.body);
}

}  // namespace skafu::server
