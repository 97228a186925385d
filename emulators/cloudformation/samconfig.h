#pragma once

#include <filesystem>
#include <string>

#include "core/json.h"

namespace skafu::cloudformation {

/// What a samconfig.toml says about one environment.
struct SamConfig {
    std::string stack_name;
    std::string region;
    std::string template_file;
    std::vector<std::string> capabilities;
    Json parameter_overrides = Json::object();  ///< name -> text
};

/// Reads `[<environment>.{global,deploy}.parameters]` of a samconfig.toml; deploy wins. An absent
/// file gives an empty SamConfig; an environment that the file does not have, and a file that is
/// not TOML, throw TemplateError. `environment` "default" may be absent.
/// Source: "AWS SAM CLI configuration file".
SamConfig read_samconfig(const std::filesystem::path& file, const std::string& environment);

/// Reads the forms of --parameter-overrides: `Name=Value Other="a b"` and
/// `ParameterKey=Name,ParameterValue=Value`.
Json parse_parameter_overrides(std::string_view text);

}  // namespace skafu::cloudformation
