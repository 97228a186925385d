#pragma once

#include <map>
#include <memory>

#include "core/cloud.h"
#include "core/event.h"
#include "stepfunctions/executions.h"
#include "stepfunctions/machines.h"

namespace skafu::stepfunctions {

/// Activities: names, and the workers that wait for tasks.
class Activities {
  public:
    explicit Activities(Cloud& cloud);

    Json create(const Caller& caller, const Json& input);
    Json describe(const std::string& arn) const;
    Json list(const Caller& caller, const Json& input) const;
    void remove(const std::string& arn);
    bool exists(const std::string& arn) const;
    /// Throws AwsError InvalidArn and ActivityDoesNotExist.
    void check(const std::string& arn) const;
    const Json* find(const Scope& scope, const std::string& name) const {
        return activities_.find(scope, name);
    }
    void set_tags(const Scope& scope, const std::string& name, Json tags);
    void clear(const Scope* scope) { activities_.clear(scope); }

    /// Workers of an activity wait on this.
    Event& task_ready(const std::string& arn);
    /// Sends all of them home without a task.
    void end_polls();
    std::uint64_t ended_polls() const { return ended_polls_; }  ///< how often that happened

  private:
    Cloud& cloud_;
    Collection activities_;
    std::map<std::string, std::unique_ptr<Event>> ready_;
    std::uint64_t ended_polls_ = 0;
};

/// The state of the service.
struct StepFunctions {
    explicit StepFunctions(Cloud& house);

    Cloud& cloud;
    Machines machines;
    Activities activities;
    Executions executions;
};

// The rows of the operation table, by subject.
void add_machine_operations(Service& service, StepFunctions& state);
void add_version_operations(Service& service, StepFunctions& state);
void add_execution_operations(Service& service, StepFunctions& state);
void add_activity_operations(Service& service, StepFunctions& state);
void add_test_state(Service& service, StepFunctions& state);
namespace resources {
void add_types(Cloud& cloud);
}
void add_admin_routes(StepFunctions& state);

// Shapes that several operations take.
Shape tag_list();
/// The tags with others added, those of the same key replaced. Throws AwsError TooManyTags.
Json merged_tags(Json tags, const Json& added);
Shape encryption_configuration();
/// Throws AwsError InvalidEncryptionConfiguration for a key of one's own that is not named.
void check_encryption(const Json& input);

/// A row of the table: a name and the shape of the input.
Operation row(const char* name, Shape input);

}  // namespace skafu::stepfunctions
