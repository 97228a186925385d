#pragma once

#include "core/shape.h"

namespace skafu::eventbridge {

/// Shapes that several operations share, as in the service's API model.
Shape bus_name_shape();
/// The same without partner buses, which take no events from others.
Shape event_bus_name_shape();
Shape rule_name_shape();
/// The names of rules, connections, API destinations, replays: up to `longest` characters.
Shape name_shape(int longest = 64);
/// The ARN of a bus or archive as the source of an archive or replay.
Shape event_source_arn_shape();
Shape connection_arn_shape();
Shape endpoint_url_shape();
Shape partner_source_name_shape();
Shape key_identifier_shape();
Shape dead_letter_shape();
Shape bus_log_shape();
Shape tags_shape();
/// What a connection authorises with; `is_new` asks for all members of what is given.
Shape auth_parameters_shape(bool is_new);
/// The targets of PutTargets.
Shape target_shape();

}  // namespace skafu::eventbridge
