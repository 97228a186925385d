#pragma once

#include <string>

#include "core/entropy.h"
#include "core/json.h"

namespace skafu::secretsmanager {

/// A password by the parameters of GetRandomPassword (PasswordLength, Exclude…, IncludeSpace,
/// RequireEachIncludedType); throws InvalidParameterException where none can be made.
std::string random_password(Entropy& entropy, const Json& parameters);

}  // namespace skafu::secretsmanager
