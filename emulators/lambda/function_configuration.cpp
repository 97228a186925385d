#include "lambda/function_configuration.h"

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/base64.h"
#include "core/log.h"
#include "core/shape.h"

namespace skafu::lambda {

namespace {

constexpr std::size_t kMaxVariables = 4096;  // Lambda quotas: all environment variables

/// Variables that the runtime sets and nobody may override ("Defined runtime environment
/// variables", Lambda Developer Guide).
constexpr std::array<std::string_view, 15> kReserved = {"_HANDLER",
                                                        "_X_AMZN_TRACE_ID",
                                                        "AWS_ACCESS_KEY",
                                                        "AWS_ACCESS_KEY_ID",
                                                        "AWS_DEFAULT_REGION",
                                                        "AWS_EXECUTION_ENV",
                                                        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                        "AWS_LAMBDA_FUNCTION_NAME",
                                                        "AWS_LAMBDA_FUNCTION_VERSION",
                                                        "AWS_LAMBDA_LOG_GROUP_NAME",
                                                        "AWS_LAMBDA_LOG_STREAM_NAME",
                                                        "AWS_LAMBDA_RUNTIME_API",
                                                        "AWS_REGION",
                                                        "AWS_SECRET_ACCESS_KEY",
                                                        "AWS_SESSION_TOKEN"};

/// Runtimes by their form: which versions there are changes with the year.
void check_runtime(const std::string& runtime) {
    static const std::string known =
        R"(nodejs\d+\.x|python\d\.\d+|java\d+(\.al2)?|dotnet(core)?\d+(\.\d)?|go1\.x|ruby\d\.\d+|)"
        R"(provided(\.al2|\.al2023)?)";
    if (matches_whole(known, runtime)) return;
    invalid_value(
        fmt::format("Value {} at 'runtime' failed to satisfy constraint: Member must satisfy enum "
                    "value set: [nodejs20.x, nodejs22.x, python3.11, python3.12, python3.13, "
                    "java21, dotnet8, ruby3.3, provided.al2, provided.al2023] or be a valid ARN",
                    runtime));
}

bool is_variable_name(std::string_view name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return name.size() > 1 && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

void check_variables(const Json& variables) {
    std::size_t size = 0;
    std::string reserved;
    for (const auto& [name, value] : variables.items()) {
        size += name.size() + (value.is_string() ? value.get<std::string>().size() : 0);
        if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
            reserved += (reserved.empty() ? "" : ", ") + name;
        } else if (!is_variable_name(name)) {
            throw AwsError::validation(
                "1 validation error detected: Value at 'environment.variables' failed to satisfy "
                "constraint: Map keys must satisfy constraint: [Member must satisfy regular "
                "expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]");
        }
    }
    if (!reserved.empty()) {
        invalid_value(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have provided contains reserved keys that are currently not supported "
            "for modification. Reserved keys used in this request: " +
            reserved);
    }
    if (size > kMaxVariables) {
        invalid_value(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have provided exceeded the 4KB limit. String measured: " +
            to_text(variables));
    }
}

void check_range(const Json& input, const char* member, std::int64_t low, std::int64_t high) {
    const Json* value = find_member(input, member);
    if (value == nullptr || value->is_null()) return;
    const std::int64_t number = to_integer(*value);
    if (number >= low && number <= high) return;
    std::string path = member;
    path.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(path.front())));
    throw AwsError::validation(fmt::format(
        "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member must "
        "have value {} than or equal to {}",
        number, path, number < low ? "greater" : "less", number < low ? low : high));
}

/// The layers' ARNs and folders. A layer of another account cannot be had offline.
void apply_layers(LambdaService& lambda, const FunctionName& name, const Json& layers,
                  Json& stored) {
    Json list = Json::array();
    Json roots = Json::array();
    for (const Json& layer : layers) {
        const std::string arn = layer.get<std::string>();
        const std::optional<Arn> parts = Arn::parse(arn);
        const std::size_t colon = arn.rfind(':');
        const Json* found = nullptr;
        if (parts && parts->resource_type() == "layer" &&
            arn.substr(colon + 1).find_first_not_of("0123456789") == std::string::npos) {
            const std::string_view id = parts->resource_id();
            const std::string layer_name(id.substr(0, id.find(':')));
            found = lambda.store.layers.find(
                {parts->account, parts->region},
                LambdaStore::version_key(layer_name, std::stoll("0" + arn.substr(colon + 1))));
        }
        if (found == nullptr && parts && parts->account != name.scope.account) {
            log::warn("function {}: layer {} belongs to another account and is not here", name.name,
                      arn);
            list.push_back({{"Arn", arn}, {"CodeSize", 0}});
            continue;
        }
        if (found == nullptr) invalid_value(fmt::format("Layer version {} does not exist.", arn));
        list.push_back({{"Arn", arn}, {"CodeSize", (*found)["Code"]["Size"]}});
        roots.push_back((*found)["Code"]["Root"]);
    }
    stored["Configuration"]["Layers"] = std::move(list);
    stored["LayerRoots"] = std::move(roots);
}

void apply_logging(const FunctionName& name, const Json& input, Json& configuration) {
    Json logging = {{"LogFormat", "Text"}, {"LogGroup", "/aws/lambda/" + name.name}};
    if (const Json* old = find_member(configuration, "LoggingConfig")) logging = *old;
    if (const Json* given = find_member(input, "LoggingConfig")) {
        for (const auto& [member, value] : given->items()) logging[member] = value;
        if (string_member(logging, "LogFormat") == "JSON") {
            if (!logging.contains("ApplicationLogLevel")) logging["ApplicationLogLevel"] = "INFO";
            if (!logging.contains("SystemLogLevel")) logging["SystemLogLevel"] = "INFO";
        }
    }
    configuration["LoggingConfig"] = std::move(logging);
}

}  // namespace

