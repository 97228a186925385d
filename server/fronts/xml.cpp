#include <pugixml.hpp>

#include "fronts/codec.h"

namespace skafu::server {

std::string xml_escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\r':
                out += "&#xD;";
                break;
            default:
                // XML 1.0 has no other control characters, escaped or not.
                if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
        }
    }
    return out;
}

namespace {

class XmlWriter {
  public:
    explicit XmlWriter(const XmlOutput& rules) : rules_(rules) {}
    std::string out;

    void members(const Json& object, const std::string& path) {
        for (const auto& [name, value] : object.items()) {
            member(name, value, path.empty() ? name : path + "." + name);
        }
    }

  private:
    template <class Rules>
    static const auto* rule(const Rules& rules, const std::string& path) {
        for (const auto& entry : rules) {
            if (entry.first == path) return &entry.second;
        }
        return static_cast<decltype(&rules.front().second)>(nullptr);
    }

    void member(const std::string& name, const Json& value, const std::string& path) {
        if (value.is_null()) return;
        const std::string* flat = rule(rules_.flattened, path);
        if (value.is_array()) {
            const std::string* element = rule(rules_.element_names, path);
            const std::string entry = flat ? *flat : element ? *element : std::string("member");
            if (!flat) out += "<" + name + ">";
            for (const Json& item : value) element_of(entry, item, path);
            if (!flat) out += "</" + name + ">";
            return;
        }
        if (value.is_object() && (flat || rule(rules_.map_names, path))) {
            map(name, value, path, flat);
            return;
        }
        element_of(name, value, path);
    }

    void map(const std::string& name, const Json& value, const std::string& path,
             const std::string* flat) {
        const auto* names = rule(rules_.map_names, path);
        const std::string key_name = names ? names->first : "key";
        const std::string value_name = names ? names->second : "value";
        const std::string entry = flat ? *flat : std::string("entry");
        if (!flat) out += "<" + name + ">";
        for (const auto& [key, item] : value.items()) {
            out += "<" + entry + "><" + key_name + ">" + xml_escape(key) + "</" + key_name + ">";
            element_of(value_name, item, path);
            out += "</" + entry + ">";
        }
        if (!flat) out += "</" + name + ">";
    }

    void element_of(const std::string& name, const Json& value, const std::string& path) {
        out += "<" + name + ">";
        if (value.is_object())
            members(value, path);
        else if (value.is_array())
            for (const Json& item : value) element_of("member", item, path);
        else if (value.is_string())
            out += xml_escape(value.get_ref<const std::string&>());
        else if (!value.is_null())
            out += to_text(value);
        out += "</" + name + ">";
    }

    const XmlOutput& rules_;
};

Json read_value(const Shape& shape, const pugi::xml_node& node);

Json read_members(const Shape& shape, const pugi::xml_node& node) {
    Json object = Json::object();
    for (const Shape::Member& member : shape.members) {
        const std::string& name = member.wire_name.empty() ? member.name : member.wire_name;
        if (name.starts_with('@')) {
            const pugi::xml_attribute attribute = node.attribute(name.c_str() + 1);
            if (attribute) object[member.name] = attribute.value();
            continue;
        }
        if (member.shape.flattened && member.shape.type == Shape::Type::list) {
            const std::string& element =
                member.shape.element_name.empty() ? name : member.shape.element_name;
            Json items = Json::array();
            for (const pugi::xml_node& item : node.children(element.c_str())) {
                items.push_back(read_value(*member.shape.element, item));
            }
            if (!items.empty()) object[member.name] = std::move(items);
            continue;
        }
        const pugi::xml_node child = node.child(name.c_str());
        if (child) object[member.name] = read_value(member.shape, child);
    }
    return object;
}

Json read_value(const Shape& shape, const pugi::xml_node& node) {
    switch (shape.type) {
        case Shape::Type::structure:
            return read_members(shape, node);
        case Shape::Type::list: {
            Json items = Json::array();
            const char* name = shape.element_name.empty() ? "member" : shape.element_name.c_str();
            for (const pugi::xml_node& item : node.children(name)) {
                items.push_back(read_value(*shape.element, item));
            }
            return items;
        }
        case Shape::Type::map: {
            Json object = Json::object();
            for (const pugi::xml_node& entry : node.children("entry")) {
                object[entry.child_value("key")] = read_value(*shape.element, entry.child("value"));
            }
            return object;
        }
        default:
            return scalar_from_text(shape, node.child_value());
    }
}

}  // namespace

std::string to_xml(std::string_view root, std::string_view xml_namespace, const Json& value,
                   const XmlOutput& xml) {
    XmlWriter writer(xml);
    writer.out = fmt::format(
        "<{}{}>", root,
        xml_namespace.empty() ? std::string() : fmt::format(" xmlns=\"{}\"", xml_namespace));
    writer.members(value, "");
    writer.out += fmt::format("</{}>", root);
    return std::move(writer.out);
}

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
