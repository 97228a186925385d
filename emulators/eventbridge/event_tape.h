#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventbridge/scalar.h"

namespace skafu::eventbridge {

/// A JSON text read once into a flat list of its tokens, in order. Keeps every number's
/// spelling and every repeated key, as matching needs them. Reused from event to event, it
/// allocates nothing.
class EventTape {
  public:
    enum class Kind : std::uint8_t {
        object,
        array,
        key,
        string,
        number,
        boolean_true,
        boolean_false,
        null
    };

    /// One token. `begin` and `end` delimit its text (a string's without its quotes, an
    /// object's or array's whole); `next` is the entry behind it and all that it holds.
    struct Entry {
        std::uint32_t begin;
        std::uint32_t end;
        std::uint32_t next;
        Kind kind;
        bool escaped;
    };

    /// Reads exactly one JSON value in UTF-8; false for anything else, or deeper than 1,000 levels.
    /// `text` must outlive the use of the tape.
    bool read(std::string_view text);

    /// The same text stands elsewhere now.
    void moved_to(std::string_view text) { text_ = text; }

    const std::vector<Entry>& entries() const { return entries_; }
    const Entry& operator[](std::size_t at) const { return entries_[at]; }
    bool is_object() const { return !entries_.empty() && entries_[0].kind == Kind::object; }

    /// A token's source text.
    std::string_view source(const Entry& entry) const {
        return text_.substr(entry.begin, entry.end - entry.begin);
    }
    /// A value's source text as JSON, with the quotes of a string.
    std::string_view json(const Entry& entry) const;
    /// A key's or string's decoded text; valid until the next read().
    std::string_view text(const Entry& entry) {
        return entry.escaped ? decoded(entry) : source(entry);
    }
    /// Lets go of all decoded texts, so that as many again may be asked for and stay valid.
    void forget_decoded() { decoded_.clear(); }
    /// A leaf's value. Not for objects, arrays and keys.
    Scalar scalar(const Entry& entry);

    /// Where the value of an object's member stands (the last of several); 0 if there is none.
    std::size_t member(std::size_t object, std::string_view name);
    /// Empty unless it is there and a string.
    std::string_view text_member(std::size_t object, std::string_view name) {
        const std::size_t at = member(object, name);
        const bool is_text = at != 0 && (*this)[at].kind == Kind::string;
        return is_text ? text((*this)[at]) : std::string_view();
    }

  private:
    std::string_view decoded(const Entry& entry);
    bool read_string(const char*& at, Kind kind);
    bool read_number(const char*& at);
    bool read_word(const char*& at, std::string_view word, Kind kind);
    bool read_values(const char*& at);
    std::uint32_t offset(const char* at) const {
        return static_cast<std::uint32_t>(at - text_.data());
    }

    std::string_view text_;
    const char* end_ = nullptr;
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> open_;  // entries of the containers being read
    std::string decoded_;              // reserved once per text, so that views stay valid
};

/// Appends JSON text without the white space between its tokens. Text that is not JSON does not
/// become JSON by that.
void append_compact(std::string_view json, std::string& out);

}  // namespace skafu::eventbridge
