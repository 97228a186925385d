#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cloudformation/template_source.h"

namespace skafu::cloudformation {

/// Checks the form of a template after its transforms: sections, resources, mappings, outputs,
/// the arguments of functions. Gives all that is wrong, with CloudFormation's texts and the lines
/// of `source`.
std::vector<Problem> check_form(const Json& document, const TemplateSource& source);

/// Whether a transform that could not be carried out would have made a resource of that name.
using GeneratedNames = std::function<bool(const std::string& name)>;

/// Checks that each name a template refers to exists. `document` is a template without its
/// untaken branches, or a whole one.
std::vector<Problem> check_references(const Json& document, const TemplateSource& source,
                                      const GeneratedNames& generated = {});

/// Creation order of the resources by Ref, Fn::GetAtt, Fn::Sub and DependsOn: each wave holds
/// resources that depend on earlier waves only. Adds a Problem for a cycle.
std::vector<std::vector<std::string>> creation_waves(const Json& resources,
                                                     const TemplateSource& source,
                                                     std::vector<Problem>& problems);

/// Names of the resources that `resource` waits for.
std::vector<std::string> dependencies_of(const Json& resource, const Json& resources);

/// The line of a resource; one that a transform made has the line of the resource it came from.
int line_of_resource(const TemplateSource& source, const std::string& logical_id);

/// CloudFormation's view of several problems as one text: unresolved names of a block together.
std::string first_message(const std::vector<Problem>& problems);

}  // namespace skafu::cloudformation
