#pragma once

#include "cli/serve.h"
#include "cloudformation/cloudformation.h"

namespace skafu::server {

/// What `start` deploys: the options as CloudFormation takes them.
cloudformation::DeployOptions deploy_options(const ServeOptions& options);

/// The banner's lines about a deployed application: APIs, buses, tables, state machines, findings.
std::string describe_application(Cloud& cloud, const cloudformation::DeploymentReport& report);

}  // namespace skafu::server
