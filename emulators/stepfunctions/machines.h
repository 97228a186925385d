#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "core/aws_error.h"
#include "core/cloud.h"
#include "stepfunctions/compiler.h"
#include "stepfunctions/execution_views.h"

namespace skafu::stepfunctions {

/// What an ARN of a state machine names: the machine itself, a version, or an alias.
struct MachineRef {
    Scope scope;
    std::string name;
    std::string qualifier;   ///< version number, alias, or empty
    bool has_label = false;  ///< it names a distributed Map of the machine
    bool is_version() const {
        return !qualifier.empty() && qualifier.find_first_not_of("0123456789") == std::string::npos;
    }
};

/// Throws AwsError InvalidArn for what is no ARN of a state machine.
MachineRef parse_machine_arn(const std::string& arn);
/// The same for operations that take no ARN of a distributed Map: throws ValidationException.
MachineRef parse_unlabelled_arn(const std::string& arn);

/// The state machines of all accounts, with their versions and aliases.
class Machines {
  public:
    explicit Machines(Cloud& cloud);

    Json create(const Caller& caller, const Json& input);
    Json update(const Caller& caller, const Json& input);
    void remove(const std::string& arn);
    /// Deletes a machine that still runs: it has the status DELETING until remove().
    void begin_removal(const std::string& arn);
    Json describe(const std::string& arn, IncludedData data) const;
    Json list(const Caller& caller, const Json& input) const;

    Json publish(const std::string& arn, const Json& input);
    Json list_versions(const Json& input) const;
    void remove_version(const std::string& arn);

    Json create_alias(const Json& input);
    Json update_alias(const Json& input);
    Json describe_alias(const std::string& arn) const;
    Json list_aliases(const Json& input) const;
    void remove_alias(const std::string& arn);

    /// The document of tags, or nullptr if there is no such machine.
    const Json* find(const Scope& scope, const std::string& name) const {
        return machines_.find(scope, name);
    }
    /// Whether there is one, and it is not being deleted.
    bool exists(const std::string& arn) const;
    void set_tags(const Scope& scope, const std::string& name, Json tags);

    /// What an execution started by `arn` runs; `version_arn` and `alias_arn` are set where the
    /// ARN names one. Throws AwsError StateMachineDoesNotExist.
    struct Choice {
        std::shared_ptr<const Machine> machine;
        std::string version_arn;
        std::string alias_arn;
    };
    Choice choose(const std::string& arn);
    /// The machine as it was in a revision that an execution remembers.
    std::shared_ptr<const Machine> restore(const Json& revision);
    void clear(const Scope* scope);

  private:
    const Json& get(const MachineRef& ref, const std::string& arn) const;
    const Json& revision_of(const Json& machine, const MachineRef& ref,
                            const std::string& arn) const;
    std::shared_ptr<const Machine> compiled(const Json& machine, const Json& revision);
    std::string publish_into(Json& machine, const std::string& description);
    void check_definition(const std::string& definition, MachineType type, Tolerance tolerance);
    void check_logging(const Caller& caller, const Json& logging) const;
    void check_routing(const Json& routes, const MachineRef& machine) const;

    Cloud& cloud_;
    Collection machines_;
    Collection aliases_;
    std::unordered_map<std::string, std::shared_ptr<const Machine>> compiled_;
    /// By ARN, for the hot path; emptied at each change.
    std::unordered_map<std::string, Choice> chosen_;
};

/// The ARN of a machine in that scope.
std::string machine_arn(const Scope& scope, std::string_view name);

/// The error StateMachineDoesNotExist.
AwsError machine_does_not_exist(const std::string& arn);
/// Refuses names with blanks, control characters or any of AWS's special characters.
void check_name(const std::string& name);
/// Throws AwsError InvalidArn where `arn` does not start as one.
void check_arn(const std::string& arn);

}  // namespace skafu::stepfunctions
