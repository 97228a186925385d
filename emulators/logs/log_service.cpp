#include "logs/log_service.h"

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "logs/filter_pattern.h"
#include "logs/subscription.h"

namespace skafu::logs {

namespace {

constexpr std::int64_t kMillisPerDay = 24 * 60 * 60 * 1000;
constexpr std::chrono::hours kExpiryInterval{1};

}  // namespace

LogService::LogService(Cloud& cloud) : cloud_(cloud), store_(cloud.database()) {}

std::int64_t LogService::now_millis() const {
    return epoch_millis(cloud_.clock().now());
}

const Json& LogService::group(const Scope& scope, std::string_view name) const {
    const Json* found = store_.groups.find(scope, name);
    if (found == nullptr) throw AwsError::not_found("The specified log group does not exist.");
    return *found;
}

const Json& LogService::stream(const Scope& scope, std::string_view group_name,
                               std::string_view name) const {
    group(scope, group_name);
    const Json* found = store_.streams.find(scope, LogStore::stream_key(group_name, name));
    if (found == nullptr) throw AwsError::not_found("The specified log stream does not exist.");
    return *found;
}

std::int64_t LogService::horizon(const Json& group) const {
    const Json* days = find_member(group, "retentionInDays");
    return days == nullptr ? 0 : now_millis() - days->get<std::int64_t>() * kMillisPerDay;
}

void LogService::append(Context& context, const std::string& group, const std::string& stream,
                        const std::vector<LogEvent>& events) {
    const Json& found = this->stream(context.caller.scope(), group, stream);
    store_.append(found["id"].get<std::int64_t>(), events, now_millis());
    deliver(context, group, stream, events);
}

void LogService::deliver(Context& context, const std::string& group, const std::string& stream,
                         const std::vector<LogEvent>& events) {
    const std::string prefix = LogStore::stream_key(group, "");
    store_.subscriptions.for_each(
        context.caller.scope(),
        [&](const std::string& key, const Json& filter) {
            if (!key.starts_with(prefix)) return false;
            const FilterPattern pattern(string_member(filter, "filterPattern"));
            std::vector<LogEvent> matching;
            for (const LogEvent& event : events) {
                if (pattern.matches(event.message)) matching.push_back(event);
            }
            if (!matching.empty()) {
                Subscription subscription{group, stream, filter};
                subscription.deliver(cloud_, context.caller, context.activity.id(), matching);
            }
            return true;
        },
        prefix);
}

void LogService::expire() {
    store_.groups.for_each_scope([this](const Scope& scope) {
        store_.groups.for_each(scope, [&](const std::string& name, const Json& group) {
            if (group.contains("retentionInDays")) store_.expire(scope, name, horizon(group));
            return true;
        });
    });
    cloud_.clock().cancel(expiry_);
    expiry_ = cloud_.clock().after(
        kExpiryInterval, [this] { expire(); }, TimerKind::housekeeping);
}

void LogService::clear_streams(const Scope* scope) {
    store_.clear_streams(scope);
}

void LogService::clear(const Scope* scope) {
    store_.clear(scope);
}

std::string group_name(const Json& input) {
    const std::string name =
        string_member(input, "logGroupName", string_member(input, "logGroupIdentifier"));
    constexpr std::string_view kResource = ":log-group:";
    const std::size_t at = name.find(kResource);
    if (!name.starts_with("arn:") || at == std::string::npos) return name;
    const std::string rest = name.substr(at + kResource.size());
    return rest.substr(0, rest.find(':'));
}

std::string group_arn(const Caller& caller, std::string_view name) {
    return make_arn("logs", caller.region, caller.account, fmt::format("log-group:{}", name));
}

void invalid_parameter(std::string message) {
    throw AwsError("InvalidParameterException", std::move(message));
}

}  // namespace skafu::logs
