#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

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
    /// "Structure of the SAM template is invalid. why"
    static SamProblem document(const std::string& why);

  private:
    std::string id_;
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

    /// Adds a generated resource of `owner`. Throws SamProblem when the id is taken.
    void add(const std::string& owner, const std::string& id, Json resource);
    /// Adds a generated resource unless an equal id was generated before (shared ones).
    void add_shared(const std::string& id, Json resource);
    Json* generated(const std::string& id);
    Json& generated() { return generated_; }

    /// Notes what F.Version, A.Stage and the like mean: `owner`.`name` -> the id of a resource.
    void note_reference(const std::string& owner, const std::string& name, const std::string& id);
    const std::map<std::string, std::string>& references() const { return references_; }

    std::vector<SamProblem>& problems() { return problems_; }

  private:
    Json document_;
    Json parameters_;
    std::string region_;
    std::string partition_;
    Json generated_ = Json::object();
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
    const Json* find(std::string_view name) const { return find_member(properties, name); }
    std::string text(std::string_view name) const { return string_member(properties, name); }
};

/// {"Type": type, "Properties": properties} and `attributes`.
Json make_resource(std::string_view type, Json properties, const Json& attributes);

/// True for an object with one member that is Ref, Condition or Fn::...
bool is_function(const Json& value);
bool is_no_value(const Json* value);

Json ref_to(std::string_view id);
Json get_att(std::string_view id, std::string_view attribute);
Json sub(std::string text);

/// The Python type's name and value as the translator prints it: 'a', ['b'], {'c': 1}.
std::string python_text(const Json& value);

/// JSON with sorted keys, separators "," and ":", non-ASCII escaped; what digests are made of.
std::string canonical_text(const Json& value);
/// The first 10 hexadecimal digits of the SHA-1 of a text.
std::string short_digest(std::string_view text);

/// Copies the named members that exist from one object to another.
void copy_members(const Json& from, Json& to, std::initializer_list<std::string_view> names);

/// A map of tags as the list that most resources take, after {createdBy: SAM}.
Json tag_list(std::string_view created_by, const Json* tags);

}  // namespace skafu::cloudformation::sam
