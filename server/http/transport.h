#pragma once

#include <memory>

#include "core/http.h"

namespace skafu::server {

/// HTTP for the emulators: requests to other servers (http and https, certificates checked
/// against the system's store), and loopback listeners.
std::unique_ptr<HttpTransport> make_transport(boost::asio::io_context& io);

}  // namespace skafu::server
