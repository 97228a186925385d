#include "cloudformation/sam/code_deploy.h"
#include "cloudformation/sam/function_work.h"
#include "core/text.h"

namespace skafu::cloudformation::sam {
namespace {

/// The name as a part of an id, which takes letters and digits only.
std::string alias_suffix(const std::string& name) {
    std::string suffix;
    for (const char c : name) {
        if (c == '-')
            suffix += 'D';
        else if (c == '_')
            suffix += 'U';
        else
            suffix += c;
    }
    return suffix;
}

/// What ends the id of the version: it changes with the code, so that a version is published.
std::string version_digest(const FunctionWork& work) {
    if (const Json* sha = work.source.find("AutoPublishCodeSha256")) {
        const Json value = work.context.resolve(*sha);
        if (!value.is_string()) throw work.problem("AutoPublishCodeSha256 must be a string");
        return value.get<std::string>().substr(0, 10);
    }
    if (work.source.is_set("AutoPublishAliasAllProperties")) {
        return short_digest(canonical_text(work.lambda));
    }
    Json digested = work.context.resolve(work.lambda["Code"]);
    if (const Json* environment = given(work.lambda, "Environment")) {
        for (const auto& [name, value] : environment->items()) digested[name] = value;
    }
    if (is_truthy(work.lambda, "MemorySize")) digested["MemorySize"] = work.lambda["MemorySize"];
    const Json* snapshot = given(work.lambda, "SnapStart");
    if (snapshot != nullptr && string_member(*snapshot, "ApplyOn", "None") != "None") {
        digested["SnapStart"] = *snapshot;
    }
    return short_digest(canonical_text(digested));
}

std::string version_policy(const FunctionWork& work) {
    const Json* policy = work.source.find("VersionDeletionPolicy");
    if (policy != nullptr) {
        const Json value = work.context.resolve(*policy);
        if (value == "Delete" || value == "Retain") return value.get<std::string>();
        throw work.problem(
            "Property 'VersionDeletionPolicy' should be a one of the strings: 'Delete' or "
            "'Retain'.");
    }
    // Versions on managed instances cost while they exist.
    return work.source.find("CapacityProviderConfig") != nullptr ? "Delete" : "Retain";
}

std::string add_version(FunctionWork& work) {
    const Source& source = work.source;
    const std::string id = source.id + "Version" + version_digest(work);
    Json version = {{"FunctionName", ref_to(source.id)}};
    if (const Json* text = source.find("VersionDescription")) version["Description"] = *text;
    copy_members(source.properties, version, {"FunctionScalingConfig"});
    Json attributes = source.attributes();
    if (!attributes.contains("DeletionPolicy") || source.find("VersionDeletionPolicy") != nullptr) {
        attributes["DeletionPolicy"] = version_policy(work);
    }
    work.context.add(source.id, id,
                     make_resource("AWS::Lambda::Version", std::move(version), attributes));
    work.context.note_reference(source.id, "Version", id);
    return id;
}

/// Lambda publishes no version of a function that did not change: the digest is a change.
void add_digest_to_description(FunctionWork& work) {
    const Json* sha = work.source.find("AutoPublishCodeSha256");
    if (!is_truthy(sha)) return;
    const Json digest = work.context.resolve(*sha);
    Json& text = work.lambda["Description"];
    if (!is_truthy(&text))
        text = digest;
    else if (text.is_string())
        text = text.get<std::string>() + " " + digest.get<std::string>();
    else
        text = Json{{"Fn::Join", Json::array({" ", Json::array({text, digest})})}};
}

}  // namespace

void add_alias(FunctionWork& work) {
    const Source& source = work.source;
    const Json* setting = source.find("AutoPublishAlias");
    const Json name = setting == nullptr ? Json("") : work.context.resolve(*setting);
    if (!name.is_string()) {
        throw work.problem("'AutoPublishAlias' must be a string or a Ref to a template parameter");
    }
    if (setting == nullptr) return;
    const std::string version = add_version(work);
    if (is_empty_text(name)) throw work.problem("Alias name is required to create an alias");
    add_digest_to_description(work);
    work.alias_name = name.get<std::string>();
    work.alias_id = source.id + "Alias" + alias_suffix(work.alias_name);
    Json alias = {{"FunctionName", ref_to(source.id)},
                  {"FunctionVersion", get_att(version, "Version")},
                  {"Name", name}};
    copy_members(source.properties, alias, {"ProvisionedConcurrencyConfig"});
    Json attributes = source.attributes();
    work.context.add(source.id, work.alias_id,
                     make_resource("AWS::Lambda::Alias", std::move(alias), attributes));
    work.context.note_reference(source.id, "Alias", work.alias_id);
    work.target = ref_to(work.alias_id);
}

}  // namespace skafu::cloudformation::sam
