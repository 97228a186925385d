#include "core/base64.h"
#include "core/digest.h"
#include "core/xml.h"
#include "fronts/codec.h"

namespace skafu::server {
namespace {

std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> parts;
    if (path.starts_with('/')) path.remove_prefix(1);
    while (true) {
        const std::size_t end = path.find('/');
        parts.push_back(path.substr(0, end));
        if (end == std::string_view::npos) break;
        path.remove_prefix(end + 1);
    }
    return parts;
}

bool is_label(std::string_view part) {
    return part.starts_with('{') && part.ends_with('}');
}

/// How well a path fits a URI template: the number of literal segments, or -1 where it does not.
int match_path(std::string_view uri, std::string_view path,
               std::map<std::string, std::string>& labels) {
    const std::vector<std::string_view> pattern = segments(uri);
    std::vector<std::string_view> parts = segments(path);
    // A trailing slash is not a segment of its own ("/bucket/" is "/bucket").
    while (parts.size() > 1 && parts.size() > pattern.size() && parts.back().empty()) {
        parts.pop_back();
    }
    int score = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (i >= parts.size()) return -1;
        if (!is_label(pattern[i])) {
            if (pattern[i] != parts[i]) return -1;
            score += 2;
            continue;
        }
        const std::string_view name = pattern[i].substr(1, pattern[i].size() - 2);
        if (name.ends_with('+')) {
            const auto offset = static_cast<std::size_t>(parts[i].data() - path.data());
            const std::string_view rest = path.substr(offset);
            if (rest.empty()) return -1;
            labels[std::string(name.substr(0, name.size() - 1))] = percent_decode(rest);
            return score;
        }
        if (parts[i].empty()) return -1;
        labels[std::string(name)] = percent_decode(parts[i]);
        score += 1;
    }
    return parts.size() == pattern.size() ? score : -1;
}

/// The query parameters that a URI template asks for: their number, or -1 where one is missing.
int match_query(std::string_view wanted,
                const std::vector<std::pair<std::string, std::string>>& given) {
    int score = 0;
    for (const auto& [name, value] : parse_query(wanted)) {
        const auto found = std::find_if(given.begin(), given.end(),
                                        [&](const auto& pair) { return pair.first == name; });
        if (found == given.end()) return -1;
        if (!value.empty() && found->second != value) return -1;
        score += 1;
    }
    return score;
}

/// A query parameter or header as the JSON of its member; repeated ones make a list.
void put(Json& input, const Operation& operation, const std::string& name,
         const std::string& text) {
    const Shape::Member* member = operation.input.find(name);
    if (member == nullptr) {
        input[name] = text;
    } else if (member->shape->type == Shape::Type::list) {
        Json& list = input[name];
        if (!list.is_array()) list = Json::array();
        list.push_back(scalar_from_text(member->shape->element, text));
    } else {
        input[name] = scalar_from_text(member->shape, text);
    }
}

void decode_headers(const Operation& operation, const HttpHeaders& headers, Json& input) {
    for (const auto& [member, header] : operation.http.headers) {
        if (!header.ends_with('*')) {
            const std::string* value = headers.find(header);
            if (value != nullptr) put(input, operation, member, *value);
            continue;
        }
        const std::string_view prefix = std::string_view(header).substr(0, header.size() - 1);
        Json map = Json::object();
        for (const auto& [name, value] : headers) {
            if (name.size() > prefix.size() &&
                iequals(std::string_view(name).substr(0, prefix.size()), prefix)) {
                std::string key = name.substr(prefix.size());
                for (char& c : key)
                    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                map[key] = value;
            }
        }
        if (!map.empty()) input[member] = std::move(map);
    }
}

Json parse_body(const std::string& body) {
    if (body.empty()) return Json::object();
    try {
        return parse_json(body);
    } catch (const JsonError&) {
        throw AwsError::serialization("Could not parse request body into json.");
    }
}

void decode_body(const Operation& operation, Protocol protocol, const HttpRequest& request,
                 Json& input) {
    const std::string& payload = operation.http.payload;
    if (payload.empty()) {
        if (request.body.empty()) return;
        Json members = protocol == Protocol::rest_xml ? from_xml(operation.input, request.body)
                                                      : parse_body(request.body);
        if (!members.is_object()) {
            throw AwsError::serialization("Start of structure or map found where not expected.");
        }
        for (auto& [name, value] : members.items()) input[name] = std::move(value);
        return;
    }
    const Shape::Member* member = operation.input.find(payload);
    const bool structured = member != nullptr && (member->shape->type == Shape::Type::structure ||
                                                  member->shape->type == Shape::Type::map ||
                                                  member->shape->type == Shape::Type::list);
    if (!structured) {
        input[payload] = request.body;
    } else if (!request.body.empty()) {
        input[payload] = protocol == Protocol::rest_xml ? from_xml(member->shape, request.body)
                                                        : parse_body(request.body);
    }
}

std::string header_text(const Json& value) {
    return value.is_string() ? value.get<std::string>() : to_text(value);
}

}  // namespace

