#include <array>
#include <cmath>
#include <random>

#include <fmt/format.h>

#include "core/base64.h"
#include "core/digest.h"
#include "core/spelling.h"
#include "core/text.h"
#include "expressions/intrinsics/node.h"

namespace skafu::intrinsics {
namespace {

constexpr std::int64_t kMaxRange = 1000;
constexpr std::size_t kMaxEncoded = 10'000;
constexpr std::size_t kAny = 1'000'000;

[[noreturn]] void refuse(const Arguments& arguments, const std::string& why) {
    throw Failure("States.IntrinsicFailure",
                  "The function '" + arguments.call.text + "' had the following error: " + why);
}

const Json::array_t& array_at(const Arguments& arguments, std::size_t at) {
    const Json& value = arguments.values[at];
    if (!value.is_array()) {
        refuse(arguments,
               fmt::format("Argument {} must be an array, but was: {}", at + 1, to_text(value)));
    }
    return value.get_ref<const Json::array_t&>();
}

const std::string& string_at(const Arguments& arguments, std::size_t at) {
    const Json& value = arguments.values[at];
    if (!value.is_string()) {
        refuse(arguments,
               fmt::format("Argument {} must be a string, but was: {}", at + 1, to_text(value)));
    }
    return value.get_ref<const std::string&>();
}

/// Numbers are rounded half towards positive infinity, as Java's Math.round does.
std::int64_t integer_at(const Arguments& arguments, std::size_t at) {
    const Json& value = arguments.values[at];
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (!value.is_number()) {
        refuse(arguments,
               fmt::format("Argument {} must be a number, but was: {}", at + 1, to_text(value)));
    }
    const double rounded = std::floor(value.get<double>() + 0.5);
    constexpr double kLimit = 9.2e18;
    if (!(std::abs(rounded) < kLimit)) refuse(arguments, "The number is out of range");
    return static_cast<std::int64_t>(rounded);
}

const std::string& bounded_string_at(const Arguments& arguments, std::size_t at) {
    const std::string& text = string_at(arguments, at);
    if (text.size() > kMaxEncoded) refuse(arguments, "The input exceeds 10000 characters");
    return text;
}

Json array(Arguments& arguments) {
    return Json(Json::array_t(std::make_move_iterator(arguments.values.begin()),
                              std::make_move_iterator(arguments.values.end())));
}

Json array_partition(Arguments& arguments) {
    const Json::array_t& items = array_at(arguments, 0);
    const std::int64_t size = integer_at(arguments, 1);
    if (size <= 0) refuse(arguments, "The chunk size must be a positive integer");
    Json chunks = Json::array();
    for (const Json& item : items) {
        if (chunks.empty() || chunks.back().size() == static_cast<std::size_t>(size)) {
            chunks.push_back(Json::array());
        }
        chunks.back().push_back(item);
    }
    return chunks;
}

Json array_contains(Arguments& arguments) {
    const Json::array_t& items = array_at(arguments, 0);
    return std::find(items.begin(), items.end(), arguments.values[1]) != items.end();
}

Json array_range(Arguments& arguments) {
    const std::int64_t first = integer_at(arguments, 0);
    const std::int64_t last = integer_at(arguments, 1);
    const std::int64_t step = integer_at(arguments, 2);
    if (step == 0) refuse(arguments, "The increment must not be zero");
    Json::array_t items;
    for (std::int64_t at = first; step > 0 ? at <= last : at >= last;) {
        if (items.size() == kMaxRange) refuse(arguments, "The range exceeds 1000 elements");
        items.emplace_back(at);
        if (__builtin_add_overflow(at, step, &at)) break;
    }
    return Json(std::move(items));
}

Json array_get_item(Arguments& arguments) {
    const Json::array_t& items = array_at(arguments, 0);
    const std::int64_t at = integer_at(arguments, 1);
    if (at < 0 || at >= static_cast<std::int64_t>(items.size())) {
        refuse(arguments,
               fmt::format("The index {} is out of bounds for length {}", at, items.size()));
    }
    return std::move(arguments.values[0][static_cast<std::size_t>(at)]);
}

Json array_length(Arguments& arguments) {
    return array_at(arguments, 0).size();
}

Json array_unique(Arguments& arguments) {
    Json::array_t unique;
    for (const Json& item : array_at(arguments, 0)) {
        if (std::find(unique.begin(), unique.end(), item) == unique.end()) unique.push_back(item);
    }
    return Json(std::move(unique));
}

Json base64_encoded(Arguments& arguments) {
    return base64_encode(bounded_string_at(arguments, 0));
}

Json base64_decoded(Arguments& arguments) {
    std::optional<std::string> bytes = base64_decode(bounded_string_at(arguments, 0));
    if (!bytes) refuse(arguments, "The input is not valid Base64");
    return std::move(*bytes);
}

Json hash(Arguments& arguments) {
    const Json& data = arguments.values[0];
    const std::string text = data.is_string() ? data.get<std::string>() : to_text(data);
    if (text.size() > kMaxEncoded) refuse(arguments, "The input exceeds 10000 characters");
    const std::string& algorithm = string_at(arguments, 1);
    if (algorithm == "MD5") return digest::hex(digest::md5(text));
    if (algorithm == "SHA-1") return digest::hex(digest::sha1(text));
    if (algorithm == "SHA-256") return digest::hex(digest::sha256(text));
    if (algorithm == "SHA-384") return digest::hex(digest::sha384(text));
    if (algorithm == "SHA-512") return digest::hex(digest::sha512(text));
    refuse(arguments,
           "Unknown algorithm '" + algorithm + "'. Use MD5, SHA-1, SHA-256, SHA-384 or SHA-512");
}

Json json_merge(Arguments& arguments) {
    if (arguments.values[2] != Json(false)) refuse(arguments, "Only shallow merging is supported");
    if (!arguments.values[0].is_object() || !arguments.values[1].is_object()) {
        refuse(arguments, "The first two arguments must be objects");
    }
    Json merged = std::move(arguments.values[0]);
    for (auto& [key, value] : arguments.values[1].items()) merged[key] = std::move(value);
    return merged;
}

Json string_to_json(Arguments& arguments) {
    const std::string& text = string_at(arguments, 0);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return nullptr;
    try {
        Json value = parse_json(text);
        if (value.is_number_float() && value.get<double>() == 0 &&
            text.find('.') == std::string::npos) {
            return 0;  // "-0" is the integer
        }
        return value;
    } catch (const JsonError& error) {
        refuse(arguments, "The string is not valid JSON: " + std::string(error.what()));
    }
}

Json json_to_string(Arguments& arguments) {
    return to_text(arguments.values[0]);
}

Json math_random(Arguments& arguments) {
    const std::int64_t from = integer_at(arguments, 0);
    const std::int64_t to = integer_at(arguments, 1);
    if (to <= from) refuse(arguments, "The end must be greater than the start");
    const auto width = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
    std::uint64_t bits = 0;
    if (arguments.values.size() > 2) {
        std::mt19937_64 seeded(static_cast<std::uint64_t>(integer_at(arguments, 2)));
        bits = seeded();
    } else {
        bits = arguments.scope.random();
    }
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + bits % width);
}

Json math_add(Arguments& arguments) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(integer_at(arguments, 0), integer_at(arguments, 1), &sum)) {
        refuse(arguments, "The result is out of range");
    }
    return sum;
}

