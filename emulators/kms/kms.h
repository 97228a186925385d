#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::kms {

/// AWS Key Management Service, API version 2014-11-01. Keys are real (AES-256-GCM, RSA, ECDSA,
/// HMAC) and lie in the data file unprotected: this is for development.
void register_kms(Cloud& cloud);

}  // namespace skafu::kms
