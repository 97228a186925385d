#include "lambda/function_spec.h"

#include <fmt/format.h>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/digest.h"

namespace skafu::lambda {

namespace {

constexpr std::string_view kFunctionMark = "function:";

[[noreturn]] void refuse(std::string_view text) {
    throw AwsError(
        "ValidationException",
        fmt::format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy "
                    "constraint: Member must satisfy regular expression pattern: "
                    "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{{2}}(-gov)?-[a-z]+-\\d{{1}}:)?"
                    "(\\d{{12}}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
                    text));
}

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '-' || c == '_';
    });
}

}  // namespace

FunctionName FunctionName::parse(const Scope& caller, std::string_view text,
                                 std::string_view qualifier) {
    FunctionName function;
    function.scope = caller;
    std::string rest(text);
    if (const std::optional<Arn> arn = Arn::parse(text); arn && text.starts_with("arn:")) {
        if (arn->service != "lambda") refuse(text);
        function.scope = {arn->account, arn->region};
        rest = arn->resource;
    } else if (const std::size_t at = rest.find(":function:"); at != std::string::npos) {
        function.scope.account = rest.substr(0, at);
        rest = rest.substr(at + 1);
    }
    if (rest.starts_with(kFunctionMark)) rest.erase(0, kFunctionMark.size());
    const std::size_t colon = rest.find(':');
    function.name = rest.substr(0, colon);
    if (colon != std::string::npos) function.qualifier = rest.substr(colon + 1);
    const bool one_qualifier = function.qualifier.find(':') == std::string::npos;
    if (!is_name(function.name) || !one_qualifier) refuse(text);
    if (!qualifier.empty()) {
        if (!function.qualifier.empty() && function.qualifier != qualifier) {
            throw AwsError("InvalidParameterValueException",
                           "The derived qualifier from the function name does not match the "
                           "specified qualifier.");
        }
        function.qualifier = qualifier;
    }
    return function;
}

std::string FunctionName::arn() const {
    return make_arn("lambda", scope.region, scope.account, "function:" + name);
}

std::string FunctionName::qualified_arn() const {
    return qualifier.empty() ? arn() : arn() + ":" + qualifier;
}

std::shared_ptr<const FunctionSpec> FunctionSpec::from(const Scope& scope, const Json& stored) {
    const Json& configuration = stored["Configuration"];
    const Json& code = stored["Code"];
    auto spec = std::make_shared<FunctionSpec>();
    spec->scope = scope;
    spec->name = string_member(configuration, "FunctionName");
    spec->version = string_member(configuration, "Version", "$LATEST");
    spec->arn = make_arn("lambda", scope.region, scope.account, "function:" + spec->name);
    spec->runtime = string_member(configuration, "Runtime");
    spec->handler = string_member(configuration, "Handler");
    spec->task_root = string_member(code, "Root");
    spec->in_user_folder = !code.contains("Archive");
    spec->timeout_seconds = configuration.value("Timeout", 3);
    spec->memory_megabytes = configuration.value("MemorySize", 128);
    if (const Json* roots = find_member(stored, "LayerRoots")) {
        for (const Json& root : *roots) spec->layer_roots.push_back(root.get<std::string>());
        std::reverse(spec->layer_roots.begin(), spec->layer_roots.end());
    }
    if (const Json* environment = find_member(configuration, "Environment")) {
        for (const auto& [name, value] : (*environment)["Variables"].items()) {
            spec->variables[name] = value.is_string() ? value.get<std::string>() : to_text(value);
        }
    }
    const Json logging = configuration.value("LoggingConfig", Json::object());
    spec->log_group = string_member(logging, "LogGroup", "/aws/lambda/" + spec->name);
    spec->log_format = string_member(logging, "LogFormat", "Text");
    spec->log_level = string_member(logging, "ApplicationLogLevel");
    Json identity = Json::array({configuration, code, stored.value("LayerRoots", Json::array())});
    identity[0].erase("LastModified");
    identity[0].erase("RevisionId");
    spec->fingerprint = digest::hex(digest::sha256(to_text(identity)));
    return spec;
}

}  // namespace skafu::lambda
