#pragma once

#include <string>

#include "core/cloud.h"

namespace skafu::server {

/// Runs the scripts of one stage of a container's life (`<folder>/<stage>.d/*.sh`, `*.py`, or any
/// executable), in the order of their names, with AWS_ENDPOINT_URL and credentials set. A script
/// that fails is logged and the next one runs. The convention is LocalStack's "Init Hooks".
Task<void> run_init_scripts(Cloud& cloud, std::string folder, std::string stage);

}  // namespace skafu::server
