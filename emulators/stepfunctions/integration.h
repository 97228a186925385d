#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/aws_error.h"
#include "core/cloud.h"
#include "stepfunctions/failure.h"

namespace skafu::stepfunctions {

/// What the `Resource` of a Task state means.
struct Integration {
    enum class Kind : std::uint8_t { none, lambda_function, activity, service };
    enum class Pattern : std::uint8_t { request_response, sync, sync2, wait_for_token };

    Kind kind = Kind::none;
    Pattern pattern = Pattern::request_response;
    bool is_sdk = false;        ///< arn:aws:states:::aws-sdk:…
    std::string arn;            ///< as written
    std::string resource;       ///< in history: "sendMessage.waitForTaskToken"
    std::string resource_type;  ///< in history: "sqs", "aws-sdk:dynamodb"
    std::string service;        ///< what the house calls it
    std::string operation;      ///< "SendMessage"
    std::string error_prefix;   ///< "SQS"; SDK style "DynamoDb"
    std::string error_service;  ///< "AmazonSQS"; SDK style "DynamoDb"

    bool waits_for_token() const { return pattern == Pattern::wait_for_token; }
    bool is_nested_execution() const {
        return pattern == Pattern::sync || pattern == Pattern::sync2;
    }
};

/// Reads the ARN of a Resource field; nothing where it is none that Step Functions knows or that
/// the house can serve.
std::optional<Integration> parse_integration(std::string_view resource, const Cloud& cloud);

/// The nearest resource that would be understood, for people.
std::string nearest_resource(std::string_view resource, const Cloud& cloud);

/// A task's arguments as the operation's input: member names as the service spells them, objects
/// as JSON text where the service wants text.
Json to_service_input(const Integration& integration, const Cloud& cloud, Json arguments);

/// An operation's output as the task's result: PascalCase members; optimised integrations also
/// tell of the HTTP exchange.
Json to_task_result(const Integration& integration, Json output, const std::string& request_id,
                    TimePoint now);

/// The failure that an operation's error means to retriers and catchers.
Failure to_failure(const Integration& integration, const AwsError& error,
                   const std::string& request_id);

}  // namespace skafu::stepfunctions
