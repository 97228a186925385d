#include <pugixml.hpp>

#include "fronts/codec.h"

namespace skafu::server {
namespace {

Json read_value(const Shape& shape, const pugi::xml_node& node);

Json read_members(const Shape& shape, const pugi::xml_node& node) {
    Json object = Json::object();
    for (const Shape::Member& member : shape->members) {
        const std::string_view name = member.wire_name.empty() ? member.name : member.wire_name;
        if (name.starts_with('@')) {
            const pugi::xml_attribute attribute = node.attribute(name.data() + 1);
            if (attribute) object[member.name] = attribute.value();
            continue;
        }
        if (member.shape->flattened && member.shape->type == Shape::Type::list) {
            const std::string_view element =
                member.shape->element_name.empty() ? name : member.shape->element_name;
            Json items = Json::array();
            for (const pugi::xml_node& item : node.children(element.data())) {
                items.push_back(read_value(member.shape->element, item));
            }
            if (!items.empty()) object[member.name] = std::move(items);
            continue;
        }
        const pugi::xml_node child = node.child(name.data());
        if (child) object[member.name] = read_value(member.shape, child);
    }
    return object;
}

Json read_value(const Shape& shape, const pugi::xml_node& node) {
    switch (shape->type) {
        case Shape::Type::structure:
            return read_members(shape, node);
        case Shape::Type::list: {
            Json items = Json::array();
            const char* name = shape->element_name.empty() ? "member" : shape->element_name.data();
            for (const pugi::xml_node& item : node.children(name)) {
                items.push_back(read_value(shape->element, item));
            }
            return items;
        }
        case Shape::Type::map: {
            Json object = Json::object();
            for (const pugi::xml_node& entry : node.children("entry")) {
                object[entry.child_value("key")] = read_value(shape->element, entry.child("value"));
            }
            return object;
        }
        default:
            return scalar_from_text(shape, node.child_value());
    }
}

}  // namespace

Json from_xml(const Shape& shape, std::string_view text) {
    pugi::xml_document document;
    const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size());
    if (!parsed || !document.document_element()) {
        throw AwsError("MalformedXML",
                       "The XML you provided was not well-formed or did not validate against our "
                       "published schema");
    }
    return read_value(shape, document.document_element());
}

}  // namespace skafu::server
