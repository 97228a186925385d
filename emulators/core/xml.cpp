#include "core/xml.h"

namespace skafu {

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

std::string query_answer_xml(const Service& service, const Operation& operation, const Json& result,
                             const std::string& request_id) {
    const std::string& name = operation.name;
    std::string body = fmt::format("<?xml version=\"1.0\"?>\n<{}Response xmlns=\"{}\">", name,
                                   service.xml_namespace);
    if (result.is_object()) {  // clients look for it even where it is empty
        body += to_xml(name + "Result", "", result, operation.xml);
    }
    body +=
        fmt::format("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{}Response>\n",
                    request_id, name);
    return body;
}

}  // namespace skafu
