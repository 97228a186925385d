#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cloud.h"

namespace skafu::server {

/// All that `skafu-local start` can be told.
struct ServeOptions {
    Settings settings;
    std::string host;  ///< empty: loopback, IPv4 and IPv6
    std::string template_file;
    std::vector<std::string> parameter_overrides;
    std::string config_env;
    std::string stack_name;
    std::string region;
    std::optional<bool> watch;
    bool keep_going = false;
    std::vector<std::string> upstreams;
    std::string log_level = "info";
    std::string log_format = "text";
    int ready_fd = -1;
    std::string init_dir = "/etc/localstack/init";
};

/// Runs the server until SIGTERM or SIGINT; gives the exit status.
int serve(const ServeOptions& options);

}  // namespace skafu::server
