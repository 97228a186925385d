#include "core/arn.h"
#include "core/aws_error.h"
#include "stepfunctions/machines.h"
#include "stepfunctions/pages.h"

namespace skafu::stepfunctions {
namespace {

AwsError no_resource() {
    return AwsError("ResourceNotFound", "Request references a resource that does not exist.");
}

std::string revision_text(const Json& id) {
    return id.is_string() ? id.get<std::string>() : "INITIAL";
}

/// AWS's pattern has a look-ahead: at least one character that is no digit.
bool is_alias_name(const std::string& name) {
    bool has_letter = false;
    for (const char c : name) {
        const bool is_digit = c >= '0' && c <= '9';
        const bool allowed = is_digit || std::isalpha(static_cast<unsigned char>(c)) || c == '_' ||
                             c == '-' || c == '.';
        if (!allowed) return false;
        has_letter = has_letter || !is_digit;
    }
    return has_letter;
}

void check_alias_name(const std::string& name) {
    constexpr std::size_t kLongest = 80;
    const std::string opening = "1 validation error detected: Value '" + name +
                                "' at 'name' failed to satisfy constraint: Member must ";
    if (name.size() > kLongest) {
        throw AwsError::validation(opening + "have length less than or equal to 80");
    }
    if (is_alias_name(name)) return;
    throw AwsError::validation(
        opening + R"(satisfy regular expression pattern: ^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$)");
}

}  // namespace

std::string Machines::publish_into(Json& machine, const std::string& description) {
    const std::string arn = string_member(machine, "stateMachineArn");
    const Json revision_id = machine.value("revisionId", Json());
    // An unchanged revision keeps the version it has.
    if (!machine["versions"].empty()) {
        const Json& last = machine["versions"].back();
        if (last["revisionId"] == revision_id) {
            return fmt::format("{}:{}", arn, last["version"].get<std::int64_t>());
        }
    }
    const auto number = machine["nextVersion"].get<std::int64_t>();
    machine["nextVersion"] = number + 1;
    Json version = {{"version", number},
                    {"definition", machine.at("definition")},
                    {"roleArn", machine.at("roleArn")},
                    {"loggingConfiguration", machine.value("loggingConfiguration", Json())},
                    {"tracingConfiguration", machine.value("tracingConfiguration", Json())},
                    {"revisionId", revision_id},
                    {"creationDate", epoch_seconds(cloud_.clock().now())}};
    if (!description.empty()) version["description"] = description;
    machine["versions"].push_back(std::move(version));
    return fmt::format("{}:{}", arn, number);
}

Json Machines::publish(const std::string& arn, const Json& input) {
    const MachineRef ref = parse_machine_arn(arn);
    if (!ref.qualifier.empty()) throw machine_does_not_exist(arn);
    Json machine = get(ref, arn);
    const Json current = machine.value("revisionId", Json());
    const std::string wanted = string_member(input, "revisionId");
    if (!wanted.empty() && wanted != revision_text(current)) {
        throw AwsError("ConflictException",
                       "Failed to publish the State Machine version for revision " + wanted +
                           ". The current State Machine revision is " + revision_text(current) +
                           ".");
    }
    const std::string version = publish_into(machine, string_member(input, "description"));
    const std::string number = version.substr(version.rfind(':') + 1);
    Json created;
    for (const Json& each : machine["versions"]) {
        if (std::to_string(each["version"].get<std::int64_t>()) == number) {
            created = each["creationDate"];
        }
    }
    machines_.put(ref.scope, ref.name, std::move(machine));
    chosen_.clear();
    return {{"creationDate", created}, {"stateMachineVersionArn", version}};
}

Json Machines::list_versions(const Json& input) const {
    const std::string arn = string_member(input, "stateMachineArn");
    const MachineRef ref = parse_machine_arn(arn);
    const Json& machine = get(ref, arn);
    std::vector<Json> entries;
    const Json& versions = machine["versions"];
    for (auto version = versions.end(); version != versions.begin();) {
        --version;
        entries.push_back(
            {{"stateMachineVersionArn", fmt::format("{}:{}", machine_arn(ref.scope, ref.name),
                                                    (*version)["version"].get<std::int64_t>())},
             {"creationDate", (*version)["creationDate"]}});
    }
    return page_of(std::move(entries), input, "stateMachineVersions", Growth::at_front);
}

void Machines::remove_version(const std::string& arn) {
    const MachineRef ref = parse_machine_arn(arn);
    if (!ref.is_version()) {
        throw AwsError::validation("The ARN must be that of a state machine version: " + arn);
    }
    const Json* existing = machines_.find(ref.scope, ref.name);
    if (existing == nullptr) return;
    std::vector<std::string> users;
    aliases_.for_each(
        ref.scope,
        [&](const std::string& key, const Json& alias) {
            if (!key.starts_with(ref.name + ":")) return false;
            for (const Json& route : alias["routingConfiguration"]) {
                if (string_member(route, "stateMachineVersionArn") == arn) {
                    users.push_back(key.substr(ref.name.size() + 1));
                }
            }
            return true;
        },
        ref.name + ":");
    if (!users.empty()) {
        throw AwsError("ConflictException",
                       fmt::format("Version to be deleted must not be referenced by an alias. "
                                   "Current list of aliases referencing this version: [{}]",
                                   fmt::join(users, ", ")));
    }
    Json machine = *existing;
    Json kept = Json::array();
    for (Json& version : machine["versions"]) {
        if (std::to_string(version["version"].get<std::int64_t>()) != ref.qualifier) {
            kept.push_back(std::move(version));
        }
    }
    machine["versions"] = std::move(kept);
    machines_.put(ref.scope, ref.name, std::move(machine));
    chosen_.clear();
}

void Machines::check_routing(const Json& routes, const MachineRef& machine) const {
    std::int64_t sum = 0;
    std::vector<std::int64_t> weights;
    std::vector<std::string> arns;
    for (const Json& route : routes) {
        weights.push_back(route.value("weight", std::int64_t{0}));
        sum += weights.back();
        arns.push_back(string_member(route, "stateMachineVersionArn"));
    }
    if (sum != 100) {
        throw AwsError::validation(
            fmt::format("Sum of routing configuration weights must equal 100. Received: [{}]",
                        fmt::join(weights, ", ")));
    }
    if (arns.size() == 2 && arns[0] == arns[1]) {
        throw AwsError::validation(
            "Routing configuration must contain distinct state machine "
            "version ARNs. Received: [" +
            arns[0] + ", " + arns[1] + "]");
    }
    for (const std::string& arn : arns) {
        const MachineRef ref = parse_machine_arn(arn);
        if (ref.name != machine.name || ref.scope != machine.scope) {
            throw AwsError::validation(
                "Routing configuration must reference versions of one state machine");
        }
        if (!ref.is_version()) throw no_resource();
        const Json* found = machines_.find(ref.scope, ref.name);
        if (found == nullptr) throw no_resource();
        revision_of(*found, ref, arn);
    }
}

Json Machines::create_alias(const Json& input) {
    const std::string name = string_member(input, "name");
    check_alias_name(name);
    const Json routes = input.value("routingConfiguration", Json::array());
    const MachineRef ref = parse_machine_arn(string_member(routes[0], "stateMachineVersionArn"));
    check_routing(routes, ref);
    const std::string arn = machine_arn(ref.scope, ref.name) + ":" + name;
    const std::string key = ref.name + ":" + name;
    const std::string description = string_member(input, "description");
    if (const Json* existing = aliases_.find(ref.scope, key)) {
        const bool same = (*existing)["routingConfiguration"] == routes &&
                          string_member(*existing, "description") == description;
        if (same) {
            return {{"stateMachineAliasArn", arn}, {"creationDate", (*existing)["creationDate"]}};
        }
        throw AwsError("ConflictException",
                       "Failed to create alias because an alias with the same name and a "
                       "different routing configuration already exists.");
    }
    const double now = epoch_seconds(cloud_.clock().now());
    Json alias = {{"stateMachineAliasArn", arn},
                  {"name", name},
                  {"routingConfiguration", routes},
                  {"creationDate", now},
                  {"updateDate", now}};
    if (!description.empty()) alias["description"] = description;
    aliases_.put(ref.scope, key, std::move(alias));
    return {{"stateMachineAliasArn", arn}, {"creationDate", now}};
}

Json Machines::update_alias(const Json& input) {
    const std::string arn = string_member(input, "stateMachineAliasArn");
    const MachineRef ref = parse_machine_arn(arn);
    const std::string key = ref.name + ":" + ref.qualifier;
    const Json* existing = aliases_.find(ref.scope, key);
    if (existing == nullptr) throw no_resource();
    if (!input.contains("routingConfiguration") && !input.contains("description")) {
        throw AwsError("ValidationException",
                       "Either the description or the routingConfiguration must be specified", 400,
                       {{"reason", "MISSING_REQUIRED_PARAMETER"}});
    }
    Json alias = *existing;
    if (const Json* routes = find_member(input, "routingConfiguration")) {
        check_routing(*routes, ref);
        alias["routingConfiguration"] = *routes;
    }
    if (const Json* description = find_member(input, "description")) {
        alias["description"] = *description;
    }
    const double now = epoch_seconds(cloud_.clock().now());
    alias["updateDate"] = now;
    aliases_.put(ref.scope, key, std::move(alias));
    return {{"updateDate", now}};
}

Json Machines::describe_alias(const std::string& arn) const {
    const MachineRef ref = parse_machine_arn(arn);
    const Json* alias = aliases_.find(ref.scope, ref.name + ":" + ref.qualifier);
    if (alias == nullptr) throw no_resource();
    return *alias;
}

Json Machines::list_aliases(const Json& input) const {
    const std::string arn = string_member(input, "stateMachineArn");
    const MachineRef ref = parse_machine_arn(arn);
    get(ref, arn);
    std::vector<Json> entries;
    aliases_.for_each(
        ref.scope,
        [&](const std::string& key, const Json& alias) {
            if (!key.starts_with(ref.name + ":")) return false;
            if (ref.is_version()) {
                bool used = false;
                for (const Json& route : alias["routingConfiguration"]) {
                    used = used || string_member(route, "stateMachineVersionArn") == arn;
                }
                if (!used) return true;
            }
            entries.push_back({{"stateMachineAliasArn", alias["stateMachineAliasArn"]},
                               {"creationDate", alias["creationDate"]}});
            return true;
        },
        ref.name + ":");
    return page_of(std::move(entries), input, "stateMachineAliases");
}

void Machines::remove_alias(const std::string& arn) {
    const MachineRef ref = parse_machine_arn(arn);
    if (!aliases_.erase(ref.scope, ref.name + ":" + ref.qualifier)) throw no_resource();
}

}  // namespace skafu::stepfunctions
