#pragma once

#include <string>
#include <string_view>

#include "core/service.h"

// XML as services answer it: the query and rest-xml protocols.

namespace skafu {

/// `<root xmlns=…>` with the members of `value`; lists and maps as `xml` says.
std::string to_xml(std::string_view root, std::string_view xml_namespace, const Json& value,
                   const XmlOutput& xml);

/// The body of an answer in the query protocol: `<NameResponse>` with its result and request id.
std::string query_answer_xml(const Service& service, const Operation& operation, const Json& result,
                             const std::string& request_id);

std::string xml_escape(std::string_view text);

}  // namespace skafu
