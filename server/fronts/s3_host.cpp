#include "fronts/s3_host.h"

namespace skafu::server {
namespace {

/// The bucket that a host name carries, or "".
std::string_view bucket_of(std::string_view host) {
    host = host.substr(0, host.rfind(':'));
    for (const std::string_view marker : {".s3.", ".s3-"}) {
        const std::size_t at = host.rfind(marker);
        if (at != std::string_view::npos) return host.substr(0, at);
    }
    constexpr std::string_view kLocal = ".localhost";
    if (!host.ends_with(kLocal) || host.starts_with("s3.") || host.starts_with("s3-")) return {};
    return host.substr(0, host.size() - kLocal.size());
}

}  // namespace

void put_bucket_into_path(HttpRequest& request) {
    const std::string_view bucket = bucket_of(request.headers.get("Host"));
    if (bucket.empty()) return;
    request.target = "/" + std::string(bucket) + request.target;
}

}  // namespace skafu::server
