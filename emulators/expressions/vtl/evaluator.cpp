#include <cmath>

#include "expressions/vtl/renderer.h"

namespace skafu::vtl {
namespace {

using Kind = Expression::Kind;

Value whole_arithmetic(Kind kind, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    if (kind == Kind::Add && !__builtin_add_overflow(a, b, &result)) return result;
    if (kind == Kind::Subtract && !__builtin_sub_overflow(a, b, &result)) return result;
    if (kind == Kind::Multiply && !__builtin_mul_overflow(a, b, &result)) return result;
    if (kind == Kind::Divide || kind == Kind::Modulo) {
        if (b == 0) return {};
        if (b == -1) return kind == Kind::Divide ? whole_arithmetic(Kind::Subtract, 0, a) : 0;
        return kind == Kind::Divide ? a / b : a % b;
    }
    return arithmetic(kind, static_cast<double>(a), static_cast<double>(b));
}

bool less_than(const Value& left, const Value& right) {
    if (left.integer() && right.integer()) return *left.integer() < *right.integer();
    return left.number() < right.number();
}

}  // namespace

Value arithmetic(Kind kind, const Value& left, const Value& right) {
    if (left.integer() && right.integer()) {
        return whole_arithmetic(kind, *left.integer(), *right.integer());
    }
    if (!left.is_number() || !right.is_number()) {
        if (kind != Kind::Add || (!left.string() && !right.string())) return {};
        std::string text;
        append_text(text, left, kMaxValueSize);
        append_text(text, right, kMaxValueSize);
        return text;
    }
    const double a = left.number();
    const double b = right.number();
    switch (kind) {
        case Kind::Add:
            return a + b;
        case Kind::Subtract:
            return a - b;
        case Kind::Multiply:
            return a * b;
        case Kind::Divide:
            return b == 0 ? Value() : Value(a / b);
        default:
            return b == 0 ? Value() : Value(std::fmod(a, b));
    }
}

Value Renderer::evaluate(const Expression& expression) {
    step();
    switch (expression.kind) {
        case Kind::Literal:
            return expression.literal;
        case Kind::Reference:
            return resolve(expression.reference);
        case Kind::Text: {
            std::string text;
            render_block(expression.text, text);
            return text;
        }
        case Kind::List:
            return evaluate_list(expression);
        case Kind::Map:
            return evaluate_map(expression);
        case Kind::Range:
            return evaluate_range(expression);
        case Kind::Not:
            return !is_true(expression.parts[0]);
        case Kind::Or:
            return is_true(expression.parts[0]) || is_true(expression.parts[1]);
        case Kind::And:
            return is_true(expression.parts[0]) && is_true(expression.parts[1]);
        default:
            return evaluate_binary(expression);
    }
}

Value Renderer::evaluate_list(const Expression& expression) {
    std::vector<Value> items;
    items.reserve(expression.parts.size());
    for (const Expression& part : expression.parts) items.push_back(evaluate(part));
    return std::make_shared<List>(std::move(items));
}

Value Renderer::evaluate_map(const Expression& expression) {
    auto map = std::make_shared<Map>();
    for (std::size_t i = 0; i + 1 < expression.parts.size(); i += 2) {
        std::string key = to_text(evaluate(expression.parts[i]));
        map->put(std::move(key), evaluate(expression.parts[i + 1]));
    }
    return map;
}

Value Renderer::evaluate_range(const Expression& expression) {
    const Value from = evaluate(expression.parts[0]);
    const Value to = evaluate(expression.parts[1]);
    if (!from.integer() || !to.integer()) return {};
    const std::int64_t first = *from.integer();
    const std::int64_t last = *to.integer();
    constexpr double kMost = 100'000;
    if (std::fabs(static_cast<double>(last) - static_cast<double>(first)) > kMost) {
        throw TemplateError("A range is too long");
    }
    std::vector<Value> items;
    const std::int64_t direction = first <= last ? 1 : -1;
    for (std::int64_t i = first; i != last + direction; i += direction) items.emplace_back(i);
    return std::make_shared<List>(std::move(items));
}

Value Renderer::evaluate_binary(const Expression& expression) {
    const Value left = evaluate(expression.parts[0]);
    const Value right = evaluate(expression.parts[1]);
    const bool numbers = left.is_number() && right.is_number();
    switch (expression.kind) {
        case Kind::Equal:
            return equal(left, right);
        case Kind::NotEqual:
            return !equal(left, right);
        case Kind::Less:
            return numbers && less_than(left, right);
        case Kind::LessEqual:
            return numbers && !less_than(right, left);
        case Kind::Greater:
            return numbers && less_than(right, left);
        case Kind::GreaterEqual:
            return numbers && !less_than(left, right);
        default:
            return arithmetic(expression.kind, left, right);
    }
}

}  // namespace skafu::vtl
