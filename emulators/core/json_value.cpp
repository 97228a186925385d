#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ostream>
#include <span>

#include "core/json.h"
#include "core/ordered_map_members.h"

namespace skafu {

template class OrderedMap<std::string, Json>;

namespace {

[[noreturn]] void refuse(std::string_view what, const Json& value) {
    throw Json::exception(std::string(what) + " " + value.type_name());
}

const char* name_of(Json::value_t type) noexcept {
    switch (type) {
        case Json::value_t::null:
            return "null";
        case Json::value_t::boolean:
            return "boolean";
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
        case Json::value_t::number_float:
            return "number";
        case Json::value_t::string:
            return "string";
        case Json::value_t::array:
            return "array";
        case Json::value_t::object:
            return "object";
    }
    return "null";
}

/// An object of members.
Json::object_t members(std::span<const Json::Ref> values) {
    Json::object_t object;
    object.reserve(values.size());
    for (const Json::Ref& value : values) {
        auto [name, member] = value.take_member();
        object.emplace(std::move(name), std::move(member));
    }
    return object;
}

bool all_members(std::span<const Json::Ref> values) {
    return std::all_of(values.begin(), values.end(),
                       [](const Json::Ref& value) { return value.is_member(); });
}

Json::array_t elements(std::span<const Json::Ref> values) {
    Json::array_t array;
    array.reserve(values.size());
    for (const Json::Ref& value : values) array.push_back(value.take());
    return array;
}

Json braced(std::span<const Json::Ref> values) {
    return all_members(values) ? Json(members(values)) : Json(elements(values));
}

/// Numbers of two kinds that may differ: negative, 0 or positive; NaN equals nothing.
int compare_numbers(const Json& a, const Json& b) noexcept {
    const auto order = [](auto left, auto right) {
        return left < right ? -1 : left == right ? 0 : 1;
    };
    const auto* a_real = a.get_ptr<const double*>();
    const auto* b_real = b.get_ptr<const double*>();
    if (a_real != nullptr || b_real != nullptr) return order(a.get<double>(), b.get<double>());
    const auto* a_natural = a.get_ptr<const std::uint64_t*>();
    const auto* b_natural = b.get_ptr<const std::uint64_t*>();
    if (a_natural != nullptr && b_natural != nullptr) return order(*a_natural, *b_natural);
    // A number above the signed range keeps its bits as a negative one.
    const auto left = a.get<std::int64_t>();
    const auto right = b.get<std::int64_t>();
    if (a_natural != nullptr && left < 0) return 1;
    if (b_natural != nullptr && right < 0) return -1;
    return order(left, right);
}

/// The element that a token of a pointer names, or nullptr.
const Json* find_element(const Json& array, std::string_view token) {
    std::size_t index = 0;
    const char* const end = token.data() + token.size();
    const auto read = std::from_chars(token.data(), end, index);
    const bool whole = read.ec == std::errc() && read.ptr == end;
    if (!whole || (token.size() > 1 && token.front() == '0') || index >= array.size()) {
        return nullptr;
    }
    return &array[index];
}

/// The member that a token of a pointer names, or nullptr.
const Json* find_escaped_member(const Json& object, std::string_view token) {
    std::string name;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') {
            name += token[i];
        } else if (++i < token.size() && (token[i] == '0' || token[i] == '1')) {
            name += token[i] == '0' ? '~' : '/';
        } else {
            return nullptr;
        }
    }
    return find_member(object, name);
}

}  // namespace

Json::Json(std::string value) : type_(value_t::string) {
    data_.string = new std::string(std::move(value));
}

Json::Json(std::string_view value) : type_(value_t::string) {
    data_.string = new std::string(value);
}

Json::Json(const char* value) : Json(std::string_view(value)) {}

Json::Json(array_t value) : type_(value_t::array) {
    data_.array = new array_t(std::move(value));
}

Json::Json(object_t value) : type_(value_t::object) {
    data_.object = new object_t(std::move(value));
}

