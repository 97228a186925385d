#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::iam {

/// AWS Identity and Access Management, API version 2010-05-08: roles, users, managed and inline
/// policies, access keys and instance profiles are kept and answered; nothing is enforced here.
void register_iam(Cloud& cloud);

}  // namespace skafu::iam
