#include "core/aws_error.h"
#include "core/http.h"
#include "core/managed_policies.h"
#include "iam/operations.h"

namespace skafu::iam {
namespace {

/// A policy's document: {described, next: number of the next version, versions: {id: version}}.
const Json& require_policy(Store& store, Context& context, const Json& input) {
    const std::string arn = string_member(input, "PolicyArn");
    const Json* found = store.policies.find(iam_scope(context.caller), arn);
    if (found == nullptr) {
        throw no_such_entity(fmt::format("Policy {} was not found.", arn));
    }
    return *found;
}

void keep(Store& store, Context& context, const Json& input, Json policy) {
    store.policies.put(iam_scope(context.caller), string_member(input, "PolicyArn"),
                       std::move(policy));
}

std::string document_text(const Json& input) {
    return policy_document(input, "PolicyDocument", "Syntax errors in policy.");
}

Json create_policy(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "PolicyName");
    const std::string path = string_member(input, "Path", "/");
    const std::string arn = iam_arn(context.caller, "policy", path, name);
    if (store.policies.find(iam_scope(context.caller), arn) != nullptr) {
        throw already_exists(
            fmt::format("A policy called {} already exists. Duplicate names are "
                        "not allowed.",
                        name));
    }
    const std::string now = now_text(store.cloud);
    Json described = {{"PolicyName", name},
                      {"PolicyId", new_id(store.cloud, "ANPA")},
                      {"Arn", arn},
                      {"Path", path},
                      {"DefaultVersionId", "v1"},
                      {"AttachmentCount", 0},
                      {"PermissionsBoundaryUsageCount", 0},
                      {"IsAttachable", true},
                      {"CreateDate", now},
                      {"UpdateDate", now}};
    Json answer = described;
    if (const Json* description = find_member(input, "Description")) {
        described["Description"] = *description;
    }
    if (Json tags = tags_of(input); !tags.empty()) {
        answer["Tags"] = tags;
        described["Tags"] = std::move(tags);
    }
    Json version = {{"Document", percent_encode(document_text(input))}, {"CreateDate", now}};
    store.policies.put(iam_scope(context.caller), arn,
                       {{"described", std::move(described)},
                        {"next", 2},
                        {"versions", {{"v1", std::move(version)}}}});
    return {{"Policy", std::move(answer)}};
}

/// How many roles and users the policy is attached to.
int attachments(Store& store, const Scope& scope, const std::string& arn) {
    int count = 0;
    for (const Collection* all : {&store.roles, &store.users}) {
        all->for_each(scope, [&](const auto&, const Json& document) {
            for (const Json& attached : document["attached"]) count += attached == arn ? 1 : 0;
            return true;
        });
    }
    return count;
}

Json described(Store& store, Context& context, const Json& policy) {
    Json out = policy["described"];
    out["AttachmentCount"] =
        attachments(store, iam_scope(context.caller), string_member(out, "Arn"));
    return out;
}

Json get_policy(Store& store, Context& context, const Json& input) {
    const std::string arn = string_member(input, "PolicyArn");
    if (arn.starts_with(kAwsPolicyPrefix) &&
        is_aws_managed_policy(arn.substr(kAwsPolicyPrefix.size()))) {
        const std::size_t name_at = arn.rfind('/') + 1;
        return {{"Policy",
                 {{"PolicyName", arn.substr(name_at)},
                  {"Arn", arn},
                  {"Path", arn.substr(arn.find('/'), name_at - arn.find('/'))},
                  {"DefaultVersionId", "v1"},
                  {"IsAttachable", true}}}};
    }
    return {{"Policy", described(store, context, require_policy(store, context, input))}};
}

Json list_policies(Store& store, Context& context, const Json&) {
    Json out = Json::array();
    store.policies.for_each(iam_scope(context.caller), [&](const auto&, const Json& policy) {
        out.push_back(described(store, context, policy));
        return true;
    });
    return {{"Policies", std::move(out)}, {"IsTruncated", false}};
}

Json delete_policy(Store& store, Context& context, const Json& input) {
    require_policy(store, context, input);
    const std::string arn = string_member(input, "PolicyArn");
    if (attachments(store, iam_scope(context.caller), arn) > 0) {
        throw AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
    }
    store.policies.erase(iam_scope(context.caller), arn);
    return Json::object();
}

Json version_answer(const Json& policy, const std::string& id) {
    const Json* version = find_member(policy["versions"], id);
    if (version == nullptr) {
        throw no_such_entity(
            fmt::format("Policy {} version {} does not exist or is not attachable.",
                        string_member(policy["described"], "Arn"), id));
    }
    return {{"Document", version->at("Document")},
            {"VersionId", id},
            {"IsDefaultVersion", string_member(policy["described"], "DefaultVersionId") == id},
            {"CreateDate", version->at("CreateDate")}};
}

Json get_version(Store& store, Context& context, const Json& input) {
    const Json& policy = require_policy(store, context, input);
    return {{"PolicyVersion", version_answer(policy, string_member(input, "VersionId"))}};
}

Json list_versions(Store& store, Context& context, const Json& input) {
    const Json& policy = require_policy(store, context, input);
    Json out = Json::array();
    for (const auto& [id, version] : policy["versions"].items()) {
        Json entry = version_answer(policy, id);
        entry.erase("Document");
        out.insert(out.begin(), std::move(entry));
    }
    return {{"Versions", std::move(out)}, {"IsTruncated", false}};
}

Json create_version(Store& store, Context& context, const Json& input) {
    Json policy = require_policy(store, context, input);
    if (policy["versions"].size() >= 5) {
        throw AwsError("LimitExceeded",
                       "A managed policy can have up to 5 versions. Before you create a new "
                       "version, you must delete an existing version.",
                       409);
    }
    const std::string id = fmt::format("v{}", policy["next"].get<int>());
    policy["next"] = policy["next"].get<int>() + 1;
    policy["versions"][id] = {{"Document", percent_encode(document_text(input))},
                              {"CreateDate", now_text(store.cloud)}};
    policy["described"]["UpdateDate"] = now_text(store.cloud);
    if (input.value("SetAsDefault", false)) policy["described"]["DefaultVersionId"] = id;
    Json answer = version_answer(policy, id);
    answer.erase("Document");
    keep(store, context, input, std::move(policy));
    return {{"PolicyVersion", std::move(answer)}};
}

Json set_default_version(Store& store, Context& context, const Json& input) {
    Json policy = require_policy(store, context, input);
    const std::string id = string_member(input, "VersionId");
    version_answer(policy, id);
    policy["described"]["DefaultVersionId"] = id;
    keep(store, context, input, std::move(policy));
    return Json::object();
}

Json delete_version(Store& store, Context& context, const Json& input) {
    Json policy = require_policy(store, context, input);
    const std::string id = string_member(input, "VersionId");
    if (version_answer(policy, id)["IsDefaultVersion"].get<bool>()) {
        throw AwsError("DeleteConflict", "Cannot delete the default version of a policy.", 409);
    }
    policy["versions"].erase(id);
    keep(store, context, input, std::move(policy));
    return Json::object();
}

}  // namespace

