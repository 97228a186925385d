#include "ssm/parameters.h"

#include <charconv>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/base64.h"
#include "core/digest.h"

namespace skafu::ssm {
namespace {

constexpr std::size_t kMostVersions = 100;
constexpr std::size_t kStandardSize = 4096;
constexpr std::size_t kAdvancedSize = 8192;

AwsError not_found() {
    return {"ParameterNotFound", ""};
}

AwsError validation(std::string message) {
    return AwsError::validation(std::move(message));
}

void check_name(const std::string& name) {
    const bool valid = !name.empty() && name.find_first_not_of(
                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
                                            "yz0123456789_.-/") == std::string::npos;
    if (!valid) {
        throw validation(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a "
            "path, it can consist of sub-paths divided by slash symbol; each sub-path can be "
            "formed as a mix of letters, numbers and the following 3 symbols .-_");
    }
    if (name.find('/') != std::string::npos && name.front() != '/') {
        throw validation("Parameter name must be a fully qualified name.");
    }
    const std::string_view first = std::string_view(name).substr(name.front() == '/' ? 1 : 0);
    if (first.starts_with("aws") || first.starts_with("ssm")) {
        throw AwsError("AccessDeniedException",
                       fmt::format("No access to reserved parameter name: {}.", name));
    }
}

void check_value(const Json& input, const Json& version) {
    const std::string value = string_member(version, "Value");
    const std::size_t most =
        string_member(version, "Tier") == "Advanced" ? kAdvancedSize : kStandardSize;
    if (value.size() > most && string_member(version, "Tier") != "Intelligent-Tiering") {
        throw validation(
            "Standard tier parameters support a maximum parameter value of 4096 characters. To "
            "create a larger parameter value, upgrade the parameter to use the advanced-parameter "
            "tier. For more information, see "
            "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
            "parameter-store-advanced-parameters.html");
    }
    const std::string pattern = string_member(input, "AllowedPattern");
    if (pattern.empty()) return;
    if (!matches_whole(pattern, value)) {
        throw AwsError(
            "ParameterPatternMismatchException",
            fmt::format("Parameter value, cannot be validated against allowedPattern: {}",
                        pattern));
    }
}

bool has_label(const Json& version, std::string_view label) {
    for (const Json& one : version.value("Labels", Json::array())) {
        if (one == label) return true;
    }
    return false;
}

/// Without WithDecryption the value of a SecureString is its ciphertext: long, and of no use to
/// whoever forgot to ask ("GetParameter: WithDecryption").
void encrypt_unless_asked(const Json& input, Json& parameter) {
    if (parameter.at("Type") != "SecureString" || input.value("WithDecryption", false)) return;
    const std::string value = string_member(parameter, "Value");
    std::string sealed;
    for (int i = 0; i < 4; ++i) sealed += digest::sha256(fmt::format("{}\n{}", i, value));
    parameter["Value"] = "AQICAHh" + base64_encode(sealed);
}

const Json& latest(const Json& parameter) {
    return parameter.at("versions").back();
}

}  // namespace

const Json& Parameters::require(const Caller& caller, const std::string& name) const {
    const Json* found = parameters_.find(caller.scope(), name);
    if (found == nullptr) throw not_found();
    return *found;
}

Json Parameters::answer(const Caller& caller, const std::string& name, const Json& version) const {
    const std::string resource = "parameter" + std::string(name.starts_with('/') ? "" : "/") + name;
    return {{"Name", name},
            {"Type", version.at("Type")},
            {"Value", version.at("Value")},
            {"Version", version.at("Version")},
            {"LastModifiedDate", version.at("Date")},
            {"ARN", make_arn("ssm", caller.region, caller.account, resource)},
            {"DataType", version.at("DataType")}};
}

Json Parameters::find(const Caller& caller, const std::string& reference) const {
    std::string name = reference;
    std::string selector;
    if (const auto arn = Arn::parse(reference); arn && arn->service == "ssm") {
        name = arn->resource.substr(std::min<std::size_t>(9, arn->resource.size()));
        if (parameters_.find(caller.scope(), name) == nullptr && name.starts_with('/')) {
            name.erase(0, 1);
        }
    } else if (const std::size_t colon = name.find(':'); colon != std::string::npos) {
        selector = name.substr(colon + 1);
        name.resize(colon);
    }
    const Json& parameter = require(caller, name);
    if (selector.empty()) return answer(caller, name, latest(parameter));
    for (const Json& version : parameter.at("versions")) {
        if (to_text(version.at("Version")) != selector && !has_label(version, selector)) continue;
        Json out = answer(caller, name, version);
        out["Selector"] = ":" + selector;
        return out;
    }
    throw AwsError(
        "ParameterVersionNotFound",
        fmt::format("Systems Manager could not find version {} of {}. Verify the version "
                    "and try again.",
                    selector, name));
}

Json Parameters::put(Context& context, const Json& input) {
    const std::string name = string_member(input, "Name");
    check_name(name);
    const Scope scope = context.caller.scope();
    const Json* existing = parameters_.find(scope, name);
    if (existing != nullptr && !input.value("Overwrite", false)) {
        throw AwsError("ParameterAlreadyExists",
                       "The parameter already exists. To overwrite this value, set the overwrite "
                       "option in the request to true.");
    }
    Json parameter = existing != nullptr ? *existing
                                         : Json{{"versions", Json::array()},
                                                {"tags", input.value("Tags", Json::array())}};
    const Json before = existing != nullptr ? latest(*existing) : Json::object();
    std::string type = string_member(input, "Type", string_member(before, "Type"));
    if (type.empty()) throw validation("A parameter type is required when you create a parameter.");
    Json version = {{"Value", string_member(input, "Value")},
                    {"Type", std::move(type)},
                    {"Version", before.value("Version", 0) + 1},
                    {"Date", epoch_seconds(context.cloud.clock().now())},
                    {"DataType", string_member(input, "DataType", "text")},
                    {"Tier", string_member(input, "Tier", "Standard")}};
    for (const std::string_view member : {"Description", "AllowedPattern", "KeyId"}) {
        if (const Json* given = find_member(input, member)) version[member] = *given;
    }
    if (version["Type"] == "SecureString" && !version.contains("KeyId")) {
        version["KeyId"] = "alias/aws/ssm";
    }
    check_value(input, version);
    Json out = {{"Version", version.at("Version")}, {"Tier", version.at("Tier")}};
    Json& versions = parameter["versions"];
    versions.push_back(std::move(version));
    if (versions.size() > kMostVersions) versions.erase(versions.begin());
    parameters_.put(scope, name, std::move(parameter));
    return out;
}

Json Parameters::get(Context& context, const Json& input) {
    Json parameter = find(context.caller, string_member(input, "Name"));
    encrypt_unless_asked(input, parameter);
    return {{"Parameter", std::move(parameter)}};
}

Json Parameters::get_many(Context& context, const Json& input) {
    Json found = Json::array();
    Json invalid = Json::array();
    for (const Json& name : input.at("Names")) {
        try {
            found.push_back(find(context.caller, name.get<std::string>()));
            encrypt_unless_asked(input, found.back());
        } catch (const AwsError&) {
            invalid.push_back(name);
        }
    }
    return {{"Parameters", std::move(found)}, {"InvalidParameters", std::move(invalid)}};
}

Json Parameters::get_by_path(Context& context, const Json& input) {
    std::string path = string_member(input, "Path");
    if (path.empty() || path.front() != '/') {
        throw validation(
            "The parameter doesn't meet the parameter name requirements. The parameter "
            "name must begin with a forward slash \"/\".");
    }
    if (path.back() != '/') path += '/';
    const bool recursive = input.value("Recursive", false);
    const auto most = static_cast<std::size_t>(
        std::clamp<std::int64_t>(input.value("MaxResults", std::int64_t{10}), 1, 10));
    const std::string token = string_member(input, "NextToken");
    Json found = Json::array();
    Json out = Json::object();
    parameters_.for_each(
        context.caller.scope(),
        [&](const std::string& name, const Json& parameter) {
            if (!name.starts_with(path)) return false;
            if (!recursive && name.find('/', path.size()) != std::string::npos) return true;
            if (found.size() == most) {
                out["NextToken"] = name;
                return false;
            }
            found.push_back(answer(context.caller, name, latest(parameter)));
            encrypt_unless_asked(input, found.back());
            return true;
        },
        token.empty() ? path : token);
    out["Parameters"] = std::move(found);
    return out;
}

Json Parameters::describe(Context& context, const Json& input) {
    const Json filters = input.value("ParameterFilters", Json::array());
    const auto passes = [&](const std::string& name, const Json& version) {
        for (const Json& filter : filters) {
            const std::string key = string_member(filter, "Key");
            const std::string option = string_member(filter, "Option", "Equals");
            bool any = false;
            for (const Json& given : filter.value("Values", Json::array())) {
                const std::string value = given.get<std::string>();
                const std::string subject = key == "Type" ? string_member(version, "Type") : name;
                any = any || subject == value ||
                      (option == "BeginsWith" && subject.starts_with(value)) ||
                      (option == "Contains" && subject.find(value) != std::string::npos) ||
                      (key == "Path" && subject.starts_with(value + "/"));
            }
            if (!any) return false;
        }
        return true;
    };
    Json all = Json::array();
    parameters_.for_each(context.caller.scope(), [&](const std::string& name,
                                                     const Json& parameter) {
        const Json& version = latest(parameter);
        if (!passes(name, version)) return true;
        Json entry = answer(context.caller, name, version);
        entry.erase("Value");
        for (const std::string_view member : {"Description", "AllowedPattern", "KeyId", "Tier"}) {
            if (const Json* value = find_member(version, member)) entry[member] = *value;
        }
        all.push_back(std::move(entry));
        return true;
    });
    return {{"Parameters", std::move(all)}};
}

Json Parameters::history(Context& context, const Json& input) {
    const std::string name = string_member(input, "Name");
    const Json& parameter = require(context.caller, name);
    Json all = Json::array();
    for (const Json& version : parameter.at("versions")) {
        Json entry = answer(context.caller, name, version);
        entry.erase("ARN");
        encrypt_unless_asked(input, entry);
        entry["Labels"] = version.value("Labels", Json::array());
        entry["Tier"] = version.at("Tier");
        if (const Json* text = find_member(version, "Description")) entry["Description"] = *text;
        all.push_back(std::move(entry));
    }
    return {{"Parameters", std::move(all)}};
}

Json Parameters::label(Context& context, const Json& input) {
    const std::string name = string_member(input, "Name");
    Json parameter = require(context.caller, name);
    const Json& newest = latest(parameter);
    const auto wanted = input.value("ParameterVersion", newest.at("Version").get<std::int64_t>());
    for (Json& version : parameter["versions"]) {
        Json kept = Json::array();
        for (const Json& old : version.value("Labels", Json::array())) {
            const Json& given = input.at("Labels");
            if (std::find(given.begin(), given.end(), old) == given.end()) kept.push_back(old);
        }
        if (version.at("Version") == wanted) {
            for (const Json& label : input.at("Labels")) kept.push_back(label);
        }
        version["Labels"] = std::move(kept);
    }
    parameters_.put(context.caller.scope(), name, std::move(parameter));
    return {{"InvalidLabels", Json::array()}, {"ParameterVersion", wanted}};
}

Json Parameters::remove(Context& context, const Json& input) {
    if (!parameters_.erase(context.caller.scope(), string_member(input, "Name"))) throw not_found();
    return Json::object();
}

Json Parameters::remove_many(Context& context, const Json& input) {
    Json deleted = Json::array();
    Json invalid = Json::array();
    for (const Json& name : input.at("Names")) {
        const bool done = parameters_.erase(context.caller.scope(), name.get<std::string>());
        (done ? deleted : invalid).push_back(name);
    }
    return {{"DeletedParameters", std::move(deleted)}, {"InvalidParameters", std::move(invalid)}};
}

/// AddTagsToResource, RemoveTagsFromResource, ListTagsForResource.
Json Parameters::tags(Context& context, const Json& input) {
    const std::string name = string_member(input, "ResourceId");
    const Json* found = parameters_.find(context.caller.scope(), name);
    if (found == nullptr) throw AwsError("InvalidResourceId", "");
    if (context.operation == "ListTagsForResource") return {{"TagList", found->at("tags")}};
    Json parameter = *found;
    const Json keys = input.value("TagKeys", Json::array());
    const Json given = input.value("Tags", Json::array());
    Json kept = Json::array();
    for (const Json& tag : parameter["tags"]) {
        const bool removed = std::find(keys.begin(), keys.end(), tag.at("Key")) != keys.end();
        const bool replaced = std::any_of(given.begin(), given.end(), [&](const Json& other) {
            return other.at("Key") == tag.at("Key");
        });
        if (!removed && !replaced) kept.push_back(tag);
    }
    for (const Json& tag : given) kept.push_back(tag);
    parameter["tags"] = std::move(kept);
    parameters_.put(context.caller.scope(), name, std::move(parameter));
    return Json::object();
}

}  // namespace skafu::ssm
