#pragma once

#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/http.h"

namespace skafu {

struct AwsCredentials {
    std::string access_key;
    std::string secret_key;
    std::string session_token;  ///< empty for long-lived keys
};

/// Credentials of the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN);
/// "test"/"test" where it has none, which servers that check nothing accept.
AwsCredentials credentials_from_environment();

/// Signs a request to `url`: adds Host, X-Amz-Date, X-Amz-Security-Token and Authorization,
/// replacing what was there (AWS General Reference, "Signature Version 4 signing process").
void sign_v4(HttpRequest& request, std::string_view url, const AwsCredentials& credentials,
             std::string_view region, std::string_view service, TimePoint now);

}  // namespace skafu
