#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/json.h"

namespace skafu::stepfunctions {

using SharedText = std::shared_ptr<const std::string>;

/// State data on its way through an execution: a JSON value, and its text once somebody asked.
/// History events share the text; a state that passes its input on copies nothing.
class Value {
  public:
    Value() : json_(Json::object()) {}
    explicit Value(Json json) : json_(std::move(json)) {}
    Value(Json json, SharedText text) : json_(std::move(json)), text_(std::move(text)) {}

    Value(Value&&) = default;
    Value& operator=(Value&&) = default;
    Value(const Value&) = delete;
    Value& operator=(const Value&) = delete;
    Value copy() const {
        Value other;
        other.json_ = json_;
        other.text_ = text_;
        other.is_folded_ = is_folded_;
        return other;
    }

    const Json& json() const {
        if (is_folded_) unfold();
        return json_;
    }
    /// The value, moved out: this one is spent.
    Json take() {
        json();
        text_.reset();
        return std::move(json_);
    }
    const SharedText& text() const {
        if (!text_) text_ = std::make_shared<const std::string>(to_text(json_));
        return text_;
    }
    /// Keeps the text alone until somebody asks for the value: for those who wait long.
    void fold();
    /// A copy of the value that does not unfold this one.
    Json peek() const { return is_folded_ ? parse_json(*text_) : json_; }

  private:
    void unfold() const;

    mutable Json json_;
    mutable SharedText text_;
    mutable bool is_folded_ = false;
};

}  // namespace skafu::stepfunctions
