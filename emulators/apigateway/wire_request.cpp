#include "apigateway/wire_request.h"

#include "core/aws_error.h"

namespace skafu::apigateway {
namespace {

using Type = Shape::Type;

/// The parameters below a prefix: for "Tag.1", those that start with "Tag.1.".
Pairs below(const Pairs& parameters, const std::string& prefix) {
    Pairs found;
    for (const auto& [name, value] : parameters) {
        if (name == prefix)
            found.emplace_back("", value);
        else if (name.starts_with(prefix + "."))
            found.emplace_back(name.substr(prefix.size() + 1), value);
    }
    return found;
}

Json decode_value(const Shape& shape, const Pairs& parameters, int depth);

/// The numbered entries, whatever stands between the name and the number ("member", "entry").
std::map<int, Pairs> numbered(const Pairs& parameters) {
    std::map<int, Pairs> entries;
    for (const auto& [name, value] : parameters) {
        std::string_view rest = name;
        while (!rest.empty() && !std::isdigit(static_cast<unsigned char>(rest.front()))) {
            const std::size_t dot = rest.find('.');
            rest = dot == std::string_view::npos ? "" : rest.substr(dot + 1);
        }
        if (rest.empty()) continue;
        const std::size_t dot = rest.find('.');
        const int index = std::atoi(std::string(rest.substr(0, dot)).c_str());
        entries[index].emplace_back(
            dot == std::string_view::npos ? "" : std::string(rest.substr(dot + 1)), value);
    }
    return entries;
}

std::string first_of(const Pairs& pairs, std::initializer_list<std::string_view> names) {
    for (const auto& [name, value] : pairs) {
        for (const std::string_view wanted : names) {
            if (iequals(name, wanted)) return value;
        }
    }
    return {};
}

Json decode_map(const Shape& shape, const Pairs& parameters, int depth) {
    Json map = Json::object();
    for (const auto& [index, entry] : numbered(parameters)) {
        const std::string key = first_of(entry, {"key", "Name"});
        Pairs value = below(entry, "value");
        if (value.empty()) value = below(entry, "Value");
        map[key] = decode_value(shape->element, value, depth);
    }
    return map;
}

Json decode_structure(const Shape& shape, const Pairs& parameters, int depth) {
    Json object = Json::object();
    for (const Shape::Member& member : shape->members) {
        const std::string wire(member.wire_name.empty() ? member.name : member.wire_name);
        Pairs own = below(parameters, wire);
        if (own.empty()) own = below(parameters, std::string(member.name));
        // "Attributes" for "Attribute", and the other way about, are taken too.
        if (own.empty()) own = below(parameters, wire + "s");
        if (own.empty() && wire.ends_with('s'))
            own = below(parameters, wire.substr(0, wire.size() - 1));
        if (!own.empty()) object[member.name] = decode_value(member.shape, own, depth);
    }
    return object;
}

Json decode_value(const Shape& shape, const Pairs& parameters, int depth) {
    if (depth > 20) throw AwsError::validation("The request is nested too deeply");
    switch (shape->type) {
        case Type::structure:
            return decode_structure(shape, parameters, depth + 1);
        case Type::map:
            return decode_map(shape, parameters, depth + 1);
        case Type::list: {
            Json list = Json::array();
            for (const auto& [index, entry] : numbered(parameters)) {
                list.push_back(decode_value(shape->element, entry, depth + 1));
            }
            return list;
        }
        default:
            return scalar_from_text(shape, parameters.front().second);
    }
}

bool is_form(const IntegrationRequest& request) {
    const std::string* type = find_header(request.headers, "Content-Type");
    return type && type->starts_with("application/x-www-form-urlencoded");
}

/// A form's body as parameters. The gateway does not encode what templates write, so that JSON
/// in a value may hold '&' only by mistake, but '+' and '%' by right where nothing is encoded.
Pairs form_of(const IntegrationRequest& request) {
    Pairs parameters = request.query;
    for (auto& pair : parse_query(request.body)) parameters.push_back(std::move(pair));
    return parameters;
}

const Operation& operation_of(const Service& service, const std::string& name) {
    const Operation* found = service.find(name);
    if (found && !found->internal) return *found;
    throw AwsError::unknown_operation("Operation " + name + " of service " + service.name +
                                      " is not emulated.");
}

WireCall decode_query(const Service& service, IntegrationRequest& request) {
    const Pairs parameters = form_of(request);
    const std::string* action = find_pair(parameters, "Action");
    WireCall call;
    call.form = WireForm::Query;
    call.operation = &operation_of(service, action ? *action : request.target.action);
    Json input = decode_form(call.operation->input, parameters);
    // The queue is the path: "sqs:path/000000000000/name".
    const bool has_url = call.operation->input.find("QueueUrl") && !find_member(input, "QueueUrl");
    if (has_url && !request.target.path.empty()) {
        input["QueueUrl"] = "http://localhost/" + request.target.path;
    }
    call.input = Document(std::move(input));
    return call;
}

std::vector<std::string> segments(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        if (path.front() == '/') {
            path.remove_prefix(1);
            continue;
        }
        const std::size_t end = std::min(path.find('/'), path.size());
        parts.emplace_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return parts;
}

/// Whether the path fits the operation's URI; its labels go into `labels`.
bool fits(std::string_view uri, const std::vector<std::string>& parts, Json& labels) {
    const std::vector<std::string> pattern = segments(uri.substr(0, uri.find('?')));
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (i >= parts.size()) return false;
        const std::string& part = pattern[i];
        if (!part.starts_with('{')) {
            if (part != parts[i]) return false;
            continue;
        }
        const bool greedy = part.ends_with("+}");
        std::string value = percent_decode(parts[i]);
        for (std::size_t j = i + 1; greedy && j < parts.size(); ++j) {
            value += "/" + percent_decode(parts[j]);
        }
        labels[part.substr(1, part.size() - (greedy ? 3 : 2))] = std::move(value);
        if (greedy) return true;
    }
    return pattern.size() == parts.size();
}

WireCall decode_rest(const Service& service, const std::string& http_method,
                     IntegrationRequest& request) {
    const std::vector<std::string> parts = segments(request.target.path);
    WireCall call;
    call.form = WireForm::Rest;
    Json input = Json::object();
    for (const Operation* operation : service.operations()) {
        const HttpBinding& http = operation->http;
        Json labels = Json::object();
        const bool plain = http.uri.find('?') == std::string::npos && !operation->internal;
        if (http.method != http_method || !plain || !fits(http.uri, parts, labels)) continue;
        call.operation = operation;
        input = std::move(labels);
        break;
    }
    if (!call.operation) {
        throw AwsError::unknown_operation("No operation of " + service.name + " is " + http_method +
                                          " /" + request.target.path);
    }
    const HttpBinding& http = call.operation->http;
    if (!http.payload.empty()) {
        input[http.payload] = std::move(request.body);
    } else if (!request.body.empty()) {
        const Json body = parse_json(request.body);
        for (const auto& [name, value] : body.items()) input[name] = value;
    }
    for (const auto& [member, parameter] : http.query) {
        if (const std::string* value = find_pair(request.query, parameter)) input[member] = *value;
    }
    for (const auto& [member, header] : http.headers) {
        if (const std::string* value = find_header(request.headers, header)) input[member] = *value;
    }
    call.input = Document(std::move(input));
    return call;
}

}  // namespace

