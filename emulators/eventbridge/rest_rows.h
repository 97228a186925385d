#pragma once

#include <string>
#include <utility>
#include <vector>

#include "eventbridge/operations.h"

namespace skafu::eventbridge {

/// A service of the REST protocol (Scheduler, Pipes) as it is before its rows are added.
Service rest_service(const char* name, const char* api_version);

/// Adds rows to a service's table, with handlers that work on one owner of its state.
template <class Owner>
class RestRows {
  public:
    using Query = std::vector<std::pair<std::string, std::string>>;  // member -> parameter
    using Handler = Json (*)(Owner&, Context&, const Json&);

    RestRows(Service& service, Owner& owner) : service_(service), owner_(owner) {}

    void add(Row row, const char* method, const char* uri, Handler handler,
             Query query = {}) const {
        Operation operation = std::move(row);
        operation.http.method = method;
        operation.http.uri = uri;
        operation.http.query = std::move(query);
        service_.add(std::move(operation),
                     [&owner = owner_, handler](Context& context, const Json& input) {
                         return handler(owner, context, input);
                     });
    }

  private:
    Service& service_;
    Owner& owner_;
};

}  // namespace skafu::eventbridge
