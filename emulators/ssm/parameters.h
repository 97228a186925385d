#pragma once

#include <string>
#include <string_view>

#include "core/cloud.h"
#include "core/collection.h"

namespace skafu::ssm {

/// The Parameter Store. A parameter's document: {versions: [{Value, Type, Version, Date, …}],
/// tags}, the newest version last; keyed by its full name.
class Parameters {
  public:
    explicit Parameters(Cloud& cloud)
        : cloud_(cloud), parameters_(cloud.database(), "ssm", "parameter") {}

    Json put(Context& context, const Json& input);
    Json get(Context& context, const Json& input);
    Json get_many(Context& context, const Json& input);
    Json get_by_path(Context& context, const Json& input);
    Json describe(Context& context, const Json& input);
    Json history(Context& context, const Json& input);
    Json label(Context& context, const Json& input);
    Json remove(Context& context, const Json& input);
    Json remove_many(Context& context, const Json& input);
    Json tags(Context& context, const Json& input);
    void reset(const Scope* scope) { parameters_.clear(scope); }

  private:
    const Json& require(const Caller& caller, const std::string& name) const;
    /// By "name", "name:version", "name:label" or ARN; throws ParameterNotFound and
    /// ParameterVersionNotFound.
    Json find(const Caller& caller, const std::string& reference) const;
    Json answer(const Caller& caller, const std::string& name, const Json& version) const;

    Cloud& cloud_;
    Collection parameters_;
};

namespace resources {
void add_types(Cloud& cloud);
}

}  // namespace skafu::ssm
