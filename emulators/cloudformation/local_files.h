#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cloudformation/template_source.h"

namespace skafu::cloudformation {

/// The files and folders on this machine that templates name where AWS wants S3 locations:
/// `sam package` would upload them. Each gets a key that changes when its content does.
class LocalFiles {
  public:
    /// The bucket in the locations that stand for local paths: "s3://local/<key>".
    static constexpr std::string_view kBucket = "local";

    /// Replaces the local paths of a template (CodeUri, DefinitionUri, Location, TemplateURL ...)
    /// by such locations, and AWS::Include by the file's content. Paths are relative to the
    /// template's folder. Adds a Problem for each path that does not exist.
    void adopt(Json& document, const TemplateSource& source, std::vector<Problem>& problems);

    /// The path that a location stands for: text ("s3://local/..."), or a map with the bucket and
    /// key under any names; empty where it is no local one.
    std::filesystem::path path_of(const Json& location) const;

    /// A template on this machine, read once: what is checked is what is deployed then. Throws
    /// TemplateError.
    const TemplateSource& template_at(const std::filesystem::path& path);

    /// Everything that was adopted, to be watched for changes.
    std::vector<std::filesystem::path> all() const;

  private:
    std::string add(const std::filesystem::path& path);
    bool adopt_property(Json& owner, const std::string& name, const std::filesystem::path& folder,
                        std::string& tried);
    void adopt_resource(const std::string& id, Json& resource, const TemplateSource& source,
                        std::vector<Problem>& problems);

    std::map<std::string, std::filesystem::path> by_key_;
    std::map<std::filesystem::path, TemplateSource> templates_;
};

}  // namespace skafu::cloudformation
