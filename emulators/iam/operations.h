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
/// The same for a handler that works on the store, which must outlive the service.
using StoreHandler = Json (*)(Store&, Context&, const Json&);
void add_row(Service& service, Store& store, std::string name, std::vector<Shape::Member> members,
             StoreHandler handler);
/// A policy that a client gives as text and a template as a document; "" where it is absent.
/// Throws MalformedPolicyDocument with `refusal` for a text that is not JSON.
std::string policy_document(const Json& input, std::string_view member, const char* refusal);
/// Name, pattern and length as IAM takes them for most of its entities.
Shape::Member name_member(std::string name);

void add_identity_operations(Service& service, Store& store, const IdentityKind& kind);
void add_role_operations(Service& service, Store& store);
void add_user_operations(Service& service, Store& store);
void add_policy_operations(Service& service, Store& store);
namespace resources {
void add_types(Cloud& cloud);
}

}  // namespace skafu::iam
