#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/task.h"

namespace skafu {

/// Header fields in the order in which they came; names compare without case.
class HttpHeaders {
  public:
    using Field = std::pair<std::string, std::string>;

    /// The first value, or nullptr.
    const std::string* find(std::string_view name) const;
    std::string_view get(std::string_view name) const;  ///< "" if absent
    void add(std::string name, std::string value);
    void set(std::string name, std::string value);  ///< replaces all of that name
    void erase(std::string_view name);
    bool contains(std::string_view name) const { return find(name) != nullptr; }
    bool empty() const { return fields_.empty(); }
    std::vector<Field>::const_iterator begin() const { return fields_.begin(); }
    std::vector<Field>::const_iterator end() const { return fields_.end(); }

  private:
    std::vector<Field> fields_;
};

struct HttpRequest {
    std::string method;
    std::string target;  ///< as sent: path and query, percent escapes kept
    HttpHeaders headers;
    std::string body;  ///< content encodings undone
    std::string remote_address;

    std::string_view path() const;   ///< before '?', percent escapes kept
    std::string_view query() const;  ///< after '?', or ""
};

struct HttpResponse {
    int status = 200;
    HttpHeaders headers;
    std::string body;
};

using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;

/// HTTP as the emulators use it; the server gives the implementation.
class HttpTransport {
  public:
    virtual ~HttpTransport() = default;
    /// Sends one request to an absolute http:// or https:// URL; no redirects are followed.
    /// Throws std::runtime_error when there is no answer, and after `timeout` of real time.
    virtual Task<HttpResponse> fetch(std::string url, HttpRequest request, Duration timeout) = 0;

    /// A listener on 127.0.0.1 that lives as long as this object.
    class Listener {
      public:
        virtual ~Listener() = default;
        virtual std::uint16_t port() const = 0;
    };
    virtual std::unique_ptr<Listener> listen_loopback(HttpHandler handler) = 0;
};

/// "a%20b" -> "a b"; '+' becomes a blank only where asked. Broken escapes stay as they are.
enum class PlusSign { literal, blank };
std::string percent_decode(std::string_view text, PlusSign plus = PlusSign::literal);
/// Escapes all but RFC 3986's unreserved characters (and '/' where it is kept).
enum class Slash { keep, escape };
std::string percent_encode(std::string_view text, Slash slash = Slash::escape);
/// The pairs of a query string or form body, decoded, in order.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);
/// ASCII case-insensitive equality, as HTTP compares names.
bool iequals(std::string_view a, std::string_view b);

}  // namespace skafu
