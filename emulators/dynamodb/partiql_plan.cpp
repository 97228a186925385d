// The reads that a SELECT comes down to.
#include <algorithm>
#include <map>
#include <optional>

#include "dynamodb/item_codec.h"
#include "dynamodb/partiql.h"
#include "dynamodb/reject.h"

namespace skafu::dynamodb {
namespace {

using Condition = PartiqlCondition;

constexpr std::size_t kMaxPlannedReads = 50;

bool all_constant(const Condition& condition) {
    return std::all_of(
        condition.operands.begin() + 1, condition.operands.end(),
        [](const PartiqlOperand& operand) { return operand.kind == PartiqlOperand::Kind::kValue; });
}

void collect_names(const PartiqlOperand& operand, std::vector<std::string>& names) {
    if (operand.kind == PartiqlOperand::Kind::kPath) {
        const std::string& name = operand.path.front().name;
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    for (const PartiqlOperand& argument : operand.arguments) collect_names(argument, names);
}

void collect_names(const Condition& condition, std::vector<std::string>& names) {
    for (const PartiqlOperand& operand : condition.operands) collect_names(operand, names);
    for (const Condition& child : condition.children) collect_names(child, names);
}

/// One alternative of a WHERE, as far as it concerns the key.
struct Branch {
    std::map<std::string, std::vector<const Json*>, std::less<>> equal;
    std::vector<const Condition*> sort;  ///< comparisons of the sort attribute, but equality
    bool negated = false;                ///< has a condition on it that no range can hold
    bool other = false;
    std::vector<std::string> attributes;  ///< of its other conditions

    void add(const Branch& more) {
        for (const auto& [name, values] : more.equal) {
            auto& mine = equal[name];
            mine.insert(mine.end(), values.begin(), values.end());
        }
        sort.insert(sort.end(), more.sort.begin(), more.sort.end());
        negated = negated || more.negated;
        other = other || more.other;
        attributes.insert(attributes.end(), more.attributes.begin(), more.attributes.end());
    }
};

/// Takes a WHERE apart by the key attributes of a table or an index.
class Analysis {
  public:
    explicit Analysis(const KeySchema& keys) : keys_(keys) {}

    /// Whether every alternative names a partition.
    bool is_keyed(const Condition& where) const {
        return std::all_of(keys_.hash.begin(), keys_.hash.end(),
                           [&](const KeyAttribute& hash) { return fixes(where, hash.name); });
    }

    std::vector<Branch> branches(const Condition& condition) const {
        switch (condition.kind) {
            case Condition::Kind::kAnd:
                return product(condition);
            case Condition::Kind::kOr:
                if (!mentions_key(condition)) break;
                return alternatives(condition);
            case Condition::Kind::kIn:
                if (!is_key(condition.operands.front().attribute()) || !all_constant(condition)) {
                    break;
                }
                return memberships(condition);
            default:
                break;
        }
        return {single(condition)};
    }

    const KeyAttribute* sort_attribute() const {
        return keys_.range.empty() ? nullptr : &keys_.range.front();
    }

  private:
    bool is_key(std::string_view name) const { return !name.empty() && keys_.has(name); }

    bool fixes(const Condition& condition, std::string_view hash) const {
        const auto child_fixes = [&](const Condition& child) { return fixes(child, hash); };
        const auto& children = condition.children;
        switch (condition.kind) {
            case Condition::Kind::kAnd:
                return std::any_of(children.begin(), children.end(), child_fixes);
            case Condition::Kind::kOr:
                return std::all_of(children.begin(), children.end(), child_fixes);
            case Condition::Kind::kIn:
                return condition.operands.front().attribute() == hash && all_constant(condition);
            default:
                return partiql_equality(condition).attribute == hash;
        }
    }

    bool mentions_key(const Condition& condition) const {
        std::vector<std::string> names;
        collect_names(condition, names);
        return std::any_of(names.begin(), names.end(),
                           [&](const std::string& name) { return keys_.has(name); });
    }

    static void check_count(std::size_t count) {
        if (count > kMaxPlannedReads) {
            reject("Too many decomposed read operations for a given query.");
        }
    }

    std::vector<Branch> product(const Condition& condition) const {
        std::vector<Branch> result(1);
        for (const Condition& child : condition.children) {
            const std::vector<Branch> factors = branches(child);
            check_count(result.size() * factors.size());
            std::vector<Branch> combined;
            for (const Branch& one : result) {
                for (const Branch& factor : factors) {
                    combined.push_back(one);
                    combined.back().add(factor);
                }
            }
            result = std::move(combined);
        }
        return result;
    }

    std::vector<Branch> alternatives(const Condition& condition) const {
        std::vector<Branch> result;
        for (const Condition& child : condition.children) {
            std::vector<Branch> more = branches(child);
            result.insert(result.end(), more.begin(), more.end());
            check_count(result.size());
        }
        return result;
    }

    std::vector<Branch> memberships(const Condition& condition) const {
        check_count(condition.operands.size() - 1);
        std::vector<Branch> result;
        for (std::size_t i = 1; i < condition.operands.size(); ++i) {
            result.emplace_back().equal[std::string(condition.operands.front().attribute())] = {
                &condition.operands[i].value};
        }
        return result;
    }

    Branch single(const Condition& condition) const {
        Branch branch;
        const PartiqlEquality equality = partiql_equality(condition);
        if (is_key(equality.attribute)) {
            branch.equal[std::string(equality.attribute)] = {equality.value};
        } else if (is_range(condition)) {
            branch.sort.push_back(&condition);
        } else {
            std::vector<std::string> names;
            collect_names(condition, names);
            const KeyAttribute* sort = sort_attribute();
            const bool of_sort =
                sort != nullptr && std::find(names.begin(), names.end(), sort->name) != names.end();
            (of_sort ? branch.negated : branch.other) = true;
            branch.attributes = std::move(names);
        }
        return branch;
    }

    /// A comparison of the sort attribute with constants that a key condition can hold.
    bool is_range(const Condition& condition) const {
        const KeyAttribute* sort = sort_attribute();
        if (sort == nullptr || condition.operands.empty()) return false;
        const bool right_kind =
            condition.kind == Condition::Kind::kBetween ||
            (condition.kind == Condition::Kind::kCompare && condition.text != "=" &&
             condition.text != "<>") ||
            (condition.kind == Condition::Kind::kCall && condition.text == "begins_with");
        return right_kind && condition.operands.front().attribute() == sort->name &&
               all_constant(condition);
    }

    const KeySchema& keys_;
};

/// A key attribute's value, of the type that the schema says.
Value key_value(const KeyAttribute& attribute, const Json& json) {
    Value value = parse_value(to_text(json));
    if (value.type() != attribute.type) {
        reject("Key attribute's data type should match its data type in table's schema: Key " +
               attribute.name);
    }
    return value;
}

std::string encoded(const Value& value) {
    KeyBytes key(0);
    key.add(value);
    return key.take();
}

/// The range of the sort attribute that a branch covers: begin <= key < end.
struct Interval {
    std::string begin;
    std::optional<std::string> end;

    void not_before(const std::string& key) { begin = std::max(begin, key); }
    void not_from(const std::string& key) { end = end ? std::min(*end, key) : key; }
    bool is_empty() const { return end && *end <= begin; }
    bool meets(const Interval& other) const {
        return (!end || other.begin < *end) && (!other.end || begin < *other.end);
    }
};

Interval interval_of(const Branch& branch, const KeyAttribute& sort) {
    Interval interval;
    const auto equal = branch.equal.find(sort.name);
    if (equal != branch.equal.end()) {
        for (const Json* json : equal->second) {
            const std::string key = encoded(key_value(sort, *json));
            interval.not_before(key);
            interval.not_from(after_prefix(key));
        }
    }
    for (const Condition* condition : branch.sort) {
        const Value value = key_value(sort, condition->operands[1].value);
        const std::string key = encoded(value);
        if (condition->kind == Condition::Kind::kBetween) {
            interval.not_before(key);
            interval.not_from(after_prefix(encoded(key_value(sort, condition->operands[2].value))));
        } else if (condition->kind == Condition::Kind::kCall) {
            if (value.is(Type::kNumber)) continue;
            KeyBytes prefix(0);
            prefix.add_prefix(value);
            interval.not_before(prefix.bytes());
            interval.not_from(after_prefix(prefix.bytes()));
        } else if (condition->text == "<") {
            interval.not_from(key);
        } else if (condition->text == "<=") {
            interval.not_from(after_prefix(key));
        } else if (condition->text == ">") {
            interval.not_before(after_prefix(key));
        } else {
            interval.not_before(key);
        }
    }
    return interval;
}

/// Names in the order in which a Java hash set of them gives them, as AWS's errors do.
std::vector<std::string> in_hash_order(std::vector<std::string> names) {
    std::size_t buckets = 16;
    while (names.size() * 4 > buckets * 3) buckets *= 2;
    const auto bucket = [buckets](const std::string& name) {
        std::uint32_t hash = 0;
        for (const char c : name) hash = hash * 31 + static_cast<unsigned char>(c);
        return (hash ^ (hash >> 16)) & (buckets - 1);
    };
    std::stable_sort(names.begin(), names.end(),
                     [&](const auto& a, const auto& b) { return bucket(a) < bucket(b); });
    return names;
}

class SelectPlan {
  public:
    SelectPlan(const PartiqlStatement& select, const Table& table)
        : select_(select), table_(table), index_(find_index()), analysis_(keys()) {}

    std::vector<PartiqlRead> reads() {
        check_order_words();
        const bool keyed = select_.where && analysis_.is_keyed(*select_.where);
        if (!keyed) {
            if (!select_.order.empty()) {
                reject(
                    "Must have at least one non-optional hash key condition in WHERE clause when "
                    "using ORDER BY clause.");
            }
            return {scan()};
        }
        gather();
        check_projected();
        check_order();
        std::vector<PartiqlRead> reads;
        for (const Part& part : parts_) {
            if (!part.dropped) reads.push_back(query(part));
        }
        return reads;
    }

  private:
    /// A branch, its partition and its range in it.
    struct Part {
        Branch branch;
        std::string partition;
        Value first_hash;
        Interval range;
        bool dropped = false;
        bool whole = false;  ///< stands for all branches of its partition
    };

    const KeySchema& keys() const { return index_ != nullptr ? index_->keys : table_.keys(); }

    const Index* find_index() const {
        if (select_.index.empty()) return nullptr;
        const Index* index = table_.find_index(select_.index);
        if (index == nullptr) reject("The table does not have the specified index");
        return index;
    }

    void gather() {
        for (Branch& branch : analysis_.branches(*select_.where)) {
            Part part;
            for (const KeyAttribute& hash : keys().hash) {
                for (const Json* json : branch.equal[hash.name]) {
                    const Value value = key_value(hash, *json);
                    const Value first = key_value(hash, *branch.equal[hash.name].front());
                    part.dropped = part.dropped || !(value == first);
                }
                const Value value = key_value(hash, *branch.equal[hash.name].front());
                if (part.partition.empty()) part.first_hash = value;
                part.partition += encoded(value);
            }
            if (const KeyAttribute* sort = analysis_.sort_attribute()) {
                part.range = interval_of(branch, *sort);
                part.dropped = part.dropped || part.range.is_empty();
            }
            part.branch = std::move(branch);
            parts_.push_back(std::move(part));
        }
        merge();
    }

    /// Branches of one partition must not overlap, unless one of them holds a condition on the
    /// sort attribute that is no range: then the partition is read once for all.
    void merge() {
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                Part& earlier = parts_[j];
                Part& later = parts_[i];
                if (earlier.dropped || later.dropped || earlier.partition != later.partition) {
                    continue;
                }
                if (earlier.branch.negated || later.branch.negated || earlier.whole) {
                    earlier.whole = true;
                    later.dropped = true;
                } else if (earlier.range.meets(later.range)) {
                    reject(
                        "Overlapping conditions with range keys are not supported in where "
                        "clause");
                }
            }
        }
    }

