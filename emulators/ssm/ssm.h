#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::ssm {

/// AWS Systems Manager, API version 2014-11-06: the Parameter Store.
void register_ssm(Cloud& cloud);

}  // namespace skafu::ssm
