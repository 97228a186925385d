#include "sns/topics.h"

#include "core/arn.h"
#include "core/aws_error.h"

namespace skafu::sns {
namespace {

constexpr std::size_t kMostRecorded = 1000;
constexpr std::size_t kMostRemembered = 100'000;
constexpr auto kDeduplication = std::chrono::minutes(5);

}  // namespace

AwsError invalid_parameter(std::string why) {
    return {"InvalidParameter", "Invalid parameter: " + std::move(why)};
}

Scope scope_of_arn(std::string_view text) {
    const auto arn = Arn::parse(text);
    if (!arn) {
        throw AwsError("InvalidParameter",
                       fmt::format("Invalid parameter: TopicArn Reason: An ARN "
                                   "must have at least 6 elements, not {}",
                                   1 + std::count(text.begin(), text.end(), ':')));
    }
    return {arn->account, arn->region};
}

std::string name_of_arn(std::string_view text) {
    const auto arn = Arn::parse(text);
    return arn ? arn->resource : std::string();
}

Topics::Topics(Cloud& cloud)
    : cloud_(cloud),
      topics_(cloud.database(), "sns", "topic"),
      subscriptions_(cloud.database(), "sns", "subscription") {}

const Json& Topics::require_topic(const std::string& arn) const {
    const Json* found = topics_.find(scope_of_arn(arn), name_of_arn(arn));
    if (found == nullptr) throw AwsError("NotFound", "Topic does not exist", 404);
    return *found;
}

const Json& Topics::require_subscription(const std::string& arn) const {
    const Json* found = subscriptions_.find(scope_of_arn(arn), name_of_arn(arn));
    if (found == nullptr) throw AwsError("NotFound", "Subscription does not exist", 404);
    return *found;
}

void Topics::save_subscription(Json subscription) {
    const std::string arn = string_member(subscription, "SubscriptionArn");
    subscriptions_.put(scope_of_arn(arn), name_of_arn(arn), std::move(subscription));
}

void Topics::remove_subscription(const std::string& arn) {
    subscriptions_.erase(scope_of_arn(arn), name_of_arn(arn));
}

std::vector<Json> Topics::subscriptions_of(const std::string& topic_arn) const {
    std::vector<Json> out;
    const std::string prefix = name_of_arn(topic_arn) + ":";
    subscriptions_.for_each(
        scope_of_arn(topic_arn),
        [&](const std::string& key, const Json& subscription) {
            if (!key.starts_with(prefix)) return false;
            out.push_back(subscription);
            return true;
        },
        prefix);
    return out;
}

Json Topics::deduplicate(const std::string& topic_arn, const std::string& id, const Json& answer) {
    const TimePoint now = cloud_.clock().now();
    if (earlier_.size() > kMostRemembered) {
        std::erase_if(earlier_, [&](const auto& entry) { return entry.second.until <= now; });
    }
    const std::string key = topic_arn + "|" + id;
    const auto found = earlier_.find(key);
    if (found != earlier_.end() && found->second.until > now) return found->second.answer;
    earlier_[key] = {answer, now + kDeduplication};
    return Json();
}

std::string Topics::next_sequence_number() {
    const auto base = static_cast<std::uint64_t>(epoch_millis(cloud_.clock().now())) * 1000;
    last_sequence_ = std::max(last_sequence_ + 1, base);
    return fmt::format("1{:019}", last_sequence_);
}

void Topics::record(Json message) {
    recorded_.push_back(std::move(message));
    if (recorded_.size() > kMostRecorded) recorded_.pop_front();
}

void Topics::clear_data(const Scope* scope) {
    if (scope == nullptr) recorded_.clear();
    earlier_.clear();
}

void Topics::reset(const Scope* scope) {
    clear_data(scope);
    topics_.clear(scope);
    subscriptions_.clear(scope);
}

}  // namespace skafu::sns
