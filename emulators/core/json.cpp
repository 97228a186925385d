#include "core/json.h"

#include <simdjson.h>

namespace skafu {
namespace {

Json from_element(const simdjson::dom::element& element) {
    using simdjson::dom::element_type;
    switch (element.type()) {
        case element_type::OBJECT: {
            Json::object_t object;
            const simdjson::dom::object members = element.get_object();
            object.reserve(members.size());
            for (const auto& member : members) {
                Json value = from_element(member.value);
                const auto [at, added] = object.emplace(member.key, Json());
                at->second = std::move(value);  // a repeated member: the last one counts
            }
            return Json(std::move(object));
        }
        case element_type::ARRAY: {
            Json::array_t array;
            const simdjson::dom::array items = element.get_array();
            array.reserve(items.size());
            for (const auto& item : items) array.push_back(from_element(item));
            return Json(std::move(array));
        }
        case element_type::STRING:
            return Json(std::string(std::string_view(element)));
        case element_type::INT64:
            return Json(std::int64_t(element));
        case element_type::UINT64:
            return Json(std::uint64_t(element));
        case element_type::DOUBLE:
            return Json(double(element));
        case element_type::BOOL:
            return Json(bool(element));
        case element_type::NULL_VALUE:
            return Json(nullptr);
    }
    return Json(nullptr);
}

/// nlohmann's parser has no depth limit of its own and its values are freed recursively.
void check_depth(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxJsonDepth) throw JsonError("nesting is too deep", i);
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
}

/// The slow road: numbers beyond 64 bits, and the reason and place of an error.
Json parse_slowly(std::string_view text) {
    check_depth(text);
    try {
        return Json::parse(text.begin(), text.end());
    } catch (const Json::parse_error& error) {
        throw JsonError(error.what(), error.byte);
    } catch (const Json::exception& error) {
        throw JsonError(error.what(), 0);
    }
}

}  // namespace

Json parse_json(std::string_view text) {
    // One parser is kept for the usual sizes; its buffers would stay as large as the largest text.
    constexpr std::size_t kKeepUpTo = 256 * 1024;
    static thread_local simdjson::dom::parser kept;
    simdjson::dom::parser own;
    simdjson::dom::parser& parser = text.size() <= kKeepUpTo ? kept : own;
    simdjson::dom::element root;
    if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
        return parse_slowly(text);
    }
    return from_element(root);
}

std::string to_text(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_pretty_text(const Json& value) {
    return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

const Json* find_member(const Json& object, std::string_view name) {
    if (!object.is_object()) return nullptr;
    const Json::object_t& members = object.get_ref<const Json::object_t&>();
    const auto found = members.find(name);
    return found == members.end() ? nullptr : &found->second;
}

std::string string_member(const Json& object, std::string_view name, std::string_view fallback) {
    const Json* member = find_member(object, name);
    if (member == nullptr || !member->is_string()) return std::string(fallback);
    return member->get<std::string>();
}

}  // namespace skafu
