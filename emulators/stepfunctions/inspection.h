#pragma once

#include <optional>
#include <string>

#include "stepfunctions/mocks.h"
#include "stepfunctions/value.h"

namespace skafu::stepfunctions {

/// What TestState sets for the one state it runs, and what it learns of it.
struct Inspection {
    // Given.
    std::optional<MockResponse> mock;
    std::int64_t retrier_retry_count = 0;
    std::optional<std::int64_t> map_failures;
    std::optional<Json> reader_items;
    bool shows_secrets = false;
    Json context;  ///< stands for the whole context object, if it is one

    // Learned.
    Json data = Json::object();  ///< inspectionData
    std::string status;
    SharedText output;
    std::string next_state;
    std::optional<Failure> failure;

    /// Remembers a step's value, as JSON text.
    void note(const char* step, const Json& value) { data[step] = to_text(value); }
    /// Remembers an HTTP task's request and response, where there were such.
    void note_exchange(Json request, Json response) {
        if (!request.is_null()) data["request"] = std::move(request);
        if (!response.is_null()) data["response"] = std::move(response);
    }
};

}  // namespace skafu::stepfunctions
