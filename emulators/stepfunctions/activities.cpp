#include "core/arn.h"
#include "core/aws_error.h"
#include "stepfunctions/pages.h"
#include "stepfunctions/service.h"

namespace skafu::stepfunctions {
namespace {

struct ActivityRef {
    Scope scope;
    std::string name;
};

ActivityRef parse_activity_arn(const std::string& arn) {
    check_arn(arn);
    const std::optional<Arn> parsed = Arn::parse(arn);
    if (!parsed || !parsed->resource.starts_with("activity:")) {
        throw AwsError("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: " +
                                         (parsed ? std::string(parsed->resource_type()) : arn) +
                                         "'");
    }
    return {{parsed->account, parsed->region}, parsed->resource.substr(9)};
}

}  // namespace

Activities::Activities(Cloud& cloud)
    : cloud_(cloud), activities_(cloud.database(), "states", "activity") {}

Json Activities::create(const Caller& caller, const Json& input) {
    const std::string name = string_member(input, "name");
    check_name(name);
    const Scope scope = caller.scope();
    const std::string arn = make_arn("states", scope.region, scope.account, "activity:" + name);
    const Json encryption = input.value("encryptionConfiguration", Json());
    if (const Json* existing = activities_.find(scope, name)) {
        if (existing->value("encryptionConfiguration", Json()) != encryption) {
            throw AwsError("ActivityAlreadyExists", "Activity Already Exists: '" + arn + "'");
        }
        return {{"activityArn", arn}, {"creationDate", (*existing)["creationDate"]}};
    }
    const double now = epoch_seconds(cloud_.clock().now());
    Json activity = {{"activityArn", arn},
                     {"name", name},
                     {"creationDate", now},
                     {"tags", merged_tags(Json::array(), input.value("tags", Json::array()))}};
    if (!encryption.is_null()) activity["encryptionConfiguration"] = encryption;
    activities_.put(scope, name, std::move(activity));
    return {{"activityArn", arn}, {"creationDate", now}};
}

bool Activities::exists(const std::string& arn) const {
    const std::optional<Arn> parsed = Arn::parse(arn);
    if (!parsed || !parsed->resource.starts_with("activity:")) return false;
    return activities_.find({parsed->account, parsed->region}, parsed->resource.substr(9)) !=
           nullptr;
}

void Activities::check(const std::string& arn) const {
    const ActivityRef ref = parse_activity_arn(arn);
    if (activities_.find(ref.scope, ref.name) != nullptr) return;
    throw AwsError("ActivityDoesNotExist", "Activity Does Not Exist: '" + arn + "'");
}

Json Activities::describe(const std::string& arn) const {
    check(arn);
    const ActivityRef ref = parse_activity_arn(arn);
    Json result = *activities_.find(ref.scope, ref.name);
    result.erase("tags");
    if (!result.contains("encryptionConfiguration")) {
        result["encryptionConfiguration"] = {{"type", "AWS_OWNED_KEY"}};
    }
    return result;
}

Json Activities::list(const Caller& caller, const Json& input) const {
    std::vector<Json> entries;
    activities_.for_each(caller.scope(), [&](const std::string&, const Json& activity) {
        Json entry = activity;
        entry.erase("tags");
        entry.erase("encryptionConfiguration");
        entries.push_back(std::move(entry));
        return true;
    });
    return page_of(std::move(entries), input, "activities");
}

void Activities::remove(const std::string& arn) {
    const ActivityRef ref = parse_activity_arn(arn);
    activities_.erase(ref.scope, ref.name);
}

void Activities::set_tags(const Scope& scope, const std::string& name, Json tags) {
    Json activity = *activities_.find(scope, name);
    activity["tags"] = std::move(tags);
    activities_.put(scope, name, std::move(activity));
}

void Activities::end_polls() {
    ++ended_polls_;
    for (const auto& [arn, ready] : ready_) ready->notify_all();
}

Event& Activities::task_ready(const std::string& arn) {
    std::unique_ptr<Event>& event = ready_[arn];
    if (!event) event = std::make_unique<Event>(cloud_.io());
    return *event;
}

}  // namespace skafu::stepfunctions