Json new_configuration(const FunctionName& name, const Json& input) {
    const std::string package = string_member(input, "PackageType", "Zip");
    if (package == "Zip" && (!input.contains("Runtime") || !input.contains("Handler"))) {
        invalid_value(
            "Runtime and Handler are mandatory parameters for functions created with deployment "
            "packages.");
    }
    Json configuration = {{"FunctionName", name.name}, {"FunctionArn", name.arn()}};
    configuration["Role"] = string_member(input, "Role");
    configuration["Description"] = "";
    configuration["Timeout"] = 3;
    configuration["MemorySize"] = 128;
    configuration["Version"] = "$LATEST";
    configuration["TracingConfig"] = {{"Mode", "PassThrough"}};
    configuration["State"] = "Active";
    configuration["LastUpdateStatus"] = "Successful";
    configuration["PackageType"] = package;
    configuration["Architectures"] = input.value("Architectures", Json::array({"x86_64"}));
    configuration["EphemeralStorage"] = {{"Size", 512}};
    configuration["SnapStart"] = {{"ApplyOn", "None"}, {"OptimizationStatus", "Off"}};
    return configuration;
}

void apply_settings(LambdaService& lambda, const FunctionName& name, const Json& input,
                    Json& stored) {
    check_range(input, "Timeout", 1, 900);
    check_range(input, "MemorySize", 128, 10240);
    if (const Json* runtime = find_member(input, "Runtime"); runtime && runtime->is_string()) {
        check_runtime(runtime->get<std::string>());
    }
    Json& configuration = stored["Configuration"];
    for (const char* member : {"Runtime", "Role", "Handler", "Description", "KMSKeyArn",
                               "FileSystemConfigs", "ImageConfigResponse"}) {
        const Json* value = find_member(input, member);
        if (value != nullptr && !value->is_null()) configuration[member] = *value;
    }
    for (const char* member : {"Timeout", "MemorySize"}) {
        const Json* value = find_member(input, member);
        if (value != nullptr && !value->is_null()) configuration[member] = to_integer(*value);
    }
    for (const char* member : {"TracingConfig", "EphemeralStorage", "DeadLetterConfig"}) {
        const Json* value = find_member(input, member);
        if (value != nullptr && value->is_object()) configuration[member] = *value;
    }
    if (const Json* vpc = find_member(input, "VpcConfig"); vpc != nullptr && vpc->is_object()) {
        configuration["VpcConfig"] = *vpc;
        configuration["VpcConfig"]["VpcId"] =
            vpc->value("SubnetIds", Json::array()).empty() ? "" : "vpc-00000000000000000";
    }
    if (const Json* snap = find_member(input, "SnapStart"); snap != nullptr && snap->is_object()) {
        configuration["SnapStart"]["ApplyOn"] = string_member(*snap, "ApplyOn", "None");
    }
    if (const Json* environment = find_member(input, "Environment");
        environment != nullptr && environment->is_object()) {
        const Json variables = environment->value("Variables", Json::object());
        check_variables(variables);
        configuration.erase("Environment");
        if (!variables.empty()) configuration["Environment"] = {{"Variables", variables}};
    }
    if (const Json* layers = find_member(input, "Layers");
        layers != nullptr && layers->is_array()) {
        apply_layers(lambda, name, *layers, stored);
    }
    apply_logging(name, input, stored["Configuration"]);
}

void apply_code(const StoredCode& code, Json& stored) {
    stored["Code"] = code.to_json();
    stored["Configuration"]["CodeSize"] = code.size;
    stored["Configuration"]["CodeSha256"] = code.sha256;
}

namespace {

Task<std::string> fetch_object(LambdaService& lambda, Json code, Caller caller, ActivityId cause) {
    Json input = {{"Bucket", code["S3Bucket"]}, {"Key", code.value("S3Key", Json(""))}};
    if (const Json* version = find_member(code, "S3ObjectVersion")) input["VersionId"] = *version;
    std::string code_of_failure;
    std::string why;
    try {
        Json object = co_await lambda.cloud.call_json("s3", "GetObject", std::move(input),
                                                      std::move(caller), cause);
        co_return string_member(object, "Body");
    } catch (const AwsError& error) {
        code_of_failure = error.code();
        why = error.message();
    }
    invalid_value(
        fmt::format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
                    code_of_failure, why));
}

}  // namespace

Task<StoredCode> load_code(LambdaService& lambda, Json code, Caller caller, ActivityId cause) {
    if (code.contains("LocalFolder")) {
        co_return lambda.code.use_folder(string_member(code, "LocalFolder"));
    }
    if (code.contains("SourceText")) {
        co_return lambda.code.store_source(string_member(code, "SourceName"),
                                           string_member(code, "SourceText"));
    }
    std::string bytes;
    if (code.contains("ZipFile")) {
        std::optional<std::string> decoded = base64_decode(string_member(code, "ZipFile"));
        if (!decoded || decoded->empty())
            invalid_value(
                "Could not unzip uploaded file. Please check your file, then try to upload again.");
        bytes = std::move(*decoded);
    } else if (code.contains("S3Bucket")) {
        bytes = co_await fetch_object(lambda, std::move(code), std::move(caller), cause);
    } else if (code.contains("ImageUri")) {
        co_return StoredCode{};  // kept, though nothing here can run it
    } else {
        invalid_value("Please provide a source for function code.");
    }
    StoredCode stored = co_await lambda.code.store_zip(std::move(bytes));
    co_return stored;
}

}  // namespace skafu::lambda