bool Json::Ref::is_text() const noexcept {
    switch (kind_) {
        case Kind::text:
        case Kind::moved_text:
            return true;
        case Kind::copied:
        case Kind::moved:
            return json()->is_string();
        default:
            return false;
    }
}

bool Json::Ref::is_member() const noexcept {
    switch (kind_) {
        case Kind::list:
            return size_ == 2 && refs()->is_text();
        case Kind::copied:
        case Kind::moved:
            return json()->is_array() && json()->size() == 2 && (*json())[0].is_string();
        default:
            return false;
    }
}

std::string Json::Ref::take_text() const {
    if (kind_ == Kind::text) return std::string(static_cast<const char*>(from_), size_);
    if (kind_ == Kind::moved_text) {
        return std::move(*static_cast<std::string*>(const_cast<void*>(from_)));
    }
    if (kind_ == Kind::moved) return std::move(json()->get_ref<std::string&>());
    return json()->get_ref<const std::string&>();
}

Json Json::Ref::take() const {
    switch (kind_) {
        case Kind::null:
            return {};
        case Kind::boolean:
            return integer_ != 0;
        case Kind::integer:
            return integer_;
        case Kind::natural:
            return static_cast<std::uint64_t>(integer_);
        case Kind::real:
            return real_;
        case Kind::text:
        case Kind::moved_text:
            return take_text();
        case Kind::copied:
            return *json();
        case Kind::moved:
            return std::move(*json());
        case Kind::list:
            return braced({refs(), size_});
        case Kind::made:
            return make_(from_);
    }
    return {};
}

std::pair<std::string, Json> Json::Ref::take_member() const {
    if (kind_ == Kind::list) return {refs()[0].take_text(), refs()[1].take()};
    Json member = take();
    return {std::move(member[0].get_ref<std::string&>()), std::move(member[1])};
}

Json::Json(std::initializer_list<Ref> values) : Json(braced(values)) {}

Json::Json(const Json& other) : data_(other.data_) {
    switch (other.type_) {
        case value_t::string:
            data_.string = new std::string(*other.data_.string);
            break;
        case value_t::array:
            data_.array = new array_t(*other.data_.array);
            break;
        case value_t::object:
            data_.object = new object_t(*other.data_.object);
            break;
        default:
            break;
    }
    type_ = other.type_;
}

void Json::destroy() noexcept {
    switch (type_) {
        case value_t::string:
            delete data_.string;
            break;
        case value_t::array:
            delete data_.array;
            break;
        case value_t::object:
            delete data_.object;
            break;
        default:
            break;
    }
}

Json Json::array() {
    return array_t();
}

Json Json::array(std::initializer_list<Ref> values) {
    return elements(values);
}

Json Json::object() {
    return object_t();
}

Json Json::object(std::initializer_list<Ref> values) {
    if (!all_members(values)) throw exception("an object is made of pairs of a text and a value");
    return members(values);
}

const char* Json::type_name() const noexcept {
    return name_of(type_);
}

void Json::refuse_type(value_t wanted) const {
    refuse(std::string("type must be ") + name_of(wanted) + ", but is", *this);
}

std::int64_t Json::whole_number() const {
    switch (type_) {
        case value_t::number_integer:
        case value_t::number_unsigned:
            return data_.integer;
        case value_t::number_float:
            return static_cast<std::int64_t>(data_.real);
        default:
            refuse_type(value_t::number_integer);
    }
}

double Json::real_number() const {
    switch (type_) {
        case value_t::number_integer:
            return static_cast<double>(data_.integer);
        case value_t::number_unsigned:
            return static_cast<double>(data_.natural);
        case value_t::number_float:
            return data_.real;
        default:
            refuse_type(value_t::number_float);
    }
}

std::vector<std::string> Json::texts() const {
    std::vector<std::string> texts;
    for (const Json& value : get_ref<const array_t&>()) {
        texts.push_back(value.get_ref<const std::string&>());
    }
    return texts;
}

std::size_t Json::size() const noexcept {
    switch (type_) {
        case value_t::null:
            return 0;
        case value_t::array:
            return data_.array->size();
        case value_t::object:
            return data_.object->size();
        default:
            return 1;
    }
}

