#include "apigateway/compiled_api.h"

namespace skafu::apigateway {
namespace {

std::string_view next_segment(std::string_view& rest) {
    if (rest.starts_with('/')) rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, end);
    rest.remove_prefix(end);
    return segment;
}

std::string without_last_slash(std::string_view text) {
    if (text.starts_with('/')) text.remove_prefix(1);
    if (text.ends_with('/')) text.remove_suffix(1);
    return std::string(text);
}

}  // namespace

void Router::add(std::string_view path, const Resource* resource) {
    Node* at = &root_;
    while (path.size() > 1) {
        const std::string_view segment = next_segment(path);
        if (segment.starts_with('{') && segment.ends_with("+}")) {
            at->greedy = resource;
            at->greedy_name = segment.substr(1, segment.size() - 3);
            return;
        }
        if (segment.starts_with('{') && segment.ends_with('}')) {
            if (!at->variable) at->variable = std::make_unique<Node>();
            at->variable_name = segment.substr(1, segment.size() - 2);
            at = at->variable.get();
        } else {
            std::unique_ptr<Node>& next = at->literals[std::string(segment)];
            if (!next) next = std::make_unique<Node>();
            at = next.get();
        }
    }
    at->resource = resource;
}

const Resource* Router::find(std::string_view path, Values& values) const {
    return match(root_, path, values);
}

const Resource* Router::match(const Node& node, std::string_view rest, Values& values) {
    const bool at_end = rest.empty() || rest == "/";
    if (at_end && node.resource && !node.resource->methods.empty()) return node.resource;
    if (!at_end) {
        std::string_view behind = rest;
        const std::string_view segment = next_segment(behind);
        const auto literal = node.literals.find(std::string(segment));
        if (literal != node.literals.end()) {
            if (const Resource* found = match(*literal->second, behind, values)) return found;
        }
        if (node.variable && !segment.empty()) {
            values.emplace_back(node.variable_name, std::string(segment));
            if (const Resource* found = match(*node.variable, behind, values)) return found;
            values.pop_back();
        }
        if (node.greedy) {
            values.emplace_back(node.greedy_name, without_last_slash(rest));
            return node.greedy;
        }
    }
    return nullptr;
}

}  // namespace skafu::apigateway
