#include "stepfunctions/machines.h"

#include "core/arn.h"
#include "core/aws_error.h"
#include "stepfunctions/pages.h"
#include "stepfunctions/service.h"

namespace skafu::stepfunctions {
namespace {

MachineType type_of(const Json& machine) {
    return string_member(machine, "type") == "EXPRESS" ? MachineType::express
                                                       : MachineType::standard;
}

/// What of a machine belongs to a revision.
Json revision_part(const Json& machine) {
    return {{"definition", machine["definition"]},
            {"roleArn", machine["roleArn"]},
            {"loggingConfiguration", machine["loggingConfiguration"]},
            {"tracingConfiguration", machine["tracingConfiguration"]},
            {"revisionId", machine.value("revisionId", Json())}};
}

Json default_logging() {
    return {{"level", "OFF"}, {"includeExecutionData", false}};
}

Json filled_logging(const Json* given) {
    Json logging = default_logging();
    if (given == nullptr || !given->is_object()) return logging;
    for (const auto& [key, value] : given->items()) logging[key] = value;
    return logging;
}

void check_role(const std::string& arn) {
    const std::optional<Arn> parsed = Arn::parse(arn);
    if (parsed && parsed->service == "iam" && parsed->resource.starts_with("role/")) return;
    throw AwsError("InvalidArn", "Invalid Role Arn: '" + arn + "'");
}

double now_seconds(Cloud& cloud) {
    return epoch_seconds(cloud.clock().now());
}

bool is_deleting(const Json& machine) {
    return machine.value("isDeleting", false);
}

void refuse_deleting(const Json& machine) {
    if (!is_deleting(machine)) return;
    throw AwsError("StateMachineDeleting",
                   "State Machine Deleting: '" + string_member(machine, "stateMachineArn") + "'");
}

MachineRef parse_removable(const std::string& arn) {
    MachineRef ref = parse_unlabelled_arn(arn);
    if (ref.qualifier.empty()) return ref;
    throw AwsError::validation(
        "The ARN must be that of a state machine, not of a version or an alias: '" + arn + "'");
}

/// Whether creating a machine again asks for the one that is there.
bool is_same(const Json& machine, const Json& input, const std::string& type) {
    return machine["definition"] == input["definition"] && machine["roleArn"] == input["roleArn"] &&
           string_member(machine, "type") == type;
}

}  // namespace

AwsError machine_does_not_exist(const std::string& arn) {
    return AwsError("StateMachineDoesNotExist", "State Machine Does Not Exist: '" + arn + "'");
}

std::string machine_arn(const Scope& scope, std::string_view name) {
    return make_arn("states", scope.region, scope.account, fmt::format("stateMachine:{}", name));
}

void check_name(const std::string& name) {
    constexpr std::string_view kRefused = "<>{}[]?*\"#%\\^|~`$&,;:/";
    unsigned char before = 0;
    for (const char c : name) {
        const auto code = static_cast<unsigned char>(c);
        // U+0080 to U+009F, as UTF-8
        const bool is_high_control = before == 0xc2 && code < 0xa0;
        if (code <= 0x20 || code == 0x7f || is_high_control ||
            kRefused.find(c) != std::string_view::npos) {
            throw AwsError("InvalidName", "Invalid Name: '" + name + "'");
        }
        before = code;
    }
}

void check_arn(const std::string& arn) {
    if (!arn.starts_with("arn:")) {
        throw AwsError("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: " + arn + "'");
    }
}

MachineRef parse_machine_arn(const std::string& arn) {
    check_arn(arn);
    const std::optional<Arn> parsed = Arn::parse(arn);
    constexpr std::string_view kType = "stateMachine:";
    if (!parsed || parsed->service != "states" || !parsed->resource.starts_with(kType)) {
        throw AwsError("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: " +
                                         (parsed ? std::string(parsed->resource_type()) : arn) +
                                         "'");
    }
    MachineRef ref;
    ref.scope = {parsed->account, parsed->region};
    ref.name = parsed->resource.substr(kType.size());
    if (const std::size_t colon = ref.name.find(':'); colon != std::string::npos) {
        ref.qualifier = ref.name.substr(colon + 1);
        ref.name.resize(colon);
    }
    ref.has_label = ref.name.find('/') != std::string::npos;
    // The marks of a distributed Map's label and of a mocked test case are no part of the name.
    ref.name = ref.name.substr(0, ref.name.find_first_of("/#"));
    if (const std::size_t mark = ref.qualifier.find('#'); mark != std::string::npos) {
        ref.qualifier.resize(mark);
    }
    return ref;
}

MachineRef parse_unlabelled_arn(const std::string& arn) {
    MachineRef ref = parse_machine_arn(arn);
    if (!ref.has_label) return ref;
    throw AwsError("ValidationException", "This API does not support labelled ARNs: '" + arn + "'",
                   400, {{"reason", "API_DOES_NOT_SUPPORT_LABELED_ARNS"}});
}

Machines::Machines(Cloud& cloud)
    : cloud_(cloud),
      machines_(cloud.database(), "states", "machine"),
      aliases_(cloud.database(), "states", "alias") {}

void Machines::clear(const Scope* scope) {
    machines_.clear(scope);
    aliases_.clear(scope);
    compiled_.clear();
    chosen_.clear();
}

void Machines::check_definition(const std::string& definition, MachineType type,
                                Tolerance tolerance) {
    Diagnostics diagnostics;
    compile_definition(definition, type, cloud_, tolerance, diagnostics);
    if (!diagnostics.has_errors()) return;
    throw AwsError("InvalidDefinition",
                   "Invalid State Machine Definition: '" + diagnostics.text() + "'");
}

void Machines::check_logging(const Caller& caller, const Json& logging) const {
    const Json* destinations = find_member(logging, "destinations");
    const std::string level = string_member(logging, "level", "OFF");
    const std::size_t count = destinations == nullptr ? 0 : destinations->size();
    if (level == "OFF" && count == 0) return;
    if (count != 1) {
        throw AwsError("InvalidLoggingConfiguration",
                       "Invalid Logging Configuration: Must specify exactly one Log Destination.");
    }
    const Json* group = find_member((*destinations)[0], "cloudWatchLogsLogGroup");
    const std::string arn = group == nullptr ? "" : string_member(*group, "logGroupArn");
    const std::optional<Arn> parsed = Arn::parse(arn);
    const AwsError not_found("InvalidLoggingConfiguration",
                             "Invalid Logging Configuration: Log Destination not found.");
    if (!parsed || parsed->service != "logs") throw not_found;
    const Operation* describe = cloud_.find_operation("logs", "DescribeLogGroups");
    if (describe == nullptr || !describe->handler) return;
    std::string name(parsed->resource.substr(parsed->resource.find(':') + 1));
    if (name.ends_with(":*")) name.resize(name.size() - 2);
    Caller owner = caller;
    owner.region = parsed->region;
    Json input = {{"logGroupNamePrefix", name}};
    Call call{"logs", "DescribeLogGroups", Document(std::move(input)), owner, 0, {}};
    const Json found = cloud_.call_now(std::move(call)).take_value();
    for (const Json& each : found.value("logGroups", Json::array())) {
        if (string_member(each, "logGroupName") == name) return;
    }
    throw not_found;
}

Json Machines::create(const Caller& caller, const Json& input) {
    const std::string name = string_member(input, "name");
    check_name(name);
    const bool publish = input.value("publish", false);
    if (!publish && find_member(input, "versionDescription") != nullptr) {
        throw AwsError::validation("Version description can only be set when publish is true");
    }
    const std::string type = string_member(input, "type", "STANDARD");
    const Scope scope = caller.scope();
    const std::string arn = machine_arn(scope, name);
    const Json logging = filled_logging(find_member(input, "loggingConfiguration"));
    const Tolerance tolerance =
        input.value("skafuTemplate", false) ? Tolerance::template_ : Tolerance::none;
    if (tolerance == Tolerance::none) check_role(string_member(input, "roleArn"));
    check_definition(string_member(input, "definition"),
                     type == "EXPRESS" ? MachineType::express : MachineType::standard, tolerance);
    check_logging(caller, logging);
    const Json* existing = machines_.find(scope, name);
    // A template that is deployed anew does not wait for what still runs of the old machine.
    const bool is_replaced =
        existing != nullptr && is_deleting(*existing) && tolerance == Tolerance::template_;
    if (existing != nullptr && !is_replaced) {
        refuse_deleting(*existing);
        if (!is_same(*existing, input, type)) {
            throw AwsError("StateMachineAlreadyExists",
                           "State Machine Already Exists: '" + arn + "'");
        }
        Json copy = *existing;
        Json result = {{"stateMachineArn", arn}, {"creationDate", copy["creationDate"]}};
        if (publish) {
            result["stateMachineVersionArn"] =
                publish_into(copy, string_member(input, "versionDescription"));
            machines_.put(scope, name, std::move(copy));
        }
        return result;
    }
    Json machine = {{"stateMachineArn", arn},
                    {"name", name},
                    {"type", type},
                    {"definition", input["definition"]},
                    {"roleArn", input["roleArn"]},
                    {"creationDate", now_seconds(cloud_)},
                    {"loggingConfiguration", logging},
                    {"tracingConfiguration", {{"enabled", false}}},
                    {"tolerant", tolerance == Tolerance::template_},
                    {"tags", merged_tags(Json::array(), input.value("tags", Json::array()))},
                    {"versions", Json::array()},
                    {"nextVersion", 1}};
    for (const char* member : {"tracingConfiguration", "encryptionConfiguration"}) {
        if (const Json* value = find_member(input, member)) machine[member] = *value;
    }
    Json result = {{"stateMachineArn", arn}, {"creationDate", machine["creationDate"]}};
    if (publish) {
        result["stateMachineVersionArn"] =
            publish_into(machine, string_member(input, "versionDescription"));
    }
    machines_.put(scope, name, std::move(machine));
    chosen_.clear();
    return result;
}

Json Machines::update(const Caller& caller, const Json& input) {
    const std::string arn = string_member(input, "stateMachineArn");
    const MachineRef ref = parse_unlabelled_arn(arn);
    const Json* existing = machines_.find(ref.scope, ref.name);
    if (existing == nullptr || !ref.qualifier.empty()) throw machine_does_not_exist(arn);
    refuse_deleting(*existing);
    const bool publish = input.value("publish", false);
    if (!publish && find_member(input, "versionDescription") != nullptr) {
        throw AwsError::validation("Version description can only be set when publish is true");
    }
    bool any = publish;
    Json machine = *existing;
    const Json before = revision_part(machine);
    for (const char* member : {"definition", "roleArn", "loggingConfiguration",
                               "tracingConfiguration", "encryptionConfiguration"}) {
        const Json* value = find_member(input, member);
        if (value == nullptr || value->is_null()) continue;
        any = true;
        machine[member] =
            std::string_view(member) == "loggingConfiguration" ? filled_logging(value) : *value;
    }
    if (!any) {
        throw AwsError("MissingRequiredParameter",
                       "Either the definition, the role ARN, the LoggingConfiguration, or the "
                       "TracingConfiguration must be specified");
    }
    if (input.value("skafuTemplate", false)) machine["tolerant"] = true;
    if (!machine.value("tolerant", false)) check_role(string_member(machine, "roleArn"));
    check_definition(string_member(machine, "definition"), type_of(machine),
                     machine.value("tolerant", false) ? Tolerance::template_ : Tolerance::none);
    check_logging(caller, machine["loggingConfiguration"]);
    if (revision_part(machine) != before) machine["revisionId"] = cloud_.entropy().uuid();
    const double now = now_seconds(cloud_);
    Json result = {{"updateDate", now}};
    machine["updateDate"] = now;
    if (publish) {
        result["stateMachineVersionArn"] =
            publish_into(machine, string_member(input, "versionDescription"));
    }
    if (machine.contains("revisionId")) result["revisionId"] = machine["revisionId"];
    machines_.put(ref.scope, ref.name, std::move(machine));
    chosen_.clear();
    return result;
}

void Machines::remove(const std::string& arn) {
    const MachineRef ref = parse_removable(arn);
    machines_.erase(ref.scope, ref.name);
    std::vector<std::string> aliases;
    aliases_.for_each(
        ref.scope,
        [&](const std::string& key, const Json&) {
            if (!key.starts_with(ref.name + ":")) return false;
            aliases.push_back(key);
            return true;
        },
        ref.name + ":");
    for (const std::string& key : aliases) aliases_.erase(ref.scope, key);
    chosen_.clear();
}

void Machines::begin_removal(const std::string& arn) {
    const MachineRef ref = parse_removable(arn);
    const Json* existing = machines_.find(ref.scope, ref.name);
    if (existing == nullptr) return;
    Json machine = *existing;
    machine["isDeleting"] = true;
    machines_.put(ref.scope, ref.name, std::move(machine));
    chosen_.clear();
}

bool Machines::exists(const std::string& arn) const {
    const MachineRef ref = parse_machine_arn(arn);
    const Json* machine = machines_.find(ref.scope, ref.name);
    return machine != nullptr && !is_deleting(*machine);
}

const Json& Machines::get(const MachineRef& ref, const std::string& arn) const {
    const Json* machine = machines_.find(ref.scope, ref.name);
    if (machine == nullptr) throw machine_does_not_exist(arn);
    return *machine;
}

const Json& Machines::revision_of(const Json& machine, const MachineRef& ref,
                                  const std::string& arn) const {
    if (ref.qualifier.empty()) return machine;
    for (const Json& version : machine["versions"]) {
        if (std::to_string(version["version"].get<std::int64_t>()) == ref.qualifier) return version;
    }
    throw machine_does_not_exist(arn);
}

Json Machines::describe(const std::string& arn, IncludedData data) const {
    const MachineRef ref = parse_unlabelled_arn(arn);
    const Json& machine = get(ref, arn);
    if (!ref.qualifier.empty() && !ref.is_version()) throw machine_does_not_exist(arn);
    const Json& revision = revision_of(machine, ref, arn);
    Json result = {{"stateMachineArn", arn},
                   {"name", machine["name"]},
                   {"status", is_deleting(machine) ? "DELETING" : "ACTIVE"},
                   {"definition", revision["definition"]},
                   {"roleArn", revision["roleArn"]},
                   {"type", machine["type"]},
                   {"creationDate", revision["creationDate"]},
                   {"loggingConfiguration", revision["loggingConfiguration"]},
                   {"tracingConfiguration", revision["tracingConfiguration"]}};
    for (const char* member : {"revisionId", "description"}) {
        const Json* value = find_member(revision, member);
        if (value != nullptr && !value->is_null()) result[member] = *value;
    }
    const Json* encryption = find_member(machine, "encryptionConfiguration");
    result["encryptionConfiguration"] =
        encryption == nullptr ? Json{{"type", "AWS_OWNED_KEY"}} : *encryption;
    if (data == IncludedData::metadata_only) {
        result["definition"] = "{}";
        return result;
    }
    Diagnostics unused;
    const auto program = compile_definition(string_member(revision, "definition"), type_of(machine),
                                            cloud_, Tolerance::template_, unused);
    if (!program->variable_references.empty()) {
        result["variableReferences"] = program->variable_references;
    }
    return result;
}

Json Machines::list(const Caller& caller, const Json& input) const {
    std::vector<Json> entries;
    machines_.for_each(caller.scope(), [&](const std::string&, const Json& machine) {
        entries.push_back({{"stateMachineArn", machine["stateMachineArn"]},
                           {"name", machine["name"]},
                           {"type", machine["type"]},
                           {"creationDate", machine["creationDate"]}});
        return true;
    });
    return page_of(std::move(entries), input, "stateMachines");
}

void Machines::set_tags(const Scope& scope, const std::string& name, Json tags) {
    Json machine = *machines_.find(scope, name);
    machine["tags"] = std::move(tags);
    machines_.put(scope, name, std::move(machine));
}

std::shared_ptr<const Machine> Machines::compiled(const Json& machine, const Json& revision) {
    auto result = std::make_shared<Machine>();
    result->arn = string_member(machine, "stateMachineArn");
    result->name = string_member(machine, "name");
    result->type = type_of(machine);
    result->definition = string_member(revision, "definition");
    result->role_arn = string_member(revision, "roleArn");
    result->revision_id = string_member(revision, "revisionId");
    result->logging = revision.value("loggingConfiguration", Json());
    result->tracing = revision.value("tracingConfiguration", Json());
    result->encryption = machine.value("encryptionConfiguration", Json{{"type", "AWS_OWNED_KEY"}});
    const std::string key = result->arn + "\n" + string_member(machine, "type") + "\n" +
                            result->role_arn + "\n" + result->revision_id + "\n" +
                            to_text(result->logging) + "\n" + to_text(result->tracing) + "\n" +
                            to_text(result->encryption) + "\n" + result->definition;
    const auto cached = compiled_.find(key);
    if (cached != compiled_.end()) return cached->second;
    const MachineRef ref = parse_machine_arn(result->arn);
    result->owner.account = ref.scope.account;
    result->owner.region = ref.scope.region;
    result->owner.principal = result->role_arn;
    Diagnostics diagnostics;
    result->program = compile_definition(result->definition, result->type, cloud_,
                                         Tolerance::template_, diagnostics);
    if (diagnostics.has_errors()) {
        throw AwsError("InvalidDefinition",
                       "Invalid State Machine Definition: '" + diagnostics.text() + "'");
    }
    constexpr std::size_t kMaxCached = 10'000;
    if (compiled_.size() > kMaxCached) compiled_.clear();
    compiled_.emplace(key, result);
    return result;
}

Machines::Choice Machines::choose(const std::string& arn) {
    if (const auto found = chosen_.find(arn); found != chosen_.end()) return found->second;
    const MachineRef ref = parse_unlabelled_arn(arn);
    const Json& machine = get(ref, arn);
    refuse_deleting(machine);
    Choice choice;
    if (ref.qualifier.empty() || ref.is_version()) {
        choice.machine = compiled(machine, revision_of(machine, ref, arn));
        if (ref.is_version()) choice.version_arn = arn;
        chosen_.emplace(arn, choice);
        return choice;
    }
    const Json* alias = aliases_.find(ref.scope, ref.name + ":" + ref.qualifier);
    if (alias == nullptr) throw machine_does_not_exist(arn);
    choice.alias_arn = arn;
    auto point = static_cast<std::int64_t>(cloud_.entropy().below(100));
    for (const Json& route : (*alias)["routingConfiguration"]) {
        choice.version_arn = string_member(route, "stateMachineVersionArn");
        point -= route.value("weight", std::int64_t{0});
        if (point < 0) break;
    }
    const MachineRef version = parse_machine_arn(choice.version_arn);
    choice.machine = compiled(machine, revision_of(machine, version, choice.version_arn));
    return choice;
}

std::shared_ptr<const Machine> Machines::restore(const Json& revision) {
    return compiled(revision, revision);
}

}  // namespace skafu::stepfunctions
