#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::logs {

/// CloudWatch Logs: log groups, streams, events, filters and queries.
void register_logs(Cloud& cloud);

}  // namespace skafu::logs
