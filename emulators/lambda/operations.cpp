#include "lambda/lambda.h"
#include "lambda/lambda_service.h"

namespace skafu::lambda {

void register_lambda(Cloud& cloud) {
    LambdaService& lambda = cloud.own(std::make_unique<LambdaService>(cloud));
    Service service;
    service.name = "lambda";
    service.protocols = {Protocol::rest_json};
    service.sdk_names = {"lambda"};
    service.reset = [&lambda](const Scope* scope) {
        lambda.sources.stop_all(scope);
        lambda.store.clear(scope);
        lambda.functions.forget_specs();
        lambda.invoker.drop_scope(scope);
    };
    service.describe = [&lambda](Service& service) {
        add_function_operations(service, lambda);
        add_invoke_operations(service, lambda);
        add_version_operations(service, lambda);
        add_layer_operations(service, lambda);
        add_permission_operations(service, lambda);
        add_setting_operations(service, lambda);
        add_provisioning_operations(service, lambda);
        add_mapping_operations(service, lambda);
        add_url_operations(service, lambda);
    };
    cloud.add_service(std::move(service));
    add_code_route(lambda);
    add_url_routes(lambda);
    resources::add_types(lambda);
    lambda.async.resume();
    lambda.sources.resume();
}

}  // namespace skafu::lambda
