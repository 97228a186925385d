#include "services.h"

namespace skafu::server {

void register_services(Cloud& cloud) {
    (void)cloud;
}

}  // namespace skafu::server
