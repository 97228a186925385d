#include "eventbridge/input_transformer.h"

#include <algorithm>
#include <charconv>

#include "core/aws_error.h"

namespace skafu::eventbridge {
namespace {

using Kind = EventTape::Kind;

constexpr std::string_view kWholeEvent = "aws.events.event.json";

bool is_name_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
}

std::string quoted(std::string_view text) {
    return to_text(Json(std::string(text)));
}

/// The event without its detail, with `detailType` for `detail-type` and the time at which the
/// bus took it (AWS: aws.events.event).
std::string event_without_detail(EventTape& event, std::string_view ingestion_time) {
    std::string out = "{";
    if (!event.is_object()) return "{}";
    for (std::size_t key = 1; key < event[0].next; key = event[key + 1].next) {
        const std::string_view name = event.source(event[key]);
        if (name == "detail") continue;
        if (out.size() > 1) out += ',';
        out += '"';
        out += name == "detail-type" ? "detailType" : name;
        out += "\":";
        if (name == "time") {
            out += quoted(ingestion_time);
        } else {
            out += event.json(event[key + 1]);
        }
    }
    return out + "}";
}

/// The JSON text of a predefined variable; nullopt for a name that is none.
std::optional<std::string> predefined(std::string_view name, EventTape& event,
                                      std::string_view event_text, const DeliveryFacts& facts) {
    if (name == "aws.events.rule-arn") return quoted(facts.rule_arn);
    if (name == "aws.events.rule-name") return quoted(facts.rule_name);
    if (name == "aws.events.event.ingestion-time") return quoted(facts.ingestion_time);
    if (name == kWholeEvent) return std::string(event_text);
    if (name == "aws.events.event") return event_without_detail(event, facts.ingestion_time);
    return std::nullopt;
}

bool is_predefined(std::string_view name) {
    return name == "aws.events.rule-arn" || name == "aws.events.rule-name" ||
           name == "aws.events.event.ingestion-time" || name == kWholeEvent ||
           name == "aws.events.event";
}

/// A JSON value as it stands inside quotes: a string without its own, an object or array of a
/// text template without any.
std::string inside_quotes(std::string value, bool is_json_template) {
    if (!value.empty() && value.front() == '"') return value.substr(1, value.size() - 2);
    if (!is_json_template) value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
    return value;
}

/// A path as targets may name it: AWS takes no names in brackets there.
EventPath target_path(const Json& text, const std::string& target_id) {
    const auto path = text.is_string() ? text.get<std::string>() : std::string();
    const bool has_quotes =
        path.find("['") != std::string::npos || path.find("[\"") != std::string::npos;
    std::optional<EventPath> parsed = EventPath::parse(path);
    if (has_quotes || !parsed) {
        throw AwsError::validation("InputPath for target " + target_id + " is invalid.");
    }
    return std::move(*parsed);
}

}  // namespace

// --- EventPath

std::optional<EventPath> EventPath::parse(std::string_view text) {
    if (text.empty() || text[0] != '$') return std::nullopt;
    EventPath path;
    std::size_t at = 1;
    while (at < text.size()) {
        if (text[at] == '.') {
            const std::size_t end = std::min(text.find_first_of(".[", at + 1), text.size());
            const std::string_view name = text.substr(at + 1, end - at - 1);
            if (name.empty()) return std::nullopt;
            if (name == "*") {
                path.steps_.push_back({Step::Kind::all, {}, 0});
            } else {
                path.steps_.push_back({Step::Kind::name, std::string(name), 0});
            }
            at = end;
        } else if (text[at] == '[') {
            const std::size_t end = text.find(']', at);
            if (end == std::string_view::npos) return std::nullopt;
            std::string_view inner = text.substr(at + 1, end - at - 1);
            const bool is_quoted = inner.size() >= 2 && (inner[0] == '\'' || inner[0] == '"') &&
                                   inner.back() == inner[0];
            if (is_quoted) {
                inner = inner.substr(1, inner.size() - 2);
                path.steps_.push_back({Step::Kind::name, std::string(inner), 0});
            } else if (inner == "*") {
                path.steps_.push_back({Step::Kind::all, {}, 0});
            } else {
                Step step{Step::Kind::index, {}, 0};
                const char* last = inner.data() + inner.size();
                const auto read = std::from_chars(inner.data(), last, step.index);
                if (read.ec != std::errc() || read.ptr != last) return std::nullopt;
                path.steps_.push_back(std::move(step));
            }
            at = end + 1;
        } else {
            return std::nullopt;
        }
    }
    return path;
}

bool EventPath::has_all() const {
    return std::any_of(steps_.begin(), steps_.end(),
                       [](const Step& step) { return step.kind == Step::Kind::all; });
}

