#include "cloudformation/local_files.h"

#include <fstream>
#include <sstream>

#include "core/digest.h"

namespace skafu::cloudformation {
namespace {

namespace fs = std::filesystem;

/// Properties that name a file or folder, by resource type.
struct LocalProperty {
    std::string_view type;
    std::string_view property;
};

constexpr LocalProperty kLocalProperties[] = {
    {"AWS::Serverless::Function", "CodeUri"},
    {"AWS::Serverless::LayerVersion", "ContentUri"},
    {"AWS::Serverless::Api", "DefinitionUri"},
    {"AWS::Serverless::HttpApi", "DefinitionUri"},
    {"AWS::Serverless::StateMachine", "DefinitionUri"},
    {"AWS::Serverless::Application", "Location"},
    {"AWS::CloudFormation::Stack", "TemplateURL"},
    {"AWS::Lambda::Function", "Code"},
    {"AWS::Lambda::LayerVersion", "Content"},
    {"AWS::ApiGateway::RestApi", "BodyS3Location"},
    {"AWS::ApiGatewayV2::Api", "BodyS3Location"},
    {"AWS::StepFunctions::StateMachine", "DefinitionS3Location"},
};

constexpr std::string_view kIgnoredFolders[] = {"__pycache__", ".git", ".pytest_cache", ".aws-sam",
                                                ".mypy_cache"};

bool is_ignored(const fs::path& name) {
    return std::find(std::begin(kIgnoredFolders), std::end(kIgnoredFolders), name.string()) !=
           std::end(kIgnoredFolders);
}

/// A text that differs whenever something below `path` was written: names, sizes, times.
std::string fingerprint(const fs::path& path) {
    std::string text;
    const auto add = [&text](const fs::path& file) {
        std::error_code fault;
        const auto time = fs::last_write_time(file, fault).time_since_epoch().count();
        const auto size = fs::is_regular_file(file, fault) ? fs::file_size(file, fault) : 0;
        text += fmt::format("{} {} {}\n", file.string(), size, time);
    };
    std::error_code fault;
    if (!fs::is_directory(path, fault)) {
        add(path);
        return text;
    }
    std::vector<fs::path> files;
    fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, fault);
    for (; at != fs::recursive_directory_iterator(); at.increment(fault)) {
        if (fault) break;
        if (at->is_directory(fault)) {
            if (is_ignored(at->path().filename())) at.disable_recursion_pending();
        } else {
            files.push_back(at->path());
        }
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) add(file);
    return text;
}

bool is_remote(std::string_view text) {
    return text.starts_with("s3://") || text.starts_with("http://") || text.starts_with("https://");
}

fs::path resolved(const std::string& text, const fs::path& folder) {
    constexpr std::string_view scheme = "file://";
    const fs::path path = text.starts_with(scheme) ? text.substr(scheme.size()) : text;
    std::error_code fault;
    const fs::path full = path.is_absolute() ? path : folder / path;
    const fs::path real = fs::weakly_canonical(full, fault);
    return fault ? full : real;
}

fs::path folder_of(const TemplateSource& source) {
    std::error_code fault;
    const fs::path real = fs::canonical(source.file, fault);
    return (fault ? fs::absolute(source.file) : real).parent_path();
}

/// Replaces {"Fn::Transform": {"Name": "AWS::Include", ...}} by the content of a local file.
class Includes {
  public:
    Includes(const TemplateSource& source, std::vector<Problem>& problems,
             std::vector<fs::path>& used)
        : source_(source), folder_(folder_of(source)), problems_(problems), used_(used) {}

    void replace(Json& value, const std::string& path) {
        if (value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i) {
                replace(value[i], path + '/' + std::to_string(i));
            }
            return;
        }
        if (!value.is_object()) return;
        for (auto& [key, member] : value.items()) replace(member, path + '/' + key);
        const Json* call = find_member(value, "Fn::Transform");
        if (call == nullptr || string_member(*call, "Name") != "AWS::Include") return;
        const Json* parameters = find_member(*call, "Parameters");
        const std::string location =
            parameters == nullptr ? "" : string_member(*parameters, "Location");
        if (location.empty() || is_remote(location)) return;
        const fs::path file = resolved(location, folder_);
        try {
            Json content = read_template_file(file).value;
            used_.push_back(file);
            value.erase("Fn::Transform");
            if (!content.is_object()) {
                value = std::move(content);
                return;
            }
            for (auto& [key, member] : content.items()) value[key] = std::move(member);
        } catch (const TemplateError& error) {
            for (Problem problem : error.problems()) {
                if (problem.line == 0) {
                    problem.message =
                        fmt::format("The included file {} does not exist.", file.string());
                    problem.file = source_.file;
                    problem.line = source_.lines.line_of(path);
                }
                problems_.push_back(std::move(problem));
            }
        }
    }

