#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// What a generated role holds besides its policies.
struct RoleParts {
    std::string id;
    Json trust;                            ///< AssumeRolePolicyDocument
    std::vector<std::string> managed;      ///< ARNs that come first
    Json inline_policies = Json::array();  ///< that come first
    const Json* policies = nullptr;        ///< the property Policies
    const Json* path = nullptr;
    const Json* boundary = nullptr;
    Json tags = Json::array();
};

/// The role of a function or state machine: managed policies by name or ARN, statements, and
/// policy templates become what AWS::IAM::Role takes. Throws SamProblem.
/// Source: "AWS SAM policy templates", property Policies of AWS::Serverless::Function.
Json make_role(const Source& source, const Context& context, const RoleParts& parts);

/// A policy document with one statement that lets `service` assume a role.
Json trust_policy(std::string_view service);

/// An inline policy that lets its holder send to a destination of a type ("SQS", "SNS", "Lambda",
/// "EventBridge", "S3"); `prefix` and the type name it.
Json destination_policy(const std::string& prefix, const std::string& type, const Json& arn);

/// {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
Json allow(Json action, Json resource);

}  // namespace skafu::cloudformation::sam
