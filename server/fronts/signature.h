#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/cloud.h"

namespace skafu::server {

/// What a signature says, unverified: the credential scope of version 4 (AWS General Reference,
/// "Signature Version 4"), or the access key of version 2, which S3 still takes.
struct Credential {
    std::string access_key;
    std::string region;   ///< "" where it names none
    std::string service;  ///< the signing name
};

/// From the Authorization header, or the query of a presigned URL; nullopt if unsigned.
std::optional<Credential> find_credential(const HttpRequest& request);

/// Refuses a presigned URL of S3 whose expiry makes no sense, and with --strict one that has
/// expired by the house's clock; otherwise not, since a clock that was moved is no fault of the
/// client ("Authenticating Requests: Using Query Parameters"). Throws AwsError.
void check_presigned(const HttpRequest& request, Cloud& cloud);

/// An access key of 12 digits is that account id, any other is the default account.
Caller caller_of(const Credential* credential, const Settings& settings);

}  // namespace skafu::server
