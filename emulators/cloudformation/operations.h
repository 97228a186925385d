#pragma once

#include "cloudformation/stack_store.h"
#include "cloudformation/template_source.h"
#include "core/aws_error.h"
#include "core/service.h"

namespace skafu::cloudformation {

/// The service with all its operations.
Service make_service(StackStore& store);

void add_stack_operations(Service& service, StackStore& store);
void add_change_set_operations(Service& service, StackStore& store);
void add_query_operations(Service& service, StackStore& store);

/// The input of CreateChangeSet: that of CreateStack and its own members.
Shape change_set_shape();

/// The template of an input: TemplateBody, or TemplateURL fetched from S3.
Task<std::string> template_text(Context& context, const Json& input);

/// The parameters of an input by name; UsePreviousValue takes those of `stack`.
Json given_parameters(const Json& input, const Json* stack);

/// Throws ValidationError "Stack with id X does not exist".
const Json& require_stack(StackStore& store, const Caller& caller, const std::string& name);

/// An AwsError for a template that cannot be interpreted.
AwsError refused_template(const TemplateError& error);

}  // namespace skafu::cloudformation
