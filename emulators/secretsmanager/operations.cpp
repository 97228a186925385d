#include <cmath>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/collection.h"
#include "secretsmanager/random_password.h"
#include "secretsmanager/resources.h"
#include "secretsmanager/rotation.h"
#include "secretsmanager/secret.h"
#include "secretsmanager/secret_filter.h"
#include "secretsmanager/secretsmanager.h"

namespace skafu::secretsmanager {
namespace {

constexpr double kDay = 86'400;

AwsError not_found() {
    return AwsError::not_found("Secrets Manager can't find the specified secret.");
}

AwsError marked_for_deletion() {
    return {"InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion."};
}

/// The secrets of all accounts and regions.
class Secrets {
  public:
    explicit Secrets(Cloud& cloud)
        : cloud_(cloud),
          secrets_(cloud.database(), "secretsmanager", "secret"),
          rotation_(cloud, secrets_) {}

    void reset(const Scope* scope) { secrets_.clear(scope); }

    Json create(Context& context, const Json& input) {
        const std::string name = string_member(input, "Name");
        check_name(name);
        const Scope scope = context.caller.scope();
        const Json* existing = secrets_.find(scope, name);
        if (existing != nullptr && !is_gone(*existing)) {
            if (existing->contains("deleted")) {
                throw AwsError("InvalidRequestException",
                               "You can't create this secret because a secret with this name is "
                               "already scheduled for deletion.");
            }
            const std::string token = string_member(input, "ClientRequestToken");
            const Json* version = find_member(existing->at("versions"), token);
            if (version != nullptr && has_value(input) &&
                holds_same(*version, new_version(input, now()))) {
                return {{"ARN", existing->at("ARN")}, {"Name", name}, {"VersionId", token}};
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
        Json answer = {{"ARN", secret.at("ARN")}, {"Name", name}};
        if (has_value(input)) answer["VersionId"] = add(secret, input, {std::string(kCurrent)});
        secrets_.put(scope, name, std::move(secret));
        return answer;
    }

    Json get_value(Context& context, const Json& input) {
        Json secret = require_living(context, input);
        const std::string id = find_version(secret, input);
        const Json version = secret["versions"][id];
        Json answer = {{"ARN", secret.at("ARN")}, {"Name", secret.at("Name")}, {"VersionId", id}};
        if (const Json* text = find_member(version, "text")) answer["SecretString"] = *text;
        if (const Json* binary = find_member(version, "binary")) answer["SecretBinary"] = *binary;
        answer["VersionStages"] = version["stages"];
        answer["CreatedDate"] = version["created"];
        const double today = std::floor(now() / kDay) * kDay;  // AWS tells no more than the day
        if (!secret.contains("accessed") || secret["accessed"] != today) {
            secret["accessed"] = today;
            store(std::move(secret));
        }
        return answer;
    }

    /// BatchGetSecretValue: secrets that cannot be read are listed beside those that can.
    Json get_values(Context& context, const Json& input) {
        const Json* ids = find_member(input, "SecretIdList");
        const Json* filters = find_member(input, "Filters");
        if ((ids == nullptr) == (filters == nullptr)) {
            throw AwsError("InvalidParameterException",
                           "Either 'SecretIdList' or 'Filters' must be provided, but not both.");
        }
        Json listed = {{"SecretList", Json::array()}};
        if (filters != nullptr) listed = list(context, input);
        std::vector<std::string> wanted;
        for (const Json& id : ids == nullptr ? listed["SecretList"] : *ids) {
            wanted.push_back(id.is_string() ? id.get<std::string>() : string_member(id, "ARN"));
        }
        Json values = Json::array();
        Json errors = Json::array();
        for (const std::string& id : wanted) {
            try {
                values.push_back(get_value(context, {{"SecretId", id}}));
            } catch (const AwsError& error) {
                errors.push_back(
                    {{"SecretId", id}, {"ErrorCode", error.code()}, {"Message", error.message()}});
            }
        }
        Json out = {{"SecretValues", std::move(values)}, {"Errors", std::move(errors)}};
        if (const Json* token = find_member(listed, "NextToken")) out["NextToken"] = *token;
        return out;
    }

    Json put_value(Context& context, const Json& input) {
        Json secret = require_living(context, input);
        if (!has_value(input)) {
            throw AwsError("InvalidRequestException",
                           "You must provide either SecretString or SecretBinary.");
        }
        std::vector<std::string> stages;
        if (const Json* given = find_member(input, "VersionStages")) {
            for (const Json& stage : *given) stages.push_back(stage.get<std::string>());
        } else {
            stages.emplace_back(kCurrent);
        }
        if (secret["versions"].empty() &&
            std::find(stages.begin(), stages.end(), kCurrent) == stages.end()) {
            stages.emplace_back(kCurrent);
        }
        const std::string id = add(secret, input, stages);
        Json answer = {{"ARN", secret.at("ARN")},
                       {"Name", secret.at("Name")},
                       {"VersionId", id},
                       {"VersionStages", secret.at("versions").at(id).at("stages")}};
        keep(std::move(secret));
        return answer;
    }

    Json update(Context& context, const Json& input) {
        Json secret = require_living(context, input);
        for (const std::string_view member : {"Description", "KmsKeyId"}) {
            if (const Json* value = find_member(input, member)) secret[member] = *value;
        }
        Json answer = {{"ARN", secret.at("ARN")}, {"Name", secret.at("Name")}};
        if (has_value(input)) {
            answer["VersionId"] = add(secret, input, {std::string(kCurrent)});
        }
        keep(std::move(secret));
        return answer;
    }

    Json describe(Context& context, const Json& input) {
        return described(require(context, input));
    }

    Json list(Context& context, const Json& input) {
        const Json* filters = find_member(input, "Filters");
        const bool with_deleted = input.value("IncludePlannedDeletion", false);
        std::vector<Json> chosen;
        secrets_.for_each(context.caller.scope(), [&](const std::string&, const Json& secret) {
            const bool hidden = is_gone(secret) || (secret.contains("deleted") && !with_deleted);
            if (!hidden && passes(secret, filters)) chosen.push_back(described(secret));
            return true;
        });
        const std::string order = string_member(input, "SortOrder");
        if (!order.empty()) {
            std::stable_sort(chosen.begin(), chosen.end(), [&](const Json& a, const Json& b) {
                const double first = a["CreatedDate"].get<double>();
                const double second = b["CreatedDate"].get<double>();
                return order == "asc" ? first < second : second < first;
            });
        }
        return page(std::move(chosen), input);
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
        return {{"Versions", std::move(versions)},
                {"ARN", secret.at("ARN")},
                {"Name", secret.at("Name")}};
    }

    Json remove(Context& context, const Json& input) {
        const bool at_once = input.value("ForceDeleteWithoutRecovery", false);
        const Json* window = find_member(input, "RecoveryWindowInDays");
        if (at_once && window != nullptr) {
            throw AwsError("InvalidParameterException",
                           "You can't use ForceDeleteWithoutRecovery in conjunction with "
                           "RecoveryWindowInDays.");
        }
        const auto days = window == nullptr ? 30 : window->get<std::int64_t>();
        if (days < 7 || days > 30) {
            throw AwsError("InvalidParameterException",
                           "The RecoveryWindowInDays value must be between 7 and 30 days "
                           "(inclusive).");
        }
        const double date = now() + (at_once ? 0 : static_cast<double>(days) * kDay);
        const Json* found = find(context, input);
        if (at_once && found == nullptr) return deleted_long_ago(context, input, date);
        Json secret = at_once ? *found : require_living(context, input);
        Json answer = {
            {"ARN", secret.at("ARN")}, {"Name", secret.at("Name")}, {"DeletionDate", date}};
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
        Json answer = {{"ARN", secret.at("ARN")}, {"Name", secret.at("Name")}};
        keep(std::move(secret));
        return answer;
    }

    Json update_stage(Context& context, const Json& input) {
        Json secret = require_living(context, input);
        const std::string stage = string_member(input, "VersionStage");
        const std::string from = string_member(input, "RemoveFromVersionId");
        const std::string to = string_member(input, "MoveToVersionId");
        if (!to.empty() && !secret["versions"].contains(to)) throw no_such_value("VersionId", to);
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
        Json answer = {{"ARN", secret.at("ARN")}, {"Name", secret.at("Name")}};
        keep(std::move(secret));
        return answer;
    }

    Task<Json> rotate(Context& context, Json input) {
        check_rules(input);
        const Json before = require_living(context, input);
        const std::string function = Rotation::function_for(before, input);
        co_await rotation_.check_function(context.caller, context.activity.id(), function);
        Json secret = require_living(context, input);  // it may have changed meanwhile
        co_return rotation_.begin(context, std::move(secret), input, function);
    }

    Json cancel_rotation(Context& context, const Json& input) {
        return rotation_.cancel(require_living(context, input));
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
        Json answer = {{"ARN", secret.at("ARN")}, {"Name", secret.at("Name")}};
        if (context.operation == "PutResourcePolicy") {
            const std::string text = string_member(input, "ResourcePolicy");
            if (!is_policy(text)) {
                throw AwsError("MalformedPolicyDocumentException",
                               "This resource policy contains a syntax error.");
            }
            secret["policy"] = text;
            keep(std::move(secret));
        } else if (context.operation == "DeleteResourcePolicy") {
            secret.erase("policy");
            keep(std::move(secret));
        } else if (const Json* text = find_member(secret, "policy")) {
            answer["ResourcePolicy"] = *text;
        }
        return answer;
    }

    Json validate_policy(Context& context, const Json& input) {
        if (!string_member(input, "SecretId").empty()) require(context, input);
        const bool valid = is_policy(string_member(input, "ResourcePolicy"));
        Json errors = Json::array();
        if (!valid) {
            errors.push_back({{"CheckName", "SyntaxError"},
                              {"ErrorMessage", "This resource policy contains a syntax error."}});
        }
        return {{"PolicyValidationPassed", valid}, {"ValidationErrors", std::move(errors)}};
    }

  private:
    static bool is_policy(const std::string& text) {
        try {
            return parse_json(text).is_object();
        } catch (const JsonError&) {
            return false;
        }
    }

    /// Its recovery window has passed: all that is left is our record of it.
    bool is_gone(const Json& secret) const {
        const Json* deleted = find_member(secret, "deleted");
        return deleted != nullptr && deleted->get<double>() <= now();
    }

    /// What ForceDeleteWithoutRecovery answers where there is nothing ("DeleteSecret").
    Json deleted_long_ago(Context& context, const Json& input, double date) const {
        const std::string id = string_member(input, "SecretId");
        const Scope scope = context.caller.scope();
        const bool by_arn = id.starts_with("arn:");
        return {
            {"ARN",
             by_arn ? id : make_arn("secretsmanager", scope.region, scope.account, "secret:" + id)},
            {"Name", by_arn ? id.substr(id.rfind(':') + 1) : id},
            {"DeletionDate", date}};
    }

    double now() const { return epoch_seconds(cloud_.clock().now()); }

    static bool is_touched(const std::string& key, const Json& input) {
        if (const Json* keys = find_member(input, "TagKeys")) {
            return std::find(keys->begin(), keys->end(), Json(key)) != keys->end();
        }
        for (const Json& tag : input.at("Tags")) {
            if (string_member(tag, "Key") == key) return true;
        }
        return false;
    }

    /// By name, ARN, or ARN without its random suffix; nullptr where there is none.
    const Json* find(Context& context, const Json& input) const {
        const std::string id = string_member(input, "SecretId");
        check_name(id);
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
        if (found == nullptr || is_gone(*found) ||
            (id.starts_with("arn:") && !string_member(*found, "ARN").starts_with(id))) {
            return nullptr;
        }
        return found;
    }

    const Json& require(Context& context, const Json& input) const {
        const Json* found = find(context, input);
        if (found == nullptr) throw not_found();
        return *found;
    }

    Json require_living(Context& context, const Json& input) const {
        const Json& secret = require(context, input);
        if (secret.contains("deleted")) throw marked_for_deletion();
        return secret;
    }

    std::string add(Json& secret, const Json& input, const std::vector<std::string>& stages) {
        std::string id = string_member(input, "ClientRequestToken");
        if (id.empty()) id = cloud_.entropy().uuid();
        add_version(secret, id, new_version(input, now()), stages);
        return id;
    }

    void keep(Json secret) {
        secret["changed"] = now();
        store(std::move(secret));
    }

    void store(Json secret) {
        const auto arn = Arn::parse(string_member(secret, "ARN"));
        const std::string name = string_member(secret, "Name");
        secrets_.put({arn->account, arn->region}, name, std::move(secret));
    }

    Cloud& cloud_;
    Collection secrets_;
    Rotation rotation_;
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
    const Shape::Member filters = optional("Filters", filters_shape());
    const Shape::Member next = optional("NextToken", string(1, 4096));
    add("ListSecrets",
        {optional("MaxResults", integer(1, 100)), next, filters,
         optional("IncludePlannedDeletion", boolean()),
         optional("SortOrder", enumeration({"asc", "desc"}))},
        &Secrets::list);
    add("BatchGetSecretValue",
        {optional("SecretIdList", list(string(1, 2048), 1, 20)),
         optional("MaxResults", integer(1, 20)), next, filters},
        &Secrets::get_values);
    add("ListSecretVersionIds", {id}, &Secrets::list_versions);
    add("DeleteSecret", {id, optional("RecoveryWindowInDays", integer())}, &Secrets::remove);
    add("RestoreSecret", {id}, &Secrets::restore);
    add("UpdateSecretVersionStage", {id, required("VersionStage", string(1, 256))},
        &Secrets::update_stage);
    add("TagResource", {id, required("Tags", list(any()))}, &Secrets::tag);
    add("UntagResource", {id, required("TagKeys", list(string()))}, &Secrets::tag);
    add("PutResourcePolicy", {id, required("ResourcePolicy", string(1, 20480))}, &Secrets::policy);
    add("ValidateResourcePolicy", {required("ResourcePolicy", string(1, 20480))},
        &Secrets::validate_policy);
    add("GetResourcePolicy", {id}, &Secrets::policy);
    add("DeleteResourcePolicy", {id}, &Secrets::policy);
    add("CancelRotateSecret", {id}, &Secrets::cancel_rotation);
    Operation rotate;
    rotate.name = "RotateSecret";
    rotate.input = structure(
        {id, token, optional("RotationLambdaARN", string(0, 2048)),
         optional("RotateImmediately", boolean()),
         optional("RotationRules", structure({optional("AutomaticallyAfterDays", integer(1, 1000)),
                                              optional("Duration", string(2, 3)),
                                              optional("ScheduleExpression", string(1, 256))}))});
    service.add_async(std::move(rotate), [&secrets](Context& context, Json input) {
        return secrets.rotate(context, std::move(input));
    });
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
        random.input =
            shape::structure({shape::optional("PasswordLength", shape::integer(1, 4096))});
        service.add(std::move(random), [](Context& context, const Json& input) -> Json {
            return {{"RandomPassword", random_password(context.cloud.entropy(), input)}};
        });
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
}

}  // namespace skafu::secretsmanager
