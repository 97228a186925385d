#include "expressions/jsonata/signature.h"

#include <algorithm>

#include "expressions/jsonata/jsonata.h"

namespace skafu::jsonata {
namespace {

constexpr std::string_view kSymbols = "asnblfom";  // m: missing

constexpr std::uint16_t bit(char symbol) {
    const std::size_t at = kSymbols.find(symbol);
    return at == std::string_view::npos ? 0 : static_cast<std::uint16_t>(1U << at);
}

constexpr std::uint16_t bits(std::string_view symbols) {
    std::uint16_t out = 0;
    for (const char symbol : symbols) out |= bit(symbol);
    return out;
}

constexpr std::uint16_t kAnything = bits("asnblfom");
constexpr std::uint16_t kJson = bits("asnblom");
constexpr std::size_t kMostArguments = 64;
constexpr int kMostSteps = 100'000;

char symbol_of(Value value) {
    switch (value.kind()) {
        case Kind::null:
            return 'l';
        case Kind::boolean:
            return 'b';
        case Kind::number:
            return 'n';
        case Kind::string:
            return 's';
        case Kind::array:
            return 'a';
        case Kind::object:
            return 'o';
        case Kind::function:
            return 'f';
        default:
            return 'm';
    }
}

std::size_t closing(std::string_view text, std::size_t open, char closes) {
    int depth = 1;
    std::size_t at = open;
    while (++at < text.size()) {
        if (text[at] == closes && --depth == 0) break;
        if (text[at] == text[open]) ++depth;
    }
    return std::min(at, text.size());
}

/// The items' type as an error names it.
std::string type_name(std::string_view subtype) {
    static constexpr std::pair<char, std::string_view> kNames[] = {
        {'a', "arrays"},  {'b', "booleans"}, {'f', "functions"},
        {'n', "numbers"}, {'o', "objects"},  {'s', "strings"},
    };
    for (const auto& [symbol, name] : kNames) {
        if (subtype == std::string_view(&symbol, 1)) return std::string(name);
    }
    return std::string(subtype);
}

}  // namespace

Signature Signature::parse(std::string_view text, std::size_t position) {
    Signature signature;
    const auto add = [&](std::uint16_t types, char symbol) {
        Parameter parameter;
        parameter.types = types;
        parameter.symbol = symbol;
        signature.parameters_.push_back(std::move(parameter));
    };
    for (std::size_t at = 1; at < text.size() && text[at] != ':'; ++at) {
        const char symbol = text[at];
        Parameter* last = signature.parameters_.empty() ? nullptr : &signature.parameters_.back();
        if (std::string_view("snblo").find(symbol) != std::string_view::npos) {
            add(bit(symbol) | bit('m'), symbol);
        } else if (symbol == 'a' || symbol == 'x') {
            add(kAnything, symbol);
        } else if (symbol == 'f') {
            add(bit('f'), symbol);
        } else if (symbol == 'j') {
            add(kJson, symbol);
        } else if (symbol == '(') {
            const std::size_t close = closing(text, at, ')');
            const std::string_view choice = text.substr(at + 1, close - at - 1);
            if (choice.find('<') != std::string_view::npos) {
                throw JsonataError("S0402").at(position + at).value(std::string(choice));
            }
            add(bits(choice) | bit('m'), '(');
            at = close;
        } else if (symbol == '<') {
            if (last == nullptr || (last->symbol != 'a' && last->symbol != 'f')) {
                throw JsonataError("S0401")
                    .at(position + at)
                    .value(last == nullptr ? Json() : Json(std::string(1, last->symbol)));
            }
            const std::size_t close = closing(text, at, '>');
            last->subtype = std::string(text.substr(at + 1, close - at - 1));
            at = close;
        } else if (symbol == '-' && last != nullptr) {
            last->context = true;
            last->count = Count::optional;
        } else if (symbol == '?' && last != nullptr) {
            last->count = Count::optional;
        } else if (symbol == '+' && last != nullptr) {
            last->count = Count::many;
        }
    }
    return signature;
}

/// Gives each parameter as many arguments as it can take while the rest still fits, as a
/// regular expression would. `taken` gets the number for each parameter.
bool Signature::match(const std::uint16_t* types, std::size_t count, std::size_t parameter,
                      std::size_t at, std::uint16_t* taken, int& steps_left) const {
    if (--steps_left < 0) throw JsonataError("U1001").message("The signature takes too long");
    if (parameter == parameters_.size()) return at == count;
    const Parameter& wanted = parameters_[parameter];
    std::size_t most = 0;
    const std::size_t limit =
        wanted.count == Count::many ? count - at : std::min<std::size_t>(1, count - at);
    while (most < limit && (types[at + most] & wanted.types) != 0) ++most;
    const std::size_t least = wanted.count == Count::optional ? 0 : 1;
    for (std::size_t n = most + 1; n-- > least;) {
        taken[parameter] = static_cast<std::uint16_t>(n);
        if (match(types, count, parameter + 1, at + n, taken, steps_left)) return true;
    }
    return false;
}

/// The first argument that stops the signature from fitting is the one to name.
void Signature::refuse(Arguments given, const std::uint16_t* types) const {
    std::size_t good = 0;
    for (const Parameter& parameter : parameters_) {
        std::size_t n = 0;
        const std::size_t limit = parameter.count == Count::many ? given.size() : 1;
        while (n < limit && good + n < given.size() && (types[good + n] & parameter.types) != 0) {
            ++n;
        }
        if (n == 0 && parameter.count != Count::optional) break;
        good += n;
    }
    throw JsonataError("T0410").value(to_json(given[good])).index(good + 1);
}

Value Signature::array_argument(Arena& arena, const Parameter& parameter, Value argument,
                                std::size_t index) const {
    const char symbol = symbol_of(argument);
    if (symbol == 'm') return Value();
    bool fits = true;
    if (!parameter.subtype.empty()) {
        if (symbol != 'a') {
            fits = parameter.subtype == std::string_view(&symbol, 1);
        } else {
            const Items items(argument);
            for (std::size_t i = 0; i < items.size() && fits; ++i) {
                fits = symbol_of(items[i]) == parameter.subtype.front();
            }
        }
    }
    if (!fits) {
        throw JsonataError("T0412")
            .value(to_json(argument))
            .index(index + 1)
            .message(type_name(parameter.subtype));
    }
    if (symbol == 'a') return argument;
    Array* single = arena.make<Array>();
    single->push(arena, argument);
    return Value(single);
}

/// The usual call: each parameter has its argument and none is to be changed.
bool Signature::fits_as_is(Arguments given) const {
    if (given.size() != parameters_.size()) return false;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const Parameter& parameter = parameters_[i];
        const char symbol = symbol_of(given[i]);
        if ((bit(symbol) & parameter.types) == 0) return false;
        if (parameter.symbol == 'a' && (symbol != 'a' || !parameter.subtype.empty())) return false;
    }
    return true;
}

