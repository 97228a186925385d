#pragma once

#include <string>
#include <string_view>

#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/collection.h"

namespace skafu::iam {

/// What carries policies: roles and users. Their documents: {described: what Get… answers,
/// inline: {name: text}, attached: [arn], tags: {key: value}, …}.
struct IdentityKind {
    std::string_view type;        ///< "Role"
    std::string_view id_prefix;   ///< "AROA"
    std::string_view arn_prefix;  ///< "role"
};

inline constexpr IdentityKind kRole = {"Role", "AROA", "role"};
inline constexpr IdentityKind kUser = {"User", "AIDA", "user"};

/// All that IAM keeps.
struct Store {
    explicit Store(Cloud& the_cloud);

    Collection& of(const IdentityKind& kind) { return &kind == &kUser ? users : roles; }

    Cloud& cloud;
    Collection roles;
    Collection users;
    Collection policies;  ///< customer managed; key: the ARN
    Collection instance_profiles;
    Collection access_keys;
};

/// IAM knows no regions.
Scope iam_scope(const Caller& caller);

AwsError no_such_entity(std::string message);
AwsError already_exists(std::string message);
/// A new id as IAM gives them: prefix and 17 letters and digits.
std::string new_id(Cloud& cloud, std::string_view prefix);
/// "/" + path parts + name, under "arn:aws:iam::account:prefix".
std::string iam_arn(const Caller& caller, std::string_view prefix, std::string_view path,
                    std::string_view name);
std::string now_text(Cloud& cloud);
/// [{Key, Value}] of an input's Tags.
Json tags_of(const Json& input);

/// The document of a role or user; throws NoSuchEntity.
const Json& require(Store& store, const IdentityKind& kind, const Caller& caller,
                    const std::string& name);

}  // namespace skafu::iam
