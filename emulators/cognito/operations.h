#pragma once

#include <string>
#include <string_view>

#include "cognito/errors.h"
#include "cognito/store.h"

namespace skafu::cognito {

using Handler = Json (*)(Store&, Context&, const Json& input);
using AsyncHandler = Task<Json> (*)(Store&, Context&, Json input);

void add(Service& service, Store& store, std::string_view name, Handler handler);
void add_async(Service& service, Store& store, std::string_view name, AsyncHandler handler);

// The parts of the table.
void add_pool_operations(Service& service, Store& store);
void add_client_operations(Service& service, Store& store);
void add_user_operations(Service& service, Store& store);
void add_group_operations(Service& service, Store& store);
void add_sign_up_operations(Service& service, Store& store);
void add_auth_operations(Service& service, Store& store);
void register_identity(Cloud& cloud, Store& store);
void register_documents(Cloud& cloud, Store& store);
namespace resources {
void add_types(Cloud& cloud, Store& store);
}

// What handlers share.
/// A string member; throws InvalidParameterException where it is required and absent.
std::string text(const Json& input, std::string_view name);
std::string required(const Json& input, std::string_view name);
void copy_members(const Json& from, Json& to, std::initializer_list<std::string_view> names);
/// At most Limit (or `most`) of `items`, and where to go on.
Json page(std::vector<Json> items, std::string_view name, const Json& input,
          std::string_view limit_name, std::string_view token_name, std::size_t most);

/// [{Name, Value}, …] as an object, and back.
Json attributes_from_list(const Json* list);
Json attribute_list(const Json& attributes);
/// Throws InvalidParameterException for what the pool's schema does not have or need.
enum class Need { All, Given };
void check_attributes(const Json& pool, const Json& attributes, Need need);

/// Throws for what a client of users may not write: NotAuthorizedException, or
/// InvalidParameterException for what is fixed once it is set.
void check_writable(const Json& pool, const Json& client, const Json& attributes);
void check_mutable(const Json& pool, const Json& attributes);
/// Whether the pool verifies an attribute by sending a code to it.
bool auto_verifies(const Json& pool, std::string_view attribute);
/// Makes the code that a user is to give back, kept under `kind`; as there is no mail, it is
/// logged.
void send_code(Store& store, const std::string& pool_id, Json& user, const std::string& kind);

/// A user as ListUsers and AdminGetUser show it; `list_name` is "Attributes" or "UserAttributes".
Json shown_user(const Json& user, std::string_view list_name);
/// Makes a user document with sub and dates, not stored yet; the pool decides on its username.
Json new_user(Store& store, const Json& pool, const std::string& username, Json attributes);
/// Throws UsernameExistsException or AliasExistsException.
void refuse_known_user(Store& store, const Scope& scope, const Json& pool,
                       const std::string& username, const Json& attributes,
                       std::string_view message);
void set_password(Store& store, const Json& pool, Json& user, const std::string& password);
/// Sets a password that lasts until the first sign-in, or as the pool's policy says.
void set_temporary_password(Store& store, const Json& pool, Json& user,
                            const std::string& password);

/// The user of an access token. Throws NotAuthorizedException.
struct Bearer {
    Scope scope;
    std::string pool_id;
    std::string client_id;
    std::string username;
};
Task<Bearer> bearer_of(Store& store, const Caller& caller, std::string access_token);

/// When and how a user came in: what refreshed tokens keep of the first ones; empty for those.
struct SignIn {
    std::int64_t time = 0;
    std::string origin;  ///< origin_jti
    std::string event_id;
    /// What a PreTokenGeneration function is told of it.
    std::string_view trigger_source = "TokenGeneration_Authentication";
    Json trigger_request = Json::object();
};

/// The answer of a successful sign-in, or of a refreshed one: AuthenticationResult with its tokens.
Task<Json> issue_tokens(Store& store, Context& context, Scope scope, std::string pool_id,
                        std::string client_id, std::string username, SignIn earlier);

}  // namespace skafu::cognito
