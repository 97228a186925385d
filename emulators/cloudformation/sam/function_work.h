#pragma once

#include "cloudformation/sam/function_events.h"

namespace skafu::cloudformation::sam {

/// One AWS::Serverless::Function while it is translated.
struct FunctionWork {
    Context& context;
    Source source;
    Json lambda = Json::object();     ///< the properties of the AWS::Lambda::Function
    Json target = ref_to(source.id);  ///< Ref of the function or of its alias
    std::string alias_name = {};      ///< empty: no alias
    std::string alias_id = {};
    Json role_policies = Json::array();  ///< that come before those of the events

    SamProblem problem(const std::string& why) const {
        return SamProblem::resource(source.id, why);
    }
};

/// AutoPublishAlias: version and alias, and what DeploymentPreference makes of the alias.
/// Throws SamProblem.
void add_alias(FunctionWork& work);

/// EventInvokeConfig, with the queues and topics that it leaves to SAM. Throws SamProblem.
void add_invoke_config(FunctionWork& work);

/// FunctionUrlConfig: URL, and who may call it. Throws SamProblem.
void add_function_url(FunctionWork& work);

}  // namespace skafu::cloudformation::sam
