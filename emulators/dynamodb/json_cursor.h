#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skafu::dynamodb {

/// Reads one JSON text from front to back, without building a tree: requests and stored items
/// are decoded straight into the values that operations work on. Every error is an AwsError
/// (SerializationException). The text must outlive the cursor and the views it gives.
class JsonCursor {
  public:
    enum class Kind { kObject, kArray, kString, kNumber, kBoolean, kNull };

    explicit JsonCursor(std::string_view text) : text_(text) {}

    /// The kind of the value that comes next.
    Kind peek();

    /// Walks an object: `enter_object(); while (next_member(name)) { read or skip its value }`.
    void enter_object();
    bool next_member(std::string_view& name);
    /// Walks an array: `enter_array(); while (next_element()) { read or skip it }`.
    void enter_array();
    bool next_element();

    /// A string's content: a view of the text where it has no escapes, else of `scratch`.
    std::string_view read_string(std::string& scratch);
    /// A string's content into `out`.
    void read_string_into(std::string& out);
    /// Appends a string as it stands, quotes included, and adds the bytes of its content to `size`;
    /// false where append_json_string would write it in another way.
    bool copy_string(std::string& out, std::size_t& size);
    bool read_boolean();
    void read_null();
    /// The text of a number.
    std::string_view read_number();

    /// Passes over a value and gives its text. Nesting is limited, but the stack is not used.
    std::string_view skip();

    /// Throws when anything but white space is left.
    void finish();

    /// A place to return to; taken where a value comes next.
    std::size_t position() const { return at_; }
    void return_to(std::size_t position) {
        at_ = position;
        first_ = false;
    }
    /// The text from a place to here.
    std::string_view since(std::size_t position) const {
        return text_.substr(position, at_ - position);
    }
    /// Whether the member's name that came last has escapes: it is a view of the text otherwise.
    bool has_escaped_name() const { return escaped_name_; }

  private:
    char next_char();  ///< after white space; 0 at the end
    [[noreturn]] void fail() const;
    void expect(std::string_view word);
    /// A string as it stands in the text.
    struct Raw {
        std::string_view content;
        std::size_t escapes = 0;
        bool normal = true;  // its escapes are those that append_json_string writes
    };
    Raw raw_string();

    std::string_view text_;
    std::size_t at_ = 0;
    bool first_ = false;  // just after an opening bracket
    bool escaped_name_ = false;
    std::string name_;  // a member name with escapes
};

/// Appends `text` as a JSON string, in quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace skafu::dynamodb
