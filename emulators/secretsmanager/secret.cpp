#include "secretsmanager/secret.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "secretsmanager/rotation.h"

namespace skafu::secretsmanager {
namespace {

constexpr int kMostVersions = 100;
constexpr std::size_t kMostValueBytes = 65'536;

void demote_current(Json& secret) {
    strip_stage(secret, kPrevious);
    for (auto& [id, version] : secret["versions"].items()) {
        if (has_stage(version, kCurrent)) version["stages"].push_back(kPrevious);
    }
}

bool has_no_value(const Json& version) {
    return !version.contains("text") && !version.contains("binary");
}

void drop_deprecated(Json& secret) {
    Json kept = Json::object();
    for (const auto& [id, version] : secret["versions"].items()) {
        if (!version["stages"].empty()) kept[id] = version;
    }
    secret["versions"] = std::move(kept);
}

}  // namespace

AwsError no_such_value(std::string_view what, std::string_view name) {
    return AwsError::not_found(fmt::format(
        "Secrets Manager can't find the specified secret value for {}: {}", what, name));
}

void check_name(std::string_view name) {
    const bool valid = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-/_+=.@!").find(c) != std::string_view::npos;
    });
    if (!valid && !name.starts_with("arn:")) {
        throw AwsError::validation(
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
            "following: -/_+=.@!");
    }
}

bool has_value(const Json& input) {
    const Json* text = find_member(input, "SecretString");
    return (text != nullptr && !is_empty_text(*text)) ||
           !string_member(input, "SecretBinary").empty();
}

Json new_version(const Json& input, double now) {
    Json version = {{"created", now}, {"stages", Json::array()}};
    const Json* text = find_member(input, "SecretString");
    const Json* binary = find_member(input, "SecretBinary");
    if (text != nullptr && binary != nullptr) {
        throw AwsError("InvalidParameterException",
                       "You can't specify both a binary secret value and a string secret value "
                       "in the same secret.");
    }
    if (text != nullptr) version["text"] = text->is_string() ? *text : Json(to_text(*text));
    if (string_member(version, "text").size() > kMostValueBytes) {
        throw AwsError::validation(
            fmt::format("1 validation error detected: Value at 'secretString' failed to satisfy "
                        "constraint: Member must have length less than or equal to {}",
                        kMostValueBytes));
    }
    if (binary != nullptr) version["binary"] = *binary;
    return version;
}

bool holds_same(const Json& version, const Json& other) {
    return string_member(version, "text") == string_member(other, "text") &&
           string_member(version, "binary") == string_member(other, "binary");
}

std::string find_version(const Json& secret, const Json& input) {
    const std::string id = string_member(input, "VersionId");
    const std::string stage = string_member(input, "VersionStage");
    const std::string wanted = stage.empty() && id.empty() ? std::string(kCurrent) : stage;
    for (const auto& [candidate, version] : secret["versions"].items()) {
        if (has_no_value(version)) continue;
        const bool is_at_stage = wanted.empty() || has_stage(version, wanted);
        if (is_at_stage && (id.empty() || candidate == id)) return candidate;
    }
    if (id.empty()) throw no_such_value("staging label", wanted);
    const Json* known = find_member(secret["versions"], id);
    if (!stage.empty() && known != nullptr && !has_no_value(*known)) {
        throw AwsError("InvalidRequestException",
                       "You provided a VersionStage that is not associated to the provided "
                       "VersionId.");
    }
    throw no_such_value("VersionId", id);
}

bool has_stage(const Json& version, std::string_view stage) {
    const Json& stages = version.at("stages");
    return std::find(stages.begin(), stages.end(), Json(stage)) != stages.end();
}

void strip_stage(Json& secret, std::string_view stage) {
    for (auto& [id, version] : secret["versions"].items()) {
        Json& stages = version["stages"];
        const auto at = std::find(stages.begin(), stages.end(), Json(stage));
        if (at != stages.end()) stages.erase(at);
    }
}

void add_version(Json& secret, const std::string& id, Json version,
                 const std::vector<std::string>& stages) {
    const Json* known = find_member(secret["versions"], id);
    // A version that a rotation has begun waits for its value.
    if (known != nullptr && !has_no_value(*known)) {
        if (holds_same(*known, version)) return;
        throw AwsError("ResourceExistsException",
                       fmt::format("You can't use ClientRequestToken {} because that value is "
                                   "already in use for a version of secret {}.",
                                   id, string_member(secret, "ARN")));
    }
    for (const std::string& stage : stages) {
        if (stage == kCurrent) demote_current(secret);
        strip_stage(secret, stage);
        version["stages"].push_back(stage);
    }
    if (secret["versions"].size() >= kMostVersions) drop_deprecated(secret);
    secret["versions"][id] = std::move(version);
}

Json described(const Json& secret) {
    Json out = {{"ARN", secret["ARN"]}, {"Name", secret["Name"]}};
    for (const std::string_view member : {"Description", "KmsKeyId", "Tags"}) {
        if (const Json* value = find_member(secret, member)) out[member] = *value;
    }
    out["CreatedDate"] = secret["created"];
    out["LastChangedDate"] = secret["changed"];
    if (const Json* day = find_member(secret, "accessed")) out["LastAccessedDate"] = *day;
    if (const Json* deleted = find_member(secret, "deleted")) out["DeletedDate"] = *deleted;
    describe_rotation(secret, out);
    Json stages = Json::object();
    for (const auto& [id, version] : secret["versions"].items()) {
        if (!version["stages"].empty()) stages[id] = version["stages"];
    }
    if (!stages.empty()) out["VersionIdsToStages"] = std::move(stages);
    return out;
}

// The token is the number of those before the page.
Json page(std::vector<Json> secrets, const Json& input) {
    const std::string token = string_member(input, "NextToken");
    std::size_t from = 0;
    const auto end = std::from_chars(token.data(), token.data() + token.size(), from);
    if (!token.empty() &&
        (end.ec != std::errc() || end.ptr != token.data() + token.size() || from == 0)) {
        throw AwsError("InvalidNextTokenException", "The NextToken value is invalid.");
    }
    const auto most = static_cast<std::size_t>(input.value("MaxResults", std::int64_t{100}));
    Json out = {{"SecretList", Json::array()}};
    for (std::size_t i = from; i < secrets.size(); ++i) {
        if (i == from + most) {
            out["NextToken"] = std::to_string(i);
            break;
        }
        Json& entry = secrets[i];
        if (const Json* stages = find_member(entry, "VersionIdsToStages")) {
            entry["SecretVersionsToStages"] = Json(*stages);
            entry.erase("VersionIdsToStages");
        }
        out["SecretList"].push_back(std::move(entry));
    }
    return out;
}

}  // namespace skafu::secretsmanager
