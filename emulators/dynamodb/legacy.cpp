#include "dynamodb/legacy.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "core/aws_error.h"
#include "dynamodb/condition.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/reject.h"
#include "dynamodb/request.h"

namespace skafu::dynamodb {
namespace {

using Kind = JsonCursor::Kind;

constexpr std::array<std::string_view, 13> kOperatorNames = {
    "EQ",      "NE",       "IN",   "LE",       "LT",           "GE",         "GT",
    "BETWEEN", "NOT_NULL", "NULL", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH"};

LegacyOperator operator_named(const std::string& name, const std::string& attribute) {
    const auto found = std::find(kOperatorNames.begin(), kOperatorNames.end(), name);
    if (found == kOperatorNames.end()) {
        reject_constraint(name, attribute + ".member.comparisonOperator",
                          "Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, "
                          "NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]");
    }
    return static_cast<LegacyOperator>(found - kOperatorNames.begin());
}

std::string_view name_of(LegacyOperator op) {
    return kOperatorNames[static_cast<std::size_t>(op)];
}

void check_count(const LegacyCondition& condition) {
    const std::size_t count = condition.values.size();
    bool right = count == 1;
    switch (condition.op) {
        case LegacyOperator::kNull:
        case LegacyOperator::kNotNull:
            right = count == 0;
            break;
        case LegacyOperator::kBetween:
            right = count == 2;
            break;
        case LegacyOperator::kIn:
            right = count >= 1;
            break;
        default:
            break;
    }
    if (!right) {
        reject_value("Invalid number of argument(s) for the " + std::string(name_of(condition.op)) +
                     " ComparisonOperator");
    }
}

bool allows_type(LegacyOperator op, Type type) {
    switch (op) {
        case LegacyOperator::kLe:
        case LegacyOperator::kLt:
        case LegacyOperator::kGe:
        case LegacyOperator::kGt:
        case LegacyOperator::kBetween:
        case LegacyOperator::kIn:
        case LegacyOperator::kContains:
        case LegacyOperator::kNotContains:
            return is_ordered(type);
        case LegacyOperator::kBeginsWith:
            return type == Type::kString || type == Type::kBinary;
        default:
            return true;
    }
}

void check_operands(const LegacyCondition& condition) {
    check_count(condition);
    for (const Value& value : condition.values) {
        if (!allows_type(condition.op, value.type())) {
            reject_value("ComparisonOperator " + std::string(name_of(condition.op)) +
                         " is not valid for " + std::string(type_name(value.type())) +
                         " AttributeValue type");
        }
        if (value.type() != condition.values.front().type()) {
            reject_value("AttributeValues inside AttributeValueList must be of same type");
        }
    }
    if (condition.op == LegacyOperator::kBetween &&
        compare(condition.values[0], condition.values[1]) > 0) {
        throw AwsError::validation(
            "The BETWEEN condition was provided a range where the lower bound is greater than "
            "the upper bound");
    }
}

/// What one entry of Expected or a filter may hold.
struct Entry {
    std::optional<std::string> op;
    std::optional<std::vector<Value>> list;
    std::optional<Value> value;
    std::optional<bool> exists;
};

Entry read_entry(JsonCursor& cursor) {
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    Entry entry;
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        if (cursor.peek() == Kind::kNull) {
            cursor.read_null();
        } else if (name == "ComparisonOperator") {
            if (cursor.peek() != Kind::kString) {
                throw AwsError::serialization("Unexpected field type");
            }
            cursor.read_string_into(entry.op.emplace());
        } else if (name == "AttributeValueList") {
            if (cursor.peek() != Kind::kArray) {
                throw AwsError::serialization("Unexpected field type");
            }
            entry.list.emplace();
            cursor.enter_array();
            while (cursor.next_element()) entry.list->push_back(read_value(cursor));
        } else if (name == "Value") {
            entry.value = read_value(cursor);
        } else if (name == "Exists") {
            if (cursor.peek() != Kind::kBoolean) {
                throw AwsError::serialization("Unexpected field type");
            }
            entry.exists = cursor.read_boolean();
        } else {
            cursor.skip();
        }
    }
    return entry;
}

LegacyCondition condition_from_operator(std::string attribute, Entry entry) {
    LegacyCondition condition;
    condition.attribute = std::move(attribute);
    if (!entry.op) {
        throw AwsError::validation(
            "1 validation error detected: Value null at 'comparisonOperator' failed to satisfy "
            "constraint: Member must not be null");
    }
    condition.op = operator_named(*entry.op, condition.attribute);
    if (entry.list) condition.values = std::move(*entry.list);
    check_operands(condition);
    return condition;
}

/// An entry of Expected: the operator form, or the older Value and Exists.
LegacyCondition expected_condition(std::string attribute, Entry entry) {
    if (entry.list && entry.value) {
        reject_value("Value and AttributeValueList cannot be used together for Attribute: " +
                     attribute);
    }
    if (entry.op) {
        if (entry.exists) {
            reject_value("Exists and ComparisonOperator cannot be used together for Attribute: " +
                         attribute);
        }
        if (entry.value) {
            reject_value("Value and ComparisonOperator cannot be used together for Attribute: " +
                         attribute);
        }
        const LegacyOperator op = operator_named(*entry.op, attribute);
        const bool takes_values = op != LegacyOperator::kNull && op != LegacyOperator::kNotNull;
        if (takes_values && !entry.list) {
            reject_value("Value or AttributeValueList must be used with ComparisonOperator: " +
                         *entry.op + " for Attribute: " + attribute);
        }
        return condition_from_operator(std::move(attribute), std::move(entry));
    }
    if (entry.list) {
        reject_value(
            "AttributeValueList can only be used with a ComparisonOperator for Attribute: " +
            attribute);
    }
    LegacyCondition condition;
    condition.attribute = std::move(attribute);
    if (entry.exists && !*entry.exists) {
        if (entry.value) {
            reject_value("Value cannot be used when Exists is false for Attribute: " +
                         condition.attribute);
        }
        condition.op = LegacyOperator::kNull;
        return condition;
    }
    if (!entry.value) {
        reject_value(entry.exists ? "Value must be provided when Exists is true for Attribute: " +
                                        condition.attribute
                                  : "Value must be provided when Exists is null for Attribute: " +
                                        condition.attribute);
    }
    condition.values.push_back(std::move(*entry.value));
    return condition;
}

template <class Visit>
void for_each_entry(std::string_view text, Visit visit) {
    JsonCursor cursor(text);
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        std::string attribute(name);
        check_attribute_name(attribute);
        visit(std::move(attribute), read_entry(cursor));
    }
}

bool joined_by_or(const std::optional<std::string>& joined, bool has_conditions,
                  std::string_view parameter) {
    if (!joined) return false;
    check_enumeration(joined, "conditionalOperator", {"OR", "AND"});
    if (!has_conditions) {
        reject_value("ConditionalOperator cannot be used without Filter or Expected" +
                     (parameter.empty() ? "" : " (" + std::string(parameter) + ")"));
    }
    return *joined == "OR";
}

bool compare_holds(LegacyOperator op, const Value& left, const Value& right) {
    if (left.type() != right.type() || !is_ordered(left.type())) return false;
    const int order = compare(left, right);
    switch (op) {
        case LegacyOperator::kLt:
            return order < 0;
        case LegacyOperator::kLe:
            return order <= 0;
        case LegacyOperator::kGt:
            return order > 0;
        default:
            return order >= 0;
    }
}

bool condition_holds(const LegacyCondition& condition, const Item& item) {
    const Value* value = find_attribute(item, condition.attribute);
    switch (condition.op) {
        case LegacyOperator::kNull:
            return value == nullptr;
        case LegacyOperator::kNotNull:
            return value != nullptr;
        case LegacyOperator::kNe:
            return value == nullptr || !(*value == condition.values[0]);
        default:
            break;
    }
    if (value == nullptr) return false;
    switch (condition.op) {
        case LegacyOperator::kEq:
            return *value == condition.values[0];
        case LegacyOperator::kIn:
            return std::find(condition.values.begin(), condition.values.end(), *value) !=
                   condition.values.end();
        case LegacyOperator::kBetween:
            return compare_holds(LegacyOperator::kGe, *value, condition.values[0]) &&
                   compare_holds(LegacyOperator::kLe, *value, condition.values[1]);
        case LegacyOperator::kContains:
            return value_contains(*value, condition.values[0]);
        case LegacyOperator::kNotContains:
            return !value_contains(*value, condition.values[0]);
        case LegacyOperator::kBeginsWith:
            return value_begins_with(*value, condition.values[0]);
        default:
            return compare_holds(condition.op, *value, condition.values[0]);
    }
}

}  // namespace

