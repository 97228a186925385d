#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/service.h"
#include "iam/identities.h"

namespace skafu::iam {

using Handler = std::function<Json(Context&, const Json&)>;

void add_row(Service& service, std::string name, std::vector<Shape::Member> members,
             Handler handler);
/// Name, pattern and length as IAM takes them for most of its entities.
Shape::Member name_member(std::string name);

void add_identity_operations(Service& service, Store& store, const IdentityKind& kind);
void add_role_operations(Service& service, Store& store);
void add_user_operations(Service& service, Store& store);
void add_policy_operations(Service& service, Store& store);
void add_resource_types(Cloud& cloud);

}  // namespace skafu::iam
