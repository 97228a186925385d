#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/cloud.h"
#include "core/json.h"
#include "expressions/intrinsics/intrinsics.h"
#include "expressions/jsonata/work_time.h"
#include "expressions/jsonpath/jsonpath.h"

namespace skafu::stepfunctions {

/// The variables of one scope; those of the outer scope are read through `outer`.
struct Variables {
    std::map<std::string, Json, std::less<>> own;
    const Variables* outer = nullptr;

    const Json* find(std::string_view name) const;
};

/// Gives the context object (`$$`, `$states.context`), which is made when somebody asks.
class ContextSource {
  public:
    virtual ~ContextSource() = default;
    virtual const Json& context() const = 0;
};

/// What the expressions of a state see.
class StateScope : public intrinsics::Scope {
  public:
    StateScope(Cloud& cloud, const Json& input, const ContextSource& context,
               const Variables& variables)
        : cloud_(&cloud), input_(&input), context_(&context), variables_(&variables) {}

    /// What `$` means from now on (JSONPath: the effective input or the raw result).
    void set_input(const Json& input) { input_ = &input; }
    /// `$states.result`
    void set_result(const Json& result) { result_ = &result; }
    /// `$states.errorOutput`
    void set_error_output(const Json& error) { error_output_ = &error; }

    const Json& input() const { return *input_; }
    const Json* result() const { return result_; }
    const Json* error_output() const { return error_output_; }
    const Json& context() const { return context_->context(); }
    const Variables& variables() const { return *variables_; }
    Cloud& cloud() const { return *cloud_; }
    /// The processor's time since the state evaluated its first expression.
    Duration work_time() const {
        if (!work_time_) work_time_.emplace();
        return work_time_->elapsed();
    }

    /// The value a path starts from. Throws Failure for a variable that is not there.
    const Json& root_of(const jsonpath::JsonPath& path) const override;
    std::string uuid() override { return cloud_->entropy().uuid(); }
    std::uint64_t random() override { return cloud_->entropy().next(); }

  private:
    Cloud* cloud_;
    const Json* input_;
    const ContextSource* context_;
    const Variables* variables_;
    const Json* result_ = nullptr;
    const Json* error_output_ = nullptr;
    mutable std::optional<jsonata::WorkTime> work_time_;
};

/// The value of InputPath, OutputPath and other plain paths. Throws Failure in the words
/// "Invalid path '$.X' : No results for path: $['X']".
Json read_plain(const jsonpath::JsonPath& path, const StateScope& scope);

}  // namespace skafu::stepfunctions