void add_policy_operations(Service& service, Store& store) {
    using namespace shape;
    const auto add = [&](std::string name, std::vector<Shape::Member> members,
                         StoreHandler handler) {
        add_row(service, store, std::move(name), std::move(members), handler);
    };
    const Shape tags =
        list(structure({required("Key", string(1, 128)), required("Value", string())}));
    const Shape::Member arn = required("PolicyArn", string(20, 2048));
    const Shape::Member version = required("VersionId", string());
    const Shape::Member document = required("PolicyDocument", string(1, 131072));
    add("CreatePolicy",
        {name_member("PolicyName"), document, optional("Path", string()),
         optional("Description", string()), optional("Tags", tags)},
        create_policy);
    add("GetPolicy", {arn}, get_policy);
    add("ListPolicies", {optional("Scope", string()), optional("OnlyAttached", boolean())},
        list_policies);
    add("DeletePolicy", {arn}, delete_policy);
    add("GetPolicyVersion", {arn, version}, get_version);
    add("ListPolicyVersions", {arn}, list_versions);
    add("CreatePolicyVersion", {arn, document, optional("SetAsDefault", boolean())},
        create_version);
    add("SetDefaultPolicyVersion", {arn, version}, set_default_version);
    add("DeletePolicyVersion", {arn, version}, delete_version);
}

}  // namespace skafu::iam
