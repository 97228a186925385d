#pragma once

namespace skafu::server {

/// From here on SIGINT and SIGTERM only set what interrupted() tells, so that a command can end in
/// good order; a second one ends it at once.
void catch_interrupts();
bool interrupted();

}  // namespace skafu::server
