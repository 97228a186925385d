#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "apigateway/api_parts.h"
#include "core/cloud.h"
#include "core/collection.h"

namespace skafu::apigateway {

/// All that the control plane knows, as documents in the form in which the API answers them.
/// A resource's document holds its methods with
/// their integrations.
class Store : public ApiParts {
  public:
    explicit Store(Cloud& cloud);

    Cloud& cloud;
    Collection apis;
    Collection resources;
    Collection models;
    Collection validators;
    Collection authorizers;
    Collection deployments;
    Collection stages;
    Collection gateway_responses;
    Collection documentation_parts;
    Collection api_keys;
    Collection usage_plans;
    Collection usage_plan_keys;
    Collection domain_names;
    Collection base_path_mappings;
    Collection vpc_links;
    Collection account;

    /// Throws NotFoundException with AWS's words for an API that is not there.
    const Json& api(const Caller& caller, const std::string& api_id) const;
    /// Everything of an API that serving it needs, as one document: what a deployment freezes.
    Json definition(const Scope& scope, const std::string& api_id) const;
    /// Whose API it is: a request to its host names no account.
    std::optional<Scope> owner(const std::string& api_id);

    void reset(const Scope* scope);

  private:
    std::unordered_map<std::string, Scope> owners_;
};

}  // namespace skafu::apigateway
