#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/collection.h"

namespace skafu::lambda {

/// What a function name of the API may say: "name", "name:alias", a partial ARN
/// ("123456789012:function:name") or an ARN, with or without a version or alias.
struct FunctionName {
    Scope scope;  ///< the caller's, unless an ARN says otherwise
    std::string name;
    std::string qualifier;  ///< version number, alias, "$LATEST" or ""

    /// `qualifier` is the request's own, which must not contradict the name's.
    /// Throws AwsError ValidationException.
    static FunctionName parse(const Scope& caller, std::string_view text,
                              std::string_view qualifier);
    std::string arn() const;            ///< without qualifier
    std::string qualified_arn() const;  ///< with the qualifier, if there is one
};

/// One version of a function as its processes need it. Never changed: another configuration is
/// another spec, with another fingerprint.
struct FunctionSpec {
    Scope scope;
    std::string name;
    std::string version;  ///< "$LATEST" or a number
    std::string arn;      ///< without version
    std::string runtime;
    std::string handler;
    std::string task_root;
    bool in_user_folder = false;           ///< the code was not unpacked by us
    std::vector<std::string> layer_roots;  ///< the last layer first: it wins
    std::map<std::string, std::string> variables;
    int timeout_seconds = 3;
    int memory_megabytes = 128;
    std::string log_group;
    std::string log_format = "Text";
    std::string log_level;  ///< of the application, JSON format only
    std::string fingerprint;

    /// From a stored function or version: {Configuration, Code}.
    static std::shared_ptr<const FunctionSpec> from(const Scope& scope, const Json& stored);
};

}  // namespace skafu::lambda
