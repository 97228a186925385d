#pragma once

#include "core/cloud.h"
#include "core/principals.h"
#include "lambda/async_invoker.h"
#include "lambda/code_store.h"
#include "lambda/event_sources.h"
#include "lambda/functions.h"
#include "lambda/invoker.h"
#include "lambda/store.h"

namespace skafu::lambda {

/// The service's state, and what its operations share.
struct LambdaService {
    explicit LambdaService(Cloud& house)
        : cloud(house),
          store(house.database()),
          code(house),
          functions(house, store),
          invoker(house, code),
          async(house, store, functions, invoker),
          sources(house, store, functions, invoker) {}

    Cloud& cloud;
    LambdaStore store;
    CodeStore code;
    Functions functions;
    Invoker invoker;
    AsyncInvoker async;
    EventSources sources;
};

/// The function that an input names by FunctionName and Qualifier.
FunctionName function_name(const Context& context, const Json& input);

/// The shape of what names a function: FunctionName, and Qualifier where one is given.
Shape named();

/// A payload as JSON where it is JSON, else as the text that it is.
Json payload_value(const std::string& payload);

/// A row of a REST operation, but for its handler.
Operation rest(std::string name, std::string method, std::string uri, int status, Shape input,
               std::vector<std::pair<std::string, std::string>> query = {});

/// One page of a List operation: at most MaxItems (`most` at most) of `items`, after Marker; what
/// comes next has a NextMarker. Gives {`member`: [...], NextMarker?}.
Json page_of(const Json& input, std::string_view member, std::vector<Json> items,
             std::size_t most = 50);

/// A number that a template may carry as text.
std::int64_t to_integer(const Json& value);

[[noreturn]] void invalid_value(std::string message);     ///< InvalidParameterValueException, 400
[[noreturn]] void conflict(std::string message);          ///< ResourceConflictException, 409
[[noreturn]] void missing_resource(std::string message);  ///< ResourceNotFoundException, 404

// Rows of the table, by subject.
void add_function_operations(Service& service, LambdaService& lambda);
void add_invoke_operations(Service& service, LambdaService& lambda);
void add_version_operations(Service& service, LambdaService& lambda);
void add_layer_operations(Service& service, LambdaService& lambda);
void add_permission_operations(Service& service, LambdaService& lambda);
void add_setting_operations(Service& service, LambdaService& lambda);
void add_provisioning_operations(Service& service, LambdaService& lambda);
void add_mapping_operations(Service& service, LambdaService& lambda);
void add_url_operations(Service& service, LambdaService& lambda);
/// Where GetFunction says that the code of a function lies.
void add_code_route(LambdaService& lambda);
/// Where function URLs are served.
void add_url_routes(LambdaService& lambda);
namespace resources {
void add_types(LambdaService& lambda);
}

}  // namespace skafu::lambda
