#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expressions/jsonata/value.h"

namespace skafu::jsonata {

/// Arguments of a call, after the signature put the context and single items in place.
class Arguments {
  public:
    Arguments(Value* values, std::size_t size) : values_(values), size_(size) {}
    std::size_t size() const { return size_; }
    /// Undefined behind the last.
    Value operator[](std::size_t at) const { return at < size_ ? values_[at] : Value(); }
    Value* begin() const { return values_; }
    Value* end() const { return values_ + size_; }

  private:
    Value* values_;
    std::size_t size_;
};

/// The signature of a function, such as <s-nn?:s> (docs.jsonata.org, "Function signatures").
class Signature {
  public:
    /// `position` is that of the "<"; throws JsonataError S0401 or S0402.
    static Signature parse(std::string_view text, std::size_t position);

    /// The arguments as the function gets them. Throws JsonataError T0410, T0411 or T0412.
    Arguments apply(Arena& arena, Arguments given, Value context) const;

  private:
    enum class Count : std::uint8_t { one, optional, many };
    struct Parameter {
        std::uint16_t types = 0;  // bits: which symbols match
        char symbol = 'x';
        bool context = false;  // taken from the context where absent
        Count count = Count::one;
        std::string subtype;  // of the items of an array
    };

    bool match(const std::uint16_t* types, std::size_t count, std::size_t parameter, std::size_t at,
               std::uint16_t* taken, int& steps_left) const;
    [[noreturn]] void refuse(Arguments given, const std::uint16_t* types) const;
    Value array_argument(Arena& arena, const Parameter& parameter, Value argument,
                         std::size_t index) const;
    bool fits_as_is(Arguments given) const;

    std::vector<Parameter> parameters_;
};

}  // namespace skafu::jsonata
