#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace skafu::stepfunctions {

/// What is wrong with a definition, and where ("/States/Pay/Resource").
struct Diagnostic {
    std::string code = "SCHEMA_VALIDATION_FAILED";
    std::string message;
    std::string location;
    bool is_warning = false;
    bool is_tolerated = false;  ///< a warning here, an error to AWS
    std::string hint;           ///< the nearest valid name, where a name is unknown
};

/// Gathers what a compiler of definitions finds.
class Diagnostics {
  public:
    void error(std::string message, std::string_view location, std::string hint = {});
    void warning(std::string code, std::string message, std::string_view location,
                 std::string hint = {});
    void add(Diagnostic diagnostic) { all_.push_back(std::move(diagnostic)); }

    bool has_errors() const;
    /// False once so much is wrong that nobody reads hints, which take time to find.
    bool wants_hints() const { return all_.size() < 100; }
    const std::vector<Diagnostic>& all() const { return all_; }
    /// "SCHEMA_VALIDATION_FAILED: … at /…, SCHEMA_VALIDATION_FAILED: …"
    std::string text() const;
    /// The member `diagnostics` of ValidateStateMachineDefinition.
    Json to_json(std::size_t limit, std::string_view least_severity) const;

  private:
    std::vector<Diagnostic> all_;
};

/// "Did you mean …?" with the candidate that is nearest to `name`; empty if none is near.
std::string nearest_hint(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace skafu::stepfunctions
