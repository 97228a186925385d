#include "core/json.h"

#include <charconv>

#include <boost/json/basic_parser_impl.hpp>

namespace skafu {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Builds values from what Boost.JSON's parser comes upon. Values wait in one stack until the list
/// or object that they belong to ends, so that it is made in its final size.
class Builder {
  public:
    using error_code = boost::system::error_code;
    using Text = boost::json::string_view;
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return true; }
    bool on_object_end(std::size_t count, error_code&) {
        Json::object_t object;
        object.reserve(count);
        auto key = keys_.end() - static_cast<std::ptrdiff_t>(count);
        for (auto value = first_of(count); value != values_.end(); ++value, ++key) {
            // Of a repeated member the last value counts.
            object.emplace(std::move(*key), nullptr).first->second = std::move(*value);
        }
        keys_.resize(keys_.size() - count);
        values_.resize(values_.size() - count);
        values_.emplace_back(std::move(object));
        return true;
    }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t count, error_code&) {
        Json::array_t array(std::move_iterator(first_of(count)), std::move_iterator(values_.end()));
        values_.resize(values_.size() - count);
        values_.emplace_back(std::move(array));
        return true;
    }
    bool on_key_part(Text part, std::size_t, error_code&) { return add_part(part); }
    bool on_key(Text rest, std::size_t, error_code&) {
        keys_.push_back(whole(rest));
        return true;
    }
    bool on_string_part(Text part, std::size_t, error_code&) { return add_part(part); }
    bool on_string(Text rest, std::size_t, error_code&) {
        values_.emplace_back(whole(rest));
        return true;
    }
    bool on_number_part(Text part, error_code&) { return add_part(part); }
    bool on_int64(std::int64_t value, Text, error_code&) { return add_number(value); }
    bool on_uint64(std::uint64_t value, Text, error_code&) { return add_number(value); }
    bool on_double(double, Text rest, error_code& error) {
        // The parser's own double may be off in its last bit.
        const std::string text = whole(rest);
        double value = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
        if (read.ec != std::errc()) {
            error = boost::json::error::exponent_overflow;
            return false;
        }
        return add_number(value);
    }
    bool on_bool(bool value, error_code&) {
        values_.emplace_back(value);
        return true;
    }
    bool on_null(error_code&) {
        values_.emplace_back(nullptr);
        return true;
    }
    bool on_comment_part(Text, error_code&) { return true; }
    bool on_comment(Text, error_code&) { return true; }

    Json take() { return std::move(values_.front()); }
    void clear() {
        values_.clear();
        keys_.clear();
        part_.clear();
    }

  private:
    std::vector<Json>::iterator first_of(std::size_t count) {
        return values_.end() - static_cast<std::ptrdiff_t>(count);
    }
    bool add_part(Text part) {
        part_.append(part.data(), part.size());
        return true;
    }
    std::string whole(Text rest) {
        if (part_.empty()) return {rest.data(), rest.size()};
        part_.append(rest.data(), rest.size());
        return std::exchange(part_, {});
    }
    template <class Number>
    bool add_number(Number value) {
        part_.clear();
        values_.emplace_back(value);
        return true;
    }

    std::vector<Json> values_;
    std::vector<std::string> keys_;
    std::string part_;  ///< of a text with escapes
};

class JsonReader {
  public:
    Json read(std::string_view text) {
        parser_.reset();
        parser_.handler().clear();
        const std::size_t mark = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
        text.remove_prefix(mark);
        boost::system::error_code error;
        const std::size_t used = parser_.write_some(false, text.data(), text.size(), error);
        if (!error && used != text.size()) error = boost::json::error::extra_data;
        if (error == boost::json::error::too_deep) throw JsonError("nesting is too deep", used);
        if (error) throw JsonError(error.message(), mark + used + 1);
        return parser_.handler().take();
    }

  private:
    static boost::json::parse_options options() {
        boost::json::parse_options options;
        options.max_depth = kMaxJsonDepth;
        return options;
    }
    boost::json::basic_parser<Builder> parser_{options()};
};

}  // namespace

Json parse_json(std::string_view text) {
    // One parser is kept for the usual sizes; its stacks would stay as large as the largest text.
    constexpr std::size_t kKeepUpTo = 256 * 1024;
    static thread_local JsonReader kept;
    if (text.size() <= kKeepUpTo) return kept.read(text);
    JsonReader own;
    return own.read(text);
}

}  // namespace skafu
