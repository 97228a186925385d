#include <filesystem>
#include <fstream>

#include "core/aws_error.h"
#include "core/data_reset.h"
#include "core/log.h"
#include "core/long_polls.h"
#include "stepfunctions/service.h"
#include "stepfunctions/stepfunctions.h"

namespace skafu::stepfunctions {
namespace {

constexpr const char* kMockFile = "SFN_MOCK_CONFIG";

/// The mock file of Step Functions Local, by the name of its variable.
void load_mocks(StepFunctions& state) {
    const char* path = std::getenv(kMockFile);
    if (path == nullptr || *path == '\0') return;
    std::ifstream file(path);
    if (!file) {
        log::error("states: the mock file {} cannot be read", path);
        return;
    }
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    try {
        state.executions.interpreter().set_mocks(Mocks::parse(text));
    } catch (const std::runtime_error& error) {
        log::error("states: the mock file {}: {}", path, error.what());
    }
}

}  // namespace

Operation row(const char* name, Shape input) {
    Operation operation;
    operation.name = name;
    operation.input = input;
    return operation;
}

Shape tag_list() {
    return shape::list(shape::structure({shape::required("key", shape::string(1, 128)),
                                         shape::required("value", shape::string(0, 256))}));
}

Json merged_tags(Json tags, const Json& added) {
    for (const Json& tag : added) {
        bool replaced = false;
        for (Json& existing : tags) {
            if (existing["key"] != tag["key"]) continue;
            existing = tag;
            replaced = true;
        }
        if (!replaced) tags.push_back(tag);
    }
    constexpr std::size_t kMaxTags = 50;
    if (tags.size() > kMaxTags) {
        throw AwsError("TooManyTags", "The number of tags exceeds the limit of 50.");
    }
    return tags;
}

Shape encryption_configuration() {
    return shape::structure(
        {shape::required("type", shape::enumeration({"AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"})),
         shape::optional("kmsKeyId", shape::string(1, 2048)),
         shape::optional("kmsDataKeyReusePeriodSeconds", shape::integer(60, 900))});
}

void check_encryption(const Json& input) {
    const Json* given = find_member(input, "encryptionConfiguration");
    if (given == nullptr || !given->is_object()) return;
    const bool has_own_key = string_member(*given, "type") == "CUSTOMER_MANAGED_KMS_KEY";
    if (has_own_key && string_member(*given, "kmsKeyId").empty()) {
        throw AwsError("InvalidEncryptionConfiguration",
                       "Invalid Encryption Configuration: kmsKeyId must be specified for type "
                       "CUSTOMER_MANAGED_KMS_KEY");
    }
}

StepFunctions::StepFunctions(Cloud& house)
    : cloud(house), machines(house), activities(house), executions(house, machines) {
    executions.set_activity_hooks(
        [this](const std::string& arn) { activities.task_ready(arn).notify_one(); },
        [this](const std::string& arn) { return activities.exists(arn); });
}

void register_stepfunctions(Cloud& cloud) {
    StepFunctions& state = cloud.own(std::make_unique<StepFunctions>(cloud));
    Service service;
    service.name = "states";
    service.protocols = {Protocol::json_1_0};
    service.target_prefix = "AWSStepFunctions";
    service.error_namespace = "com.amazonaws.swf.service.v2.model";
    service.sdk_names = {"sfn"};
    service.reset = [&state](const Scope* scope) {
        state.executions.clear(scope);
        state.machines.clear(scope);
        state.activities.clear(scope);
    };
    add_long_polls(service, [&state] { state.activities.end_polls(); });
    add_data_reset(service, [&state](const Scope* scope) { state.executions.clear(scope); });
    service.describe = [&state](Service& service) {
        add_machine_operations(service, state);
        add_version_operations(service, state);
        add_execution_operations(service, state);
        add_activity_operations(service, state);
        add_test_state(service, state);
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
    add_admin_routes(state);
    load_mocks(state);
    // What a former process left running goes on once all services are there.
    cloud.clock().after(
        Duration(0), [&state] { state.executions.restore(); }, TimerKind::housekeeping);
}

}  // namespace skafu::stepfunctions
