#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace skafu::logs {

/// One log event as a query sees it.
struct InsightsEvent {
    std::int64_t timestamp = 0;
    std::int64_t ingestion = 0;
    std::string message;
    std::string stream;
    std::string log;  ///< "account:group"
    std::string pointer;
};

/// A compiled Logs Insights query ("CloudWatch Logs Insights language query syntax"): fields,
/// display, filter, stats, sort, limit, parse and dedup.
class InsightsQuery {
  public:
    /// Throws AwsError MalformedQueryException.
    explicit InsightsQuery(std::string_view text);
    ~InsightsQuery();

    struct Result {
        Json rows = Json::array();  ///< [[{field, value}]] as GetQueryResults gives them
        std::size_t matched = 0;    ///< events that passed all filters
    };
    Result run(const std::vector<InsightsEvent>& events, std::size_t limit) const;

    struct Stage;

  private:
    std::vector<std::unique_ptr<Stage>> stages_;
};

}  // namespace skafu::logs