    /// A read by an index's key may filter only by what the index holds.
    void check_projected() const {
        if (index_ == nullptr) return;
        std::vector<std::string> missing;
        for (const std::string& name : parts_.front().branch.attributes) {
            const bool everywhere =
                std::all_of(parts_.begin(), parts_.end(), [&](const Part& part) {
                    const auto& names = part.branch.attributes;
                    return std::find(names.begin(), names.end(), name) != names.end();
                });
            if (everywhere && !index_->projects(name)) missing.push_back(name);
        }
        if (missing.empty()) return;
        std::string list;
        for (const std::string& name : in_hash_order(std::move(missing))) {
            list += (list.empty() ? "" : ", ") + name;
        }
        reject("One or more parameter values were invalid: Secondary index " + index_->name +
               " does not project one or more filter attributes: [" + list + "]");
    }

    // ---- ORDER BY ----

    const bool* direction_of(std::string_view attribute) const {
        for (const auto& [name, descending] : select_.order) {
            if (name == attribute) return &descending;
        }
        return nullptr;
    }

    void check_order_words() const {
        if (select_.order.empty()) return;
        if (!select_.where) {
            reject("Must have WHERE clause in the statement when using ORDER BY clause.");
        }
        for (const auto& [name, descending] : select_.order) {
            if (keys().has(name)) continue;
            reject("Attribute " + name + " in ORDER BY clause must be part of the primary key");
        }
    }

