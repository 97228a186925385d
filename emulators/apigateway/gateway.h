#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "apigateway/authorization.h"
#include "apigateway/exchange.h"
#include "apigateway/gateway_response.h"

namespace skafu::apigateway {

/// What serves the APIs: finds what a request's API and stage are compiled to, and carries the
/// request through authorization, validation, integration and mapping.
class Gateway {
  public:
    explicit Gateway(Store& store) : store_(store), authorization_(store) {}

    /// Answers one request (see apigateway.h). Never throws for what a client or a template
    /// does wrong: that is an answer too.
    Task<Document> invoke(Context& context, Document input);
    /// TestInvokeMethod: no authorizer, no stage; the answer with the log of the execution.
    Task<Json> test_invoke(Context& context, Json input);

  private:
    struct Cached {
        std::uint64_t revision = 0;
        std::shared_ptr<const CompiledApi> api;
    };

    void prepare_test(Exchange& exchange, const Json& input);
    void find_stage(Exchange& exchange);
    void route(Exchange& exchange);
    void check_api_key(Exchange& exchange);
    Task<Answer> handle(Exchange& exchange);
    Task<Answer> integrate(Exchange& exchange);
    Task<Answer> answer_of(Exchange& exchange);
    std::shared_ptr<const CompiledApi> compiled(const Exchange& exchange, const Json* deployment);

    Store& store_;
    Authorization authorization_;
    std::set<std::string> without_stage_;            // APIs that were warned about
    std::unordered_map<std::string, Cached> cache_;  // by "account/region/api/deployment"
};

namespace http {
class HttpGateway;
}

void register_execute_api(Cloud& cloud, Gateway& gateway, http::HttpGateway& http_gateway);
namespace resources {
void add_types(Cloud& cloud, Store& store);
}

/// The answer of a refusal: the API's gateway response of its type, or AWS's own.
Answer refuse(Exchange& exchange, const Refusal& refusal);

/// Throws Refusal for a request that breaks its method's validator.
void validate_request(Exchange& exchange);

/// Runs an integration of a type other than MOCK.
Task<Answer> run_integration(Exchange& exchange);
/// Gives a request its ids and its time.
void make_ids(Exchange& exchange, const std::string& request_id);
/// The headers that every answer carries.
void add_standard_headers(const Exchange& exchange, Answer& answer);

}  // namespace skafu::apigateway
