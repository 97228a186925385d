#include "fronts/content_encoding.h"

#include <charconv>
#include <zlib.h>

#include "core/aws_error.h"

namespace skafu::server {
namespace {

constexpr std::size_t kLargestBody = 64 * 1024 * 1024;

[[noreturn]] void refuse() {
    throw AwsError("InternalServerError", "The Content-Encoding could not be undone.", 500);
}

std::string inflate_all(std::string_view data) {
    z_stream stream{};
    // 32: zlib and gzip headers are told apart by themselves.
    if (inflateInit2(&stream, 15 + 32) != Z_OK) refuse();
    std::string out;
    char chunk[16 * 1024];
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    int code = Z_OK;
    while (true) {
        stream.next_out = reinterpret_cast<Bytef*>(chunk);
        stream.avail_out = sizeof(chunk);
        code = inflate(&stream, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END) break;
        out.append(chunk, sizeof(chunk) - stream.avail_out);
        if (out.size() > kLargestBody) break;
        if (code == Z_STREAM_END) {
            if (stream.avail_in == 0) break;
            if (inflateReset(&stream) != Z_OK) break;  // another gzip member follows
        } else if (stream.avail_in == 0 && stream.avail_out != 0) {
            break;  // cut short
        }
    }
    inflateEnd(&stream);
    if (code != Z_STREAM_END || out.size() > kLargestBody) refuse();
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

double quality(std::string_view parameters) {
    const std::size_t at = parameters.find("q=");
    if (at == std::string_view::npos) return 1;
    double q = 1;
    const std::string_view number = trim(parameters.substr(at + 2));
    std::from_chars(number.begin(), number.end(), q);
    return q;
}

/// The client's choice among gzip and deflate; "" for neither (RFC 9110, Accept-Encoding).
std::string_view choose(std::string_view accept) {
    double gzip = -1;
    double deflate = -1;
    double any = -1;
    while (!accept.empty()) {
        const std::size_t end = std::min(accept.find(','), accept.size());
        const std::string_view item = accept.substr(0, end);
        accept.remove_prefix(std::min(end + 1, accept.size()));
        const std::size_t semicolon = std::min(item.find(';'), item.size());
        const std::string_view name = trim(item.substr(0, semicolon));
        const double q = quality(item.substr(semicolon));
        if (iequals(name, "gzip"))
            gzip = q;
        else if (iequals(name, "deflate"))
            deflate = q;
        else if (name == "*")
            any = q;
    }
    if (gzip < 0) gzip = any;
    if (deflate < 0) deflate = any;
    if (gzip > 0 && gzip >= deflate) return "gzip";
    return deflate > 0 ? "deflate" : "";
}

void decode(HttpHeaders& headers, std::string& body) {
    const std::string_view encoding = headers.get("Content-Encoding");
    if (encoding.empty() || iequals(encoding, "identity") || iequals(encoding, "aws-chunked")) {
        return;
    }
    if (!iequals(encoding, "gzip") && !iequals(encoding, "deflate")) refuse();
    body = inflate_all(body);
    headers.erase("Content-Encoding");
}

}  // namespace

void decode_content(HttpRequest& request) {
    decode(request.headers, request.body);
}

void decode_content(HttpResponse& response) {
    decode(response.headers, response.body);
}

void encode_content(std::string_view accept_encoding, std::size_t over, HttpResponse& response) {
    if (response.body.size() <= over || accept_encoding.empty()) return;
    const std::string_view encoding = choose(accept_encoding);
    if (encoding.empty()) return;
    z_stream stream{};
    constexpr int kFastest = 1;
    const int window = encoding == "gzip" ? 15 + 16 : 15;
    if (deflateInit2(&stream, kFastest, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) return;
    std::string out(deflateBound(&stream, response.body.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(response.body.data());
    stream.avail_in = static_cast<uInt>(response.body.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int code = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (code != Z_STREAM_END) return;
    response.body = std::move(out);
    response.headers.add("Content-Encoding", std::string(encoding));
}

}  // namespace skafu::server
