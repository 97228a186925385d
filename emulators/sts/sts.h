#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::sts {

/// AWS Security Token Service, API version 2011-06-15. Credentials are made up; those for another
/// account than the usual one have its 12 digits as their access key, by which callers are told
/// apart here.
void register_sts(Cloud& cloud);

}  // namespace skafu::sts
