#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "core/http.h"
#include "core/json.h"

namespace skafu::server {

/// A client of a running server, or of a real endpoint, for the command line.
class EventsClient {
  public:
    /// `signing_region` is not empty where requests are signed (SigV4), with the key of the
    /// environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN).
    explicit EventsClient(std::string url, std::string signing_region = {});

    /// One of our own routes. Throws std::runtime_error with the server's words.
    Json admin(const std::string& method, const std::string& path, const Json& body = nullptr);

    /// PutEvents for several requests at once; gives the answers in the same order. A request
    /// that is throttled, or gets no answer, is tried again.
    std::vector<Json> put_events(const std::vector<std::string>& bodies);

  private:
    Task<void> put_one(std::string body, Json& answer, std::string& problem);
    HttpRequest signed_request(const std::string& body) const;
    HttpResponse fetch(const std::string& url, HttpRequest request);

    boost::asio::io_context io_;
    Clock clock_{io_};
    std::unique_ptr<HttpTransport> transport_;
    std::string url_;
    std::string region_;
};

}  // namespace skafu::server
