#pragma once

#include <map>
#include <string>
#include <vector>

#include "cloudformation/intrinsics.h"
#include "cloudformation/local_files.h"
#include "cloudformation/parameters.h"
#include "cloudformation/template_source.h"

namespace skafu::cloudformation {

/// The stack that a template is prepared for.
struct StackIdentity {
    std::string name;
    std::string id;
    std::string account;
    std::string region;
};

/// A template on its way to become a stack: transformed, checked, in the order of creation.
struct StackTemplate {
    TemplateSource source;
    Json document;  ///< transformed, without its untaken branches
    Parameters parameters;
    std::map<std::string, bool> conditions;
    std::vector<std::vector<std::string>> waves;

    const Json& resources() const { return document["Resources"]; }
    const Json& outputs() const;
};

/// The value of a pseudo parameter ("AWS::Region"), or nullopt.
std::optional<Json> pseudo_parameter(const std::string& name, const StackIdentity& stack);

/// The template after AWS::LanguageExtensions, AWS::Include and AWS::Serverless-2016-10-31.
/// `files` is nullptr for templates that came through the API. Adds to `problems`.
Json apply_transforms(const TemplateSource& source, const Json& parameters,
                      const std::string& region, LocalFiles* files, std::vector<Problem>& problems);

/// Everything that happens before anything is created. Throws TemplateError with all problems.
StackTemplate prepare_template(TemplateSource source, const Json& given, const StackIdentity& stack,
                               const StoredParameter& stored, LocalFiles* files);

/// All that is wrong with the form and the references of a template and of the templates inside it,
/// of which the parameters are not known yet; `given` are those of the outermost one.
std::vector<Problem> check_unprepared(const TemplateSource& source, const Json& given,
                                      const std::string& region, LocalFiles& files);

/// True where a template holds types or the transform of SAM.
bool is_sam(const Json& document);

}  // namespace skafu::cloudformation
