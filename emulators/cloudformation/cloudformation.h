#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cloudformation/finding.h"
#include "cloudformation/template_source.h"
#include "core/task.h"

namespace skafu {
class Cloud;
}

namespace skafu::cloudformation {

/// AWS CloudFormation, API version 2010-05-15: stacks, change sets, exports.
void register_cloudformation(Cloud& cloud);

/// A template of this machine, and how it is to be deployed.
struct DeployOptions {
    std::filesystem::path template_file;
    std::vector<std::string> parameter_overrides;  ///< "Name=Value"
    std::string config_env;  ///< of samconfig.toml beside the template; empty: "default"
    std::string stack_name;  ///< empty: of samconfig.toml, or the folder's name
    std::string region;      ///< empty: of samconfig.toml, or that of the settings
    bool keep_going = false;
};

/// One resource that a deployment made.
struct DeployedResource {
    std::string stack;  ///< name
    std::string logical_id;
    std::string type;
    std::string physical_id;
    Json properties;  ///< evaluated
};

/// What a deployment came to: what the start banner shows.
struct DeploymentReport {
    std::string stack_name;
    std::string stack_id;
    std::string region;
    Json outputs = Json::object();            ///< name -> value
    std::vector<DeployedResource> resources;  ///< of the stack and all stacks inside it
    std::vector<Finding> findings;
    std::vector<Problem> failures;             ///< of what --keep-going passed over
    std::vector<std::filesystem::path> files;  ///< that were read, folders for code

    /// Physical ids of all resources of a type.
    std::vector<std::string> of_type(std::string_view type) const;
};

/// Deploys a local template, creating its stack or updating it in place. All that is wrong comes
/// at once as TemplateError; nothing is half deployed. In strict mode (Settings::strict) findings
/// are refused as AWS would refuse them.
Task<DeploymentReport> deploy(Cloud& cloud, DeployOptions options);

/// The template after its transforms, as `sam validate` and CloudFormation see it; throws
/// TemplateError.
Json transformed_template(const DeployOptions& options);

}  // namespace skafu::cloudformation