/// The second argument is a set of delimiting characters; empty pieces are dropped.
Json string_split(Arguments& arguments) {
    const std::string& text = string_at(arguments, 0);
    const std::string& delimiters = string_at(arguments, 1);
    Json pieces = Json::array();
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find_first_of(delimiters, at), text.size());
        if (end > at) pieces.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return pieces;
}

Json uuid(Arguments& arguments) {
    return arguments.scope.uuid();
}

Json format(Arguments& arguments) {
    const Node& first = arguments.call.arguments.front();
    const std::string pattern = first.kind == Node::Kind::Literal && first.literal.is_string()
                                    ? first.raw
                                    : string_at(arguments, 0);
    std::string text;
    std::size_t next = 1;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) {
            ++i;
            text += pattern[i] == 'n' ? '\n' : pattern[i] == 't' ? '\t' : pattern[i];
        } else if (pattern[i] == '{' && i + 1 < pattern.size() && pattern[i + 1] == '}') {
            if (next == arguments.values.size()) {
                refuse(arguments, "Not enough arguments for the placeholders of the template");
            }
            text += format_value(arguments.values[next++]);
            ++i;
        } else {
            text += pattern[i];
        }
    }
    if (next != arguments.values.size()) refuse(arguments, "Too many arguments for the template");
    return text;
}

constexpr std::array<FunctionRow, 18> kFunctions{{
    {"Array", 0, kAny, array},
    {"ArrayPartition", 2, 2, array_partition},
    {"ArrayContains", 2, 2, array_contains},
    {"ArrayRange", 3, 3, array_range},
    {"ArrayGetItem", 2, 2, array_get_item},
    {"ArrayLength", 1, 1, array_length},
    {"ArrayUnique", 1, 1, array_unique},
    {"Base64Encode", 1, 1, base64_encoded},
    {"Base64Decode", 1, 1, base64_decoded},
    {"Hash", 2, 2, hash},
    {"JsonMerge", 3, 3, json_merge},
    {"StringToJson", 1, 1, string_to_json},
    {"JsonToString", 1, 1, json_to_string},
    {"MathRandom", 2, 3, math_random},
    {"MathAdd", 2, 2, math_add},
    {"StringSplit", 2, 2, string_split},
    {"UUID", 0, 0, uuid},
    {"Format", 1, kAny, format},
}};

}  // namespace

const FunctionRow* find_function(std::string_view name) {
    for (const FunctionRow& row : kFunctions) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

std::string nearest_function(std::string_view name) {
    if (name.size() > 64) return {};
    const FunctionRow* nearest = nullptr;
    std::size_t least = 4;
    for (const FunctionRow& row : kFunctions) {
        const std::size_t distance = edit_distance(lower_case(name), lower_case(row.name));
        if (distance < least) {
            least = distance;
            nearest = &row;
        }
    }
    return nearest == nullptr ? std::string() : "States." + std::string(nearest->name);
}

std::string format_value(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_structured()) return to_text(value);
    std::vector<std::string> parts;
    if (value.is_array()) {
        for (const Json& member : value) parts.push_back(format_value(member));
        return fmt::format("[{}]", fmt::join(parts, ", "));
    }
    for (const auto& [key, member] : value.items()) {
        parts.push_back(key + "=" + format_value(member));
    }
    return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

}  // namespace skafu::intrinsics
