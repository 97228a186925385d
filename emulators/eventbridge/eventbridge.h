#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::eventbridge {

/// EventBridge: buses, rules, targets and their delivery, archives and replays, connections and
/// API destinations (service `events`), with its CloudFormation types and admin routes.
void register_eventbridge(Cloud& cloud);

}  // namespace skafu::eventbridge
