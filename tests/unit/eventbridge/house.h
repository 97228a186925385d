#pragma once

#include <deque>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "core/cloud.h"

namespace skafu::eventbridge::testing {

/// A house with EventBridge and SQS, its clock frozen at 2026-01-01.
struct House {
    boost::asio::io_context io;
    Cloud cloud;

    explicit House(Settings settings = {});

    /// One call, run until the loop has nothing to do. Throws what the call throws.
    Json call(std::string_view service, std::string_view operation, Json input);
    Json events(std::string_view operation, Json input) {
        return call("events", operation, std::move(input));
    }
    /// "Code: message" of a refusal, or "none".
    std::string refusal(std::string_view operation, Json input);
    void run();
    void advance(Duration by);

    /// Makes a queue and gives its ARN.
    std::string queue(const std::string& name);
    /// The bodies of the messages of a queue, taken out of it.
    std::vector<std::string> bodies(const std::string& name);
    std::vector<Json> messages(const std::string& name);
    /// A rule on a bus with one target.
    void rule(const std::string& bus, const std::string& name, const std::string& pattern,
              Json target);
    Json put(const std::string& bus, const std::string& source, const std::string& type,
             const Json& detail);
};

}  // namespace skafu::eventbridge::testing
