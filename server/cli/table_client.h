#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/aws_error.h"

namespace skafu::server {

/// DynamoDB as the table commands reach it: at an endpoint, or in the data folder of a server that
/// does not run.
class TableClient {
  public:
    struct Answer {
        std::string body;
        std::optional<AwsError> error;
    };

    virtual ~TableClient() = default;
    /// Makes several calls of one operation, if it can at the same time; gives the answers in the
    /// order of the bodies. Throttled calls are tried again. Throws std::runtime_error where there
    /// is no answer.
    virtual std::vector<Answer> call(const std::string& operation,
                                     const std::vector<std::string>& bodies) = 0;
    /// Lets time pass before what is throttled is asked for again; longer each round.
    virtual void wait_before_retry(int round) = 0;
    /// What people would call the place: "http://localhost:4566".
    virtual const std::string& place() const = 0;
};

/// Requests are signed with the key of the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
/// AWS_SESSION_TOKEN).
std::unique_ptr<TableClient> connect_to_endpoint(std::string url, std::string region);

/// Throws std::runtime_error where the folder holds no data or a server is running on it.
std::unique_ptr<TableClient> open_data_folder(const std::string& folder, std::string region);

}  // namespace skafu::server
