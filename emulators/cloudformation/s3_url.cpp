#include "cloudformation/s3_url.h"

namespace skafu::cloudformation {

std::pair<std::string, std::string> s3_object_of(const std::string& url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string::npos) return {};
    const std::string rest = url.substr(scheme + 3, url.find('?') - scheme - 3);
    const std::size_t slash = rest.find('/');
    if (slash == std::string::npos) return {};
    const std::string host = rest.substr(0, slash);
    const std::string path = rest.substr(slash + 1);
    if (url.starts_with("s3://")) return {host, path};
    const std::size_t s3 = host.find(".s3");
    if (s3 != std::string::npos) return {host.substr(0, s3), path};
    const std::size_t next = path.find('/');
    if (next == std::string::npos) return {};
    return {path.substr(0, next), path.substr(next + 1)};
}

}  // namespace skafu::cloudformation
