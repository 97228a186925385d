#include "core/arn.h"
#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/collection.h"
#include "secretsmanager/random_password.h"
#include "secretsmanager/resources.h"
#include "secretsmanager/secretsmanager.h"

namespace skafu::secretsmanager {
namespace {

constexpr std::string_view kCurrent = "AWSCURRENT";
constexpr std::string_view kPrevious = "AWSPREVIOUS";
constexpr int kMostVersions = 100;

AwsError not_found() {
    return AwsError::not_found("Secrets Manager can't find the specified secret.");
}

AwsError marked_for_deletion() {
    return {"InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion."};
}

/// A secret's document: {ARN, Name, Description, KmsKeyId, Tags, created, changed, accessed,
/// deleted (seconds, absent while it lives), policy, rotation,
/// versions: {id: {stages: [], text | binary, created}}}.
class Secrets {
  public:
    explicit Secrets(Cloud& cloud)
        : cloud_(cloud), secrets_(cloud.database(), "secretsmanager", "secret") {}

    void reset(const Scope* scope) { secrets_.clear(scope); }

    Json create(Context& context, const Json& input) {
        const std::string name = string_member(input, "Name");
        const Scope scope = context.caller.scope();
        if (const Json* existing = secrets_.find(scope, name)) {
            if (existing->contains("deleted")) {
                throw AwsError("InvalidRequestException",
                               "You can't create this secret because a secret with this name is "
                               "already scheduled for deletion.");
            }
            throw AwsError(
                "ResourceExistsException",
                fmt::format("The operation failed because the secret {} already exists.", name));
        }
        const std::string suffix = cloud_.entropy().pick(
            6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
        Json secret = {{"ARN", make_arn("secretsmanager", scope.region, scope.account,
                                        fmt::format("secret:{}-{}", name, suffix))},
                       {"Name", name},
                       {"created", now()},
                       {"changed", now()},
                       {"versions", Json::object()}};
        for (const std::string_view member : {"Description", "KmsKeyId", "Tags"}) {
            if (const Json* value = find_member(input, member)) secret[member] = *value;
        }
        Json answer = {{"ARN", secret["ARN"]}, {"Name", name}};
        if (has_value(input))
            answer["VersionId"] = add_version(secret, input, {std::string(kCurrent)});
        secrets_.put(scope, name, std::move(secret));
        return answer;
    }

    Json get_value(Context& context, const Json& input) {
        Json secret = require_living(context, input);
        const std::string id = find_version(secret, input);
        const Json version = secret["versions"][id];
        Json answer = {{"ARN", secret["ARN"]}, {"Name", secret["Name"]}, {"VersionId", id}};
        if (const Json* text = find_member(version, "text")) answer["SecretString"] = *text;
        if (const Json* binary = find_member(version, "binary")) answer["SecretBinary"] = *binary;
        answer["VersionStages"] = version["stages"];
        answer["CreatedDate"] = version["created"];
        return answer;
    }

    Json put_value(Context& context, const Json& input) {
        Json secret = require_living(context, input);
        std::vector<std::string> stages;
        if (const Json* given = find_member(input, "VersionStages")) {
            for (const Json& stage : *given) stages.push_back(stage.get<std::string>());
        } else {
            stages.emplace_back(kCurrent);
        }
        const std::string id = add_version(secret, input, stages);
        Json answer = {{"ARN", secret["ARN"]},
                       {"Name", secret["Name"]},
                       {"VersionId", id},
                       {"VersionStages", secret["versions"][id]["stages"]}};
        keep(std::move(secret));
        return answer;
    }

    Json update(Context& context, const Json& input) {
        Json secret = require_living(context, input);
        for (const std::string_view member : {"Description", "KmsKeyId"}) {
            if (const Json* value = find_member(input, member)) secret[member] = *value;
        }
        Json answer = {{"ARN", secret["ARN"]}, {"Name", secret["Name"]}};
        if (has_value(input)) {
            answer["VersionId"] = add_version(secret, input, {std::string(kCurrent)});
        }
        keep(std::move(secret));
        return answer;
    }

    Json describe(Context& context, const Json& input) {
        return described(require(context, input));
    }

    Json list(Context& context, const Json& input) {
        const std::string from = string_member(input, "NextToken");
        const auto most =
            std::clamp<std::int64_t>(input.value("MaxResults", std::int64_t{100}), 1, 100);
        const bool with_deleted = input.value("IncludePlannedDeletion", false);
        Json all = Json::array();
        Json out = Json::object();
        secrets_.for_each(
            context.caller.scope(),
            [&](const std::string& name, const Json& secret) {
                if ((secret.contains("deleted") && !with_deleted) || !passes(secret, input)) {
                    return true;
                }
                if (static_cast<std::int64_t>(all.size()) == most) {
                    out["NextToken"] = name;
                    return false;
                }
                all.push_back(described(secret));
                return true;
            },
            from);
        out["SecretList"] = std::move(all);
        return out;
    }

    Json list_versions(Context& context, const Json& input) {
        const Json& secret = require(context, input);
        const bool with_deprecated = input.value("IncludeDeprecated", false);
        Json versions = Json::array();
        for (const auto& [id, version] : secret["versions"].items()) {
            if (version["stages"].empty() && !with_deprecated) continue;
            versions.push_back({{"VersionId", id},
                                {"VersionStages", version["stages"]},
                                {"CreatedDate", version["created"]}});
        }
        return {
            {"Versions", std::move(versions)}, {"ARN", secret["ARN"]}, {"Name", secret["Name"]}};
    }

    Json remove(Context& context, const Json& input) {
        const bool at_once = input.value("ForceDeleteWithoutRecovery", false);
        const Json* window = find_member(input, "RecoveryWindowInDays");
        if (at_once && window != nullptr) {
            throw AwsError("InvalidParameterException",
                           "You can't use ForceDeleteWithoutRecovery in conjunction with "
                           "RecoveryWindowInDays.");
        }
        Json secret = require_living(context, input);
        const auto days = window == nullptr ? 30 : window->get<std::int64_t>();
        const double date = now() + (at_once ? 0 : static_cast<double>(days) * 86'400);
        Json answer = {{"ARN", secret["ARN"]}, {"Name", secret["Name"]}, {"DeletionDate", date}};
        if (at_once) {
            secrets_.erase(context.caller.scope(), string_member(secret, "Name"));
        } else {
            secret["deleted"] = date;
            keep(std::move(secret));
        }
        return answer;
    }

    Json restore(Context& context, const Json& input) {
        Json secret = require(context, input);
        secret.erase("deleted");
        Json answer = {{"ARN", secret["ARN"]}, {"Name", secret["Name"]}};
        keep(std::move(secret));
        return answer;
    }

    Json update_stage(Context& context, const Json& input) {
        Json secret = require_living(context, input);
        const std::string stage = string_member(input, "VersionStage");
        const std::string from = string_member(input, "RemoveFromVersionId");
        const std::string to = string_member(input, "MoveToVersionId");
        if (!to.empty() && !secret["versions"].contains(to)) throw not_found();
        if (!to.empty() && stage == kCurrent) strip_stage(secret, kPrevious);
        for (auto& [id, version] : secret["versions"].items()) {
            Json& stages = version["stages"];
            const auto at = std::find(stages.begin(), stages.end(), Json(stage));
            if (at == stages.end()) continue;
            if (!to.empty() && id != from && id != to) {
                throw AwsError("InvalidParameterException",
                               fmt::format("The parameter RemoveFromVersionId can't be empty. "
                                           "Staging label {} is currently attached to version {}, "
                                           "so you must explicitly reference that version in "
                                           "RemoveFromVersionId.",
                                           stage, id));
            }
            stages.erase(at);
            if (stage == kCurrent && !to.empty() && id != to) stages.push_back(kPrevious);
        }
        if (!to.empty()) secret["versions"][to]["stages"].push_back(stage);
        Json answer = {{"ARN", secret["ARN"]}, {"Name", secret["Name"]}};
        keep(std::move(secret));
        return answer;
    }

    Json tag(Context& context, const Json& input) {
        Json secret = require_living(context, input);
        Json tags = secret.value("Tags", Json::array());
        const bool adding = context.operation == "TagResource";
        Json kept = Json::array();
        for (const Json& tag : tags) {
            if (!is_touched(string_member(tag, "Key"), input)) kept.push_back(tag);
        }
        if (adding) {
            for (const Json& tag : input.at("Tags")) kept.push_back(tag);
        }
        secret["Tags"] = std::move(kept);
        keep(std::move(secret));
        return Json::object();
    }

    Json policy(Context& context, const Json& input) {
        Json secret = require(context, input);
        Json answer = {{"ARN", secret["ARN"]}, {"Name", secret["Name"]}};
        if (context.operation == "PutResourcePolicy") {
            secret["policy"] = string_member(input, "ResourcePolicy");
            keep(std::move(secret));
        } else if (context.operation == "DeleteResourcePolicy") {
            secret.erase("policy");
            keep(std::move(secret));
        } else if (const Json* text = find_member(secret, "policy")) {
            answer["ResourcePolicy"] = *text;
        }
        return answer;
    }

  private:
    double now() const { return epoch_seconds(cloud_.clock().now()); }

    static bool has_value(const Json& input) {
        return input.contains("SecretString") || input.contains("SecretBinary");
    }

    static bool is_touched(const std::string& key, const Json& input) {
        if (const Json* keys = find_member(input, "TagKeys")) {
            return std::find(keys->begin(), keys->end(), Json(key)) != keys->end();
        }
        for (const Json& tag : input.at("Tags")) {
            if (string_member(tag, "Key") == key) return true;
        }
        return false;
    }

    /// By name, ARN, or ARN without its random suffix.
    const Json& require(Context& context, const Json& input) const {
        const std::string id = string_member(input, "SecretId");
        Scope scope = context.caller.scope();
        std::string name = id;
        if (const auto arn = Arn::parse(id); arn && arn->service == "secretsmanager") {
            scope = {arn->account, arn->region};
            name = arn->resource.substr(std::min<std::size_t>(7, arn->resource.size()));
            if (secrets_.find(scope, name) == nullptr && name.size() > 7) {
                name.resize(name.size() - 7);
            }
        }
        const Json* found = secrets_.find(scope, name);
        if (found == nullptr ||
            (id.starts_with("arn:") && !string_member(*found, "ARN").starts_with(id))) {
            throw not_found();
        }
        return *found;
    }

    Json require_living(Context& context, const Json& input) const {
        const Json& secret = require(context, input);
        if (secret.contains("deleted")) throw marked_for_deletion();
        return secret;
    }

    void keep(Json secret) {
        secret["changed"] = now();
        const auto arn = Arn::parse(string_member(secret, "ARN"));
        const std::string name = string_member(secret, "Name");
        secrets_.put({arn->account, arn->region}, name, std::move(secret));
    }

    std::string find_version(const Json& secret, const Json& input) const {
        const std::string id = string_member(input, "VersionId");
        const std::string stage = string_member(input, "VersionStage");
        const std::string wanted = stage.empty() && id.empty() ? std::string(kCurrent) : stage;
        for (const auto& [candidate, version] : secret["versions"].items()) {
            const Json& stages = version["stages"];
            const bool has_stage = wanted.empty() || std::find(stages.begin(), stages.end(),
                                                               Json(wanted)) != stages.end();
            if (has_stage && (id.empty() || candidate == id)) return candidate;
        }
        throw AwsError::not_found(
            fmt::format("Secrets Manager can't find the specified secret value for {}: {}",
                        id.empty() ? "staging label" : "VersionId", id.empty() ? wanted : id));
    }

    static void strip_stage(Json& secret, std::string_view stage) {
        for (auto& [id, version] : secret["versions"].items()) {
            Json& stages = version["stages"];
            const auto at = std::find(stages.begin(), stages.end(), Json(stage));
            if (at != stages.end()) stages.erase(at);
        }
    }

    std::string add_version(Json& secret, const Json& input,
                            const std::vector<std::string>& stages) {
        std::string id = string_member(input, "ClientRequestToken");
        if (id.empty()) id = cloud_.entropy().uuid();
        Json version = {{"created", now()}, {"stages", Json::array()}};
        if (const Json* text = find_member(input, "SecretString")) {
            version["text"] = text->is_string() ? *text : Json(to_text(*text));
        }
        if (const Json* binary = find_member(input, "SecretBinary")) version["binary"] = *binary;
        if (const Json* same = find_member(secret["versions"], id)) {
            if (string_member(*same, "text") == string_member(version, "text") &&
                string_member(*same, "binary") == string_member(version, "binary")) {
                return id;
            }
            throw AwsError(
                "ResourceExistsException",
                fmt::format("A resource with the ID you requested already exists: {}", id));
        }
        for (const std::string& stage : stages) {
            if (stage == kCurrent) demote_current(secret);
            strip_stage(secret, stage);
            version["stages"].push_back(stage);
        }
        if (secret["versions"].size() >= kMostVersions) drop_deprecated(secret);
        secret["versions"][id] = std::move(version);
        return id;
    }

    static void demote_current(Json& secret) {
        strip_stage(secret, kPrevious);
        for (auto& [id, version] : secret["versions"].items()) {
            Json& stages = version["stages"];
            if (std::find(stages.begin(), stages.end(), Json(kCurrent)) != stages.end()) {
                stages.push_back(kPrevious);
            }
        }
    }

    static void drop_deprecated(Json& secret) {
        Json kept = Json::object();
        for (const auto& [id, version] : secret["versions"].items()) {
            if (!version["stages"].empty()) kept[id] = version;
        }
        secret["versions"] = std::move(kept);
    }

    static Json described(const Json& secret) {
        Json out = {{"ARN", secret["ARN"]}, {"Name", secret["Name"]}};
        for (const std::string_view member : {"Description", "KmsKeyId", "Tags"}) {
            if (const Json* value = find_member(secret, member)) out[member] = *value;
        }
        out["CreatedDate"] = secret["created"];
        out["LastChangedDate"] = secret["changed"];
        if (const Json* deleted = find_member(secret, "deleted")) out["DeletedDate"] = *deleted;
        Json stages = Json::object();
        for (const auto& [id, version] : secret["versions"].items()) {
            if (!version["stages"].empty()) stages[id] = version["stages"];
        }
        if (!stages.empty()) out["VersionIdsToStages"] = std::move(stages);
        return out;
    }

    /// Filters of ListSecrets: each must match by one of its values, which are prefixes.
    static bool passes(const Json& secret, const Json& input) {
        const Json* filters = find_member(input, "Filters");
        if (filters == nullptr || !filters->is_array()) return true;
        for (const Json& filter : *filters) {
            const std::string key = string_member(filter, "Key");
            std::string subject =
                string_member(secret, key == "description" ? "Description" : "Name");
            if (key.starts_with("tag-")) {
                subject.clear();
                for (const Json& tag : secret.value("Tags", Json::array())) {
                    subject += string_member(tag, key == "tag-key" ? "Key" : "Value");
                }
            }
            bool matches = false;
            for (const Json& value : filter.value("Values", Json::array())) {
                matches = matches || subject.starts_with(value.get<std::string>());
            }
            if (!matches) return false;
        }
        return true;
    }

    Cloud& cloud_;
    Collection secrets_;
};

void add_operations(Service& service, Secrets& secrets) {
    using namespace shape;
    using Method = Json (Secrets::*)(Context&, const Json&);
    const auto add = [&](std::string name, std::vector<Shape::Member> members, Method handler) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = structure(std::move(members));
        service.add(std::move(operation), [&secrets, handler](Context& context, const Json& input) {
            return (secrets.*handler)(context, input);
        });
    };
    const Shape::Member id = required("SecretId", string(1, 2048));
    const Shape::Member token = optional("ClientRequestToken", string(32, 64));
    const Shape::Member binary = optional("SecretBinary", sensitive(blob()));
    const Shape::Member description = optional("Description", string(0, 2048));
    add("CreateSecret", {required("Name", string(1, 512)), token, binary, description},
        &Secrets::create);
    add("GetSecretValue",
        {id, optional("VersionId", string(32, 64)), optional("VersionStage", string(1, 256))},
        &Secrets::get_value);
    add("PutSecretValue",
        {id, token, binary, optional("VersionStages", list(string(1, 256), 1, 20))},
        &Secrets::put_value);
    add("UpdateSecret", {id, token, binary, description}, &Secrets::update);
    add("DescribeSecret", {id}, &Secrets::describe);
    add("ListSecrets", {optional("MaxResults", integer(1, 100)), optional("NextToken", string())},
        &Secrets::list);
    add("ListSecretVersionIds", {id}, &Secrets::list_versions);
    add("DeleteSecret", {id, optional("RecoveryWindowInDays", integer(7, 30))}, &Secrets::remove);
    add("RestoreSecret", {id}, &Secrets::restore);
    add("UpdateSecretVersionStage", {id, required("VersionStage", string(1, 256))},
        &Secrets::update_stage);
    add("TagResource", {id, required("Tags", list(any()))}, &Secrets::tag);
    add("UntagResource", {id, required("TagKeys", list(string()))}, &Secrets::tag);
    add("PutResourcePolicy", {id, required("ResourcePolicy", string(1, 20480))}, &Secrets::policy);
    add("GetResourcePolicy", {id}, &Secrets::policy);
    add("DeleteResourcePolicy", {id}, &Secrets::policy);
}

}  // namespace

void register_secretsmanager(Cloud& cloud) {
    Secrets& secrets = cloud.own(std::make_unique<Secrets>(cloud));
    Service service;
    service.name = "secretsmanager";
    service.protocols = {Protocol::json_1_1};
    service.target_prefix = "secretsmanager";
    service.sdk_names = {"secretsmanager"};
    service.reset = [&secrets](const Scope* scope) { secrets.reset(scope); };
    service.describe = [&secrets](Service& service) {
        add_operations(service, secrets);
        Operation random;
        random.name = "GetRandomPassword";
        service.add(std::move(random), [](Context& context, const Json& input) -> Json {
            return {{"RandomPassword", random_password(context.cloud.entropy(), input)}};
        });
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
}

}  // namespace skafu::secretsmanager
