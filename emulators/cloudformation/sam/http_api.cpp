#include "cloudformation/sam/http_api.h"

namespace skafu::cloudformation::sam {

void translate_http_api_event(const EventSource& event) {
    throw event.problem("Invalid event type: HttpApi");
}

}  // namespace skafu::cloudformation::sam
