#pragma once

#include <string>

#include "cloudformation/cloudformation.h"
#include "core/cloud.h"

namespace skafu::server {

/// What a person wants to know at the start: endpoint, API addresses, buses, tables, state
/// machines, queues, functions, findings. `report` is nullptr without a template.
std::string start_banner(Cloud& cloud, const cloudformation::DeploymentReport* report);

/// The findings of a deployment, one a paragraph; empty if there are none.
std::string findings_text(const cloudformation::DeploymentReport& report);

}  // namespace skafu::server
