#include "stepfunctions/mock_schema.h"

#include <map>

namespace skafu::stepfunctions {
namespace {

using shape::boolean;
using shape::enumeration;
using shape::list;
using shape::number;
using shape::optional;
using shape::required;
using shape::string;
using shape::structure;

Shape item() {
    return shape::map(string(), shape::any());
}

Shape items_page() {
    return structure({optional("Items", list(item())), optional("Count", number()),
                      optional("ScannedCount", number()), optional("LastEvaluatedKey", item())});
}

Shape kms_algorithm() {
    return enumeration({"SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"});
}

Shape storage_class() {
    return enumeration({"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA",
                        "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR",
                        "SNOW", "EXPRESS_ONEZONE"});
}

Shape s3_entry() {
    return structure({optional("Key", string(1)), optional("Size", number()),
                      optional("ETag", string()), optional("LastModified", string()),
                      optional("StorageClass", storage_class())});
}

Shape s3_object() {
    return structure({optional("ContentLength", number()), optional("ETag", string()),
                      optional("ContentType", string()), optional("LastModified", string()),
                      optional("VersionId", string()), optional("DeleteMarker", boolean()),
                      optional("Metadata", shape::map(string(), string())),
                      optional("TagCount", number()), optional("PartsCount", number()),
                      optional("MissingMeta", number()),
                      optional("ServerSideEncryption",
                               enumeration({"AES256", "aws:fsx", "aws:kms", "aws:kms:dsse"})),
                      optional("ObjectLockMode", enumeration({"GOVERNANCE", "COMPLIANCE"})),
                      optional("StorageClass", storage_class())});
}

Shape lambda_function() {
    return structure(
        {optional(
             "Configuration",
             structure(
                 {optional("FunctionName", string()), optional("FunctionArn", string()),
                  optional("Runtime", string()), optional("Role", string()),
                  optional("Handler", string()), optional("CodeSize", number()),
                  optional("Timeout", shape::integer(1)),
                  optional("MemorySize", shape::integer(128, 10240)),
                  optional("State", enumeration({"Pending", "Active", "Inactive", "Failed"})),
                  optional("LastUpdateStatus", enumeration({"Successful", "Failed", "InProgress"})),
                  optional("PackageType", enumeration({"Zip", "Image"})),
                  optional("Architectures", list(enumeration({"x86_64", "arm64"})))})),
         optional("Code", structure({optional("RepositoryType", string()),
                                     optional("Location", string())})),
         optional("Tags", shape::map(string(), string()))});
}

/// The outputs of operations whose mocks are checked most: "service:Operation" -> shape.
const std::map<std::string, Shape, std::less<>>& output_shapes() {
    static const std::map<std::string, Shape, std::less<>> kShapes{
        {"events:PutEvents",
         structure({optional("Entries", list(structure({optional("EventId", string()),
                                                        optional("ErrorCode", string()),
                                                        optional("ErrorMessage", string())}))),
                    optional("FailedEntryCount", number())})},
        {"states:StartExecution",
         structure({required("ExecutionArn", string(1, 256)), required("StartDate", string())})},
        {"lambda:Invoke",
         structure({optional("StatusCode", number()), optional("FunctionError", string()),
                    optional("LogResult", string()), optional("ExecutedVersion", string())})},
        {"lambda:GetFunction", lambda_function()},
        {"s3:GetObject", s3_object()},
        {"s3:ListObjectsV2",
         structure({optional("IsTruncated", boolean()), optional("KeyCount", number()),
                    optional("Contents", list(s3_entry())), optional("Name", string()),
                    optional("Prefix", string()), optional("NextContinuationToken", string())})},
        {"kms:Encrypt",
         structure({optional("CiphertextBlob", string(1, 6144)), optional("KeyId", string(1, 2048)),
                    optional("EncryptionAlgorithm", kms_algorithm())})},
        {"kms:Decrypt",
         structure({optional("Plaintext", string(1, 4096)), optional("KeyId", string(1, 2048)),
                    optional("EncryptionAlgorithm", kms_algorithm())})},
        {"states:StartSyncExecution",
         structure({required("ExecutionArn", string(1, 256)), required("StartDate", string()),
                    required("StopDate", string()),
                    required("Status", enumeration({"SUCCEEDED", "FAILED", "TIMED_OUT"})),
                    optional("StateMachineArn", string(1, 256)), optional("Output", string()),
                    optional("Error", string(0, 256)), optional("Cause", string(0, 32768))})},
        {"secretsmanager:GetSecretValue",
         structure({optional("ARN", string(20, 2048)), optional("Name", string(1, 256)),
                    optional("VersionId", string(32, 64)), optional("SecretString", string()),
                    optional("VersionStages", list(string(1, 256))),
                    optional("CreatedDate", string())})},
        {"sqs:SendMessage",
         structure({optional("MessageId", string()), optional("MD5OfMessageBody", string()),
                    optional("SequenceNumber", string())})},
        {"sns:Publish", structure({optional("MessageId", string())})},
        {"dynamodb:GetItem", structure({optional("Item", item())})},
        {"dynamodb:PutItem", structure({optional("Attributes", item())})},
        {"dynamodb:UpdateItem", structure({optional("Attributes", item())})},
        {"dynamodb:DeleteItem", structure({optional("Attributes", item())})},
        {"dynamodb:Query", items_page()},
        {"dynamodb:Scan", items_page()},
    };
    return kShapes;
}

[[noreturn]] void refuse(const std::string& what) {
    throw AwsError::validation("Mock result schema validation error: " + what);
}

void check_limits(const Shape& shape, const Json& value, const std::string& name) {
    if (value.is_number()) {
        if (shape->min && value.get<double>() < static_cast<double>(*shape->min)) {
            refuse("Field '" + name + "' is less than the minimum value");
        }
        if (shape->max && value.get<double>() > static_cast<double>(*shape->max)) {
            refuse("Field '" + name + "' exceeds the maximum value");
        }
        return;
    }
    if (!value.is_string()) return;
    const auto size = static_cast<std::int64_t>(value.get_ref<const std::string&>().size());
    if (shape->min && size < *shape->min) {
        refuse("Field '" + name + "' is smaller than the minimum length");
    }
    if (shape->max && size > *shape->max) refuse("Field '" + name + "' exceeds the maximum length");
    const bool is_known = shape->values.empty() ||
                          std::find(shape->values.begin(), shape->values.end(),
                                    value.get_ref<const std::string&>()) != shape->values.end();
    if (!is_known) refuse("Field '" + name + "' is not an expected value");
}

void check(const Shape& shape, const Json& value, const std::string& name, FieldValidation mode) {
    switch (shape->type) {
        case Shape::Type::structure:
            if (!value.is_object()) refuse("Field '" + name + "' must be an object");
            for (const Shape::Member& member : shape->members) {
                const Json* found = find_member(value, member.name);
                if (found != nullptr) {
                    check(member.shape, *found, std::string(member.name), mode);
                } else if (member.required && mode == FieldValidation::strict) {
                    refuse(fmt::format("Required field '{}' is missing", member.name));
                }
            }
            return;
        case Shape::Type::list:
            if (!value.is_array()) refuse("Field '" + name + "' must be an array");
            for (const Json& item : value) check(shape->element, item, name, mode);
            return;
        case Shape::Type::string:
            if (!value.is_string()) refuse("Field '" + name + "' must be a string");
            break;
        case Shape::Type::integer:
        case Shape::Type::number:
            if (!value.is_number()) refuse("Field '" + name + "' must be a number");
            break;
        case Shape::Type::boolean:
            if (!value.is_boolean()) refuse("Field '" + name + "' must be a boolean");
            return;
        case Shape::Type::map:
            if (!value.is_object()) refuse("Field '" + name + "' must be an object");
            for (const auto& [key, each] : value.items()) check(shape->element, each, name, mode);
            return;
        default:
            return;
    }
    check_limits(shape, value, name);
}

}  // namespace

void check_mock_result(const Integration& integration, const Json& result, FieldValidation mode) {
    if (mode == FieldValidation::none || !result.is_object()) return;
    if (integration.kind != Integration::Kind::service) return;
    const auto found = output_shapes().find(integration.service + ":" + integration.operation);
    if (found == output_shapes().end()) return;
    // An empty mock of an operation without required members is taken as it is.
    check(found->second, result, "result", mode);
}

}  // namespace skafu::stepfunctions
