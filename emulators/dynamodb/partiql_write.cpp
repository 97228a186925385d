// The one item that a write is about: its key, and what else is asked of it.
#include "dynamodb/partiql.h"
#include "dynamodb/reject.h"

namespace skafu::dynamodb {
namespace {

/// The conditions that AND joins, groups taken apart.
void flatten(const PartiqlCondition& condition, std::vector<const PartiqlCondition*>& out) {
    if (condition.kind != PartiqlCondition::Kind::kAnd) {
        out.push_back(&condition);
        return;
    }
    for (const PartiqlCondition& child : condition.children) flatten(child, out);
}

/// What a WHERE says about one item: its key, and further conditions.
struct OneItem {
    Json key = Json::object();
    std::vector<const PartiqlCondition*> rest;
    std::string twice;  ///< a key attribute that is to have two values
};

OneItem one_item(const PartiqlStatement& statement, const Table& table) {
    OneItem item;
    std::vector<const PartiqlCondition*> conditions;
    if (statement.where) flatten(*statement.where, conditions);
    for (const PartiqlCondition* condition : conditions) {
        const PartiqlEquality equality = partiql_equality(*condition);
        if (equality.attribute.empty() || !table.keys().has(equality.attribute)) {
            item.rest.push_back(condition);
            continue;
        }
        const Json* known = find_member(item.key, equality.attribute);
        if (known == nullptr) {
            item.key[std::string(equality.attribute)] = *equality.value;
        } else if (*known != *equality.value) {
            if (item.twice.empty()) item.twice = equality.attribute;
            item.rest.push_back(condition);
        }
    }
    return item;
}

Json insert_input(const PartiqlStatement& insert, const Table& table) {
    PartiqlWriter writer;
    Json input = {{"TableName", insert.table}, {"Item", insert.item}};
    input["ConditionExpression"] =
        "attribute_not_exists(" + writer.name(table.keys().hash.front().name) + ")";
    writer.put_placeholders(input);
    return input;
}

}  // namespace

PartiqlEquality partiql_equality(const PartiqlCondition& condition) {
    if (condition.kind != PartiqlCondition::Kind::kCompare || condition.text != "=") return {};
    const PartiqlOperand& left = condition.operands[0];
    const PartiqlOperand& right = condition.operands[1];
    if (right.kind == PartiqlOperand::Kind::kValue) return {left.attribute(), &right.value};
    if (left.kind == PartiqlOperand::Kind::kValue) return {right.attribute(), &left.value};
    return {};
}

Json partiql_write(const PartiqlStatement& statement, const Table& table) {
    if (!statement.index.empty()) reject("This operation is not supported on an index");
    if (statement.kind == PartiqlStatement::Kind::kInsert) return insert_input(statement, table);
    OneItem item = one_item(statement, table);
    if (item.key.size() != table.keys().size()) {
        reject("Where clause does not contain a mandatory equality on all key attributes");
    }
    const bool exists = statement.kind == PartiqlStatement::Kind::kExists;
    if (!item.twice.empty() && !exists) {
        reject("Multiple conditions on same key " + item.twice +
               ". Only single item Update/Insert/Delete are supported");
    }
    if (exists && item.rest.empty()) {
        reject("EXISTS() must contain a single item read with additional condition");
    }
    PartiqlWriter writer;
    Json input = {{"TableName", statement.table}, {"Key", std::move(item.key)}};
    const std::string hash = writer.name(table.keys().hash.front().name);
    std::string rest;
    for (const PartiqlCondition* condition : item.rest) {
        const bool is_or = condition->kind == PartiqlCondition::Kind::kOr;
        rest += (rest.empty() ? "" : " AND ") +
                (is_or ? "(" + writer.condition(*condition) + ")" : writer.condition(*condition));
    }
    if (statement.kind == PartiqlStatement::Kind::kDelete) {
        // There is nothing to delete, and nothing to go wrong, where there is no item.
        if (!rest.empty()) {
            input["ConditionExpression"] = "attribute_not_exists(" + hash + ") OR " + rest;
        }
    } else {
        input["ConditionExpression"] =
            "attribute_exists(" + hash + ")" + (rest.empty() ? "" : " AND " + rest);
    }
    if (!statement.changes.empty()) input["UpdateExpression"] = writer.update(statement.changes);
    if (input.contains("ConditionExpression") || !statement.changes.empty()) {
        writer.put_placeholders(input);
    }
    if (const auto& returning = statement.returning) {
        input["ReturnValues"] =
            std::string(returning->all ? "ALL_" : "UPDATED_") + (returning->old ? "OLD" : "NEW");
    }
    return input;
}

}  // namespace skafu::dynamodb