bool LegacyFilter::holds(const Item& item) const {
    const auto holds_for = [&](const LegacyCondition& condition) {
        return condition_holds(condition, item);
    };
    return any_ ? std::any_of(conditions_.begin(), conditions_.end(), holds_for)
                : std::all_of(conditions_.begin(), conditions_.end(), holds_for);
}

LegacyFilter parse_expected(std::string_view text, const std::optional<std::string>& joined) {
    std::vector<LegacyCondition> conditions;
    if (!text.empty()) {
        for_each_entry(text, [&](std::string attribute, Entry entry) {
            conditions.push_back(expected_condition(std::move(attribute), std::move(entry)));
        });
    }
    const bool any = joined_by_or(joined, !conditions.empty(), "");
    return LegacyFilter(std::move(conditions), any);
}

std::vector<LegacyCondition> parse_conditions(std::string_view text) {
    std::vector<LegacyCondition> conditions;
    for_each_entry(text, [&](std::string attribute, Entry entry) {
        conditions.push_back(condition_from_operator(std::move(attribute), std::move(entry)));
    });
    return conditions;
}

LegacyFilter parse_filter(std::string_view text, const std::optional<std::string>& joined,
                          std::string_view parameter) {
    std::vector<LegacyCondition> conditions;
    if (!text.empty()) conditions = parse_conditions(text);
    const bool any = joined_by_or(joined, !conditions.empty(), parameter);
    return LegacyFilter(std::move(conditions), any);
}

