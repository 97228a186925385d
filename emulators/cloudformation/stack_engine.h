#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cloudformation/finding.h"
#include "cloudformation/stack_store.h"
#include "cloudformation/stack_template.h"

namespace skafu::cloudformation {

/// What a stack is to be made of.
struct StackRequest {
    std::string name;
    TemplateSource source;
    Json parameters = Json::object();  ///< name -> text, as given
    Json tags = Json::array();
    /// Absent: whoever deploys has all of them (a start from a local template).
    std::optional<std::set<std::string>> capabilities;
    std::string parent_id;
    std::string root_id;
    bool rolls_back = true;
};

/// What a template would make of a stack, as far as it is known before anything is made.
struct StackPreview {
    /// logical id -> {ResourceType, Properties, DeletionPolicy, ReplacedBy: the names of the
    /// changed properties that replace the resource}
    std::map<std::string, Json> resources;
    Json parameters;  ///< as described
};

/// Creates, updates and deletes stacks through the registered resource types.
class StackEngine {
  public:
    /// `files` is nullptr for stacks made through the API.
    StackEngine(Cloud& cloud, StackStore& store, Caller caller, ActivityId cause,
                LocalFiles* files);

    /// Prepares the template and writes the stack's document; nothing is created yet. Throws
    /// TemplateError, and AwsError for what CloudFormation refuses at once (AlreadyExists,
    /// missing capabilities). Gives the stack's ARN.
    std::string begin_create(StackRequest request);
    /// The same for an update of an existing stack; AwsError "No updates are to be performed."
    /// where nothing would change.
    std::string begin_update(StackRequest request);

    /// Prepares a template without writing anything; `stack_id` may be empty for a new stack.
    /// Values that exist only after creation are those of the stack as it is, or
    /// "{{changeSet:KNOWN_AFTER_APPLY}}". Throws as begin_create does.
    StackPreview preview(StackRequest request, const std::string& stack_id);

    /// Carries out what was begun. Failures end in the stack's status, never in an exception.
    Task<void> run(std::string stack_id);
    /// Brings a stack that this engine updated back to what it was, with all stacks inside it.
    /// Gives the reason where it cannot.
    Task<std::string> restore(std::string stack_id);

    Task<void> remove(std::string stack_id);

    /// What was found while deploying, the failures of resources with their lines, and the files
    /// that were read.
    std::vector<Finding>& findings() { return findings_; }
    std::vector<Problem>& failures() { return failures_; }
    std::vector<std::filesystem::path>& templates() { return templates_; }

    /// File and line of a resource that was deployed.
    std::pair<std::string, int> place_of(const std::string& stack, const std::string& id) const {
        const auto found = places_.find(stack + '#' + id);
        return found == places_.end() ? std::pair<std::string, int>{"", 0} : found->second;
    }

    /// Goes on after a failure instead of rolling back.
    void keep_going() { keep_going_ = true; }

  private:
    struct Work;
    using WorkPtr = std::shared_ptr<Work>;

    Scope scope() const { return caller_.scope(); }
    WorkPtr begin(StackRequest request, const Json* existing);
    StackTemplate prepare_what_can_be(TemplateSource source, const Json& given,
                                      const StackIdentity& stack, const StoredParameter& stored);
    std::string refuse_incomplete(Work& work, const std::string& id, const Json& properties);
    void check_capabilities(const StackTemplate& prepared, const StackRequest& request) const;
    StackTemplate prepare(const StackRequest& request, const StackIdentity& stack);
    void set_status(Json& stack, const std::string& status, const std::string& reason = {});
    void set_resource_status(Work& work, Json& resource, const std::string& status,
                             const std::string& reason = {});

    Names evaluation(Work& work);
    Json attribute_of(Work& work, const std::string& id, const std::string& attribute);
    void localize(Work& work, const std::string& id, Json& properties, std::string& local_path);
    ResourceRequest resource_request(Work& work, const std::string& id, const Json& properties);

    Json replacing_changes(const Json& known, const Json& entry) const;

    Task<void> apply(WorkPtr work);
    Task<void> apply_resource(WorkPtr work, std::string id);
    struct Resolved;
    Resolved resolve(Work& work, const std::string& id);
    bool is_unchanged(const Json& before, const std::string& type, const Json& properties) const;
    Task<ResourceState> make(WorkPtr work, ResourceRequest request, const Json* old,
                             bool& replaced);
    Task<ResourceState> create_or_take_over(const ResourceType* type, ResourceRequest request,
                                            const Json* old, bool& taken_over);
    Task<ResourceState> nested(WorkPtr work, ResourceRequest request, const Json* old);
    int depth_of(const Json& stack) const;
    Task<TemplateSource> nested_source(std::string url, std::string local_path);
    Task<std::string> remove_resource(Json stack, Json resource);
    Task<void> clean_up(WorkPtr work);
    Task<void> roll_back(WorkPtr work);
    void finish(Work& work);
    void add_outputs(Work& work);
    bool goes_on_without(Work& work, const std::string& id) const;
    void fail(Work& work, const std::string& id, const std::string& reason);
    void note_state(Work& work, const std::string& id, const ResourceState& state);
    ResourceState inert(Work& work, const ResourceRequest& request);
    void find_inert(const Work& work, const ResourceRequest& request);
    std::string stored_parameter(const std::string& name);
    std::string dynamic_reference(const std::string& reference);

    Cloud& cloud_;
    StackStore& store_;
    Caller caller_;
    ActivityId cause_;
    LocalFiles* files_;
    bool keep_going_ = false;
    bool api_changed_ = false;  ///< anything of a REST API was made or changed
    std::map<std::string, std::pair<std::string, int>> places_;  ///< stack#id -> file, line
    std::vector<Finding> findings_;
    std::map<std::string, std::size_t> inert_;  ///< type -> its finding
    std::vector<Problem> failures_;
    std::vector<std::filesystem::path> templates_;
    std::map<std::string, WorkPtr> begun_;
    std::map<std::string, StackRequest> earlier_;  ///< what updated stacks were made of, by ARN
    bool restoring_ = false;
};

}  // namespace skafu::cloudformation
