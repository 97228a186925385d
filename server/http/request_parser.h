#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "core/http.h"

namespace skafu::server {

/// Reads requests off a byte stream, one after another: give it what was read, take the request
/// when it is complete.
class RequestParser {
  public:
    struct Limits {
        std::size_t header_bytes = 64 * 1024;
        std::size_t body_bytes = 256 * 1024 * 1024;
    };
    enum class State {
        more,      ///< needs more bytes
        complete,  ///< take() gives the request
        refused,   ///< refusal() says with which status to end the connection
    };

    explicit RequestParser(Limits limits);
    ~RequestParser();

    /// Takes bytes off the front of `input`, all that belong to the current request; `used` tells
    /// how many.
    State put(std::string_view input, std::size_t& used);
    /// True once, when the header is complete, asks for "100 Continue", and no body came with it.
    /// HTTP lets a server leave it out where the body is empty; botocore then takes the next answer
    /// on the connection for this one.
    bool wants_continue();
    /// True while not a byte of the current request has come.
    bool fresh() const;
    bool has_header() const;  ///< the header of the current request is complete
    bool keep_alive() const;
    HttpRequest take();
    int refusal() const;

  private:
    class Parser;
    void begin();
    Limits limits_;
    std::unique_ptr<Parser> parser_;
    bool fresh_ = true;
    bool continued_ = false;
    int refusal_ = 400;
};

}  // namespace skafu::server
