#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/collection.h"

namespace skafu::sns {

/// Topics or subscriptions in one answer of a list.
inline constexpr std::size_t kPage = 100;

/// The error InvalidParameter, whose text says "Invalid parameter: " and why.
AwsError invalid_parameter(std::string why);

/// A message on its way from a topic to its subscriptions.
struct Message {
    std::string id;
    std::string topic_arn;
    std::string subject;
    std::string text;
    Json by_protocol;  ///< MessageStructure "json": the texts by protocol; else null
    Json attributes = Json::object();
    std::string group;
    std::string deduplication_id;
    std::string timestamp;
    std::string sequence_number;
};

/// Topics and subscriptions. A topic's document: {attributes, tags}, keyed by name. A
/// subscription's: {SubscriptionArn, TopicArn, Protocol, Endpoint, Owner, attributes, token,
/// confirmed}, keyed by "topic name:id".
class Topics {
  public:
    explicit Topics(Cloud& cloud);

    Cloud& cloud() const { return cloud_; }
    Collection& topics() { return topics_; }
    Collection& subscriptions() { return subscriptions_; }

    /// Throws NotFound.
    const Json& require_topic(const std::string& arn) const;
    const Json& require_subscription(const std::string& arn) const;
    void save_subscription(Json subscription);
    void remove_subscription(const std::string& arn);
    std::vector<Json> subscriptions_of(const std::string& topic_arn) const;

    /// The answer that an earlier message with the same deduplication id got within five minutes;
    /// remembers `answer` otherwise and gives null.
    Json deduplicate(const std::string& topic_arn, const std::string& id, const Json& answer);
    std::string next_sequence_number();

    /// Texts and mails, which go nowhere: the newest thousand.
    void record(Json message);
    const std::deque<Json>& recorded() const { return recorded_; }
    /// Forgets what was recorded and what deduplication remembers.
    void clear_data(const Scope* scope);
    /// Drops topics and subscriptions too.
    void reset(const Scope* scope);

  private:
    struct Earlier {
        Json answer;
        TimePoint until;
    };
    Cloud& cloud_;
    Collection topics_;
    Collection subscriptions_;
    std::map<std::string, Earlier> earlier_;
    std::deque<Json> recorded_;
    std::uint64_t last_sequence_ = 0;
};

/// Account and region of an ARN.
Scope scope_of_arn(std::string_view arn);
/// What follows the account in a topic's or subscription's ARN.
std::string name_of_arn(std::string_view arn);

/// Delivers to one subscription, if its filter policy lets the message through; failures end in
/// its dead-letter queue, if it has one.
Task<void> deliver(Topics& topics, Json subscription, Message message, Caller caller,
                   ActivityId cause);
/// Asks an HTTP endpoint to confirm its subscription.
Task<void> ask_to_confirm(Topics& topics, Json subscription, ActivityId cause);

void add_topic_operations(Service& service, Topics& topics);
void add_subscription_operations(Service& service, Topics& topics);
void add_publish_operations(Service& service, Topics& topics);
namespace resources {
void add_types(Cloud& cloud);
}

}  // namespace skafu::sns
