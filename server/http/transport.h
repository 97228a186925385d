#pragma once

#include <memory>

#include "core/http.h"

namespace skafu::server {

/// Whether a connection is closed after one answer, which every server understands, or kept for
/// the next request to the same server.
enum class Connections { kClosed, kKept };

/// HTTP for the emulators: requests to other servers (http and https, certificates checked
/// against the system's store), and loopback listeners.
std::unique_ptr<HttpTransport> make_transport(boost::asio::io_context& io,
                                              Connections connections = Connections::kClosed);

}  // namespace skafu::server
