#include "apigateway/operations.h"

#include "apigateway/apigateway.h"
#include "apigateway/gateway.h"
#include "apigateway/http/http_apis.h"
#include "apigateway/http/http_gateway.h"

namespace skafu::apigateway {

void add_row(Service& service, Store& store, const Row& row, Shape shape,
             std::string_view payload) {
    Operation operation;
    operation.name = row.name;
    operation.input = shape;
    operation.http.method = row.method;
    operation.http.uri = row.uri;
    operation.http.status = row.status;
    operation.http.payload = payload;
    for (const char* parameter : {"limit", "position", "embed", "mode", "failonwarnings",
                                  "basepath", "ignore", "endpointConfigurationTypes", "flatten",
                                  "includeValue", "includeValues", "name", "tagKeys", "type"}) {
        operation.http.query.emplace_back(parameter, parameter);
    }
    const Handler handler = row.handler;
    service.add(std::move(operation), [handler, &store](Context& context, const Json& input) {
        return handler(store, context, input);
    });
}

std::string text_of(const Json& input, std::string_view name) {
    return string_member(input, name);
}

std::string method_name(const Json& input) {
    return text_of(input, "http_method");
}

void copy_members(const Json& from, Json& to, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        const Json* value = find_member(from, name);
        if (value && !value->is_null()) to[std::string(name)] = *value;
    }
}

Json item_list(std::vector<Json> items) {
    Json list = Json::array();
    for (Json& item : items) list.push_back(std::move(item));
    Json result = Json::object();
    result["item"] = std::move(list);
    return result;
}

std::string new_id(Store& store, std::size_t length) {
    return store.cloud.entropy().lower_alphanumeric(length);
}

double now_seconds(Store& store) {
    return static_cast<double>(epoch_millis(store.cloud.clock().now()) / 1000);
}

void register_apigateway(Cloud& cloud) {
    Store& store = cloud.own(std::make_unique<Store>(cloud));
    Gateway& gateway = cloud.own(std::make_unique<Gateway>(store));
    Service control;
    control.name = "apigateway";
    control.protocols = {Protocol::rest_json};
    control.signing_names = {"apigateway"};
    control.sdk_names = {"apigateway"};
    control.reset = [&store](const Scope* scope) { store.reset(scope); };
    control.describe = [&store, &gateway](Service& service) {
        add_rest_api_operations(service, store);
        add_resource_operations(service, store);
        add_method_operations(service, store);
        add_integration_operations(service, store);
        add_deployment_operations(service, store);
        add_part_operations(service, store);
        add_gateway_response_operations(service, store);
        add_key_operations(service, store);
        add_account_operations(service, store);
        add_test_operations(service, gateway);
    };
    cloud.add_service(std::move(control));

    http::HttpStore& http_store = cloud.own(std::make_unique<http::HttpStore>(cloud));
    http::HttpGateway& http_gateway = cloud.own(std::make_unique<http::HttpGateway>(http_store));
    http::register_http_apis(cloud, http_store);
    register_execute_api(cloud, gateway, http_gateway);
    resources::add_types(cloud, store);
    http::register_http_types(cloud, http_store);
}

}  // namespace skafu::apigateway
