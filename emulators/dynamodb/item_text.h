#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/json_cursor.h"
#include "dynamodb/key_encoding.h"
#include "dynamodb/value.h"

namespace skafu::dynamodb {

/// An item on its way from a request to its row, as the text that is stored: most writes look at
/// no more of it than its key and its size.
class ItemText {
  public:
    /// Reads the item at the cursor; false where it holds something unusual, or wrong: read_map
    /// then takes it, and says what is wrong. The cursor is spent then.
    bool read(JsonCursor& cursor);

    const std::string& text() const { return text_; }
    std::string take() { return std::move(text_); }
    std::size_t size() const { return size_; }  ///< as DynamoDB counts

    /// Those of the key's attributes that the item has.
    Map key_values(const KeySchema& keys) const;

  private:
    /// Where an attribute's name and its value stand in the text.
    struct Attribute {
        std::size_t name = 0;
        std::size_t name_size = 0;
        std::size_t value = 0;
        std::size_t value_size = 0;
    };
    std::string_view name_of(const Attribute& attribute) const {
        return std::string_view(text_).substr(attribute.name, attribute.name_size);
    }

    std::string text_;
    std::size_t size_ = 0;
    std::vector<Attribute> attributes_;
};

}  // namespace skafu::dynamodb