void Json::clear() noexcept {
    switch (type_) {
        case value_t::string:
            data_.string->clear();
            break;
        case value_t::array:
            data_.array->clear();
            break;
        case value_t::object:
            data_.object->clear();
            break;
        default:
            data_ = {};
    }
}

Json::array_t& Json::grown_array() {
    if (type_ == value_t::null) *this = array();
    if (type_ != value_t::array) refuse("an element cannot be added to", *this);
    return *data_.array;
}

Json::object_t& Json::grown_object() {
    if (type_ == value_t::null) *this = object();
    if (type_ != value_t::object) refuse("a name cannot be used with", *this);
    return *data_.object;
}

Json& Json::operator[](std::string_view name) {
    return grown_object()[name];
}

const Json& Json::operator[](std::string_view name) const {
    return at(name);
}

Json& Json::element(size_type index) {
    array_t& array = grown_array();
    if (index >= array.size()) array.resize(index + 1);
    return array[index];
}

Json& Json::existing(size_type index) {
    if (type_ != value_t::array) refuse("a place cannot be used with", *this);
    if (index >= data_.array->size()) {
        throw exception("there is no element " + std::to_string(index));
    }
    return (*data_.array)[index];
}

Json& Json::at(std::string_view name) {
    return const_cast<Json&>(std::as_const(*this).at(name));
}

const Json& Json::at(std::string_view name) const {
    const Json* member = member_of_object(name);
    if (member == nullptr) throw exception("there is no member " + std::string(name));
    return *member;
}

Json& Json::front() {
    return *begin();
}

const Json& Json::front() const {
    return *begin();
}

Json& Json::back() {
    return *(end() - 1);
}

const Json& Json::back() const {
    return *(end() - 1);
}

const Json* Json::member_of_object(std::string_view name) const {
    if (type_ != value_t::object) refuse("a name cannot be used with", *this);
    return find_member(*this, name);
}

Json::iterator Json::find(std::string_view name) noexcept {
    if (type_ != value_t::object) return end();
    return begin() + (data_.object->find(name) - data_.object->begin());
}

Json::const_iterator Json::find(std::string_view name) const noexcept {
    return const_cast<Json*>(this)->find(name);
}

bool Json::contains(std::string_view name) const noexcept {
    return type_ == value_t::object && data_.object->count(name) != 0;
}

void Json::push_back(std::initializer_list<Ref> value) {
    if (type_ == value_t::object && value.size() == 2 && value.begin()->is_text()) {
        data_.object->emplace(value.begin()->take_text(), (value.begin() + 1)->take());
    } else {
        push_back(braced(value));
    }
}

std::pair<Json::iterator, bool> Json::emplace(std::string name, Json value) {
    object_t& object = grown_object();
    const auto [at, added] = object.emplace(std::move(name), std::move(value));
    return {begin() + (at - object.begin()), added};
}

void Json::update(const Json& members) {
    object_t& object = grown_object();
    for (const auto& [name, value] : members.get_ref<const object_t&>()) object[name] = value;
}

Json::iterator Json::insert(const_iterator at, Json value) {
    array_t& array = grown_array();
    const auto index = at - begin();
    array.insert(array.begin() + index, std::move(value));
    return begin() + index;
}

Json::iterator Json::insert(const_iterator at, const_iterator first, const_iterator last) {
    array_t& array = grown_array();
    const auto index = at - begin();
    array.insert(array.begin() + index, first.at_, last.at_);
    return begin() + index;
}

Json::iterator Json::erase(const_iterator at) {
    return erase(at, at + 1);
}

Json::iterator Json::erase(const_iterator first, const_iterator last) {
    const auto index = first - begin();
    const auto behind = last - begin();
    if (type_ == value_t::array) {
        data_.array->erase(data_.array->begin() + index, data_.array->begin() + behind);
    } else if (type_ == value_t::object) {
        data_.object->erase(data_.object->begin() + index, data_.object->begin() + behind);
    } else {
        refuse("nothing can be taken out of", *this);
    }
    return begin() + index;
}

