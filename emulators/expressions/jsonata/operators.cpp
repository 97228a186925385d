#include <cmath>

#include "expressions/jsonata/builtins.h"
#include "expressions/jsonata/evaluator.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

constexpr double kLongestRange = 1e7;

bool is_comparable(Value value) {
    return value.is_undefined() || value.is_number() || value.is_string();
}

bool is_integer(Value value) {
    return Evaluator::is_numeric(value) && value.number() == std::trunc(value.number());
}

/// The same value, or the same array or object (not one of equal content).
bool identical(Value a, Value b) {
    if (a.kind() != b.kind()) return false;
    if (a.is_array()) return a.array() == b.array() && a.json_array() == b.json_array();
    if (a.is_object()) return a.object() == b.object() && a.json_object() == b.json_object();
    return deep_equal(a, b);
}

}  // namespace

Value Evaluator::binary(const Node* node, Value input, Frame* frame) {
    const Value left = evaluate(node->first, input, frame);
    if (node->op == Op::logical_and) {
        return Value::boolean(truth(left) && truth(evaluate(node->second, input, frame)));
    }
    if (node->op == Op::logical_or) {
        return Value::boolean(truth(left) || truth(evaluate(node->second, input, frame)));
    }
    const Value right = evaluate(node->second, input, frame);
    switch (node->op) {
        case Op::equal:
        case Op::not_equal:
            if (left.is_undefined() || right.is_undefined()) return Value::boolean(false);
            if (left.is_string() && right.is_string()) {
                return Value::boolean((left.text() == right.text()) == (node->op == Op::equal));
            }
            return Value::boolean(deep_equal(left, right) == (node->op == Op::equal));
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal:
            return comparison(node, left, right);
        case Op::concat:
            return concat(left, right);
        case Op::in:
            return includes(left, right);
        case Op::range:
            return range(node, left, right);
        default:
            return arithmetic(node, left, right);
    }
}

Value Evaluator::arithmetic(const Node* node, Value left, Value right) {
    const auto check = [&](Value side, const char* code) {
        bool numeric = false;
        try {
            numeric = is_numeric(side);
        } catch (const JsonataError& error) {
            throw error.located(node->text, node->position);
        }
        if (!numeric && !side.is_undefined()) {
            throw JsonataError(code).at(node->position).token(node->text).value(to_json(side));
        }
    };
    if (!left.is_number() || !std::isfinite(left.number())) check(left, "T2001");
    if (!right.is_number() || !std::isfinite(right.number())) check(right, "T2002");
    if (left.is_undefined() || right.is_undefined()) return Value();
    const double a = left.number();
    const double b = right.number();
    switch (node->op) {
        case Op::add:
            return Value(a + b);
        case Op::subtract:
            return Value(a - b);
        case Op::multiply:
            return Value(a * b);
        case Op::divide:
            return Value(a / b);
        default:
            return Value(std::fmod(a, b));
    }
}

Value Evaluator::comparison(const Node* node, Value left, Value right) {
    if (!is_comparable(left) || !is_comparable(right)) {
        throw JsonataError("T2010")
            .at(node->position)
            .token(node->text)
            .value(to_json(is_comparable(left) ? right : left));
    }
    if (left.is_undefined() || right.is_undefined()) return Value();
    if (left.kind() != right.kind()) {
        throw JsonataError("T2009")
            .at(node->position)
            .token(node->text)
            .value(to_json(left))
            .second_value(to_json(right));
    }
    double order = 0;
    if (left.is_string())
        order = text::compare(left.text(), right.text());
    else
        order = left.number() < right.number() ? -1 : left.number() > right.number() ? 1 : 0;
    switch (node->op) {
        case Op::less:
            return Value::boolean(order < 0);
        case Op::less_equal:
            return Value::boolean(order <= 0);
        case Op::greater:
            return Value::boolean(order > 0);
        default:
            return Value::boolean(order >= 0);
    }
}

Value Evaluator::includes(Value left, Value right) {
    if (left.is_undefined() || right.is_undefined()) return Value::boolean(false);
    const Items items = right.is_array() ? Items(right) : Items(&right, 1);
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (identical(items[i], left)) return Value::boolean(true);
    }
    return Value::boolean(false);
}

Value Evaluator::concat(Value left, Value right) {
    const std::string_view a = left.is_undefined() ? "" : to_string(*this, left, 0);
    const std::string_view b = right.is_undefined() ? "" : to_string(*this, right, 0);
    if (b.empty()) return Value::string(a);
    // The text that was made last grows in place: a & b & c & … copies each part once.
    char* both = nullptr;
    if (!a.empty() && a.data() + a.size() == concat_end_ &&
        arena_.extend_bytes(concat_end_, b.size())) {
        both = const_cast<char*>(a.data());
    } else {
        both = arena_.array<char>(a.size() + b.size());
        std::copy(a.begin(), a.end(), both);
    }
    std::copy(b.begin(), b.end(), both + a.size());
    concat_end_ = both + a.size() + b.size();
    return Value::string({both, a.size() + b.size()});
}

Value Evaluator::range(const Node* node, Value left, Value right) {
    const auto check = [&](Value side, const char* code) {
        if (!side.is_undefined() && !is_integer(side)) {
            throw JsonataError(code).at(node->position).token("..").value(to_json(side));
        }
    };
    check(left, "T2003");
    check(right, "T2004");
    if (left.is_undefined() || right.is_undefined()) return Value();
    const double from = left.number();
    const double to = right.number();
    if (from > to) return Value();
    const double size = to - from + 1;
    if (size > kLongestRange) {
        throw JsonataError("D2014").at(node->position).token("..").value(Json(size));
    }
    Array* out = sequence();
    out->reserve(arena_, static_cast<std::size_t>(size));
    for (double at = 0; at < size; ++at) out->push(arena_, Value(from + at));
    return Value(out);
}

Value Evaluator::negate(const Node* node, Value input, Frame* frame) {
    const Value value = evaluate(node->first, input, frame);
    if (value.is_undefined()) return Value();
    if (is_numeric(value)) return Value(-value.number());
    throw JsonataError("D1002").at(node->position).token("-").value(to_json(value));
}

Value Evaluator::array(const Node* node, Value input, Frame* frame) {
    Array* out = arena_.make<Array>();
    out->constructed = node->constructed_array;
    for (const Node* item : node->items) {
        const Value value = evaluate(item, input, frame);
        if (value.is_undefined()) continue;
        if (item->type == NodeType::array || !value.is_array()) {
            out->push(arena_, value);
            continue;
        }
        if (out->size == 0 && value.array() != nullptr) {
            out->share(*value.array());
            continue;
        }
        const Items items(value);
        out->reserve(arena_, std::size_t{out->size} + items.size());
        for (std::size_t i = 0; i < items.size(); ++i) out->push(arena_, items[i]);
    }
    return Value(out);
}

Value Evaluator::block(const Node* node, Value input, Frame* frame) {
    Frame* scope = arena_.make<Frame>(frame, nullptr);
    Value result;
    for (const Node* item : node->items) result = evaluate(item, input, scope);
    return result;
}

}  // namespace skafu::jsonata
