#include "core/resource.h"

namespace skafu {

void ResourceTypes::add(ResourceType type) {
    const std::string name = type.name;
    if (!types_.emplace(name, std::move(type)).second) {
        throw std::logic_error(name + " is registered twice");
    }
}

const ResourceType* ResourceTypes::find(std::string_view name) const {
    const auto found = types_.find(name);
    return found == types_.end() ? nullptr : &found->second;
}

std::vector<std::string> ResourceTypes::names() const {
    std::vector<std::string> names;
    names.reserve(types_.size());
    for (const auto& [name, type] : types_) names.push_back(name);
    return names;
}

}  // namespace skafu