Json decode_form(const Shape& shape, const Pairs& parameters) {
    if (shape->type == Type::structure) return decode_structure(shape, parameters, 0);
    Json object = Json::object();
    for (const auto& [name, value] : parameters) {
        if (name != "Action" && name != "Version") object[name] = value;
    }
    return object;
}

WireCall decode_wire(const Service& service, const std::string& http_method,
                     IntegrationRequest& request) {
    const std::string* target = find_header(request.headers, "X-Amz-Target");
    const auto speaks = [&](Protocol protocol) {
        const auto& all = service.protocols;
        return std::find(all.begin(), all.end(), protocol) != all.end();
    };
    const bool json = speaks(Protocol::json_1_0) || speaks(Protocol::json_1_1);
    const bool query = speaks(Protocol::query);
    if (!target && query && (is_form(request) || !json)) return decode_query(service, request);
    // EventBridge is not told its action by the gateway, other services of JSON protocols are.
    const std::string* type = find_header(request.headers, "Content-Type");
    const bool is_told = target && type && type->starts_with("application/x-amz-json-");
    if (service.name == "events" && !is_told) {
        throw AwsError::unknown_operation(fmt::format(
            "An integration of EventBridge has to set the headers X-Amz-Target: AWSEvents.{} and "
            "Content-Type: application/x-amz-json-1.1",
            request.target.action));
    }
    std::string name = request.target.action.substr(0, request.target.action.find('&'));
    if (target) name = target->substr(target->rfind('.') + 1);
    if (name.empty()) {
        const bool query_form = query && find_pair(form_of(request), "Action");
        return query_form ? decode_query(service, request)
                          : decode_rest(service, http_method, request);
    }
    WireCall call;
    call.operation = &operation_of(service, name);
    call.input = Document::from_text(request.body.empty() ? "{}" : std::move(request.body));
    return call;
}

}  // namespace skafu::apigateway
