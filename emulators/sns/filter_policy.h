#pragma once

#include "core/json.h"

namespace skafu::sns {

/// Checks a subscription's filter policy; throws InvalidParameter as SNS does.
void check_filter_policy(const Json& policy);

/// Whether message attributes ({name: {DataType, StringValue}}) pass a filter policy of scope
/// MessageAttributes ("Amazon SNS subscription filter policies").
bool matches_attributes(const Json& policy, const Json& attributes);

/// Whether a message that is JSON passes a filter policy of scope MessageBody.
bool matches_body(const Json& policy, const Json& body);

}  // namespace skafu::sns