Arguments Signature::apply(Arena& arena, Arguments given, Value context) const {
    if (fits_as_is(given)) return given;
    std::uint16_t types[kMostArguments];
    std::uint16_t taken[kMostArguments] = {};
    if (given.size() > kMostArguments || parameters_.size() > kMostArguments) {
        throw JsonataError("U1001").message("The call has too many arguments");
    }
    for (std::size_t i = 0; i < given.size(); ++i) types[i] = bit(symbol_of(given[i]));
    int steps_left = kMostSteps;
    if (!match(types, given.size(), 0, 0, taken, steps_left)) refuse(given, types);

    Value* out = arena.array<Value>(given.size() + parameters_.size());
    std::size_t size = 0;
    std::size_t argument = 0;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const Parameter& parameter = parameters_[i];
        if (taken[i] == 0 && parameter.context) {
            if ((bit(symbol_of(context)) & parameter.types) == 0) {
                throw JsonataError("T0411").value(to_json(context)).index(argument + 1);
            }
            out[size++] = context;
        } else if (taken[i] == 0) {
            out[size++] = given[argument++];
        }
        for (std::size_t n = 0; n < taken[i]; ++n, ++argument) {
            const Value value = given[argument];
            out[size++] =
                parameter.symbol == 'a' ? array_argument(arena, parameter, value, argument) : value;
        }
    }
    return Arguments(out, size);
}

}  // namespace skafu::jsonata
