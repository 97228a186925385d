#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "apigateway/exchange.h"
#include "core/task.h"

namespace skafu::apigateway {

/// Decides whether a request may reach its method, by the method's authorizer.
class Authorization {
  public:
    explicit Authorization(Store& store) : store_(store) {}

    /// Fills exchange.authorizer. Throws Refusal: UNAUTHORIZED, ACCESS_DENIED and the like.
    Task<void> check(Exchange& exchange);

  private:
    struct KnownToken {
        std::shared_ptr<const Json> claims;  // as $context.authorizer shows them
        std::string pool;
        double not_after = 0;
        std::string use;
        std::vector<std::string> scopes;
    };
    struct Verdict {
        Json document;  // what the function answered
        std::int64_t until_ms = 0;
    };

    Task<void> check_cognito(Exchange& exchange);
    Task<KnownToken> verify(Exchange& exchange, std::string token);
    Task<jwt::VerifyingKey> key_of(Exchange& exchange, std::string pool, std::string kid);
    Task<void> check_function(Exchange& exchange);
    Task<Json> ask_function(Exchange& exchange, Json event);

    Store& store_;
    std::unordered_map<std::string, KnownToken> tokens_;  // whose signature was checked
    std::map<std::string, jwt::VerifyingKey> keys_;       // by "pool/kid"
    std::unordered_map<std::string, Verdict> verdicts_;  // of functions, by authorizer and identity
};

/// Whether a policy document allows execute-api:Invoke on `method_arn`.
enum class PolicyVerdict { Allow, ExplicitDeny, NoMatch };
PolicyVerdict judge(const Json& policy, const std::string& method_arn);

}  // namespace skafu::apigateway
