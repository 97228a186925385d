#include <cmath>
#include <random>

#include "core/digest.h"
#include "expressions/jsonata/builtins.h"

// Functions that AWS Step Functions adds ("Transforming data with JSONata in Step Functions").
namespace skafu::jsonata {
namespace {

constexpr double kLongestStepRange = 1e7;

/// $partition(array, size): an array of arrays, the last one may be shorter.
Value partition(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_array() || !arguments[1].is_number()) return Value();
    const double size = std::trunc(arguments[1].number());
    if (!(size >= 1)) {
        throw JsonataError("D3137").message(
            "The second argument of partition function must be a positive number");
    }
    Arena& arena = evaluator.arena();
    const Items items(arguments[0]);
    Array* out = arena.make<Array>();
    Array* part = nullptr;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (part == nullptr || part->size >= size) {
            part = arena.make<Array>();
            out->push(arena, Value(part));
        }
        part->push(arena, items[i]);
    }
    return Value(out);
}

/// $range(first, last, step): a sequence, so that one number is itself.
Value range(Evaluator& evaluator, Arguments arguments) {
    for (std::size_t i = 0; i < 3; ++i) {
        if (!arguments[i].is_number()) return Value();
    }
    const double first = arguments[0].number();
    const double last = arguments[1].number();
    const double step = arguments[2].number();
    if (step == 0) {
        throw JsonataError("D3137").message("The third argument of range function cannot be zero");
    }
    const double size = std::floor((last - first) / step) + 1;
    if (size > kLongestStepRange) throw JsonataError("D2014").value(Json(size));
    Array* out = evaluator.sequence();
    for (double i = 0; i < size; ++i) out->push(evaluator.arena(), Value(first + i * step));
    return Value(out);
}

/// $hash(text, algorithm): hexadecimal; MD5, SHA-1, SHA-256 (the default), SHA-384, SHA-512.
Value hash(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_string()) return Value();
    const std::string_view text = arguments[0].text();
    const std::string_view algorithm = arguments[1].is_string() ? arguments[1].text() : "SHA-256";
    if (algorithm == "MD5") return evaluator.text(digest::hex(digest::md5(text)));
    if (algorithm == "SHA-1") return evaluator.text(digest::hex(digest::sha1(text)));
    if (algorithm == "SHA-256") return evaluator.text(digest::hex(digest::sha256(text)));
    if (algorithm == "SHA-384") return evaluator.text(digest::hex(digest::sha384(text)));
    if (algorithm == "SHA-512") return evaluator.text(digest::hex(digest::sha512(text)));
    throw JsonataError("D3137").message("Unsupported hash algorithm: " + std::string(algorithm));
}

Value uuid(Evaluator& evaluator, Arguments) {
    const auto& source = evaluator.options().uuid;
    return source ? evaluator.text(source()) : Value();
}

/// $random(seed): the same seed gives the same number.
Value seeded_random(Evaluator& evaluator, Arguments arguments) {
    if (arguments[0].is_number()) {
        std::mt19937_64 generator(
            static_cast<std::uint64_t>(static_cast<std::int64_t>(arguments[0].number())));
        return Value(static_cast<double>(generator() >> 11) * 0x1p-53);
    }
    const auto& source = evaluator.options().random;
    return Value(source ? source() : 0.0);
}

Value from_json(Arena& arena, const Json& json) {
    if (json.is_array()) {
        Array* out = arena.make<Array>();
        out->reserve(arena, json.size());
        for (const Json& item : json) out->push(arena, from_json(arena, item));
        return Value(out);
    }
    if (json.is_object()) {
        Object* out = arena.make<Object>();
        for (const auto& [key, member] : json.get_ref<const Json::object_t&>()) {
            out->set(arena, arena.copy(key), from_json(arena, member));
        }
        return Value(out);
    }
    const Value value = Value::of(json);
    return value.is_string() ? Value::string(arena.copy(value.text())) : value;
}

/// $parse(text): the JSON value that the text holds.
Value parse(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_string()) return Value();
    try {
        return from_json(evaluator.arena(), parse_json(arguments[0].text()));
    } catch (const JsonError& error) {
        throw JsonataError("D3137").message(std::string("Invalid JSON: ") + error.what());
    }
}

}  // namespace

std::vector<BuiltinRow> step_functions() {
    return {
        {"partition", "<an:a<a>>", 2, partition},
        {"range", "<nnn:a<n>>", 3, range},
        {"hash", "<s-s?:s>", 2, hash},
        {"uuid", "<:s>", 0, uuid},
        {"random with seed", "<n?:n>", 1, seeded_random},
        {"parse", "<s-:x>", 1, parse},
    };
}

}  // namespace skafu::jsonata
