#include "dynamodb/json_digest.h"

#include <string>

#include "dynamodb/json_cursor.h"

namespace skafu::dynamodb {
namespace {

/// The finisher of SplitMix64: every bit of the result depends on every bit of the argument.
std::uint64_t mix(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBULL;
    return bits ^ (bits >> 31);
}

/// FNV-1a, begun in a way of each kind of value.
std::uint64_t text_digest(std::uint64_t kind, std::string_view text) {
    std::uint64_t digest = 14695981039346656037ULL ^ kind;
    for (const char c : text) {
        digest ^= static_cast<unsigned char>(c);
        digest *= 1099511628211ULL;
    }
    return mix(digest);
}

class Digester {
  public:
    explicit Digester(std::string_view text) : cursor_(text) {}

    std::uint64_t value() {
        using Kind = JsonCursor::Kind;
        const Kind kind = cursor_.peek();
        const auto seed = static_cast<std::uint64_t>(kind) + 1;
        switch (kind) {
            case Kind::kObject:
                return mix(seed + members());
            case Kind::kArray:
                return mix(seed + elements());
            case Kind::kString:
                return text_digest(seed, cursor_.read_string(scratch_));
            case Kind::kNumber:
                return text_digest(seed, cursor_.read_number());
            case Kind::kBoolean:
                return mix(cursor_.read_boolean() ? 21 : 20);
            case Kind::kNull:
                cursor_.read_null();
                break;
        }
        return mix(seed);
    }

    void finish() { cursor_.finish(); }

  private:
    std::uint64_t members() {
        std::uint64_t sum = 0;
        std::string_view name;
        cursor_.enter_object();
        while (cursor_.next_member(name)) {
            const std::uint64_t named = text_digest(10, name);
            sum += mix(named * 3 + value());
        }
        return sum;
    }

    std::uint64_t elements() {
        std::uint64_t digest = 0;
        cursor_.enter_array();
        while (cursor_.next_element()) digest = mix(digest * 5 + value());
        return digest;
    }

    JsonCursor cursor_;
    std::string scratch_;
};

}  // namespace

std::int64_t json_digest(std::string_view text) {
    Digester digester(text);
    const std::uint64_t digest = digester.value();
    digester.finish();
    return static_cast<std::int64_t>(digest);
}

}  // namespace skafu::dynamodb
