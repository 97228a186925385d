#include "s3/configuration_xml.h"

#include <algorithm>
#include <iterator>

#include "core/text.h"
#include "core/xml.h"

namespace skafu::s3 {
namespace {

/// Members of templates by their elements in XML; a slash leads into an element of its own, and a
/// list repeats the last one. Names that are not here are the same.
constexpr std::pair<std::string_view, std::string_view> kElements[] = {
    {"AllowedHeaders", "AllowedHeader"},
    {"AllowedMethods", "AllowedMethod"},
    {"AllowedOrigins", "AllowedOrigin"},
    {"CorsRules", "CORSRule"},
    {"ErrorDocument", "ErrorDocument/Key"},
    {"ExpirationDate", "Expiration/Date"},
    {"ExpirationInDays", "Expiration/Days"},
    {"ExposedHeaders", "ExposeHeader"},
    {"Id", "ID"},
    {"IndexDocument", "IndexDocument/Suffix"},
    {"MaxAge", "MaxAgeSeconds"},
    {"NoncurrentVersionExpirationInDays", "NoncurrentVersionExpiration/NoncurrentDays"},
    {"NoncurrentVersionTransitions", "NoncurrentVersionTransition"},
    {"Prefix", "Filter/Prefix"},
    {"RedirectRule", "Redirect"},
    {"RoutingRuleCondition", "Condition"},
    {"RoutingRules", "RoutingRules/RoutingRule"},
    {"Rules", "Rule"},
    {"ServerSideEncryptionByDefault", "ApplyServerSideEncryptionByDefault"},
    {"ServerSideEncryptionConfiguration", "Rule"},
    {"TransitionDate", "Date"},
    {"TransitionInDays", "Days"},
    {"Transitions", "Transition"}};

std::string_view element_of(std::string_view member) {
    const auto* found = std::find_if(std::begin(kElements), std::end(kElements),
                                     [&](const auto& element) { return element.first == member; });
    return found == std::end(kElements) ? member : found->second;
}

void append(std::string_view path, const Json& value, std::string& out);

void append_content(const Json& value, std::string& out) {
    if (!value.is_object()) {
        out += xml_escape(plain_text(value));
        return;
    }
    for (const auto& [name, member] : value.items()) append(element_of(name), member, out);
}

void append(std::string_view path, const Json& value, std::string& out) {
    const std::size_t slash = path.find('/');
    if (slash != std::string_view::npos) {
        const std::string_view outer = path.substr(0, slash);
        out.append("<").append(outer).append(">");
        append(path.substr(slash + 1), value, out);
        out.append("</").append(outer).append(">");
        return;
    }
    const auto one = [&](const Json& content) {
        out.append("<").append(path).append(">");
        append_content(content, out);
        out.append("</").append(path).append(">");
    };
    if (!value.is_array()) return one(value);
    for (const Json& entry : value) one(entry);
}

}  // namespace

std::string to_configuration_xml(std::string_view root, const Json& property) {
    std::string out;
    append(root, property, out);
    return out;
}

}  // namespace skafu::s3
