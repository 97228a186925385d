#include "dynamodb/item_text.h"

#include <algorithm>
#include <array>

#include "core/aws_error.h"
#include "dynamodb/item_codec.h"

namespace skafu::dynamodb {
namespace {

/// Maps of more members are left to the tree, which finds a name that comes twice by an index.
constexpr std::size_t kMostMembers = 48;
constexpr std::size_t kLongestName = 255;

/// The member names of one map, to find one that comes twice.
class MemberNames {
  public:
    bool add(std::string_view name) {
        if (count_ == kMostMembers || name.empty() || name.size() > kLongestName) return false;
        const auto end = names_.begin() + static_cast<std::ptrdiff_t>(count_);
        if (std::find(names_.begin(), end, name) != end) return false;
        names_[count_++] = name;
        return true;
    }

  private:
    std::array<std::string_view, kMostMembers> names_;
    std::size_t count_ = 0;
};

/// Copies values from a request's text into the stored one, in normal form; adds up their sizes.
/// Each gives false where the tree has to take over.
class ValueCopier {
  public:
    ValueCopier(JsonCursor& cursor, std::string& out) : cursor_(cursor), out_(out) {}

    bool copy_value(int depth) {
        const std::size_t start = cursor_.position();
        std::string_view type;
        cursor_.enter_object();
        if (!cursor_.next_member(type)) return false;
        if (type == "S") {
            out_.append("{\"S\":");
            if (!cursor_.copy_string(out_, size_)) return false;
        } else if (type == "N") {
            copy_number();
        } else if (type == "BOOL") {
            out_.append(cursor_.read_boolean() ? "{\"BOOL\":true" : "{\"BOOL\":false");
            ++size_;
        } else if (type == "NULL") {
            if (!cursor_.read_boolean()) return false;
            out_.append("{\"NULL\":true");
            ++size_;
        } else if (type == "M" || type == "L") {
            if (depth > kMaxNesting) return false;
            size_ += 3;
            if (!(type == "M" ? copy_map(depth + 1) : copy_list(depth + 1))) return false;
        } else {
            cursor_.return_to(start);
            const Value value = read_value(cursor_);
            append_value(out_, value);
            size_ += value_size(value);
            return true;
        }
        out_.push_back('}');
        return !cursor_.next_member(type);
    }

    std::size_t size() const { return size_; }

  private:
    void copy_number() {
        const Number number = Number::parse(cursor_.read_string(scratch_));
        out_.append("{\"N\":\"");
        number.append_text(out_);
        out_.push_back('"');
        size_ += number.item_size();
    }

    bool copy_map(int depth) {
        out_.append("{\"M\":{");
        MemberNames names;
        std::string_view name;
        cursor_.enter_object();
        while (cursor_.next_member(name)) {
            if (cursor_.has_escaped_name() || !names.add(name)) return false;
            if (out_.back() != '{') out_.push_back(',');
            out_.append("\"").append(name).append("\":");
            size_ += 1 + name.size();
            if (!copy_value(depth)) return false;
        }
        out_.push_back('}');
        return true;
    }

    bool copy_list(int depth) {
        out_.append("{\"L\":[");
        cursor_.enter_array();
        while (cursor_.next_element()) {
            if (out_.back() != '[') out_.push_back(',');
            ++size_;
            if (!copy_value(depth)) return false;
        }
        out_.push_back(']');
        return true;
    }

    JsonCursor& cursor_;
    std::string& out_;
    std::size_t size_ = 0;
    std::string scratch_;
};

}  // namespace

bool ItemText::read(JsonCursor& cursor) try {
    text_.assign("{");
    size_ = 0;
    attributes_.clear();
    attributes_.reserve(8);
    ValueCopier values(cursor, text_);
    MemberNames names;
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        if (cursor.has_escaped_name() || !names.add(name)) return false;
        if (text_.size() > 1) text_.push_back(',');
        text_.push_back('"');
        const std::size_t at = text_.size();
        text_.append(name).append("\":");
        size_ += name.size();
        const std::size_t value = text_.size();
        if (!values.copy_value(1)) return false;
        attributes_.push_back({at, name.size(), value, text_.size() - value});
    }
    text_.push_back('}');
    size_ += values.size();
    return true;
} catch (const AwsError&) {
    return false;
}

Map ItemText::key_values(const KeySchema& keys) const {
    Map values;
    for (const auto* schema : {&keys.hash, &keys.range}) {
        for (const KeyAttribute& key : *schema) {
            const auto found = std::find_if(
                attributes_.begin(), attributes_.end(),
                [&](const Attribute& attribute) { return name_of(attribute) == key.name; });
            if (found == attributes_.end()) continue;
            values.emplace(key.name, parse_value(std::string_view(text_).substr(
                                         found->value, found->value_size)));
        }
    }
    return values;
}

}  // namespace skafu::dynamodb
