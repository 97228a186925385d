#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/service.h"
#include "s3/store.h"

namespace skafu::s3 {

using Handler = Json (*)(Store&, Context&, const Json&);

/// Adds a row bound to HTTP; shape, headers and XML are given on the operation.
void add_row(Service& service, Store& store, Operation operation, Handler handler);
/// An operation of that name at "/{Bucket}" or "/{Bucket}/{Key+}" with an optional query marker.
Operation on_bucket(std::string name, std::string method, std::string_view marker = {});
Operation on_object(std::string name, std::string method, std::string_view marker = {});

void add_bucket_operations(Service& service, Store& store);
void add_list_operations(Service& service, Store& store);
void add_object_operations(Service& service, Store& store);
void add_delete_operations(Service& service, Store& store);
void add_multipart_operations(Service& service, Store& store);
void add_form_operations(Service& service, Store& store);
void add_configuration_operations(Service& service, Store& store);
namespace resources {
void add_types(Cloud& cloud);
}

/// Headers of an object that a write gives and a read returns: member -> header.
const std::vector<std::pair<std::string, std::string>>& object_headers();
/// Members and headers of a write: object_headers(), metadata, tags, checksums, conditions.
void bind_write_headers(Operation& operation);

/// The bytes of a request's Body, with its transfer encoding and checksums seen to.
struct ReceivedBody {
    std::string bytes;
    Json checksums = Json::object();
};
ReceivedBody receive_body(const Json& input);

/// What a write stores beside the bytes: headers, metadata, tags.
Json info_of_write(const Json& input);

/// The members of an answer about an object: ETag, LastModified, headers, metadata, checksums.
Json describe(const ObjectVersion& version, const Bucket& bucket);

}  // namespace skafu::s3
