#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/service.h"

namespace skafu {

/// One resource of a stack, on its way to be created, updated or deleted.
struct ResourceRequest {
    Caller caller;
    ActivityId cause = 0;
    std::string type;  ///< "AWS::SQS::Queue"
    std::string stack_name;
    std::string stack_id;  ///< ARN
    std::string logical_id;
    Json properties;          ///< all intrinsics resolved
    Json old_properties;      ///< of an update: those deployed now; else null
    std::string physical_id;  ///< of an update or deletion
    /// "stack-LogicalId-12RANDOM", for resources whose template gives no name.
    std::string generated_name;
    /// Local folder or file that a code or definition property of the template meant; else "".
    std::string local_path;
    bool strict = false;  ///< do exactly as AWS would, also where we know better
};

struct ResourceState {
    std::string physical_id;           ///< what identifies it to update and remove
    Json ref;                          ///< what Ref gives; the physical id where null
    Json attributes = Json::object();  ///< what GetAtt gives, by attribute name ("Arn")
    /// Things the user should know: what AWS would refuse, or what is served otherwise.
    std::vector<std::string> findings;
};

/// A CloudFormation type: properties -> calls. Handlers throw AwsError.
struct ResourceType {
    std::string name;
    std::function<Task<ResourceState>(Cloud&, ResourceRequest)> create;
    /// Empty: every change replaces. The state it returns may carry another physical id.
    std::function<Task<ResourceState>(Cloud&, ResourceRequest)> update;
    std::function<Task<void>(Cloud&, ResourceRequest)> remove;
    /// Properties whose change needs a replacement although there is an update handler.
    std::vector<std::string> replaced_by;
};

class ResourceTypes {
  public:
    void add(ResourceType type);
    const ResourceType* find(std::string_view name) const;
    std::vector<std::string> names() const;

  private:
    std::map<std::string, ResourceType, std::less<>> types_;
};

}  // namespace skafu
