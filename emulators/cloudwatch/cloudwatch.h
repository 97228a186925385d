#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::cloudwatch {

/// Amazon CloudWatch, API version 2010-08-01: metrics, alarms on single metrics, dashboards.
void register_cloudwatch(Cloud& cloud);

}  // namespace skafu::cloudwatch
