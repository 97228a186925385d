#include "core/shape.h"

#include <charconv>
#include <deque>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include "core/aws_error.h"

namespace skafu {

/// Compiled when the first value comes: most of the thousand that the services have never see one,
/// and they would be a quarter of a start.
struct Shape::Pattern {
    explicit Pattern(const char* pattern) : text(pattern) {}
    bool matches(const std::string& value) const {
        if (!compiled_) compiled_ = std::make_unique<const re2::RE2>(text);
        return re2::RE2::FullMatch(value, *compiled_);
    }

    const std::string text;

  private:
    mutable std::unique_ptr<const re2::RE2> compiled_;
};

namespace {

/// A new form, for good.
Shape::Form& make_form(Shape::Type type, shape::Limit min = {}, shape::Limit max = {}) {
    static auto& forms = *new std::deque<Shape::Form>;
    Shape::Form& form = forms.emplace_back();
    form.type = type;
    form.min = min;
    form.max = max;
    return form;
}

Shape::Form& copy_form(Shape shape) {
    return make_form(shape->type) = *shape.operator->();
}

/// The form of that type that asks for nothing more: one serves all.
template <Shape::Type type>
Shape plain() {
    static const Shape::Form& form = make_form(type);
    return Shape(form);
}

}  // namespace

Shape::Shape() : form_(shape::any().form_) {}

const Shape::Member* Shape::find(std::string_view name) const {
    for (const Member& member : form_->members) {
        if (member.name == name) return &member;
    }
    return nullptr;
}

namespace shape {

const char* kept(std::string text) {
    static auto& texts = *new std::deque<std::string>;
    return texts.emplace_back(std::move(text)).c_str();
}

Shape any() {
    return plain<Shape::Type::any>();
}

Shape structure(std::initializer_list<Shape::Member> members) {
    return structure(std::vector<Shape::Member>(members));
}

Shape structure(std::vector<Shape::Member> members) {
    Shape::Form& form = make_form(Shape::Type::structure);
    form.members = std::move(members);
    return Shape(form);
}

Shape with(Shape whole, std::initializer_list<Shape::Member> more) {
    std::vector<Shape::Member> members = whole->members;
    members.insert(members.end(), more.begin(), more.end());
    return structure(std::move(members));
}

Shape list(Shape element, Limit min, Limit max) {
    Shape::Form& form = make_form(Shape::Type::list, min, max);
    form.element = element;
    return Shape(form);
}

Shape flat(Shape list, const char* element_name) {
    Shape::Form& form = copy_form(list);
    form.flattened = true;
    form.element_name = element_name;
    return Shape(form);
}

Shape named(Shape list, const char* element_name) {
    Shape::Form& form = copy_form(list);
    form.element_name = element_name;
    return Shape(form);
}

Shape map(Shape key, Shape value, Limit min, Limit max) {
    Shape::Form& form = make_form(Shape::Type::map, min, max);
    form.element = value;
    form.key = key;
    return Shape(form);
}

Shape string(Limit min, Limit max, const char* pattern) {
    const bool is_limited = min || max || *pattern != '\0';
    if (!is_limited) return plain<Shape::Type::string>();
    Shape::Form& form = make_form(Shape::Type::string, min, max);
    if (*pattern != '\0') {
        static auto& patterns = *new std::deque<Shape::Pattern>;
        form.pattern = &patterns.emplace_back(pattern);
    }
    return Shape(form);
}

Shape enumeration(std::initializer_list<const char*> values) {
    Shape::Form& form = make_form(Shape::Type::string);
    form.values.assign(values.begin(), values.end());
    return Shape(form);
}

Shape integer(Limit min, Limit max) {
    return min || max ? Shape(make_form(Shape::Type::integer, min, max))
                      : plain<Shape::Type::integer>();
}

Shape number() {
    return plain<Shape::Type::number>();
}

Shape boolean() {
    return plain<Shape::Type::boolean>();
}

Shape blob(Limit min, Limit max) {
    return min || max ? Shape(make_form(Shape::Type::blob, min, max)) : plain<Shape::Type::blob>();
}

Shape timestamp() {
    return plain<Shape::Type::timestamp>();
}

Shape sensitive(Shape shape) {
    Shape::Form& form = copy_form(shape);
    form.sensitive = true;
    return Shape(form);
}

Shape::Member required(const char* name, Shape shape, const char* wire_name) {
    return {name, shape, true, wire_name};
}

Shape::Member optional(const char* name, Shape shape, const char* wire_name) {
    return {name, shape, false, wire_name};
}

}  // namespace shape

namespace {

std::string lower_first(std::string_view name) {
    std::string text(name);
    // An acronym ("ARN", "KMSKey") keeps its spelling only from the second word on.
    std::size_t upper = 0;
    while (upper < text.size() && std::isupper(static_cast<unsigned char>(text[upper]))) ++upper;
    const std::size_t lower = upper == text.size() || upper <= 1 ? upper : upper - 1;
    for (std::size_t i = 0; i < lower; ++i) {
        text[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    }
    return text;
}

std::string_view json_type_name(const Json& value) {
    switch (value.type()) {
        case Json::value_t::string:
            return "STRING_VALUE";
        case Json::value_t::boolean:
            return value.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE";
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
            return "NUMBER_VALUE";
        case Json::value_t::number_float:
            return "DECIMAL_VALUE";
        default:
            return "VALUE";
    }
}

[[noreturn]] void wrong_type(const Shape& shape, const Json& value) {
    using Type = Shape::Type;
    if (value.is_object()) {
        throw AwsError::serialization("Start of structure or map found where not expected.");
    }
    if (value.is_array()) {
        throw AwsError::serialization("Start of list found where not expected");
    }
    switch (shape->type) {
        case Type::structure:
        case Type::map:
        case Type::list:
            throw AwsError::serialization("Unexpected field type");
        case Type::string:
            throw AwsError::serialization(
                fmt::format("{} cannot be converted to String", json_type_name(value)));
        case Type::integer:
            throw AwsError::serialization(
                fmt::format("{} cannot be converted to Integer", json_type_name(value)));
        case Type::number:
            throw AwsError::serialization(
                fmt::format("{} cannot be converted to Double", json_type_name(value)));
        case Type::boolean:
            throw AwsError::serialization(
                fmt::format("{} cannot be converted to Boolean", json_type_name(value)));
        default:
            throw AwsError::serialization(
                fmt::format("{} cannot be converted", json_type_name(value)));
    }
}

bool has_type(Shape::Type type, const Json& value) {
    using Type = Shape::Type;
    switch (type) {
        case Type::any:
            return true;
        case Type::structure:
        case Type::map:
            return value.is_object();
        case Type::list:
            return value.is_array();
        case Type::string:
        case Type::blob:
            return value.is_string();
        case Type::integer:
            return value.is_number_integer() ||
                   (value.is_number_float() &&
                    value.get<double>() == std::floor(value.get<double>()));
        case Type::number:
            return value.is_number();
        case Type::boolean:
            return value.is_boolean();
        case Type::timestamp:
            return value.is_number() || value.is_string();
    }
    return true;
}

/// Length in characters (Unicode code points), as AWS counts strings.
std::int64_t characters(std::string_view text) {
    return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

/// A value as AWS's validation texts show it: Java's toString.
std::string shown(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_array()) {
        std::vector<std::string> parts;
        for (const Json& item : value) parts.push_back(shown(item));
        return fmt::format("[{}]", fmt::join(parts, ", "));
    }
    if (value.is_object()) {
        std::vector<std::string> parts;
        for (const auto& [key, member] : value.items()) parts.push_back(key + "=" + shown(member));
        return fmt::format("{{{}}}", fmt::join(parts, ", "));
    }
    return to_text(value);
}

class Validator {
  public:
    std::vector<std::string> errors;

    void check(const Shape& shape, const Json& value, const std::string& path) {
        if (!has_type(shape->type, value)) wrong_type(shape, value);
        switch (shape->type) {
            case Shape::Type::structure:
                check_members(shape, value, path);
                break;
            case Shape::Type::list:
                check_list(shape, value, path);
                break;
            case Shape::Type::map:
                check_map(shape, value, path);
                break;
            case Shape::Type::string:
                check_string(shape, value, path);
                break;
            case Shape::Type::integer:
            case Shape::Type::number:
                check_number(shape, value, path);
                break;
            default:
                break;
        }
    }

  private:
    void add(const Shape& shape, const Json& value, const std::string& path,
             std::string_view constraint) {
        const std::string what = shape->sensitive ? "" : fmt::format(" '{}'", shown(value));
        errors.push_back(fmt::format("Value{} at '{}' failed to satisfy constraint: {}", what, path,
                                     constraint));
    }

    void check_length(const Shape& shape, const Json& value, std::int64_t length,
                      const std::string& path) {
        if (shape->min && length < *shape->min) add(shape, value, path, least_length(shape));
        if (shape->max && length > *shape->max) add(shape, value, path, greatest_length(shape));
    }

    void check_members(const Shape& shape, const Json& value, const std::string& path) {
        for (const Shape::Member& member : shape->members) {
            const std::string name = lower_first(member.name);
            const std::string at = path.empty() ? name : path + "." + name;
            const Json* found = find_member(value, member.name);
            if (found == nullptr || found->is_null()) {
                if (member.required) {
                    errors.push_back(
                        fmt::format("Value null at '{}' failed to satisfy constraint: "
                                    "Member must not be null",
                                    at));
                }
                continue;
            }
            check(member.shape, *found, at);
        }
    }

    void check_list(const Shape& shape, const Json& value, const std::string& path) {
        check_length(shape, value, static_cast<std::int64_t>(value.size()), path);
        for (std::size_t i = 0; i < value.size(); ++i) {
            check(shape->element, value[i], fmt::format("{}.{}.member", path, i + 1));
        }
    }

    void check_map(const Shape& shape, const Json& value, const std::string& path) {
        check_length(shape, value, static_cast<std::int64_t>(value.size()), path);
        const bool limits_keys = shape->key->min || shape->key->max || shape->key->pattern;
        for (const auto& [key, member] : value.items()) {
            if (limits_keys && !errors_of(shape->key, key).empty()) {
                add(shape, value, path,
                    fmt::format("Map keys must satisfy constraint: [{}]",
                                fmt::join(constraints(shape->key), ", ")));
                return;
            }
            check(shape->element, member, fmt::format("{}.{}.member", path, key));
        }
    }

    /// What a string must satisfy, in AWS's words.
    static std::vector<std::string> constraints(const Shape& shape) {
        std::vector<std::string> all;
        if (shape->max) all.push_back(greatest_length(shape));
        if (shape->min) all.push_back(least_length(shape));
        if (shape->pattern) all.push_back(pattern_of(shape));
        return all;
    }

    static std::string least_length(const Shape& shape) {
        return fmt::format("Member must have length greater than or equal to {}", *shape->min);
    }
    static std::string greatest_length(const Shape& shape) {
        return fmt::format("Member must have length less than or equal to {}", *shape->max);
    }
    static std::string pattern_of(const Shape& shape) {
        return fmt::format("Member must satisfy regular expression pattern: {}",
                           shape->pattern->text);
    }

    static std::vector<std::string> errors_of(const Shape& shape, const std::string& text) {
        Validator validator;
        validator.check_string(shape, text, "");
        return std::move(validator.errors);
    }

    void check_string(const Shape& shape, const Json& value, const std::string& path) {
        const std::string& text = value.get_ref<const std::string&>();
        if (!shape->values.empty()) {
            if (std::find(shape->values.begin(), shape->values.end(), text) ==
                shape->values.end()) {
                add(shape, value, path,
                    fmt::format("Member must satisfy enum value set: [{}]",
                                fmt::join(shape->values, ", ")));
            }
            return;
        }
        if (shape->pattern && !shape->pattern->matches(text)) {
            add(shape, value, path, pattern_of(shape));
        }
        check_length(shape, value, characters(text), path);
    }

    void check_number(const Shape& shape, const Json& value, const std::string& path) {
        const double number = value.get<double>();
        if (shape->min && number < static_cast<double>(*shape->min)) {
            add(shape, value, path,
                fmt::format("Member must have value greater than or equal to {}", *shape->min));
        }
        if (shape->max && number > static_cast<double>(*shape->max)) {
            add(shape, value, path,
                fmt::format("Member must have value less than or equal to {}", *shape->max));
        }
    }
};

}  // namespace

std::vector<std::string> constraint_errors(const Shape& shape, const Json& input) {
    Validator validator;
    validator.check(shape, input, "");
    return std::move(validator.errors);
}

void validate(const Shape& shape, const Json& input) {
    const std::vector<std::string> errors = constraint_errors(shape, input);
    if (errors.empty()) return;
    throw AwsError::validation(fmt::format("{} validation error{} detected: {}", errors.size(),
                                           errors.size() == 1 ? "" : "s", fmt::join(errors, "; ")));
}

bool matches_whole(const std::string& pattern, std::string_view text) {
    return re2::RE2::FullMatch(text, re2::RE2(pattern, re2::RE2::Quiet));
}

Json scalar_from_text(const Shape& shape, std::string_view text) {
    const auto refuse = [&]() -> Json {
        throw AwsError::serialization(fmt::format("'{}' can not be read", text));
    };
    switch (shape->type) {
        case Shape::Type::integer: {
            std::int64_t value = 0;
            const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
            return error == std::errc() && end == text.end() ? Json(value) : refuse();
        }
        case Shape::Type::number: {
            double value = 0;
            const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
            return error == std::errc() && end == text.end() ? Json(value) : refuse();
        }
        case Shape::Type::boolean:
            if (text == "true" || text == "True") return Json(true);
            if (text == "false" || text == "False") return Json(false);
            return refuse();
        default:
            return Json(std::string(text));
    }
}

}  // namespace skafu
