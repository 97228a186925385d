#include "core/document.h"

namespace skafu {

Document Document::from_text(std::string text) {
    Document document{Json()};
    document.has_value_ = false;
    document.text_ = std::move(text);
    document.has_text_ = true;
    return document;
}

Document Document::copy() const {
    Document document{Json()};
    document.value_ = value_;
    document.text_ = text_;
    document.has_value_ = has_value_;
    document.has_text_ = has_text_;
    return document;
}

const Json& Document::value() const {
    if (!has_value_) {
        value_ = parse_json(text_);
        has_value_ = true;
    }
    return value_;
}

Json Document::take_value() {
    value();
    return std::move(value_);
}

const std::string& Document::text() const {
    if (!has_text_) {
        text_ = to_text(value_);
        has_text_ = true;
    }
    return text_;
}

std::string Document::take_text() {
    text();
    return std::move(text_);
}

}  // namespace skafu
