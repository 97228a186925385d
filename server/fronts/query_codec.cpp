#include <charconv>
#include <map>

#include "core/utf8.h"
#include "core/xml.h"
#include "fronts/codec.h"

namespace skafu::server {
namespace {

/// The parameters of a request as a tree: "A.member.1.B=x" -> A / member / 1 / B.
struct Node {
    std::map<std::string, Node, std::less<>> children;
    std::string value;
    bool has_value = false;
};

/// Keeps hostile names from building deep trees.
constexpr int kMaxParts = 16;

Node build_tree(std::string_view form) {
    Node root;
    for (auto& [name, value] : parse_query(form)) {
        Node* node = &root;
        std::string_view rest = name;
        for (int part = 0; part < kMaxParts && !rest.empty(); ++part) {
            const std::size_t end = std::min(rest.find('.'), rest.size());
            node = &node->children[std::string(rest.substr(0, end))];
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        node->value = repaired_utf8(std::move(value));
        node->has_value = true;
    }
    return root;
}

/// The children that are numbered, in the order of their numbers.
std::map<long, const Node*> numbered(const Node& node) {
    std::map<long, const Node*> items;
    for (const auto& [name, child] : node.children) {
        long index = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
        if (error == std::errc() && end == name.data() + name.size()) items[index] = &child;
    }
    return items;
}

const Node* child(const Node& node, std::string_view name) {
    const auto found = node.children.find(name);
    return found == node.children.end() ? nullptr : &found->second;
}

Json decode(const Shape& shape, const Node& node);

Json decode_list(const Shape& shape, const Node& node) {
    const Node* items = &node;
    if (!shape->flattened) {
        const std::string_view name =
            shape->element_name.empty() ? std::string_view("member") : shape->element_name;
        const Node* wrapped = child(node, name);
        if (wrapped != nullptr) items = wrapped;
    }
    Json list = Json::array();
    for (const auto& [index, item] : numbered(*items))
        list.push_back(decode(shape->element, *item));
    return list;
}

Json decode_map(const Shape& shape, const Node& node) {
    const Node* entries = child(node, "entry");
    Json object = Json::object();
    for (const auto& [index, entry] : numbered(entries == nullptr ? node : *entries)) {
        const Node* key = child(*entry, "key");
        const Node* value = child(*entry, "value");
        // SQS names them otherwise.
        if (key == nullptr) key = child(*entry, "Name");
        if (key == nullptr) key = child(*entry, "Key");
        if (value == nullptr) value = child(*entry, "Value");
        if (key == nullptr) continue;
        object[key->value] = value == nullptr ? Json("") : decode(shape->element, *value);
    }
    return object;
}

Json decode(const Shape& shape, const Node& node) {
    switch (shape->type) {
        case Shape::Type::structure: {
            Json object = Json::object();
            for (const Shape::Member& member : shape->members) {
                const std::string_view* name =
                    member.wire_name.empty() ? &member.name : &member.wire_name;
                if (member.shape->flattened && !member.shape->element_name.empty() &&
                    member.wire_name.empty()) {
                    name = &member.shape->element_name;
                }
                const Node* found = child(node, *name);
                if (found == nullptr) found = child(node, member.name);
                if (found != nullptr) object[member.name] = decode(member.shape, *found);
            }
            return object;
        }
        case Shape::Type::list:
            return decode_list(shape, node);
        case Shape::Type::map:
            return decode_map(shape, node);
        default:
            return scalar_from_text(shape, node.value);
    }
}

HttpResponse xml_response(int status, std::string body, const std::string& request_id) {
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "text/xml");
    response.headers.add("x-amzn-RequestId", request_id);
    response.body = std::move(body);
    return response;
}

}  // namespace

Json decode_query(const Operation& operation, std::string_view form) {
    const Node root = build_tree(form);
    if (operation.input->type != Shape::Type::structure) {
        Json object = Json::object();
        for (const auto& [name, node] : root.children) {
            if (node.has_value && name != "Action" && name != "Version") object[name] = node.value;
        }
        return object;
    }
    return decode(operation.input, root);
}

HttpResponse encode_query_result(const DecodedCall& call, const Json& result,
                                 const std::string& request_id) {
    std::string body = query_answer_xml(*call.service, *call.operation, result, request_id);
    return xml_response(200, std::move(body), request_id);
}

HttpResponse encode_query_error(const Service* service, const AwsError& error,
                                const std::string& request_id) {
    std::string code = error.code();
    if (service != nullptr) {
        const auto mapped = service->query_codes.find(code);
        if (mapped != service->query_codes.end()) code = mapped->second;
    }
    std::string body = fmt::format(
        "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>{}</Code>"
        "<Message>{}</Message></Error><RequestId>{}</RequestId></ErrorResponse>\n",
        service == nullptr ? "" : service->xml_namespace,
        error.status() < 500 ? "Sender" : "Receiver", xml_escape(code), xml_escape(error.message()),
        request_id);
    return xml_response(error.status(), std::move(body), request_id);
}

}  // namespace skafu::server
