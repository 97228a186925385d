#include "cli/run_task.h"

#include <boost/asio/co_spawn.hpp>

namespace skafu::server {

void run_to_end(boost::asio::io_context& io, Task<void> task) {
    bool is_done = false;
    std::exception_ptr problem;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) {
        problem = error;
        is_done = true;
    });
    io.restart();
    while (!is_done) io.run_one();
    if (problem) std::rethrow_exception(problem);
}

}  // namespace skafu::server
