#include "iam/identities.h"

#include "core/arn.h"
#include "core/aws_error.h"

namespace skafu::iam {

Store::Store(Cloud& the_cloud)
    : cloud(the_cloud),
      roles(the_cloud.database(), "iam", "role"),
      users(the_cloud.database(), "iam", "user"),
      policies(the_cloud.database(), "iam", "policy"),
      instance_profiles(the_cloud.database(), "iam", "instance-profile"),
      access_keys(the_cloud.database(), "iam", "access-key") {}

Scope iam_scope(const Caller& caller) {
    return {caller.account, "aws-global"};
}

AwsError no_such_entity(std::string message) {
    return {"NoSuchEntity", std::move(message), 404};
}

AwsError already_exists(std::string message) {
    return {"EntityAlreadyExists", std::move(message), 409};
}

std::string new_id(Cloud& cloud, std::string_view prefix) {
    return std::string(prefix) + cloud.entropy().pick(17, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
}

std::string iam_arn(const Caller& caller, std::string_view prefix, std::string_view path,
                    std::string_view name) {
    return make_arn("iam", "", caller.account, fmt::format("{}{}{}", prefix, path, name));
}

std::string now_text(Cloud& cloud) {
    return iso8601_seconds(cloud.clock().now());
}

Json tags_of(const Json& input) {
    const Json* tags = find_member(input, "Tags");
    return tags == nullptr || !tags->is_array() ? Json::array() : *tags;
}

const Json& require(Store& store, const IdentityKind& kind, const Caller& caller,
                    const std::string& name) {
    const Json* found = store.of(kind).find(iam_scope(caller), name);
    if (found != nullptr) return *found;
    if (&kind == &kUser) {
        throw no_such_entity(fmt::format("The user with name {} cannot be found.", name));
    }
    throw no_such_entity(fmt::format("The role with name {} cannot be found.", name));
}

}  // namespace skafu::iam
