#include "cloudformation/sam/api_auth.h"

namespace skafu::cloudformation::sam {

void add_method_auth(const EventSource& event, const Json& api, Json& method) {
    (void)event;
    (void)api;
    (void)method;
}

void add_api_auth(Context& context, const Source& source, Json& body) {
    (void)context;
    (void)source;
    (void)body;
}

}  // namespace skafu::cloudformation::sam
