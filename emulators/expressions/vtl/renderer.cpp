#include "expressions/vtl/renderer.h"

#include "expressions/vtl/methods.h"
#include "expressions/vtl/parser.h"

namespace skafu::vtl {

std::string Renderer::render() {
    std::string out;
    render_block(script_.block, out);
    return out;
}

void Renderer::step() {
    if (++steps_ > limits_.steps) throw TemplateError("The template takes too long");
}

Renderer::Flow Renderer::render_block(const Block& block, std::string& out) {
    if (depth_ >= limits_.depth) throw TemplateError("The template is nested too deeply");
    ++depth_;
    Flow flow = Flow::On;
    for (const Node& node : block) {
        step();
        flow = render_node(node, out);
        if (flow != Flow::On) break;
    }
    --depth_;
    if (out.size() > limits_.output) throw TemplateError("The output of the template is too long");
    return flow;
}

Renderer::Flow Renderer::render_node(const Node& node, std::string& out) {
    switch (node.kind) {
        case Node::Kind::Text:
            out += node.text;
            return Flow::On;
        case Node::Kind::Reference:
            return render_reference(node, out);
        case Node::Kind::Set:
            assign(node.reference, evaluate(node.value));
            return Flow::On;
        case Node::Kind::If:
            return render_if(node, out);
        case Node::Kind::Foreach:
            return render_foreach(node, out);
        case Node::Kind::MacroCall:
            return render_macro(node, out);
        case Node::Kind::Define:
            slots_[node.reference.slot] = {};
            blocks_[node.reference.slot] = &node.block;
            return Flow::On;
        case Node::Kind::Stop:
            return Flow::Stop;
        case Node::Kind::Break:
            return Flow::Break;
    }
    return Flow::On;
}

Renderer::Flow Renderer::render_reference(const Node& node, std::string& out) {
    const Block* defined = blocks_[node.reference.slot];
    if (defined && node.reference.steps.empty() && node.backslashes == 0) {
        return render_block(*defined, out);
    }
    const Value value = resolve(node.reference);
    if (value.is_null()) {
        out.append(node.backslashes, '\\');
        if (node.literal_when_null || node.backslashes % 2 == 1) out += node.text;
        return Flow::On;
    }
    out.append(node.backslashes / 2, '\\');
    if (node.backslashes % 2 == 1)
        out += node.text;
    else
        append_text(out, value, limits_.output);
    return Flow::On;
}

Renderer::Flow Renderer::render_if(const Node& node, std::string& out) {
    for (const Branch& branch : node.branches) {
        if (is_true(branch.condition)) return render_block(branch.block, out);
    }
    return render_block(node.block, out);
}

Renderer::Flow Renderer::render_foreach(const Node& node, std::string& out) {
    const Value over = evaluate(node.value);
    if (List* list = over.list()) return render_items(node, list->items(), out);
    if (over.map()) {
        const Value values = call_method(over, "values", {});
        return render_items(node, values.list()->items(), out);
    }
    return Flow::On;
}

Renderer::Flow Renderer::render_items(const Node& node, std::vector<Value> items,
                                      std::string& out) {
    if (items.size() > limits_.loop) throw TemplateError("A #foreach has too many iterations");
    const Value outer[] = {slots_[node.reference.slot], slots_[script_.foreach_slot],
                           slots_[script_.count_slot], slots_[script_.has_next_slot]};
    Flow flow = Flow::On;
    for (std::size_t i = 0; i < items.size() && flow == Flow::On; ++i) {
        const bool has_next = i + 1 < items.size();
        const auto count = static_cast<std::int64_t>(i + 1);
        auto loop = std::make_shared<Map>();
        loop->put("index", count - 1);
        loop->put("count", count);
        loop->put("hasNext", has_next);
        loop->put("first", i == 0);
        loop->put("last", !has_next);
        loop->put("parent", outer[1]);
        slots_[script_.foreach_slot] = std::move(loop);
        slots_[script_.count_slot] = count;
        slots_[script_.has_next_slot] = has_next;
        slots_[node.reference.slot] = std::move(items[i]);
        flow = render_block(node.block, out);
    }
    slots_[node.reference.slot] = outer[0];
    slots_[script_.foreach_slot] = outer[1];
    slots_[script_.count_slot] = outer[2];
    slots_[script_.has_next_slot] = outer[3];
    return flow == Flow::Stop ? Flow::Stop : Flow::On;
}

Renderer::Flow Renderer::render_macro(const Node& node, std::string& out) {
    const Macro* macro = script_.macro(node.name);
    std::vector<Value> given;
    for (const Expression& argument : node.arguments) given.push_back(evaluate(argument));
    given.resize(macro->parameters.size());
    // The parameters stand in for what these names meant outside, until the macro is done.
    for (std::size_t i = 0; i < given.size(); ++i) {
        std::swap(slots_[macro->parameters[i]], given[i]);
    }
    const Flow flow = render_block(macro->block, out);
    for (std::size_t i = 0; i < given.size(); ++i) {
        slots_[macro->parameters[i]] = std::move(given[i]);
    }
    return flow == Flow::Stop ? Flow::Stop : Flow::On;
}

void Renderer::assign(const Reference& target, Value value) {
    if (target.steps.empty()) {
        blocks_[target.slot] = nullptr;
        slots_[target.slot] = std::move(value);
        return;
    }
    const Value holder = resolve_steps(slots_[target.slot], target, target.steps.size() - 1);
    const Step& last = target.steps.back();
    if (last.kind == Step::Kind::Method) throw TemplateError("#set cannot set a method");
    if (Map* map = holder.map()) {
        map->put(last.kind == Step::Kind::Member ? last.name : to_text(evaluate(last.arguments[0])),
                 std::move(value));
    } else if (holder.list() && last.kind == Step::Kind::Index) {
        const Value arguments[] = {evaluate(last.arguments[0]), std::move(value)};
        call_method(holder, "set", arguments);
    }
}

Value Renderer::resolve(const Reference& reference) {
    if (const Block* defined = blocks_[reference.slot]) {
        std::string text;
        render_block(*defined, text);
        return resolve_steps(std::move(text), reference, reference.steps.size());
    }
    if (reference.steps.empty()) return slots_[reference.slot];
    return resolve_steps(slots_[reference.slot], reference, reference.steps.size());
}

Value Renderer::resolve_steps(Value value, const Reference& reference, std::size_t count) {
    for (std::size_t i = 0; i < count && !value.is_null(); ++i) {
        step();
        const Step& next = reference.steps[i];
        if (next.kind == Step::Kind::Member) {
            value = member(value, next.name);
        } else if (next.kind == Step::Kind::Index) {
            value = element(value, evaluate(next.arguments[0]));
        } else {
            std::vector<Value> arguments;
            arguments.reserve(next.arguments.size());
            for (const Expression& argument : next.arguments) {
                arguments.push_back(evaluate(argument));
            }
            value = call_method(value, next.name, arguments);
        }
    }
    return value;
}

namespace {

std::unique_ptr<const Script> compile(std::string_view text) {
    auto script = std::make_unique<Script>();
    script->foreach_slot = script->slot("foreach");
    script->count_slot = script->slot("velocityCount");
    script->has_next_slot = script->slot("velocityHasNext");
    script->block = Parser(text, *script, 0).parse();
    return script;
}

}  // namespace

Template::Template(std::string_view text) : script_(compile(text)) {}
Template::~Template() = default;
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;

bool Template::uses(std::string_view variable) const {
    const std::vector<std::string>& names = script_->variables;
    return std::find(names.begin(), names.end(), variable) != names.end();
}

std::string Template::render(const Variables& variables, const Limits& limits) const {
    Renderer renderer(*script_, limits);
    for (const auto& [name, value] : variables) {
        for (std::size_t slot = 0; slot < script_->variables.size(); ++slot) {
            if (script_->variables[slot] == name) renderer.set(slot, value);
        }
    }
    return renderer.render();
}

}  // namespace skafu::vtl