    void check_order() {
        if (select_.order.empty()) return;
        const bool* descending = direction_of(keys().hash.front().name);
        const bool one_partition = std::all_of(parts_.begin(), parts_.end(), [&](const Part& part) {
            return part.partition == parts_.front().partition;
        });
        if (descending == nullptr) {
            if (one_partition) return;
            reject(
                "Must have hash key in ORDER BY clause when more than one hash key condition "
                "specified in WHERE clause.");
        }
        std::stable_sort(parts_.begin(), parts_.end(), [&](const Part& a, const Part& b) {
            const int order = compare(a.first_hash, b.first_hash);
            return *descending ? order > 0 : order < 0;
        });
    }

    // ---- requests ----

    Json base() const {
        Json input = {{"TableName", select_.table}};
        if (!select_.index.empty()) input["IndexName"] = select_.index;
        return input;
    }

    void add_columns(Json& input, PartiqlWriter& writer) const {
        std::string columns;
        for (const std::string& name : partiql_attributes(select_)) {
            columns += (columns.empty() ? "" : ", ") + writer.name(name);
        }
        if (!columns.empty()) input["ProjectionExpression"] = columns;
    }

    PartiqlRead scan() const {
        PartiqlRead read{false, base()};
        PartiqlWriter writer;
        if (select_.where) read.input["FilterExpression"] = writer.condition(*select_.where);
        add_columns(read.input, writer);
        writer.put_placeholders(read.input);
        return read;
    }