std::optional<std::string> EventPath::select(EventTape& event) const {
    if (event.entries().empty()) return std::nullopt;
    std::vector<std::size_t> found{0};
    for (const Step& step : steps_) {
        std::vector<std::size_t> inner;
        for (const std::size_t at : found) {
            const EventTape::Entry entry = event[at];
            if (step.kind == Step::Kind::name) {
                const std::size_t member = event.member(at, step.name);
                if (member != 0) inner.push_back(member);
            } else if (entry.kind == Kind::array) {
                std::size_t index = 0;
                for (std::size_t i = at + 1; i < entry.next; i = event[i].next, ++index) {
                    if (step.kind == Step::Kind::all || index == step.index) inner.push_back(i);
                }
            } else if (entry.kind == Kind::object && step.kind == Step::Kind::all) {
                for (std::size_t key = at + 1; key < entry.next; key = event[key + 1].next) {
                    inner.push_back(key + 1);
                }
            }
        }
        found = std::move(inner);
    }
    if (!has_all()) {
        if (found.empty()) return std::nullopt;
        return std::string(event.json(event[found[0]]));
    }
    std::string list = "[";
    for (const std::size_t at : found) {
        if (list.size() > 1) list += ',';
        list += event.json(event[at]);
    }
    return list + "]";
}

// --- TargetInput

TargetInput TargetInput::compile(const Json& target) {
    const std::string id = string_member(target, "Id");
    int ways = 0;
    for (const char* name : {"Input", "InputPath", "InputTransformer"}) {
        const Json* value = find_member(target, name);
        ways += value != nullptr && !value->is_null() ? 1 : 0;
    }
    if (ways > 1) {
        throw AwsError::validation(
            "Only one of Input, InputPath, or InputTransformer must be provided for target " + id +
            ".");
    }
    TargetInput input;
    if (const Json* constant = find_member(target, "Input"); constant && constant->is_string()) {
        EventTape tape;
        const auto text = constant->get<std::string>();
        if (!tape.read(text)) {
            throw AwsError::validation("JSON syntax error in input for target " + id + ".");
        }
        input.form_ = Constant{text};
    } else if (const Json* path = find_member(target, "InputPath"); path && path->is_string()) {
        EventPath parsed = target_path(*path, id);
        if (path->get<std::string>() != "$") input.form_ = std::move(parsed);
    } else if (const Json* transformer = find_member(target, "InputTransformer");
               transformer && transformer->is_object()) {
        input.form_ = compile_template(*transformer, id);
    }
    return input;
}

TargetInput::Template TargetInput::compile_template(const Json& transformer,
                                                    const std::string& target_id) {
    Template result;
    if (const Json* paths = find_member(transformer, "InputPathsMap");
        paths && paths->is_object()) {
        for (const auto& [name, path] : paths->items()) {
            result.paths.emplace(name, target_path(path, target_id));
        }
    }
    const std::string text = string_member(transformer, "InputTemplate");
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    result.is_json = first != std::string::npos && text[first] != '"';
    const bool is_object = first != std::string::npos && text[first] == '{';
    bool in_quotes = false;
    Part part;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '<') {
            std::size_t end = at + 1;
            while (end < text.size() && is_name_char(text[end])) ++end;
            if (end > at + 1 && end < text.size() && text[end] == '>') {
                part.placeholder = text.substr(at + 1, end - at - 1);
                part.quoted = in_quotes;
                if (!result.paths.contains(part.placeholder) && !is_predefined(part.placeholder)) {
                    throw AwsError::validation("InputTemplate for target " + target_id +
                                               " contains invalid placeholder " + part.placeholder +
                                               ".");
                }
                if (part.placeholder == kWholeEvent && !is_object) {
                    throw AwsError::validation("InputTemplate for target " + target_id +
                                               " contains placeholder " + part.placeholder +
                                               " valid only for JSON template.");
                }
                result.parts.push_back(std::move(part));
                part = {};
                at = end;
                continue;
            }
        }
        part.literal += c;
        if (c == '\\' && in_quotes && at + 1 < text.size()) {
            part.literal += text[++at];
        } else if (c == '"') {
            in_quotes = !in_quotes;
        }
    }
    result.parts.push_back(std::move(part));
    return result;
}

std::string TargetInput::Template::render(EventTape& event, std::string_view event_text,
                                          const DeliveryFacts& facts) const {
    std::string out;
    for (const Part& part : parts) {
        out += part.literal;
        if (part.placeholder.empty()) continue;
        const auto path = paths.find(part.placeholder);
        std::optional<std::string> value =
            path != paths.end() ? path->second.select(event)
                                : predefined(part.placeholder, event, event_text, facts);
        if (part.quoted) {
            if (value) out += inside_quotes(std::move(*value), is_json);
        } else {
            out += value ? *value : "\"\"";
        }
    }
    return out;
}

std::optional<std::string> TargetInput::render(EventTape& event, std::string_view event_text,
                                               const DeliveryFacts& facts) const {
    if (const auto* constant = std::get_if<Constant>(&form_)) return constant->text;
    if (const auto* path = std::get_if<EventPath>(&form_)) {
        return path->select(event).value_or("null");
    }
    if (const auto* form = std::get_if<Template>(&form_)) {
        std::string text = form->render(event, event_text, facts);
        EventTape check;
        if (form->is_json && !check.read(text)) return std::nullopt;
        return text;
    }
    return std::string(event_text);
}

}  // namespace skafu::eventbridge
