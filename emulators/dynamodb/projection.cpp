#include "dynamodb/projection.h"

#include "dynamodb/item_codec.h"
#include "dynamodb/legacy.h"

namespace skafu::dynamodb {

ItemProjection::ItemProjection(ItemRequest& request, std::vector<ExpressionKind>& used) {
    if (request.projection_expression) {
        bound_ = bind_expression(ExpressionKind::kProjection, *request.projection_expression,
                                 request.substitutions);
        used.push_back(ExpressionKind::kProjection);
        tree_.emplace();
        for (const Path& path : bound_->paths) tree_->add(bound_, path);
    } else if (!request.attributes_to_get.empty()) {
        tree_ = parse_attributes_to_get(request.attributes_to_get);
    }
}

void ItemProjection::append(std::string& out, std::string_view stored) const {
    if (!tree_) {
        out.append(stored);
        return;
    }
    if (!tree_->is_flat()) {
        append_item(out, tree_->select(decode_item(stored)));
        return;
    }
    // Whole attributes are cut out of the text.
    JsonCursor cursor(stored);
    std::string_view name;
    out.push_back('{');
    cursor.enter_object();
    while (cursor.next_member(name)) {
        if (!tree_->has_top_name(name)) {
            cursor.skip();
            continue;
        }
        if (out.back() != '{') out.push_back(',');
        append_json_string(out, name);
        out.push_back(':');
        out.append(cursor.skip());
    }
    out.push_back('}');
}

void ItemProjection::append(std::string& out, const Item& item) const {
    if (!tree_) {
        append_item(out, item);
    } else {
        append_item(out, tree_->select(item));
    }
}

}  // namespace skafu::dynamodb
