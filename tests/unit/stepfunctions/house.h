#pragma once

#include <deque>
#include <string>

#include "core/cloud.h"

/// A house with Step Functions and a service "echo" that fails as often as it is told to.
struct House {
    explicit House(skafu::Settings settings = {});

    skafu::Json call(std::string_view operation, skafu::Json input);
    std::string error_of(std::string_view operation, skafu::Json input);
    /// Creates a machine; gives its ARN.
    std::string machine(const std::string& name, const std::string& definition,
                        const std::string& type = "STANDARD");
    std::string start(const std::string& machine_arn, const std::string& input = "{}");
    skafu::Json describe(const std::string& execution_arn);
    std::vector<std::string> history(const std::string& execution_arn);
    /// Runs a standard machine of this definition as far as it goes at the present time.
    skafu::Json run(const std::string& definition, const std::string& input = "{}");
    void poll();
    /// Moves the frozen clock and lets everything run that was due.
    void advance(double seconds);

    boost::asio::io_context io;
    skafu::Cloud cloud;
    int failures_left = 0;
    std::vector<skafu::Json> calls;  ///< inputs of the echo service
    std::vector<double> call_times;
    int machines = 0;
};
