#include "apigateway/mapping.h"

#include "apigateway/exchange.h"

namespace skafu::apigateway {
namespace {

std::string joined(const Pairs& pairs, std::string_view name) {
    std::string text;
    for (const auto& [key, value] : pairs) {
        if (!iequals(key, name)) continue;
        if (!text.empty()) text += ",";
        text += value;
    }
    return text;
}

std::optional<std::string> text_or_nothing(const std::string* found) {
    if (!found) return std::nullopt;
    return *found;
}

std::optional<std::string> body_value(vtl::Body& body,
                                      const std::optional<jsonpath::JsonPath>& path) {
    if (!path) return body.text();
    const auto json = body.json();
    Json found;
    if (!json || !path->try_read(*json, found)) return std::nullopt;
    return found.is_string() ? found.get<std::string>() : to_text(found);
}

}  // namespace

MappingSource MappingSource::compile(const std::string& text) {
    static const std::pair<std::string_view, Kind> prefixes[] = {
        {"method.request.header.", Kind::Header},
        {"method.request.multivalueheader.", Kind::MultiHeader},
        {"method.request.querystring.", Kind::Query},
        {"method.request.multivaluequerystring.", Kind::MultiQuery},
        {"method.request.path.", Kind::Path},
        {"method.request.body.", Kind::Body},
        {"context.", Kind::Context},
        {"stageVariables.", Kind::StageVariable},
        {"integration.response.header.", Kind::ResponseHeader},
        {"integration.response.multivalueheader.", Kind::ResponseMultiHeader},
        {"integration.response.body.", Kind::ResponseBody},
    };
    MappingSource source;
    if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') {
        source.name_ = text.substr(1, text.size() - 2);
        return source;
    }
    if (text == "method.request.body" || text == "integration.response.body") {
        source.kind_ = text.starts_with("method") ? Kind::Body : Kind::ResponseBody;
        return source;
    }
    for (const auto& [prefix, kind] : prefixes) {
        if (!text.starts_with(prefix)) continue;
        source.kind_ = kind;
        source.name_ = text.substr(prefix.size());
        if (kind == Kind::Body || kind == Kind::ResponseBody) {
            const bool whole = source.name_.starts_with("$");
            source.path_ = jsonpath::JsonPath::compile(whole ? source.name_ : "$." + source.name_);
        }
        return source;
    }
    source.name_ = text;
    return source;
}

std::optional<std::string> MappingSource::value(const Exchange& exchange) const {
    switch (kind_) {
        case Kind::Text:
            return name_;
        case Kind::Header:
            return text_or_nothing(find_header(exchange.headers, name_));
        case Kind::MultiHeader:
            return joined(exchange.headers, name_);
        case Kind::Query:
            return text_or_nothing(find_pair(exchange.query, name_));
        case Kind::MultiQuery:
            return joined(exchange.query, name_);
        case Kind::Path:
            for (const auto& [key, value] : exchange.path_values) {
                if (key == name_) return value;
            }
            return std::nullopt;
        case Kind::Body:
            return body_value(*exchange.body, path_);
        case Kind::Context: {
            std::string text = context_text(exchange, name_);
            if (text.empty()) return std::nullopt;
            return text;
        }
        case Kind::StageVariable: {
            const Json* value = find_member(exchange.stage_variables, name_);
            if (!value || !value->is_string()) return std::nullopt;
            return value->get<std::string>();
        }
        case Kind::ResponseHeader:
            if (!exchange.outcome) return std::nullopt;
            return text_or_nothing(find_header(exchange.outcome->headers, name_));
        case Kind::ResponseMultiHeader:
            if (!exchange.outcome) return std::nullopt;
            return joined(exchange.outcome->headers, name_);
        case Kind::ResponseBody:
            if (!exchange.outcome) return std::nullopt;
            return body_value(*exchange.outcome->body, path_);
    }
    return std::nullopt;
}

std::vector<Mapping> compile_mappings(const Json* parameters, std::string_view prefix) {
    std::vector<Mapping> mappings;
    if (!parameters || !parameters->is_object()) return mappings;
    for (const auto& [left, right] : parameters->items()) {
        if (!right.is_string() || !left.starts_with(prefix)) continue;
        const std::string_view rest = std::string_view(left).substr(prefix.size());
        const std::size_t dot = rest.find('.');
        if (dot == std::string_view::npos) continue;
        const std::string_view place = rest.substr(0, dot);
        Mapping mapping;
        if (place == "querystring")
            mapping.place = Mapping::Place::Query;
        else if (place == "path")
            mapping.place = Mapping::Place::Path;
        else if (place != "header" && place != "multivalueheader")
            continue;
        mapping.name = rest.substr(dot + 1);
        mapping.source = MappingSource::compile(right.get<std::string>());
        mappings.push_back(std::move(mapping));
    }
    return mappings;
}

}  // namespace skafu::apigateway
