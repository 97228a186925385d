#pragma once

#include <vector>

#include "core/json.h"

namespace skafu::lambda {

/// The FilterCriteria of an event source mapping ("Filter rule syntax", Lambda Developer Guide):
/// a record passes where any of the patterns matches it.
class EventFilter {
  public:
    EventFilter() = default;
    /// From {Filters: [{Pattern: "…"}]}; null means that all records pass.
    /// Throws AwsError InvalidParameterValueException for a pattern that is none.
    explicit EventFilter(const Json& criteria);

    bool passes(const Json& record) const;
    bool empty() const { return patterns_.empty(); }

  private:
    std::vector<Json> patterns_;
};

}  // namespace skafu::lambda
