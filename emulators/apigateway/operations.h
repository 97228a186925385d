#pragma once

#include <string>
#include <string_view>

#include "apigateway/errors.h"
#include "apigateway/store.h"

namespace skafu::apigateway {

class Gateway;

/// A handler of the control plane; `input` has the members' wire names.
using Handler = Json (*)(Store&, Context&, const Json& input);

struct Row {
    std::string_view name;
    std::string_view method;
    std::string_view uri;
    int status;
    Handler handler;
};

// The parts of the table.
void add_rest_api_operations(Service& service, Store& store);
void add_resource_operations(Service& service, Store& store);
void add_method_operations(Service& service, Store& store);
void add_integration_operations(Service& service, Store& store);
void add_deployment_operations(Service& service, Store& store);
void add_part_operations(Service& service, Store& store);
void add_gateway_response_operations(Service& service, Store& store);
void add_key_operations(Service& service, Store& store);
void add_account_operations(Service& service, Store& store);
void add_test_operations(Service& service, Gateway& gateway);

/// Adds one row; `shape` says what the wire decodes, and what it refuses.
void add_row(Service& service, Store& store, const Row& row, Shape shape = shape::any(),
             std::string_view payload = {});

// What handlers share.
std::string text_of(const Json& input, std::string_view name);
std::string method_name(const Json& input);
/// Copies the named members that are there and not null.
void copy_members(const Json& from, Json& to, std::initializer_list<std::string_view> names);
/// {"item": [...]} as all lists of this service answer.
Json item_list(std::vector<Json> items);
std::string new_id(Store& store, std::size_t length);
double now_seconds(Store& store);

}  // namespace skafu::apigateway
