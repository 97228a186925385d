#pragma once

#include "expressions/vtl/script.h"
#include "expressions/vtl/vtl.h"

namespace skafu::vtl {

/// One rendering of one script.
class Renderer {
  public:
    Renderer(const Script& script, const Limits& limits)
        : script_(script),
          limits_(limits),
          slots_(script.variables.size()),
          blocks_(script.variables.size()) {}

    void set(std::size_t slot, Value value) { slots_[slot] = std::move(value); }
    std::string render();

  private:
    enum class Flow { On, Break, Stop };

    Flow render_block(const Block& block, std::string& out);
    Flow render_node(const Node& node, std::string& out);
    Flow render_reference(const Node& node, std::string& out);
    Flow render_if(const Node& node, std::string& out);
    Flow render_foreach(const Node& node, std::string& out);
    Flow render_items(const Node& node, std::vector<Value> items, std::string& out);
    Flow render_macro(const Node& node, std::string& out);
    void assign(const Reference& target, Value value);

    Value resolve(const Reference& reference);
    Value resolve_steps(Value value, const Reference& reference, std::size_t count);
    Value evaluate(const Expression& expression);
    Value evaluate_list(const Expression& expression);
    Value evaluate_map(const Expression& expression);
    Value evaluate_range(const Expression& expression);
    Value evaluate_binary(const Expression& expression);
    bool is_true(const Expression& expression) { return !evaluate(expression).is_false(); }
    void step();

    const Script& script_;
    const Limits& limits_;
    std::vector<Value> slots_;
    std::vector<const Block*> blocks_;  // what #define gave a slot
    std::size_t steps_ = 0;
    std::size_t depth_ = 0;
};

/// `+ - * / %` as Velocity has them; null where the operands are no numbers.
Value arithmetic(Expression::Kind kind, const Value& left, const Value& right);

}  // namespace skafu::vtl
