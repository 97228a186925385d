#pragma once

#include <functional>
#include <string>

#include "stepfunctions/diagnostics.h"
#include "stepfunctions/program.h"

namespace skafu::stepfunctions {

/// A field of a state that may not stand there.
struct FieldFault {
    std::string message;
    std::string hint;
    bool is_unknown = false;  ///< of no state at all
};

/// Tells which fields of a state Step Functions refuses: unknown ones, those of other types of
/// state, and those of the other query language (unless `any_language`). The texts are AWS's
/// ("Field 'Retry' is not supported").
void check_state_fields(const Json& definition, StateType type, QueryLanguage language,
                        bool any_language, const std::function<void(const FieldFault&)>& report);

/// The same for a list of states: a machine, a branch, an item processor.
enum class ListKind { machine, branch, processor };
void check_list_fields(const Json& definition, ListKind kind,
                       const std::function<void(const FieldFault&)>& report);

/// The variable that a key of Assign names; a JSONPath state marks keys of paths with ".$".
std::string variable_name(const std::string& key, QueryLanguage language);

/// Whether a variable may have that name: letters, digits and underscores, no digit first.
bool is_identifier(std::string_view name);

}  // namespace skafu::stepfunctions
