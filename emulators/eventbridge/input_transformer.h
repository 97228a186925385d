#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/json.h"
#include "eventbridge/event_tape.h"

namespace skafu::eventbridge {

/// A JSONPath as InputPath and InputPathsMap take it: `$`, `.name`, `['name']`, `[2]`, `[*]`.
class EventPath {
  public:
    /// nullopt where `text` is no such path.
    static std::optional<EventPath> parse(std::string_view text);

    /// The JSON text that it finds, spelled as in the event; an array of all of them behind
    /// `[*]`. nullopt where it finds nothing.
    std::optional<std::string> select(EventTape& event) const;

  private:
    struct Step {
        enum class Kind : std::uint8_t { name, index, all } kind;
        std::string name;
        std::size_t index = 0;
    };
    bool has_all() const;

    std::vector<Step> steps_;
};

/// What a template may say of the delivery besides the event.
struct DeliveryFacts {
    std::string_view rule_arn;
    std::string_view rule_name;
    std::string_view ingestion_time;
};

/// What a target gets for an event: the event, or what Input, InputPath or InputTransformer make
/// of it. Compiled once, when the target is put.
class TargetInput {
  public:
    /// From a target of PutTargets. Throws AwsError ValidationException as AWS does.
    static TargetInput compile(const Json& target);

    /// The text to deliver; nullopt where AWS delivers nothing, silently (a template that does
    /// not come out as JSON). `event_text` is what `event` was read from.
    std::optional<std::string> render(EventTape& event, std::string_view event_text,
                                      const DeliveryFacts& facts) const;

    /// True where the event itself is delivered.
    bool is_plain() const { return std::holds_alternative<WholeEvent>(form_); }

  private:
    struct WholeEvent {};
    struct Constant {
        std::string text;
    };
    /// A literal of the template, and the placeholder behind it (empty at the end).
    struct Part {
        std::string literal;
        std::string placeholder;
        bool quoted = false;
    };
    struct Template {
        std::vector<Part> parts;
        std::map<std::string, EventPath> paths;
        bool is_json = false;  // an object or array; else text in quotes
        std::string render(EventTape& event, std::string_view event_text,
                           const DeliveryFacts& facts) const;
    };

    static Template compile_template(const Json& transformer, const std::string& target_id);

    std::variant<WholeEvent, Constant, EventPath, Template> form_;
};

}  // namespace skafu::eventbridge
