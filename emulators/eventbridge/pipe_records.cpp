#include "eventbridge/pipe_records.h"

#include <algorithm>

#include "core/aws_error.h"
#include "core/text.h"
#include "eventbridge/input_transformer.h"
#include "eventbridge/reference_matcher.h"

namespace skafu::eventbridge {
namespace {

/// The record with a body that is JSON in its place, as filters and templates see it.
Json opened(Json record) {
    const std::string body = string_member(record, "body");
    if (body.empty()) return record;
    try {
        Json inside = parse_json(body);
        if (inside.is_structured()) record["body"] = std::move(inside);
    } catch (const JsonError&) {
        return record;
    }
    return record;
}

/// Variables of Pipes that stand for a member of the pipe (user guide, "Input transformation").
constexpr std::pair<std::string_view, const char*> kOfPipe[] = {
    {"aws.pipes.pipe-arn", "Arn"},
    {"aws.pipes.pipe-name", "Name"},
    {"aws.pipes.source-arn", "Source"},
    {"aws.pipes.enrichment-arn", "Enrichment"},
    {"aws.pipes.target-arn", "Target"}};
constexpr std::string_view kIngestionTime = "aws.pipes.event.ingestion-time";
constexpr std::string_view kWholeRecord = "aws.pipes.event";
constexpr std::string_view kOpenedRecord = "aws.pipes.event.json";

/// What input templates see of a record.
struct TemplateInput {
    const Json& record;
    const Json& pipe;
    const std::string& ingested;
    std::string opened_text;
    EventTape tape;
};

/// What a placeholder of an input template stands for, as JSON text.
std::optional<std::string> placeholder_value(std::string_view name, TemplateInput& input) {
    for (const auto& [variable, member] : kOfPipe) {
        if (name == variable) return to_text(Json(string_member(input.pipe, member)));
    }
    if (name == kIngestionTime) return to_text(Json(input.ingested));
    if (name == kWholeRecord) return to_text(input.record);
    if (name == kOpenedRecord) return input.opened_text;
    const std::optional<EventPath> path = EventPath::parse(name);
    return path ? path->select(input.tape) : std::nullopt;
}

bool is_variable(std::string_view name) {
    return name == kIngestionTime || name == kWholeRecord || name == kOpenedRecord ||
           std::any_of(std::begin(kOfPipe), std::end(kOfPipe),
                       [&](const auto& variable) { return variable.first == name; });
}

/// An input template of Pipes: <$.path> and <aws.pipes...>, quoted as EventBridge quotes.
std::string apply_template(const std::string& text, TemplateInput& input) {
    std::string out;
    bool in_quotes = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t end = text[i] == '<' ? text.find('>', i) : std::string::npos;
        if (end == std::string::npos) {
            out += text[i];
            if (text[i] == '\\' && in_quotes && i + 1 < text.size()) {
                out += text[++i];
            } else if (text[i] == '"') {
                in_quotes = !in_quotes;
            }
            continue;
        }
        const std::string name = text.substr(i + 1, end - i - 1);
        std::optional<std::string> value = placeholder_value(name, input);
        if (in_quotes) {
            if (value && value->starts_with('"')) *value = value->substr(1, value->size() - 2);
            out += value.value_or("");
        } else {
            out += value.value_or("\"\"");
        }
        i = end;
    }
    return out;
}

}  // namespace

Json nested(const Json& value, std::initializer_list<const char*> names) {
    const Json* at = &value;
    for (const char* name : names) {
        at = find_member(*at, name);
        if (at == nullptr) return nullptr;
    }
    return *at;
}

bool passes_filters(const Json& pipe, const Json& record) {
    const Json filters = nested(pipe, {"SourceParameters", "FilterCriteria", "Filters"});
    if (!filters.is_array() || filters.empty()) return true;
    const std::string text = to_text(opened(record));
    EventTape tape;
    tape.read(text);
    const std::vector<EventLeaf> leaves = event_leaves(tape);
    for (const Json& filter : filters) {
        const std::string pattern = string_member(filter, "Pattern");
        if (pattern.empty() || matches(parse_pattern(pattern), leaves)) return true;
    }
    return false;
}

void check_template(const std::string& text) {
    for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
        const std::size_t end = text.find('>', at);
        if (end == std::string::npos) return;
        const std::string name = text.substr(at + 1, end - at - 1);
        const bool is_wrong = (name.starts_with("aws.") && !is_variable(name)) ||
                              (name.starts_with('$') && !EventPath::parse(name));
        if (!is_wrong) continue;
        throw AwsError::validation(fmt::format(
            "Invalid json path reference or predefined variable for placeholder {}.", name));
    }
}

Json transformed(const Json& records, const std::string& text, const Json& pipe,
                 const std::string& ingested) {
    if (text.empty()) return records;
    Json results = Json::array();
    for (const Json& record : records) {
        TemplateInput input{record, pipe, ingested, to_text(opened(record)), {}};
        input.tape.read(input.opened_text);
        const std::string result = apply_template(text, input);
        try {
            results.push_back(parse_json(result));
        } catch (const JsonError&) {
            results.push_back(result);
        }
    }
    return results;
}

std::string parameter_for(const std::string& value, const Json& record) {
    const std::optional<EventPath> path =
        value.starts_with("$.") ? EventPath::parse(value) : std::nullopt;
    if (!path) return value;
    const std::string event = to_text(opened(record));
    EventTape tape;
    tape.read(event);
    const std::optional<std::string> found = path->select(tape);
    return found ? plain_text(parse_json(*found)) : "";
}

Json http_parameters_for(const Json& parameters, const Json& record) {
    Json made = parameters;
    for (auto& [list, values] : made.items()) {
        for (Json& value : values) {
            if (value.is_string()) value = parameter_for(value.get<std::string>(), record);
        }
    }
    return made;
}

}  // namespace skafu::eventbridge
