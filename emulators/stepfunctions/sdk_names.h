#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu::stepfunctions {

/// A member's name as the aws-sdk integrations spell it, which is the way of AWS's SDK for Java 2:
/// capitals at the start are one word ("ARN" is Arn, "MD5OfBody" Md5OfBody, "SSEKMSKeyId"
/// SsekmsKeyId; "ETag" stays).
std::string sdk_name(std::string_view member);

/// DynamoDB's attribute values: the SDK's names of their types (Bool, Nul, Ss, Ns, Bs) as the
/// service spells them (BOOL, NULL, SS, NS, BS), at every level.
void to_wire_attributes(Json& value);

/// An operation's output with its members spelled in the SDK's way; the keys of maps stay.
void to_sdk_names(Json& output, std::string_view service);

}  // namespace skafu::stepfunctions
