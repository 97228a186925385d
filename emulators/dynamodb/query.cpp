#include "dynamodb/query.h"

#include <algorithm>

#include "core/aws_error.h"
#include "dynamodb/condition.h"
#include "dynamodb/item_checks.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/reject.h"

namespace skafu::dynamodb {
namespace {

constexpr std::size_t kPageBytes = 1024 * 1024;
constexpr std::int64_t kMaxSegments = 1000000;

}  // namespace

RangeRead::RangeRead(Kind kind, ItemRequest& request, Rules rules)
    : kind_(kind),
      request_(request),
      rules_(rules),
      projection_((checked_table_name(request), check_no_mixing(request), request), used_),
      capacity_(request.return_consumed_capacity) {
    read_numbers();
    bind_expressions();
}

void RangeRead::read_numbers() {
    if (request_.limit && *request_.limit < 1) {
        reject_constraint(std::to_string(*request_.limit), "limit",
                          "Member must have value greater than or equal to 1");
    }
    check_enumeration(
        request_.select, "select",
        {"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"});
    if (kind_ != Kind::kScan) return;
    const auto check = [](const std::optional<std::int64_t>& value, std::string_view name,
                          std::int64_t low, std::int64_t high) {
        if (!value) return;
        if (*value < low) {
            reject_constraint(
                std::to_string(*value), name,
                "Member must have value greater than or equal to " + std::to_string(low));
        }
        if (*value > high) {
            reject_constraint(
                std::to_string(*value), name,
                "Member must have value less than or equal to " + std::to_string(high));
        }
    };
    check(request_.segment, "segment", 0, kMaxSegments - 1);
    check(request_.total_segments, "totalSegments", 1, kMaxSegments);
    if (request_.segment && !request_.total_segments) {
        reject(
            "The TotalSegments parameter is required but was not present in the request when "
            "Segment parameter is present");
    }
    if (!request_.segment && request_.total_segments) {
        reject(
            "The Segment parameter is required but was not present in the request when "
            "parameter TotalSegments is present");
    }
    if (request_.segment && *request_.segment >= *request_.total_segments) {
        reject(
            "The Segment parameter is zero-based and must be less than parameter "
            "TotalSegments: Segment: " +
            std::to_string(*request_.segment) +
            " is not less than TotalSegments: " + std::to_string(*request_.total_segments));
    }
}

void RangeRead::bind_expressions() {
    if (request_.filter_expression) {
        filter_ = bind_expression(ExpressionKind::kFilter, *request_.filter_expression,
                                  request_.substitutions);
        used_.push_back(ExpressionKind::kFilter);
    }
    if (kind_ == Kind::kQuery && request_.key_condition_expression) {
        key_condition_ =
            bind_expression(ExpressionKind::kKeyCondition, *request_.key_condition_expression,
                            request_.substitutions);
        used_.push_back(ExpressionKind::kKeyCondition);
    }
    request_.substitutions.check_used(
        used_, kind_ == Kind::kQuery ? "FilterExpression and KeyConditionExpression are null"
                                     : "FilterExpression is null");
    const std::string_view text =
        kind_ == Kind::kQuery ? request_.query_filter : request_.scan_filter;
    if (!text.empty() || request_.conditional_operator) {
        legacy_filter_ = parse_filter(text, request_.conditional_operator,
                                      kind_ == Kind::kQuery ? "QueryFilter" : "ScanFilter");
    }
    if (kind_ == Kind::kQuery && !key_condition_ && request_.key_conditions.empty()) {
        reject(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in "
            "the request.");
    }
}

void RangeRead::locate(Engine& engine, const Caller& caller) {
    engine_ = &engine;
    table_ = &engine.table(caller, *request_.table_name);
    if (!request_.index_name) return;
    index_ = table_->find_index(*request_.index_name);
    if (index_ == nullptr) {
        reject("The table does not have the specified index: " + *request_.index_name);
    }
    if (index_->is_global && request_.consistent_read.value_or(false)) {
        reject("Consistent reads are not supported on global secondary indexes");
    }
}

void RangeRead::read_select() {
    const bool projects = !projection_.is_everything();
    select_ = projects ? Select::kSpecific : index_ != nullptr ? Select::kProjected : Select::kAll;
    if (!request_.select) return;
    const std::string& wanted = *request_.select;
    if (projects && wanted != "SPECIFIC_ATTRIBUTES") {
        reject("Cannot specify the " +
               std::string(request_.projection_expression ? "ProjectionExpression"
                                                          : "AttributesToGet") +
               " when choosing to get " + (wanted == "COUNT" ? "only the Count" : wanted));
    }
    if (wanted == "SPECIFIC_ATTRIBUTES" && !projects) {
        reject(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
            "SPECIFIC_ATTRIBUTES");
    }
    if (wanted == "ALL_PROJECTED_ATTRIBUTES" && index_ == nullptr) {
        reject("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
    }
    if (wanted == "ALL_ATTRIBUTES") {
        if (index_ != nullptr && index_->is_global && index_->projected != Index::Projected::kAll) {
            reject(
                "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not "
                "supported for global secondary index " +
                index_->name + " because its projection type is not ALL");
        }
        select_ = Select::kAll;
    }
    if (wanted == "COUNT") select_ = Select::kCount;
}

void RangeRead::check_index_attributes() {
    if (index_ == nullptr || !index_->is_global) return;
    const PathTree* tree = projection_.tree();
    if (tree == nullptr) return;
    for (const std::string& name : tree->top_names()) {
        if (index_->projects(name)) continue;
        reject("One or more parameter values were invalid: Global secondary index " + index_->name +
               " does not project [" + name + "]");
    }
}

void RangeRead::check_one_filter_attribute(std::string_view name) const {
    if (kind_ == Kind::kQuery && keys().has(name)) {
        if (filter_) {
            reject(
                "Filter Expression can only contain non-primary key attributes: Primary key "
                "attribute: " +
                std::string(name));
        }
        reject("QueryFilter can only contain non-primary key attributes: Primary key attribute: " +
               std::string(name));
    }
    if (index_ != nullptr && index_->is_global && !index_->projects(name)) {
        reject("One or more parameter values were invalid: Global secondary index " + index_->name +
               " does not project [" + std::string(name) + "]");
    }
}

void RangeRead::check_filter_attributes() const {
    if (rules_ == Rules::kPartiql) return;
    if (filter_) {
        for (const std::string& name : attributes_of(filter_)) check_one_filter_attribute(name);
    }
    for (const LegacyCondition& condition : legacy_filter_.conditions()) {
        check_one_filter_attribute(condition.attribute);
    }
}

void RangeRead::find_range() {
    if (kind_ == Kind::kQuery) {
        const std::vector<KeyComparison> comparisons =
            key_condition_ ? key_comparisons(key_condition_)
                           : key_comparisons(parse_conditions(request_.key_conditions));
        range_ = key_range(space(), keys(), comparisons, static_cast<bool>(key_condition_));
        return;
    }
    const auto segments = static_cast<std::uint64_t>(request_.total_segments.value_or(1));
    const auto segment = static_cast<std::uint64_t>(request_.segment.value_or(0));
    range_.begin = segment_start(space(), segment, segments);
    range_.end = segment_start(space(), segment + 1, segments);
}

void RangeRead::check_start_key() const {
    const Map& start = *request_.exclusive_start_key;
    const bool whole_key_is_hash =
        kind_ == Kind::kQuery && index_ == nullptr && table_->keys().range.empty();
    if (whole_key_is_hash) {
        reject(
            "The provided exclusive start key is invalid: ExclusiveStartKey cannot be used "
            "where the whole key is given");
    }
    std::size_t expected = keys().size();
    if (index_ != nullptr) {
        for (const auto* attributes : {&table_->keys().hash, &table_->keys().range}) {
            for (const KeyAttribute& attribute : *attributes) {
                if (!index_->keys.has(attribute.name)) ++expected;
            }
        }
    }
    bool known = start.size() == expected;
    bool typed = true;
    for (const auto& [name, value] : start) {
        const KeyAttribute* attribute = keys().find(name);
        if (attribute == nullptr) attribute = table_->keys().find(name);
        known = known && attribute != nullptr;
        typed = typed && (attribute == nullptr || attribute->type == value.type());
    }
    if (!known) {
        reject(kind_ == Kind::kQuery || index_ != nullptr
                   ? "The provided starting key is invalid"
                   : "The provided starting key is invalid: The provided key element does not "
                     "match the schema");
    }
    if (!typed) {
        reject(
            "The provided starting key is invalid: The provided key element does not match "
            "the schema");
    }
    check_key_sizes(keys(), start);
    if (index_ != nullptr) check_key_sizes(table_->keys(), start);
}

std::string RangeRead::start_key() const {
    const Map& start = *request_.exclusive_start_key;
    return index_ != nullptr ? index_key(space(), keys(), table_->keys(), start)
                             : table_key(space(), keys(), start);
}

void RangeRead::apply_start_key() {
    if (!request_.exclusive_start_key) return;
    check_start_key();
    const std::string key = start_key();
    if (kind_ == Kind::kQuery && !key.starts_with(range_.partition)) {
        reject(
            "The provided starting key is outside query boundaries based on provided "
            "conditions");
    }
    if (kind_ == Kind::kQuery && (key < range_.begin || key >= range_.end)) {
        reject("The provided starting key does not match the range key predicate");
    }
    if (kind_ == Kind::kScan && request_.segment && (key < range_.begin || key >= range_.end)) {
        reject(
            "The provided Exclusive start key does not map to the provided Segment and "
            "TotalSegments values");
    }
    if (request_.scan_index_forward.value_or(true)) {
        range_.begin = std::max(range_.begin, key + std::string(1, '\0'));
    } else {
        range_.end = std::min(range_.end, key);
    }
}

bool RangeRead::matches(const Item& item) const {
    if (filter_ && !evaluate_condition(filter_, item)) return false;
    return legacy_filter_.holds(item);
}

void RangeRead::append_row(const Store::Row& row) {
    if (select_ == Select::kCount) return;
    if (!items_.empty()) items_.push_back(',');
    if (whole_items_) {
        projection_.append(items_, row.item);
        return;
    }
    append_item(items_, index_view(decode_item(row.item)));
}

Item RangeRead::index_view(const Item& item) const {
    PathTree tree;
    for (const std::string& name : index_->attributes) tree.add_name(name);
    return tree.select(item);
}

void RangeRead::take_row(const Store::Row& row) {
    ++scanned_;
    const bool filtered = filter_ || !legacy_filter_.empty();
    const bool partial = index_ != nullptr && index_->projected != Index::Projected::kAll;
    if (!filtered && !partial) {
        bytes_ += row.size;
        ++matched_;
        append_row(row);
        return;
    }
    const Item item = decode_item(row.item);
    if (partial) {
        for (const std::string& name : index_->attributes) {
            const Value* value = find_attribute(item, name);
            if (value != nullptr) bytes_ += name.size() + value_size(*value);
        }
    } else {
        bytes_ += row.size;
    }
    const bool sees_index = partial && rules_ == Rules::kPartiql;
    if (!matches(sees_index ? index_view(item) : item)) return;
    ++matched_;
    append_row(row);
}

void RangeRead::read_page() {
    if (range_.begin >= range_.end) return;
    const auto direction = request_.scan_index_forward.value_or(true) ? Store::Direction::kForward
                                                                      : Store::Direction::kBackward;
    Store& store = engine_->store();
    Store::Cursor cursor = index_ != nullptr
                               ? store.index_items(range_.begin, range_.end, direction)
                               : store.items(range_.begin, range_.end, direction);
    const std::size_t limit =
        request_.limit ? static_cast<std::size_t>(*request_.limit) : static_cast<std::size_t>(-1);
    Store::Row row;
    while (cursor.next(row)) {
        take_row(row);
        if (scanned_ == limit || bytes_ > kPageBytes) {
            last_key_ = last_evaluated_key(row.item);
            return;
        }
    }
}

std::string RangeRead::last_evaluated_key(std::string_view stored) const {
    const Item item = decode_item(stored);
    Item key;
    for (const KeySchema* schema : {&table_->keys(), &keys()}) {
        for (const auto* attributes : {&schema->hash, &schema->range}) {
            for (const KeyAttribute& attribute : *attributes) {
                key.emplace(attribute.name, *find_attribute(item, attribute.name));
            }
        }
    }
    return item_text(key);
}

std::string RangeRead::answer() {
    std::string out;
    out.reserve(items_.size() + 128);
    out.push_back('{');
    if (select_ != Select::kCount) out.append("\"Items\":[").append(items_).append("],");
    out.append("\"Count\":").append(std::to_string(matched_));
    out.append(",\"ScannedCount\":").append(std::to_string(scanned_));
    if (!last_key_.empty()) out.append(",\"LastEvaluatedKey\":").append(last_key_);
    if (capacity_.wanted()) {
        const double units = read_units(bytes_, request_.consistent_read.value_or(false));
        capacity_.add_table(*table_, index_ == nullptr ? units : 0);
        if (index_ != nullptr) capacity_.add_index(*table_, *index_, units);
        capacity_.append_one(out);
    }
    out.push_back('}');
    return out;
}

std::string RangeRead::run(Engine& engine, const Caller& caller) {
    locate(engine, caller);
    read_select();
    check_index_attributes();
    check_filter_attributes();
    find_range();
    apply_start_key();
    whole_items_ = index_ == nullptr || index_->projected == Index::Projected::kAll ||
                   select_ == Select::kAll || select_ == Select::kSpecific;
    read_page();
    return answer();
}

}  // namespace skafu::dynamodb
