#include "apigateway/gateway.h"

namespace skafu::apigateway {
namespace {

bool is_present(const Exchange& exchange, const RequiredParameter& parameter) {
    const std::string* value = nullptr;
    if (parameter.place == Mapping::Place::Header) {
        value = find_header(exchange.headers, parameter.name);
    } else if (parameter.place == Mapping::Place::Query) {
        value = find_pair(exchange.query, parameter.name);
    } else {
        for (const auto& [name, text] : exchange.path_values) {
            if (name == parameter.name) value = &text;
        }
    }
    return value && !value->empty();
}

void check_parameters(const Exchange& exchange) {
    std::vector<std::string> missing;
    for (const Mapping::Place place :
         {Mapping::Place::Header, Mapping::Place::Path, Mapping::Place::Query}) {
        for (const RequiredParameter& parameter : exchange.method->required) {
            if (parameter.place == place && !is_present(exchange, parameter)) {
                missing.push_back(parameter.name);
            }
        }
    }
    if (missing.empty()) return;
    throw Refusal("BAD_REQUEST_PARAMETERS", fmt::format("Missing required request parameters: [{}]",
                                                        fmt::join(missing, ", ")));
}

std::string_view without_parameters(std::string_view type) {
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' ')) type.remove_suffix(1);
    return type;
}

void check_body(Exchange& exchange) {
    const Schema* schema = nullptr;
    const std::string_view type = without_parameters(exchange.content_type());
    for (const auto& [model_type, model] : exchange.method->models) {
        if (iequals(model_type, type) || model_type == "$default") schema = model.get();
    }
    if (!schema) return;
    const std::shared_ptr<const Json> body = exchange.body->json();
    const bool missing = exchange.body->text().empty();
    if (missing || !body || !schema->accepts(*body)) {
        throw Refusal("BAD_REQUEST_BODY", "Invalid request body");
    }
}

}  // namespace

void validate_request(Exchange& exchange) {
    if (exchange.method->validates_parameters) check_parameters(exchange);
    if (exchange.method->validates_body && !exchange.method->models.empty()) check_body(exchange);
}

}  // namespace skafu::apigateway
