#pragma once

#include <functional>

#include "cloudformation/sam/context.h"

/// The Swagger or OpenAPI document of an API while SAM edits it. Paths and methods may stand in
/// Fn::If: an edit goes to each branch.
namespace skafu::cloudformation::sam {

inline constexpr const char* kIntegration = "x-amazon-apigateway-integration";
inline constexpr const char* kAnyMethod = "x-amazon-apigateway-any-method";

/// {"swagger": "2.0"} or {"openapi": "3.0.1"}, a title and no paths.
Json empty_swagger();
Json empty_openapi();

/// "3.0", "3.1.0": true for a version of OpenAPI 3.
bool is_version_3(const Json& version);
/// A document that SAM can edit: it has paths, and a version.
bool is_swagger(const Json* body);
bool is_openapi_3(const Json* body);

/// The branches of Fn::If that are not AWS::NoValue; the value itself where there is no Fn::If.
/// Throws SamProblem.
std::vector<Json*> branches(Json& item);
/// The maps of methods of a path: one, or those of its branches. Throws SamProblem.
std::vector<Json*> path_items(Json& body, const std::string& path);
/// The definitions of a method of a path. Throws SamProblem.
std::vector<Json*> method_definitions(Json& body, const std::string& path,
                                      const std::string& method);
/// Every path is a map or Fn::If of maps. Throws SamProblem.
void check_paths(Json& body);

using MethodVisit = std::function<void(const std::string& name, Json& method)>;
/// Visits the methods of a path that have an integration. Throws SamProblem.
void visit_methods(Json& body, const std::string& path, const MethodVisit& visit);

bool has_method(Json& body, const std::string& path, const std::string& method);
bool has_integration(Json& body, const std::string& path, const std::string& method);
/// Makes the path and the method unless they are there. Throws SamProblem.
void add_path(Json& body, const std::string& path, const std::string& method);

/// The security of a method: a list of maps. Throws SamProblem.
Json security_of(const Json& method, const std::string& path, const std::string& name);

/// The key of a method in a document: lower case, "any" in API Gateway's own word.
std::string method_key(const std::string& method);
/// A path as a permission has it: parameters become "*".
std::string permission_path(const std::string& path);

}  // namespace skafu::cloudformation::sam
