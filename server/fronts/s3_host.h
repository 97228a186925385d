#pragma once

#include "core/http.h"

namespace skafu::server {

/// Virtual-host addressing: where the Host names a bucket ("{bucket}.s3.localhost:4566",
/// "{bucket}.s3.eu-west-1.localhost", "{bucket}.localhost"), it becomes the path's first part.
void put_bucket_into_path(HttpRequest& request);

}  // namespace skafu::server
