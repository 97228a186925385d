#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::secretsmanager {

/// AWS Secrets Manager, API version 2017-10-17.
void register_secretsmanager(Cloud& cloud);

}  // namespace skafu::secretsmanager
