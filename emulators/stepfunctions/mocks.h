#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "stepfunctions/failure.h"

namespace skafu::stepfunctions {

/// What a mocked task answers: a result or a failure.
struct MockResponse {
    std::optional<Json> result;
    std::optional<Failure> failure;
};

/// The mock file of Step Functions Local (MockConfigFile.json): which test case of which machine
/// answers which states with what, by the number of the attempt.
class Mocks {
  public:
    /// Throws std::runtime_error for a file that is not one.
    static Mocks parse(std::string_view text);

    bool has_test_case(const std::string& machine, const std::string& test_case) const;
    /// The response to attempt `attempt` (0 = first) of a state: a States.Runtime failure where the
    /// file has none for it, nullptr where the state is not mocked.
    const MockResponse* find(const std::string& machine, const std::string& test_case,
                             const std::string& state, std::int64_t attempt) const;

  private:
    struct Range {
        std::int64_t from = 0;
        std::int64_t to = 0;
        MockResponse response;
    };
    /// state -> responses
    using TestCase = std::map<std::string, std::vector<Range>>;
    std::map<std::string, std::map<std::string, TestCase>> machines_;
};

}  // namespace skafu::stepfunctions
