#pragma once

#include "core/json.h"
#include "core/shape.h"

namespace skafu::secretsmanager {

/// Filters of ListSecrets and BatchGetSecretValue: [{Key, Values}].
Shape filters_shape();

/// Whether a secret's document passes all filters, each by one of its values ("ListSecrets:
/// Filters"): names and tags by their beginnings as they are written, descriptions in any case, and
/// "all" by the words of everything. A value that begins with "!" wants the contrary.
bool passes(const Json& secret, const Json* filters);

}  // namespace skafu::secretsmanager