  private:
    const TemplateSource& source_;
    fs::path folder_;
    std::vector<Problem>& problems_;
    std::vector<fs::path>& used_;
};

}  // namespace

std::string LocalFiles::add(const fs::path& path) {
    const std::string digest = digest::hex(digest::sha1(fingerprint(path))).substr(0, 16);
    const std::string key = digest + '/' + path.filename().string();
    by_key_[key] = path;
    return key;
}

bool LocalFiles::adopt_property(Json& owner, const std::string& name, const fs::path& folder,
                                std::string& tried) {
    if (!owner.contains(name)) return true;
    const Json& value = owner[name];
    if (!value.is_string()) return true;
    const std::string text = value.get<std::string>();
    if (is_remote(text)) return true;
    const fs::path path = resolved(text, folder);
    std::error_code fault;
    if (!fs::exists(path, fault)) {
        tried = path.string();
        return false;
    }
    owner[name] = fmt::format("s3://{}/{}", kBucket, add(path));
    return true;
}

void LocalFiles::adopt_resource(const std::string& id, Json& resource, const TemplateSource& source,
                                std::vector<Problem>& problems) {
    const std::string type = string_member(resource, "Type");
    if (!resource.contains("Properties") || !resource["Properties"].is_object()) return;
    Json& properties = resource["Properties"];
    const fs::path folder = folder_of(source);
    for (const LocalProperty& known : kLocalProperties) {
        if (known.type != type) continue;
        const std::string name(known.property);
        std::string tried;
        if (adopt_property(properties, name, folder, tried)) continue;
        problems.push_back(
            {source.file, source.lines.line_of("/Resources/" + id + "/Properties/" + name), id,
             fmt::format("{}: there is no file or folder {} (paths count from the folder of the "
                         "template), and it is no URL.",
                         name, tried)});
    }
    // AWS::Lambda::Function takes a map; the packaged forms of it are texts.
    for (const std::string_view name :
         {"Code", "Content", "BodyS3Location", "DefinitionS3Location"}) {
        const std::string key(name);
        if (!type.starts_with("AWS::Serverless") && properties.contains(key) &&
            properties[key].is_string() &&
            properties[key].get_ref<const std::string&>().starts_with("s3://local/")) {
            const std::string text = properties[key].get<std::string>();
            const bool lambda = type.starts_with("AWS::Lambda");
            properties[key] = Json{{lambda ? "S3Bucket" : "Bucket", kBucket},
                                   {lambda ? "S3Key" : "Key", text.substr(11)}};
        }
    }
}

void LocalFiles::adopt(Json& document, const TemplateSource& source,
                       std::vector<Problem>& problems) {
    std::vector<fs::path> used;
    Includes(source, problems, used).replace(document, "");
    for (const fs::path& file : used) add(file);
    if (!document.is_object() || !document.contains("Resources")) return;
    if (document.contains("Globals") && document["Globals"].is_object() &&
        document["Globals"].contains("Function")) {
        std::string tried;
        adopt_property(document["Globals"]["Function"], "CodeUri", folder_of(source), tried);
    }
    Json& resources = document["Resources"];
    if (!resources.is_object()) return;
    for (auto& [id, resource] : resources.items()) adopt_resource(id, resource, source, problems);
}

fs::path LocalFiles::path_of(const Json& location) const {
    std::string key;
    const std::string prefix = fmt::format("s3://{}/", kBucket);
    if (location.is_string()) {
        const std::string& text = location.get_ref<const std::string&>();
        if (text.starts_with(prefix)) key = text.substr(prefix.size());
    } else if (location.is_object()) {
        const std::string bucket =
            string_member(location, "S3Bucket", string_member(location, "Bucket"));
        if (bucket == kBucket)
            key = string_member(location, "S3Key", string_member(location, "Key"));
    }
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? fs::path() : found->second;
}

const TemplateSource& LocalFiles::template_at(const fs::path& path) {
    const auto known = templates_.find(path);
    if (known != templates_.end()) return known->second;
    return templates_.emplace(path, read_template_file(path)).first->second;
}

std::vector<fs::path> LocalFiles::all() const {
    std::vector<fs::path> paths;
    for (const auto& [key, path] : by_key_) paths.push_back(path);
    return paths;
}

}  // namespace skafu::cloudformation