PathTree parse_attributes_to_get(std::string_view text) {
    JsonCursor cursor(text);
    if (cursor.peek() != Kind::kArray) throw AwsError::serialization("Unexpected field type");
    PathTree tree;
    std::unordered_set<std::string> seen;
    cursor.enter_array();
    while (cursor.next_element()) {
        if (cursor.peek() != Kind::kString) {
            throw AwsError::serialization("NUMBER_VALUE cannot be converted to String");
        }
        std::string name;
        cursor.read_string_into(name);
        check_attribute_name(name);
        if (!seen.insert(name).second) reject_value("Duplicate value in attribute name: " + name);
        tree.add_name(std::move(name));
    }
    if (tree.empty()) {
        reject_constraint("[]", "attributesToGet",
                          "Member must have length greater than or equal to 1");
    }
    return tree;
}

bool LegacyUpdates::creates() const {
    return updates_.empty() ||
           std::any_of(updates_.begin(), updates_.end(),
                       [](const Update& update) { return update.action != Action::kDelete; });
}

namespace {

using Action = LegacyUpdates::Action;

void apply_add(Item& item, const std::string& name, const Value& value) {
    const auto present = item.find(name);
    if (present == item.end()) {
        item.emplace(name, value);
        return;
    }
    Value& target = present->second;
    if (target.type() != value.type()) {
        throw AwsError::validation("Type mismatch for attribute to update: mismatch");
    }
    if (value.is(Type::kNumber)) {
        target = Value(target.as<Number>() + value.as<Number>());
    } else if (value.is(Type::kList)) {
        const List& tail = value.as<List>();
        target.as<List>().insert(target.as<List>().end(), tail.begin(), tail.end());
    } else {
        target = set_union(target, value);
    }
}

void apply_delete(Item& item, const std::string& name, const std::optional<Value>& value) {
    const auto present = item.find(name);
    if (present == item.end()) return;
    if (!value) {
        item.erase(name);
        return;
    }
    if (present->second.type() != value->type()) {
        throw AwsError::validation("Type mismatch for attribute to update: mismatch");
    }
    Value rest = set_difference(present->second, *value);
    if (set_size(rest) == 0) {
        item.erase(name);
    } else {
        present->second = std::move(rest);
    }
}

void check_update(const LegacyUpdates::Update& update) {
    if (update.action == Action::kPut && !update.value) {
        reject_value("Only DELETE action is allowed when no attribute value is specified");
    }
    if (update.action == Action::kAdd) {
        if (!update.value) {
            reject_value("Only DELETE action is allowed when no attribute value is specified");
        }
        const Type type = update.value->type();
        if (type != Type::kNumber && type != Type::kList && !is_set(type)) {
            reject_value("ADD action is not supported for the type " +
                         std::string(type_name(type)));
        }
    }
    if (update.action == Action::kDelete && update.value && !is_set(update.value->type())) {
        reject_value("DELETE action with value is not supported for the type " +
                     std::string(type_name(update.value->type())));
    }
}

LegacyUpdates::Update read_update(JsonCursor& cursor, std::string attribute) {
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    LegacyUpdates::Update update;
    update.attribute = std::move(attribute);
    std::string action = "PUT";
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        if (name == "Action" && cursor.peek() == Kind::kString) {
            cursor.read_string_into(action);
        } else if (name == "Value" && cursor.peek() != Kind::kNull) {
            update.value = read_value(cursor);
        } else {
            cursor.skip();
        }
    }
    if (action == "PUT") {
        update.action = Action::kPut;
    } else if (action == "ADD") {
        update.action = Action::kAdd;
    } else if (action == "DELETE") {
        update.action = Action::kDelete;
    } else {
        reject_constraint(action, "attributeUpdates." + update.attribute + ".member.action",
                          "Member must satisfy enum value set: [ADD, PUT, DELETE]");
    }
    check_update(update);
    return update;
}

}  // namespace

Item LegacyUpdates::apply(const Item& old) const {
    Item item = old;
    for (const Update& update : updates_) {
        switch (update.action) {
            case Action::kPut:
                item[update.attribute] = *update.value;
                break;
            case Action::kAdd:
                apply_add(item, update.attribute, *update.value);
                break;
            case Action::kDelete:
                apply_delete(item, update.attribute, update.value);
                break;
        }
    }
    return item;
}

LegacyUpdates parse_attribute_updates(std::string_view text) {
    JsonCursor cursor(text);
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    std::vector<LegacyUpdates::Update> updates;
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        std::string attribute(name);
        check_attribute_name(attribute);
        updates.push_back(read_update(cursor, std::move(attribute)));
    }
    return LegacyUpdates(std::move(updates));
}

}  // namespace skafu::dynamodb
