#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/path_tree.h"
#include "dynamodb/value.h"

namespace skafu::dynamodb {

/// The comparison operators of the legacy conditional parameters.
enum class LegacyOperator {
    kEq,
    kNe,
    kIn,
    kLe,
    kLt,
    kGe,
    kGt,
    kBetween,
    kNotNull,
    kNull,
    kContains,
    kNotContains,
    kBeginsWith,
};

/// One condition on a top-level attribute.
struct LegacyCondition {
    std::string attribute;
    LegacyOperator op = LegacyOperator::kEq;
    std::vector<Value> values;
};

/// Expected, QueryFilter, ScanFilter: conditions joined by AND or OR.
/// Source: Developer Guide, "Legacy conditional parameters".
class LegacyFilter {
  public:
    LegacyFilter() = default;
    LegacyFilter(std::vector<LegacyCondition> conditions, bool any)
        : conditions_(std::move(conditions)), any_(any) {}
    bool empty() const { return conditions_.empty(); }
    bool holds(const Item& item) const;
    const std::vector<LegacyCondition>& conditions() const { return conditions_; }

  private:
    std::vector<LegacyCondition> conditions_;
    bool any_ = false;
};

/// Parses the parameter's JSON text; an empty text means that it was not given. Throws AwsError
/// with AWS's texts for wrong operators and operands.
LegacyFilter parse_expected(std::string_view text, const std::optional<std::string>& joined);
LegacyFilter parse_filter(std::string_view text, const std::optional<std::string>& joined,
                          std::string_view parameter);
std::vector<LegacyCondition> parse_conditions(std::string_view text);

/// AttributesToGet: throws for an empty list and for duplicates.
PathTree parse_attributes_to_get(std::string_view text);

/// AttributeUpdates.
class LegacyUpdates {
  public:
    enum class Action { kPut, kAdd, kDelete };
    struct Update {
        std::string attribute;
        Action action = Action::kPut;
        std::optional<Value> value;
    };
    LegacyUpdates() = default;
    explicit LegacyUpdates(std::vector<Update> updates) : updates_(std::move(updates)) {}
    const std::vector<Update>& updates() const { return updates_; }
    /// Whether there is an action that creates an item where there was none.
    bool creates() const;
    Item apply(const Item& old) const;

  private:
    std::vector<Update> updates_;
};
LegacyUpdates parse_attribute_updates(std::string_view text);

}  // namespace skafu::dynamodb
