#pragma once

#include <string>
#include <vector>

#include "apigateway/compiled_api.h"
#include "apigateway/execution_log.h"
#include "apigateway/store.h"
#include "expressions/vtl/gateway_objects.h"

namespace skafu::apigateway {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The value of a header or query parameter: the last one given, names of headers without case.
const std::string* find_header(const Pairs& headers, std::string_view name);
const std::string* find_pair(const Pairs& pairs, std::string_view name);
void set_header(Pairs& headers, std::string name, std::string value);

/// What the client gets.
struct Answer {
    int status = 200;
    Pairs headers;
    std::string body;
};

/// What the integration answered, before it is mapped.
struct Outcome {
    int status = 200;
    Pairs headers;
    std::shared_ptr<vtl::Body> body;
    /// What selection patterns look at: the status, or a function's error message.
    std::string selector;
};

/// One request to an API, from its arrival to its answer.
struct Exchange {
    Exchange(Store& store, Caller caller, ActivityId cause)
        : store(store), caller(std::move(caller)), cause(cause) {}

    Store& store;
    Caller caller;  // the API's account and region
    ActivityId cause = 0;

    std::string api_id;
    std::string stage;
    std::string deployment_id;
    Json stage_variables = Json::object();

    std::string http_method;
    std::string path;          // behind the stage, escapes kept
    std::string request_path;  // with the stage, as it is reported
    Pairs query;
    Pairs headers;
    std::shared_ptr<vtl::Body> body;
    std::string host;
    std::string source_ip;
    std::string protocol = "HTTP/1.1";

    std::string request_id;
    std::string extended_id;
    std::string trace_id;
    std::int64_t time_ms = 0;

    std::shared_ptr<const CompiledApi> api;
    const Resource* resource = nullptr;
    const Method* method = nullptr;
    Router::Values path_values;
    std::shared_ptr<const Json> authorizer;  // what $context.authorizer holds
    std::string api_key;

    // Made when a template first needs them.
    std::shared_ptr<vtl::Map> parameters;
    std::shared_ptr<vtl::Map> context;
    std::shared_ptr<vtl::Map> variables;

    const Outcome* outcome = nullptr;  // while the response is mapped
    bool reached_integration = false;
    std::string error_message;  // of a refusal, while its gateway response is made
    std::string error_type;
    std::string error_detail;
    ExecutionLog* log = nullptr;  // of a test

    std::string_view content_type() const;
};

/// $input.params(), $context and $stageVariables, made on first use.
const std::shared_ptr<vtl::Map>& parameters_of(Exchange& exchange);
const std::shared_ptr<vtl::Map>& context_of(Exchange& exchange);

/// A value of $context by its dotted name, for parameter mappings.
std::string context_text(const Exchange& exchange, std::string_view name);

/// Renders; throws Refusal (500) for a template that fails.
std::string render(Exchange& exchange, const CompiledTemplate& compiled,
                   const std::shared_ptr<vtl::Body>& body);

}  // namespace skafu::apigateway
