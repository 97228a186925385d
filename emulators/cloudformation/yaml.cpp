#include "cloudformation/yaml.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "cloudformation/template_source.h"

namespace skafu::cloudformation {
namespace {

/// Aliases can unfold a small text into a giant value.
constexpr std::size_t kMaxNodes = 1'000'000;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

bool only(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::optional<Json> as_integer(std::string_view text) {
    const bool negative = text.front() == '-';
    std::string_view digits = text;
    if (text.front() == '-' || text.front() == '+') digits.remove_prefix(1);
    int base = 10;
    if (digits.starts_with("0b")) {
        base = 2;
        digits.remove_prefix(2);
        if (!only(digits, "01_")) return std::nullopt;
    } else if (digits.starts_with("0x")) {
        base = 16;
        digits.remove_prefix(2);
        if (!only(digits, "0123456789abcdefABCDEF_")) return std::nullopt;
    } else if (digits.size() > 1 && digits.front() == '0') {
        base = 8;
        if (!only(digits, "01234567_")) return std::nullopt;
    } else if (!only(digits, "0123456789_") || digits.front() == '_') {
        return std::nullopt;
    }
    std::string plain(digits);
    std::erase(plain, '_');
    std::uint64_t value = 0;
    const auto [end, fault] =
        std::from_chars(plain.data(), plain.data() + plain.size(), value, base);
    if (fault != std::errc() || end != plain.data() + plain.size()) return std::nullopt;
    if (negative) {
        if (value > std::uint64_t(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
        return Json(-static_cast<std::int64_t>(value));
    }
    if (value <= std::uint64_t(std::numeric_limits<std::int64_t>::max())) {
        return Json(static_cast<std::int64_t>(value));
    }
    return Json(value);
}

std::optional<Json> as_real(std::string_view text) {
    std::string_view rest = text;
    if (rest.front() == '-' || rest.front() == '+') rest.remove_prefix(1);
    const std::size_t point = rest.find('.');
    if (point == std::string_view::npos) return std::nullopt;
    const std::string_view whole = rest.substr(0, point);
    std::string_view fraction = rest.substr(point + 1);
    if (!whole.empty() && !only(whole, "0123456789_")) return std::nullopt;
    if (whole.empty() && fraction.empty()) return std::nullopt;
    const std::size_t e = fraction.find_first_of("eE");
    if (e != std::string_view::npos) {
        const std::string_view power = fraction.substr(e + 1);
        if (power.size() < 2 || (power.front() != '+' && power.front() != '-') ||
            !only(power.substr(1), "0123456789")) {
            return std::nullopt;
        }
        fraction = fraction.substr(0, e);
    }
    if (!fraction.empty() && !only(fraction, "0123456789_")) return std::nullopt;
    if (whole.empty() && fraction.empty()) return std::nullopt;
    std::string plain(text);
    std::erase(plain, '_');
    if (plain.front() == '+') plain.erase(0, 1);
    double value = 0;
    const auto [end, fault] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
    if (fault != std::errc() || end != plain.data() + plain.size()) return std::nullopt;
    return Json(value);
}

/// The value of a plain scalar by YAML 1.1, except that dates and base 60 numbers stay text.
Json resolve_plain(const std::string& text) {
    if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"})) return nullptr;
    const char first = text.front();
    if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.') {
        if (text.size() > 1 || (first >= '0' && first <= '9')) {
            if (std::optional<Json> value = as_integer(text)) return *std::move(value);
            if (std::optional<Json> value = as_real(text)) return *std::move(value);
        }
        return text;
    }
    if (is_one_of(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) {
        return true;
    }
    if (is_one_of(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) {
        return false;
    }
    return text;
}

/// The long form of a short one: !Ref x is {"Ref": x}, !GetAtt A.B.C is {"Fn::GetAtt": [A, B.C]}.
Json long_form(std::string_view tag, Json value) {
    const std::string_view name = tag.substr(1);
    if (name == "GetAtt" && value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        const std::size_t dot = text.find('.');
        if (dot != std::string::npos) {
            value = Json::array({text.substr(0, dot), text.substr(dot + 1)});
        }
    }
    Json result = Json::object();
    const bool bare = name == "Ref" || name == "Condition";
    result[bare ? std::string(name) : "Fn::" + std::string(name)] = std::move(value);
    return result;
}

bool is_short_form(std::string_view tag) {
    return tag.size() > 1 && tag.front() == '!' && tag.find(':') == std::string_view::npos &&
           tag[1] != '!';
}

/// Builds the value from the parser's events; no tree of nodes stands between.
class Builder : public YAML::EventHandler {
  public:
    explicit Builder(SourceMap* lines) : lines_(lines) {}

    Json take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        begin(mark);
        finish(nullptr, anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        begin(mark);
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) fail("an alias stands inside what it names", mark);
        count_ += found->second.second;
        if (count_ > kMaxNodes) fail("aliases unfold to too many values", mark);
        finish(found->second.first, 0);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        begin(mark);
        if (expects_key()) {
            if (anchor != 0) anchors_[anchor] = {Json(value), 1};
            stack_.back().key = value;
            stack_.back().has_key = true;
            stack_.back().key_line = mark.line + 1;
            return;
        }
        Json scalar = tag == "?" ? resolve_plain(value) : Json(value);
        if (is_short_form(tag)) scalar = long_form(tag, std::move(scalar));
        finish(std::move(scalar), anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Json::array());
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Json::object());
    }
    void OnMapEnd() override { close(); }

  private:
    struct Frame {
        Json value;
        std::string tag;
        YAML::anchor_t anchor = 0;
        std::string key;
        bool has_key = false;
        int key_line = 0;
        std::size_t path_length = 0;
        std::size_t count_before = 0;
        std::vector<Json> merges;
    };

    [[noreturn]] static void fail(const std::string& why, const YAML::Mark& mark) {
        throw YamlError(why, mark.line + 1, mark.column + 1);
    }

    bool expects_key() const {
        return !stack_.empty() && stack_.back().value.is_object() && !stack_.back().has_key;
    }

    void begin(const YAML::Mark& mark) {
        if (++count_ > kMaxNodes) fail("too many values", mark);
        line_ = mark.line + 1;
        mark_ = mark;
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Json empty) {
        begin(mark);
        if (expects_key()) fail("a mapping key has to be a scalar", mark);
        const std::size_t length = path_.size();
        push_path();
        Frame frame;
        frame.value = std::move(empty);
        frame.tag = tag;
        frame.anchor = anchor;
        frame.path_length = length;
        frame.count_before = count_ - 1;
        stack_.push_back(std::move(frame));
    }

    void close() {
        Frame frame = std::move(stack_.back());
        stack_.pop_back();
        path_.resize(frame.path_length);
        for (const Json& merged : frame.merges) {
            for (const auto& [key, value] : merged.items()) {
                if (!frame.value.contains(key)) frame.value[key] = value;
            }
        }
        Json value = std::move(frame.value);
        if (is_short_form(frame.tag)) value = long_form(frame.tag, std::move(value));
        if (frame.anchor != 0) anchors_[frame.anchor] = {value, count_ - frame.count_before};
        store(std::move(value));
    }

    /// Appends the place of the value that comes next to the path, and notes its line.
    void push_path() {
        if (lines_ == nullptr) return;
        int line = line_;
        if (!stack_.empty()) {
            const Frame& parent = stack_.back();
            path_ += '/';
            path_ += parent.value.is_array() ? std::to_string(parent.value.size()) : parent.key;
            if (parent.value.is_object()) line = parent.key_line;
        }
        lines_->add(path_, line);
    }

    void finish(Json value, YAML::anchor_t anchor) {
        if (expects_key()) fail("a mapping key has to be a scalar", mark_);
        if (anchor != 0) anchors_[anchor] = {value, 1};
        const std::size_t length = path_.size();
        push_path();
        path_.resize(length);
        store(std::move(value));
    }

    void store(Json value) {
        if (stack_.empty()) {
            root_ = std::move(value);
            return;
        }
        Frame& parent = stack_.back();
        if (parent.value.is_array()) {
            parent.value.push_back(std::move(value));
            return;
        }
        parent.has_key = false;
        if (parent.key == "<<") {
            if (value.is_object()) {
                parent.merges.push_back(std::move(value));
                return;
            }
            if (value.is_array()) {
                for (Json& item : value) {
                    if (item.is_object()) parent.merges.push_back(std::move(item));
                }
                return;
            }
        }
        parent.value[parent.key] = std::move(value);
    }

    SourceMap* lines_;
    Json root_;
    std::vector<Frame> stack_;
    std::string path_;
    std::unordered_map<YAML::anchor_t, std::pair<Json, std::size_t>> anchors_;
    std::size_t count_ = 0;
    int line_ = 0;
    YAML::Mark mark_;
};

}  // namespace

Json read_yaml(std::string_view text, SourceMap* lines) {
    std::istringstream in{std::string(text)};
    try {
        YAML::Parser parser(in);
        Builder builder(lines);
        parser.HandleNextDocument(builder);
        return builder.take();
    } catch (const YAML::Exception& error) {
        throw YamlError(error.msg, error.mark.line + 1, error.mark.column + 1);
    }
}

}  // namespace skafu::cloudformation
