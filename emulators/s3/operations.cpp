#include "s3/operations.h"

#include "core/cloud.h"
#include "core/data_reset.h"
#include "s3/errors.h"
#include "s3/s3.h"

namespace skafu::s3 {

void add_row(Service& service, Store& store, Operation operation, Handler handler) {
    service.add(std::move(operation), [&store, handler](Context& context, const Json& input) {
        const std::size_t key_size = string_member(input, "Key").size();
        if (key_size > kMostKeyBytes) throw key_too_long(key_size);
        return handler(store, context, input);
    });
}

namespace {

Operation bound(std::string name, std::string method, std::string uri, std::string_view marker) {
    Operation operation;
    operation.name = std::move(name);
    operation.http.method = std::move(method);
    operation.http.uri = std::move(uri);
    if (!marker.empty()) operation.http.uri.append("?").append(marker);
    return operation;
}

}  // namespace

Operation on_bucket(std::string name, std::string method, std::string_view marker) {
    Operation operation = bound(std::move(name), std::move(method), "/{Bucket}", marker);
    operation.input = shape::structure({shape::required("Bucket", shape::string())});
    return operation;
}

Operation on_object(std::string name, std::string method, std::string_view marker) {
    Operation operation = bound(std::move(name), std::move(method), "/{Bucket}/{Key+}", marker);
    operation.input = shape::structure(
        {shape::required("Bucket", shape::string()), shape::required("Key", shape::string(1))});
    return operation;
}

void register_s3(Cloud& cloud) {
    Store& store = cloud.own(std::make_unique<Store>(cloud));
    Service service;
    service.name = "s3";
    service.protocols = {Protocol::rest_xml};
    service.xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
    service.sdk_names = {"s3"};
    service.validation_code = "InvalidArgument";
    service.reset = [&store](const Scope* scope) { store.reset(scope); };
    add_data_reset(service, [&store](const Scope* scope) { store.clear_objects(scope); });
    service.describe = [&store](Service& service) {
        add_bucket_operations(service, store);
        add_list_operations(service, store);
        add_object_operations(service, store);
        add_delete_operations(service, store);
        add_multipart_operations(service, store);
        add_form_operations(service, store);
        add_configuration_operations(service, store);
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
}

}  // namespace skafu::s3
