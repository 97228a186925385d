#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/aws_error.h"
#include "core/cloud.h"
#include "lambda/code_store.h"
#include "lambda/function_spec.h"
#include "lambda/store.h"

namespace skafu::lambda {

/// The functions of all accounts: what CreateFunction and its like keep, and what Invoke reads.
/// A stored function is {Configuration (as GetFunctionConfiguration answers), Code (StoredCode),
/// LayerRoots, Tags, Policies: {qualifier: document}, ReservedConcurrency, LastVersion}.
class Functions {
  public:
    Functions(Cloud& cloud, LambdaStore& store);

    /// The stored function. Throws AwsError ResourceNotFoundException (404).
    const Json& get(const FunctionName& name) const;
    /// The function, or the version that the name's qualifier means (through an alias, too), as
    /// {Configuration, Code, …}.
    const Json& resolve(const FunctionName& name) const;
    /// The spec to run, made once per configuration. An alias with weights picks one of its two
    /// versions each time.
    std::shared_ptr<const FunctionSpec> spec(const FunctionName& name);

    /// Stores a function and forgets the specs made of it.
    void put(const FunctionName& name, Json stored);
    void erase(const FunctionName& name);
    /// Changes a stored function in place: a new RevisionId and, where told, LastModified.
    const Json& change(const FunctionName& name, const std::function<void(Json&)>& action);
    void forget_specs() { specs_.clear(); }

    /// AWS's error for a function that is not there; `arn` may carry a qualifier.
    static AwsError not_found(const std::string& arn);

  private:
    std::string version_of(const FunctionName& name, const std::string& qualifier) const;

    Cloud& cloud_;
    LambdaStore& store_;
    std::map<std::string, std::shared_ptr<const FunctionSpec>, std::less<>> specs_;
};

/// GetFunctionConfiguration's answer for a stored function or version.
Json configuration_of(const Json& stored);

}  // namespace skafu::lambda
