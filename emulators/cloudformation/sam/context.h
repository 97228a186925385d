#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cloudformation/sam/values.h"
#include "core/json.h"

namespace skafu::cloudformation::sam {

/// One thing wrong with a SAM template, in the translator's words.
class SamProblem : public std::runtime_error {
  public:
    SamProblem(std::string id, const std::string& text)
        : std::runtime_error(text), id_(std::move(id)) {}
    const std::string& id() const { return id_; }  ///< of the resource; what problems are sorted by

    /// "Resource with id [F] is invalid. why"
    static SamProblem resource(const std::string& id, const std::string& why);
    /// "Event with id [E] is invalid. why"
    static SamProblem event(const std::string& id, const std::string& why);
    /// "Structure of the SAM template is invalid. why": nothing else is looked at then.
    static SamProblem document(const std::string& why);
    bool ends_translation() const { return ends_; }

  private:
    std::string id_;
    bool ends_ = false;
};

/// What the translation of one template shares: the template while it changes, the values it may
/// look at, and the resources it makes.
class Context {
  public:
    Context(Json document, Json parameters, std::string region, std::string partition);

    Json& document() { return document_; }
    Json& resources() { return document_["Resources"]; }
    const std::string& region() const { return region_; }
    const std::string& partition() const { return partition_; }

    /// `value` with the references to parameters inside it replaced, as far as they are known.
    Json resolve(const Json& value) const;

    /// Adds a generated resource of `owner`; one that was generated before under that id is
    /// replaced. Throws SamProblem when the template itself has a resource of that id.
    void add(const std::string& owner, const std::string& id, Json resource);
    /// Adds a generated resource unless an equal id was generated before (shared ones).
    void add_shared(const std::string& id, Json resource);
    Json* generated(const std::string& id);
    Json& generated() { return generated_; }

    /// Notes what F.Version, A.Stage and the like mean: `owner`.`name` -> the id of a resource.
    void note_reference(const std::string& owner, const std::string& name, const std::string& id);
    const std::map<std::string, std::string>& references() const { return references_; }

    std::vector<SamProblem>& problems() { return problems_; }
    /// Ends the translation where problems were noted: throws the first, the rest stay noted.
    void stop_at_problems() const;

    /// The type that a resource of the template had before anything was translated.
    std::string original_type(const std::string& id) const;
    /// Defines a condition of the template.
    void add_condition(const std::string& name, Json condition);
    /// The map of tags that PropagateTags gives to all that is generated till the next call, in
    /// the form that its type takes; null: none.
    void propagate_tags(Json tags) { propagated_ = std::move(tags); }
    /// The same for a resource of the template that an event changes: its own tags stay.
    void tag_also(Json& resource) const;
    /// By function: its DeploymentPreference, resolved, with Enabled, Condition and Tags.
    Json& deployment_preferences() { return preferences_; }
    /// What the APIs with a shared usage plan have said so far.
    Json& shared_plan() { return shared_plan_; }

  private:
    void tag(Json& resource) const;

    Json document_;
    Json parameters_;
    std::string region_;
    std::string partition_;
    Json generated_ = Json::object();
    std::map<std::string, std::string> types_;
    Json propagated_;
    Json preferences_ = Json::object();
    Json shared_plan_ = Json::object();
    std::map<std::string, std::string> references_;
    std::vector<SamProblem> problems_;
};

/// One SAM resource while it is translated.
struct Source {
    std::string id;
    Json& resource;
    Json& properties;

    /// Condition, DeletionPolicy and UpdateReplacePolicy: what all that is generated carries.
    Json attributes() const;
    /// The same and DependsOn, Metadata, UpdatePolicy: what the main resource carries.
    Json main_attributes() const;
    const Json* find(std::string_view name) const { return given(properties, name); }
    bool is_set(std::string_view name) const { return is_truthy(properties, name); }
    std::string text(std::string_view name) const { return string_member(properties, name); }
};

/// {"Type": type, "Properties": properties} and `attributes`.
Json make_resource(std::string_view type, Json properties, const Json& attributes);

}  // namespace skafu::cloudformation::sam