const Operation* find_rest_operation(const Service& service, std::string_view method,
                                     std::string_view path, std::string_view query,
                                     const HttpHeaders& headers,
                                     std::map<std::string, std::string>& labels) {
    const Operation* best = nullptr;
    int best_score = -1;
    const std::vector<std::pair<std::string, std::string>> given = parse_query(query);
    for (const Operation* operation : service.operations()) {
        const HttpBinding& http = operation->http;
        if (http.method != method || operation->internal) continue;
        const std::string_view uri = http.uri;
        const std::size_t mark = uri.find('?');
        std::map<std::string, std::string> found;
        const int path_score = match_path(uri.substr(0, mark), path, found);
        if (path_score < 0) continue;
        const int query_score =
            mark == std::string_view::npos ? 0 : match_query(uri.substr(mark + 1), given);
        if (query_score < 0) continue;
        const bool has_headers =
            std::all_of(http.requires_headers.begin(), http.requires_headers.end(),
                        [&](const std::string& name) { return headers.contains(name); });
        if (!has_headers) continue;
        const int score =
            path_score * 100 + query_score * 10 + static_cast<int>(http.requires_headers.size());
        if (score <= best_score) continue;
        best = operation;
        best_score = score;
        labels = std::move(found);
    }
    return best;
}

Json decode_rest(const Operation& operation, Protocol protocol, const HttpRequest& request,
                 const std::map<std::string, std::string>& labels) {
    Json input = Json::object();
    decode_body(operation, protocol, request, input);
    const std::vector<std::pair<std::string, std::string>> given = parse_query(request.query());
    for (const auto& [member, parameter] : operation.http.query) {
        for (const auto& [name, value] : given) {
            if (name == parameter) put(input, operation, member, value);
        }
    }
    decode_headers(operation, request.headers, input);
    for (const auto& [name, value] : labels) put(input, operation, name, value);
    return input;
}

HttpResponse encode_rest_result(const DecodedCall& call, Document result) {
    const Operation& operation = *call.operation;
    const bool xml = call.protocol == Protocol::rest_xml;
    HttpResponse response;
    response.status = operation.http.status;
    Json value = result.take_value();
    if (const Json* status = find_member(value, "__status")) {
        response.status = status->get<int>();
        value.erase("__status");
    }
    for (const auto& [member, header] : operation.http.response_headers) {
        const Json* found = find_member(value, member);
        if (found == nullptr) continue;
        if (header.ends_with('*')) {
            const std::string prefix = header.substr(0, header.size() - 1);
            for (const auto& [name, text] : found->items()) {
                response.headers.add(prefix + name, header_text(text));
            }
        } else if (!found->is_null()) {
            response.headers.add(header, header_text(*found));
        }
        value.erase(member);
    }
    const std::string& payload = operation.http.response_payload;
    if (!payload.empty()) {
        const Json* body = find_member(value, payload);
        if (body != nullptr && body->is_string()) {
            response.body = body->get<std::string>();
            if (!response.headers.contains("Content-Type")) {
                response.headers.add("Content-Type",
                                     xml ? "binary/octet-stream" : "application/json");
            }
            return response;
        }
        value = body == nullptr ? Json() : *body;
    }
    const bool empty = value.is_null() || (value.is_object() && value.empty());
    if (xml) {
        if (empty && operation.xml.root.empty()) return response;
        response.headers.add("Content-Type", "application/xml");
        response.body =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
            to_xml(operation.xml.root.empty() ? operation.name + "Result" : operation.xml.root,
                   call.service->xml_namespace, value, operation.xml);
        return response;
    }
    if (response.status == 204) return response;
    response.headers.add("Content-Type", "application/json");
    if (!value.is_null()) response.body = to_text(value);
    return response;
}

std::string host_id(std::string_view request_id) {
    return base64_encode(digest::sha256(request_id));
}

HttpResponse encode_rest_error(const Service& service, Protocol protocol, const AwsError& error,
                               const std::string& request_id, std::string_view resource) {
    HttpResponse response;
    response.status = error.status();
    if (protocol == Protocol::rest_xml) {
        response.headers.add("Content-Type", "application/xml");
        response.body = fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code>"
            "<Message>{}</Message>",
            xml_escape(error.code()), xml_escape(error.message()));
        for (const auto& [name, value] : error.fields().items()) {
            response.body += fmt::format("<{0}>{1}</{0}>", name, xml_escape(header_text(value)));
        }
        response.body += fmt::format(
            "<Resource>{}</Resource><RequestId>{}</RequestId>"
            "<HostId>{}</HostId></Error>",
            xml_escape(resource), request_id, host_id(request_id));
        return response;
    }
    (void)service;
    response.headers.add("Content-Type", "application/json");
    response.headers.add("x-amzn-ErrorType", error.code());
    Json body = Json::object();
    body["message"] = error.message();
    for (const auto& [name, value] : error.fields().items()) body[name] = value;
    response.body = to_text(body);
    return response;
}

}  // namespace skafu::server