    PartiqlRead query(const Part& part) const {
        PartiqlRead read{true, base()};
        PartiqlWriter writer;
        std::string key;
        std::size_t conditions = part.branch.sort.size();
        const auto add_equal = [&](const KeyAttribute& attribute) {
            const auto found = part.branch.equal.find(attribute.name);
            if (found == part.branch.equal.end()) return false;
            key += (key.empty() ? "" : " AND ") + writer.name(attribute.name) + " = " +
                   writer.value(*found->second.front());
            return true;
        };
        for (const KeyAttribute& hash : keys().hash) add_equal(hash);
        const KeyAttribute* sort = analysis_.sort_attribute();
        if (sort != nullptr && !part.whole && !add_equal(*sort) && !part.branch.sort.empty()) {
            key += " AND " + writer.condition(*part.branch.sort.front());
        }
        for (const auto& [name, values] : part.branch.equal) conditions += values.size();
        const bool exact = parts_.size() == 1 && !part.branch.other && !part.branch.negated &&
                           conditions <= keys().hash.size() + 1 && keys().range.size() < 2;
        read.input["KeyConditionExpression"] = key;
        if (!exact) read.input["FilterExpression"] = writer.condition(*select_.where);
        if (!select_.order.empty()) {
            const bool* descending = sort == nullptr ? nullptr : direction_of(sort->name);
            read.input["ScanIndexForward"] = descending != nullptr && !*descending;
        }
        add_columns(read.input, writer);
        writer.put_placeholders(read.input);
        return read;
    }

    const PartiqlStatement& select_;
    const Table& table_;
    const Index* index_;
    Analysis analysis_;
    std::vector<Part> parts_;
};

}  // namespace

std::vector<PartiqlRead> plan_partiql_reads(const PartiqlStatement& select, const Table& table) {
    return SelectPlan(select, table).reads();
}

Json partiql_lookup_key(const PartiqlStatement& select, const Table& table) {
    if (!select.where || !select.index.empty()) return nullptr;
    const Analysis analysis(table.keys());
    if (!analysis.is_keyed(*select.where)) return nullptr;
    const std::vector<Branch> branches = analysis.branches(*select.where);
    if (branches.size() > 1) {
        plan_partiql_reads(select, table);
        return nullptr;
    }
    const Branch& branch = branches.front();
    if (branch.other || branch.negated || !branch.sort.empty()) return nullptr;
    Json key = Json::object();
    for (const auto& [name, values] : branch.equal) {
        key[name] = *values.front();
        for (const Json* value : values) {
            if (*value != *values.front()) return nullptr;
        }
    }
    return key.size() == table.keys().size() ? key : Json(nullptr);
}

}  // namespace skafu::dynamodb
