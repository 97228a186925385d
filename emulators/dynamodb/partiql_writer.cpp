#include <algorithm>

#include "dynamodb/item_codec.h"
#include "dynamodb/partiql.h"
#include "dynamodb/request.h"

namespace skafu::dynamodb {
namespace {

/// Operands of IN that an expression takes.
constexpr std::size_t kMaxMembers = 99;

bool is_joined(const PartiqlCondition& condition) {
    return condition.kind == PartiqlCondition::Kind::kAnd ||
           condition.kind == PartiqlCondition::Kind::kOr;
}

const Json* step_into(const Json& value, const PartiqlStep& step) {
    if (!step.is_index()) {
        const Json* members = find_member(value, "M");
        return members == nullptr ? nullptr : find_member(*members, step.name);
    }
    const Json* list = find_member(value, "L");
    return list != nullptr && step.index < list->size() ? &(*list)[step.index] : nullptr;
}

/// The name of a path's column: its last name and the indexes after it.
std::string column_name(const PartiqlPath& path) {
    std::size_t last = path.size() - 1;
    while (path[last].is_index()) --last;
    std::string name = path[last].name;
    for (std::size_t i = last + 1; i < path.size(); ++i) {
        name += "[" + std::to_string(path[i].index) + "]";
    }
    return name;
}

}  // namespace

std::string PartiqlWriter::name(const std::string& name) {
    for (const auto& [placeholder, known] : names_.items()) {
        if (known == name) return placeholder;
    }
    const std::string placeholder = "#n" + std::to_string(names_.size());
    names_[placeholder] = name;
    return placeholder;
}

std::string PartiqlWriter::value(const Json& value) {
    const std::string placeholder = ":v" + std::to_string(values_.size());
    values_[placeholder] = value;
    return placeholder;
}

void PartiqlWriter::put_placeholders(Json& input) const {
    if (!names_.empty()) input["ExpressionAttributeNames"] = names_;
    if (!values_.empty()) input["ExpressionAttributeValues"] = values_;
}

std::string PartiqlWriter::path(const PartiqlPath& path) {
    std::string text;
    for (const PartiqlStep& step : path) {
        if (step.is_index()) {
            text += "[" + std::to_string(step.index) + "]";
        } else {
            text += (text.empty() ? "" : ".") + name(step.name);
        }
    }
    return text;
}

std::string PartiqlWriter::operand(const PartiqlOperand& operand) {
    switch (operand.kind) {
        case PartiqlOperand::Kind::kPath:
            return path(operand.path);
        case PartiqlOperand::Kind::kValue:
            return value(operand.value);
        case PartiqlOperand::Kind::kCall:
            break;
        case PartiqlOperand::Kind::kPlus:
        case PartiqlOperand::Kind::kMinus: {
            const std::string left = this->operand(operand.arguments[0]);
            const bool plus = operand.kind == PartiqlOperand::Kind::kPlus;
            return left + (plus ? " + " : " - ") + this->operand(operand.arguments[1]);
        }
    }
    std::string text;
    for (const PartiqlOperand& argument : operand.arguments) {
        text += (text.empty() ? "" : ", ") + this->operand(argument);
    }
    return operand.function + "(" + text + ")";
}

std::string PartiqlWriter::joined(const std::vector<PartiqlCondition>& children,
                                  std::string_view word) {
    std::string text;
    for (const PartiqlCondition& child : children) {
        if (!text.empty()) text += word;
        text += is_joined(child) ? "(" + condition(child) + ")" : condition(child);
    }
    return text;
}

std::string PartiqlWriter::membership(const PartiqlCondition& condition) {
    const std::string left = operand(condition.operands.front());
    std::string text;
    std::size_t at = 1;
    while (at < condition.operands.size()) {
        std::string members;
        const std::size_t end = std::min(at + kMaxMembers, condition.operands.size());
        for (; at < end; ++at) {
            members += (members.empty() ? "" : ", ") + operand(condition.operands[at]);
        }
        if (!text.empty()) text += " OR ";
        text += left + " IN (" + members + ")";
    }
    return condition.operands.size() - 1 > kMaxMembers ? "(" + text + ")" : text;
}

std::string PartiqlWriter::condition(const PartiqlCondition& condition) {
    const auto& operands = condition.operands;
    switch (condition.kind) {
        case PartiqlCondition::Kind::kAnd:
            return joined(condition.children, " AND ");
        case PartiqlCondition::Kind::kOr:
            return joined(condition.children, " OR ");
        case PartiqlCondition::Kind::kNot:
            return "NOT " + joined(condition.children, "");
        case PartiqlCondition::Kind::kIn:
            return membership(condition);
        case PartiqlCondition::Kind::kCompare: {
            const std::string left = operand(operands[0]);
            return left + " " + condition.text + " " + operand(operands[1]);
        }
        case PartiqlCondition::Kind::kBetween: {
            const std::string left = operand(operands[0]);
            const std::string low = operand(operands[1]);
            return left + " BETWEEN " + low + " AND " + operand(operands[2]);
        }
        case PartiqlCondition::Kind::kCall:
        case PartiqlCondition::Kind::kBare:
            break;
    }
    PartiqlOperand call;
    call.kind = PartiqlOperand::Kind::kCall;
    call.function = condition.text;
    call.arguments = operands;
    return operand(call);
}

std::string PartiqlWriter::update(const std::vector<PartiqlChange>& changes) {
    using Change = PartiqlChange::Kind;
    std::string expression;
    for (const auto& [kind, keyword] :
         {std::pair(Change::kSet, "SET "), std::pair(Change::kRemove, "REMOVE "),
          std::pair(Change::kSetAdd, "ADD "), std::pair(Change::kSetDelete, "DELETE ")}) {
        std::string actions;
        for (const PartiqlChange& change : changes) {
            if (change.kind != kind) continue;
            if (!actions.empty()) actions += ", ";
            actions += path(change.path);
            if (kind != Change::kRemove) {
                actions += (kind == Change::kSet ? " = " : " ") + operand(change.value);
            }
        }
        if (actions.empty()) continue;
        expression += (expression.empty() ? "" : " ") + (keyword + actions);
    }
    return expression;
}

void check_partiql(const PartiqlStatement& statement) {
    PartiqlWriter writer;
    Json input = Json::object();
    if (statement.where) input["FilterExpression"] = writer.condition(*statement.where);
    if (!statement.changes.empty()) input["UpdateExpression"] = writer.update(statement.changes);
    writer.put_placeholders(input);
    const std::string text = to_text(input);
    ItemRequest request = parse_item_request(text, kAnyApi);
    if (request.filter_expression) {
        bind_expression(ExpressionKind::kFilter, *request.filter_expression, request.substitutions);
    }
    if (request.update_expression) {
        bind_expression(ExpressionKind::kUpdate, *request.update_expression, request.substitutions);
    }
}

std::vector<std::string> partiql_attributes(const PartiqlStatement& select) {
    std::vector<std::string> names;
    for (const PartiqlPath& path : select.columns) {
        const std::string& name = path.front().name;
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
}

Json partiql_row(const PartiqlStatement& select, const Json& item) {
    if (select.columns.empty()) return item;
    Json row = Json::object();
    for (const PartiqlPath& path : select.columns) {
        const Json* value = find_member(item, path.front().name);
        for (std::size_t i = 1; i < path.size() && value != nullptr; ++i) {
            value = step_into(*value, path[i]);
        }
        if (value != nullptr) row[column_name(path)] = *value;
    }
    return row;
}

AwsError partiql_error(const AwsError& error) {
    std::string message = error.message();
    if (message.starts_with("Invalid ")) {
        const std::size_t colon = message.find("Expression: ");
        if (colon != std::string::npos) message.erase(0, colon + 12);
    }
    constexpr std::string_view kOperator = "; operator: ";
    const std::size_t at = message.find(kOperator);
    if (at != std::string::npos && message.starts_with("Incorrect operand type")) {
        message.replace(at, kOperator.size(), "; operator or function: ");
    }
    return {error.code(), std::move(message), error.status(), error.fields()};
}

}  // namespace skafu::dynamodb
