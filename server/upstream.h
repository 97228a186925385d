#pragma once

#include "core/cloud.h"

namespace skafu::server {

/// Lets the services named in the settings' upstreams live elsewhere: every call to them, whoever
/// makes it, is signed with the environment's credentials and sent to that URL; its answer, errors
/// included, is passed on. Streams of tables (service dynamodbstreams) are read where the tables
/// are, unless a setting says otherwise. Only services of the JSON protocols. Throws
/// std::runtime_error naming what is wrong with a setting.
void connect_upstreams(Cloud& cloud);

}  // namespace skafu::server
