#pragma once

#include <string>
#include <string_view>

#include "core/service.h"
#include "s3/store.h"

namespace skafu::s3 {

/// Something that happened to an object.
struct ObjectEvent {
    std::string name;    ///< "ObjectCreated:Put"
    std::string reason;  ///< EventBridge's: "PutObject"
    std::string key;
    std::uint64_t size = 0;
    std::string etag;        ///< without quotes; empty for deletions
    std::string version_id;  ///< empty in a bucket that is not versioned
};

/// Tells those whom the bucket's notification configuration names ("Amazon S3 Event
/// Notifications", S3 User Guide): queues, topics, functions, and the default bus.
void notify(Context& context, const Bucket& bucket, const ObjectEvent& event);

/// The test message that S3 sends to each queue and topic of a new configuration.
void notify_test(Context& context, const Bucket& bucket);

}  // namespace skafu::s3
