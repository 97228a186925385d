#pragma once

#include "eventbridge/operations.h"

namespace skafu::eventbridge {

/// Throws AwsError ResourceNotFoundException where there is none.
const Json& require_connection(EventBridge& events, const Scope& scope, const std::string& name);

/// Stores a connection in a state, with the event that AWS puts on the default bus for it.
void enter_state(EventBridge& events, const Scope& scope, Json connection, const char* state,
                 const std::string& reason, ActivityId cause);

/// Makes a new or changed connection usable: at once, or when its authorization endpoint has given
/// a token. Gives the state that it has now.
std::string authorize(EventBridge& events, const Scope& scope, Json connection, ActivityId cause);

/// What a connection adds to a request: {"Headers", "Query", "Body"}, each by name. An OAuth token
/// is asked for once and kept until it expires. Throws AwsError where there is no authorization.
Task<Json> authorization_of(EventBridge& events, Scope scope, std::string name, ActivityId cause);

/// Adds two operations that are ours. ResolveConnection gives {"ConnectionArn"}'s parameters for
/// those who send requests themselves; NoteConnectionRefusal hears of an endpoint that answered
/// 401 or 407.
void add_connection_resolution(Service& service, EventBridge& events);

}  // namespace skafu::eventbridge
