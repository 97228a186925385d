#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "core/http.h"
#include "core/json.h"

namespace skafu::server {

/// A client of a running server for the command line, one request at a time. Requests are signed
/// with the credentials of the environment, so that account and region are those that the aws CLI
/// would have there.
class EventsClient {
  public:
    EventsClient(std::string url, std::string region);

    /// One of our own routes, with a body of JSON text (none where it is empty). Throws
    /// std::runtime_error: Refusal with the server's words, another where there is no answer.
    Json admin(const std::string& method, const std::string& path, const std::string& body = {});
    /// The same, as the text that was answered.
    std::string admin_text(const std::string& method, const std::string& path,
                           const std::string& body = {});
    /// An operation of AWS's API by its target, such as "DynamoDB_20120810.Query".
    Json call(const std::string& service, const std::string& target, const Json& input);

    /// What the server refused.
    class Refusal : public std::runtime_error {
      public:
        Refusal(int status, const std::string& message)
            : std::runtime_error(message), status_(status) {}
        int status() const { return status_; }

      private:
        int status_;
    };

  private:
    std::string fetch(const std::string& url, HttpRequest request, const std::string& service);
    Json parse(const std::string& answer) const;

    boost::asio::io_context io_;
    Clock clock_{io_};
    std::unique_ptr<HttpTransport> transport_;
    std::string url_;
    std::string region_;
};

}  // namespace skafu::server
