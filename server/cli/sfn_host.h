#pragma once

#include <memory>
#include <string>

#include "core/json.h"

namespace skafu::server {

/// Where a state machine runs: on a server, or in a house of this process.
class SfnHost {
  public:
    virtual ~SfnHost() = default;
    /// An operation of Step Functions. Throws std::runtime_error in AWS's words.
    virtual Json call(const std::string& operation, const Json& input) = 0;
    /// One of our own routes below /_skafu; `query` is empty or begins with '?'.
    virtual Json admin(const std::string& method, const std::string& path, const std::string& query,
                       const Json& body) = 0;
    /// Lets things go on for a moment. False if there was nothing left to do.
    virtual bool pause() = 0;
};

/// A server at `url`; `account` and `region` are those of the machine.
std::unique_ptr<SfnHost> connect_sfn(std::string url, std::string account, std::string region);

enum class SfnTime {
    real,   ///< waits and retries last as long as they say
    ahead,  ///< the clock moves to the next timer whenever nothing else is left to do
};

/// A house in this process, in memory, with every service and without data.
std::unique_ptr<SfnHost> host_sfn(SfnTime time);

}  // namespace skafu::server
