#include "core/arn.h"

#include <fmt/format.h>

namespace skafu {

std::optional<Arn> Arn::parse(std::string_view text) {
    if (!text.starts_with("arn:")) return std::nullopt;
    Arn arn;
    std::string* const parts[] = {&arn.partition, &arn.service, &arn.region, &arn.account};
    std::size_t at = 4;
    for (std::string* part : parts) {
        const std::size_t colon = text.find(':', at);
        if (colon == std::string_view::npos) return std::nullopt;
        part->assign(text.substr(at, colon - at));
        at = colon + 1;
    }
    arn.resource.assign(text.substr(at));
    if (arn.resource.empty()) return std::nullopt;
    return arn;
}

std::string Arn::text() const {
    return fmt::format("arn:{}:{}:{}:{}:{}", partition, service, region, account, resource);
}

std::string_view Arn::resource_type() const {
    return std::string_view(resource).substr(0, resource.find_first_of(":/"));
}

std::string_view Arn::resource_id() const {
    const std::size_t split = resource.find_first_of(":/");
    if (split == std::string::npos) return resource;
    return std::string_view(resource).substr(split + 1);
}

std::string make_arn(std::string_view service, std::string_view region, std::string_view account,
                     std::string_view resource) {
    return fmt::format("arn:aws:{}:{}:{}:{}", service, region, account, resource);
}

}  // namespace skafu