std::size_t Json::erase(std::string_view name) {
    if (type_ != value_t::object) refuse("a name cannot be used with", *this);
    return data_.object->erase(name);
}

void Json::erase_element(size_type index) {
    existing(index);
    data_.array->erase(data_.array->begin() + static_cast<difference_type>(index));
}

Json::iterator Json::begin() noexcept {
    switch (type_) {
        case value_t::null:
            return {this, sizeof(Json)};
        case value_t::array:
            return {data_.array->data(), sizeof(Json)};
        case value_t::object: {
            object_t& object = *data_.object;
            constexpr auto kStep = static_cast<difference_type>(sizeof(object_t::value_type));
            if (object.empty()) return {nullptr, kStep};
            return {&object.begin()->second, kStep};
        }
        default:
            return {this, sizeof(Json)};
    }
}

Json::iterator Json::end() noexcept {
    return begin() + static_cast<difference_type>(size());
}

Json::const_iterator Json::begin() const noexcept {
    return const_cast<Json*>(this)->begin();
}

Json::const_iterator Json::end() const noexcept {
    return const_cast<Json*>(this)->end();
}

Json::Items<false> Json::items() noexcept {
    if (type_ != value_t::object || data_.object->empty()) return {nullptr, nullptr};
    auto* first = &*data_.object->begin();
    return {first, first + data_.object->size()};
}

Json::Items<true> Json::items() const noexcept {
    const Items<false> items = const_cast<Json*>(this)->items();
    return {items.begin(), items.end()};
}

bool Json::equals(const Json& other) const noexcept {
    if (is_number() && other.is_number()) return compare_numbers(*this, other) == 0;
    if (type_ != other.type_) return false;
    switch (type_) {
        case value_t::boolean:
            return data_.boolean == other.data_.boolean;
        case value_t::string:
            return *data_.string == *other.data_.string;
        case value_t::array:
            return *data_.array == *other.data_.array;
        case value_t::object:
            return *data_.object == *other.data_.object;
        default:
            return true;
    }
}

bool Json::is_text(std::string_view text) const noexcept {
    return type_ == value_t::string && *data_.string == text;
}

bool Json::less(const Json& other) const noexcept {
    if (is_number() && other.is_number()) return compare_numbers(*this, other) < 0;
    if (type_ != other.type_) return type_ < other.type_;
    switch (type_) {
        case value_t::boolean:
            return !data_.boolean && other.data_.boolean;
        case value_t::string:
            return *data_.string < *other.data_.string;
        case value_t::array:
            return *data_.array < *other.data_.array;
        case value_t::object:
            return std::lexicographical_compare(
                data_.object->begin(), data_.object->end(), other.data_.object->begin(),
                other.data_.object->end(), [](const auto& a, const auto& b) {
                    return a.first != b.first ? a.first < b.first : a.second < b.second;
                });
        default:
            return false;
    }
}

const Json* find_member(const Json& object, std::string_view name) {
    const auto* members = object.get_ptr<const Json::object_t*>();
    if (members == nullptr) return nullptr;
    const auto found = members->find(name);
    return found == members->end() ? nullptr : &found->second;
}

std::string string_member(const Json& object, std::string_view name, std::string_view fallback) {
    const Json* member = find_member(object, name);
    const auto* text = member == nullptr ? nullptr : member->get_ptr<const std::string*>();
    return text == nullptr ? std::string(fallback) : *text;
}

const Json* find_pointer(const Json& document, std::string_view pointer) {
    const Json* at = &document;
    while (at != nullptr && !pointer.empty()) {
        if (pointer.front() != '/') return nullptr;
        const std::string_view token = pointer.substr(1, pointer.find('/', 1) - 1);
        pointer.remove_prefix(1 + token.size());
        at = at->is_array() ? find_element(*at, token) : find_escaped_member(*at, token);
    }
    return at;
}

std::ostream& operator<<(std::ostream& out, const Json& value) {
    return out << to_text(value);
}

}  // namespace skafu
