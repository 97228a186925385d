#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu {

/// A JSON document as text, as a value, or both: whoever has one form hands it on, and the other
/// is made only when somebody asks. This is what goes through the door.
class Document {
  public:
    Document() : value_(Json::object()), has_value_(true) {}
    explicit Document(Json value) : value_(std::move(value)), has_value_(true) {}
    /// `text` is taken unparsed; value() throws JsonError where it is not JSON.
    static Document from_text(std::string text);

    Document(Document&&) = default;
    Document& operator=(Document&&) = default;
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;
    Document copy() const;

    const Json& value() const;
    /// The value, moved out: this document is spent.
    Json take_value();
    const std::string& text() const;
    /// The text, moved out: this document is spent.
    std::string take_text();
    bool has_value() const { return has_value_; }
    bool has_text() const { return has_text_; }

  private:
    mutable Json value_;
    mutable std::string text_;
    mutable bool has_value_ = false;
    mutable bool has_text_ = false;
};

}  // namespace skafu
