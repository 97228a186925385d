#include "expressions/jsonata/node.h"

namespace skafu::jsonata {
namespace {

/// Walks a tree for what is read from the input. `top`: where the input is the outermost one, not
/// the item of a path, filter or function.
class Collector {
  public:
    explicit Collector(Expression::References& found) : found_(found) {}

    void walk(const Node* node, bool top) {
        if (node == nullptr) return;
        switch (node->type) {
            case NodeType::name:
                if (top) found_.names.push_back(node->text);
                break;
            case NodeType::variable:
                if (node->text == "$") found_.root = true;
                break;
            case NodeType::path:
                path(*node, top);
                break;
            case NodeType::lambda:
                walk(node->first, false);
                break;
            case NodeType::transform:
                for (const Node* part : {node->first, node->second, node->third}) {
                    walk(part, false);
                }
                break;
            default:
                for (const Node* part : {node->first, node->second, node->third}) {
                    walk(part, top);
                }
                for (const Node* item : node->items) walk(item, top);
        }
        for (const auto& [key, value] : node->pairs) {
            walk(key, top);
            walk(value, top);
        }
        inner(*node);
    }

  private:
    void path(const Node& node, bool top) {
        for (std::size_t i = 0; i < node.items.size(); ++i) walk(node.items[i], top && i == 0);
        const bool is_member = node.items.size() > 1 && node.items[0]->type == NodeType::variable &&
                               node.items[1]->type == NodeType::name;
        if (is_member) found_.paths.push_back(node.items[0]->text + "." + node.items[1]->text);
    }

    /// What is evaluated on the items of the node's own value.
    void inner(const Node& node) {
        for (const auto& [key, value] : node.group) {
            walk(key, false);
            walk(value, false);
        }
        for (const SortTerm& term : node.terms) walk(term.expression, false);
        for (const auto* stages : {&node.predicates, &node.stages}) {
            for (const Stage& stage : *stages) walk(stage.filter, false);
        }
    }

    Expression::References& found_;
};

}  // namespace

Expression::References Expression::references() const {
    References found;
    Collector(found).walk(program_->root, true);
    return found;
}

}  // namespace skafu::jsonata
