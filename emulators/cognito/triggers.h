#pragma once

#include <string>
#include <string_view>

#include "cognito/store.h"

namespace skafu::cognito {

/// A moment at which a user pool asks a function of its LambdaConfig ("Customizing user pool
/// workflows with Lambda triggers", Cognito developer guide).
struct Trigger {
    std::string_view name;    ///< in LambdaConfig and in errors: "PreSignUp"
    std::string_view source;  ///< "PreSignUp_SignUp"
    std::string client_id;    ///< empty for what administrators do
    std::string username;
    Json request;   ///< userAttributes, and what else this trigger tells
    Json response;  ///< the members that the function may set, as they are before it does
};

/// The function that a pool has for a trigger, and the version of the event that it gets.
struct TriggerTarget {
    std::string function;  ///< empty: none
    std::string version = "1";
};
TriggerTarget trigger_target(const Json& pool, std::string_view name);

/// Invokes the pool's function and answers the `response` that it gives; null where the pool has
/// none. Throws UserLambdaValidationException where the function fails, UnexpectedLambdaException
/// where it cannot be invoked, and InvalidLambdaResponseException for what is no event.
Task<Json> run_trigger(Store& store, Context& context, Json pool, Trigger trigger);
AwsError unrecognizable_output();

/// A user's attributes as triggers see them, with `cognito:user_status`.
Json trigger_attributes(const Json& user);
/// Tells a trigger the ClientMetadata of an input under `member`, if there is any.
void add_client_metadata(Json& request, const Json& input,
                         std::string_view member = "clientMetadata");
/// Whether a trigger's response sets a flag.
bool is_set(const Json& response, std::string_view flag);

/// What PreSignUp is told of a user who is to be, with the ValidationData and ClientMetadata of
/// the input.
Trigger pre_sign_up_trigger(std::string_view source, const Json& user, Json attributes,
                            const Json& input);

/// PostConfirmation, once the user is confirmed: its failure does not undo that, as on AWS.
Task<void> post_confirmation(Store& store, Context& context, Json pool, std::string_view source,
                             std::string client_id, Json user, Json input);

/// A code or a first password on its way to a user.
struct Message {
    std::string_view source;
    std::string client_id;
    std::string code;  ///< what {####} stands for
};
/// CustomMessage words it; as there is no mail, the message is logged.
Task<void> custom_message(Store& store, Context& context, Json pool, Message message, Json user,
                          Json input);

}  // namespace skafu::cognito
