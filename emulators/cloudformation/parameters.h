#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cloudformation/template_source.h"

namespace skafu::cloudformation {

/// The parameters of one stack.
struct Parameters {
    Json values = Json::object();     ///< name -> what Ref gives: text, or a list of texts
    Json described = Json::object();  ///< name -> what DescribeStacks shows (NoEcho: "****")
    Json given = Json::object();      ///< name -> the text as given or its default
};

/// Looks up the value of an SSM parameter for AWS::SSM::Parameter::Value<...>.
using StoredParameter = std::function<std::string(const std::string& name)>;

/// Checks `given` (name -> text) against the section `declared`, completes it with the defaults,
/// and adds what is wrong to `problems`: all of it, with CloudFormation's texts.
/// Source: "CloudFormation template Parameters syntax".
Parameters resolve_parameters(const TemplateSource& source, const Json& declared, const Json& given,
                              const StoredParameter& stored, std::vector<Problem>& problems);

}  // namespace skafu::cloudformation
