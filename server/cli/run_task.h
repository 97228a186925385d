#pragma once

#include <boost/asio/io_context.hpp>

#include "core/task.h"

namespace skafu::server {

/// Runs the loop until a task is done, and throws what it throws.
void run_to_end(boost::asio::io_context& io, Task<void> task);

}  // namespace skafu::server
