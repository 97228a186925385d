#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::sns {

/// Amazon SNS, API version 2010-03-31. Texts to phones and mail go nowhere: they are listed at
/// GET /_skafu/sns/messages. Messages to queues, functions and HTTP endpoints are delivered.
void register_sns(Cloud& cloud);

}  // namespace skafu::sns
