#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/ordered_map.h"

namespace skafu {

/// The JSON value of the house: nlohmann's, with objects that keep their order.
using Json = nlohmann::basic_json<OrderedMap>;

/// A text that is not JSON; what() says why, offset() where (bytes from the start).
class JsonError : public std::runtime_error {
  public:
    JsonError(const std::string& why, std::size_t offset)
        : std::runtime_error(why), offset_(offset) {}
    std::size_t offset() const { return offset_; }

  private:
    std::size_t offset_;
};

/// Deepest nesting that parse_json takes.
inline constexpr std::size_t kMaxJsonDepth = 1000;

/// Parses one JSON text (RFC 8259, UTF-8). Integers that fit 64 bits stay integers.
/// Throws JsonError for anything that is not exactly one JSON value, and for nesting deeper
/// than kMaxJsonDepth.
Json parse_json(std::string_view text);

/// Compact JSON text; bytes that are not UTF-8 are replaced, never an exception.
std::string to_text(const Json& value);

/// Indented JSON text for people.
std::string to_pretty_text(const Json& value);

/// The member of an object, or nullptr where `object` is no object or has no such member.
const Json* find_member(const Json& object, std::string_view name);

/// The string member of an object, or `fallback` where it is absent or of another type.
std::string string_member(const Json& object, std::string_view name,
                          std::string_view fallback = {});

}  // namespace skafu
