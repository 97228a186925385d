// The expression parser, its static checks and its evaluators on whatever comes: the first byte
// chooses the kind of expression.
#include <cstddef>
#include <cstdint>

#include "core/aws_error.h"
#include "dynamodb/condition.h"
#include "dynamodb/expression.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/key_range.h"
#include "dynamodb/path_tree.h"
#include "dynamodb/update.h"

using namespace skafu::dynamodb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    static const Item item =
        parse_item(R"({"a":{"S":"x"},"b":{"N":"1"},"l":{"L":[{"N":"1"},{"M":{"k":{"SS":["x"]}}}]},)"
                   R"("m":{"M":{"k":{"L":[]}}},"s":{"SS":["a","b"]}})");
    try {
        Substitutions substitutions;
        substitutions.set_names({{"#a", "a"}, {"#m", "m"}});
        substitutions.set_values(
            parse_item(R"({":v":{"N":"1"},":s":{"S":"x"},":l":{"L":[]},":t":{"SS":["a"]}})"));
        const auto kind = static_cast<ExpressionKind>(data[0] % 5);
        const BoundExpression bound = bind_expression(kind, text, substitutions);
        switch (kind) {
            case ExpressionKind::kProjection: {
                PathTree tree;
                for (const Path& path : bound->paths) tree.add(bound, path);
                item_text(tree.select(item));
                break;
            }
            case ExpressionKind::kUpdate: {
                const Item updated = apply_update(bound, item, item, true);
                if (!(parse_item(item_text(updated)) == updated)) __builtin_trap();
                break;
            }
            case ExpressionKind::kKeyCondition: {
                const KeySchema keys{{{"a", Type::kString}}, {{"b", Type::kNumber}}};
                key_range(1, keys, key_comparisons(bound), true);
                break;
            }
            default:
                evaluate_condition(bound, item);
        }
    } catch (const skafu::AwsError&) {
    }
    return 0;
}
