#pragma once

#include "lambda/code_store.h"
#include "lambda/lambda_service.h"

namespace skafu::lambda {

/// A new function's Configuration, with AWS's defaults for what the input leaves out.
/// Throws AwsError InvalidParameterValueException.
Json new_configuration(const FunctionName& name, const Json& input);
/// Puts an input's settings (CreateFunction's or UpdateFunctionConfiguration's) into a stored
/// function, its layers included. Throws AwsError InvalidParameterValueException.
void apply_settings(LambdaService& lambda, const FunctionName& name, const Json& input,
                    Json& stored);
/// Puts code into a stored function.
void apply_code(const StoredCode& code, Json& stored);

/// The code that a CreateFunction's `Code` or an UpdateFunctionCode's input means: ZipFile
/// (base64), S3Bucket and S3Key, or our own LocalFolder, SourceName and SourceText.
/// Throws AwsError InvalidParameterValueException.
Task<StoredCode> load_code(LambdaService& lambda, Json code, Caller caller, ActivityId cause);

}  // namespace skafu::lambda
