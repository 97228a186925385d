#include "eventbridge/delivery.h"

#include <algorithm>

#include "core/aws_error.h"
#include "core/log.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kFirstBackoff = std::chrono::seconds(1);
constexpr Duration kLongestBackoff = std::chrono::minutes(15);

std::string queue_key(const Scope& scope, std::string_view bus, std::string_view rule,
                      std::string_view target) {
    std::string key = scope.account;
    for (const std::string_view part : {std::string_view(scope.region), bus, rule, target}) {
        key += '|';
        key += part;
    }
    return key;
}

std::shared_ptr<const Target> find_target(const Rule& rule, std::string_view id) {
    for (const std::shared_ptr<const Target>& target : rule.targets) {
        if (target->id == id) return target;
    }
    return nullptr;
}

}  // namespace

RetryPolicy retry_policy(const Target& target) {
    RetryPolicy policy;
    const Json* given = find_member(target.definition, "RetryPolicy");
    if (given == nullptr) return policy;
    const Json* attempts = find_member(*given, "MaximumRetryAttempts");
    if (attempts != nullptr && attempts->is_number()) policy.attempts = attempts->get<int>();
    const Json* age = find_member(*given, "MaximumEventAgeInSeconds");
    if (age != nullptr && age->is_number()) policy.age = std::chrono::seconds(age->get<int>());
    return policy;
}

Deliverer::Deliverer(Cloud& cloud, Buses& buses, Store& store, Faults& faults)
    : cloud_(cloud), buses_(buses), store_(store), faults_(faults) {}

std::string Deliverer::describe(const Rule& rule, const Target& target) const {
    return rule.arn + " -> " + target.arn;
}

void Deliverer::deliver(const Bus& bus, const RulePtr& rule,
                        const std::shared_ptr<const Target>& target, const AcceptedEvent& event,
                        EventTape& tape) {
    if (!faults_.any()) return deliver_at(bus, rule, target, event, tape, Duration(0));
    const Faults::Fate fate = faults_.decide(bus.name(), rule->name, target->arn);
    if (fate.drop) {
        Activity lost =
            cloud_.journal().begin(ActivityKind::delivery, describe(*rule, *target), event.cause);
        lost.fail("Dropped", "as PUT /_skafu/faults asks");
        return;
    }
    if (fate.duplicate) deliver_at(bus, rule, target, event, tape, Duration(0));
    deliver_at(bus, rule, target, event, tape, fate.delay);
}

/// Whether nothing waits for the target, which a delivery would have to let go first.
bool Deliverer::is_free(const Bus& bus, const Rule& rule, const Target& target) const {
    if (queues_.empty()) return true;
    const auto queue = queues_.find(queue_key(bus.scope(), bus.name(), rule.name, target.id));
    return queue == queues_.end() || (queue->second.waiting.empty() && queue->second.running == 0);
}

void Deliverer::deliver_at(const Bus& bus, const RulePtr& rule,
                           const std::shared_ptr<const Target>& target, const AcceptedEvent& event,
                           EventTape& tape, Duration delay) {
    std::optional<AwsError> refusal;
    if (delay == Duration(0) && is_free(bus, *rule, *target)) {
        const std::string ingestion =
            target->input.is_plain() ? std::string() : iso8601_seconds(event.ingested);
        const DeliveryFacts facts{rule->arn, rule->name, ingestion};
        std::optional<std::string> payload = target->input.render(tape, *event.text, facts);
        if (!payload) {
            ++rule->counts.failed;
            log::warn("{}: the input transformer gives no valid JSON: not delivered, as on AWS",
                      describe(*rule, *target));
            return;
        }
        try {
            Outgoing outgoing{*rule,       *target,    bus.scope(), std::move(*payload),
                              *event.text, event.hops, event.cause};
            std::optional<Call> call = immediate_call(cloud_, std::move(outgoing));
            if (call) {
                cloud_.call_now(std::move(*call));
                ++rule->counts.delivered;
                return;
            }
        } catch (const AwsError& error) {
            refusal = error;
        }
    }
    const std::string key = queue_key(bus.scope(), bus.name(), rule->name, target->id);
    auto pending = std::make_shared<Pending>();
    pending->stored = {0,          bus.scope(), bus.name(),     rule->name,
                       target->id, {},          event.ingested, cloud_.clock().now() + delay,
                       0,          event.hops};
    pending->event = event.text;
    pending->stored.id = store_.add_delivery(pending->stored, *event.text);
    pending->activity =
        cloud_.journal().begin(ActivityKind::delivery, describe(*rule, *target), event.cause);
    if (!event.correlation.empty()) pending->activity.correlate(event.correlation);
    if (refusal) {
        fail(pending, rule, *target, *refusal);
    } else if (delay > Duration(0)) {
        sleep(pending, key, target->arn);
    } else {
        enqueue(key, std::move(pending), target->arn);
    }
}

void Deliverer::enqueue(const std::string& key, PendingPtr pending, std::string_view target_arn) {
    queues_[key].waiting.push_back(std::move(pending));
    pump(key, target_concurrency(target_arn));
}

void Deliverer::pump(const std::string& key, std::size_t concurrency) {
    while (true) {
        // A worker may come to its end at once, and takes an empty queue away with it.
        const auto found = queues_.find(key);
        if (found == queues_.end()) return;
        TargetQueue& queue = found->second;
        if (queue.running >= std::min(concurrency, queue.waiting.size())) return;
        ++queue.running;
        cloud_.spawn(work(key));
    }
}

/// One worker of a target: tries what waits, in order, until nothing does.
Task<void> Deliverer::work(std::string key) {
    co_await cloud_.database().durable();
    while (true) {
        const auto queue = queues_.find(key);
        if (queue == queues_.end()) co_return;
        if (queue->second.waiting.empty()) {
            if (--queue->second.running == 0) queues_.erase(queue);
            co_return;
        }
        PendingPtr pending = queue->second.waiting.front();
        queue->second.waiting.pop_front();
        co_await attempt(std::move(pending));
    }
}

Task<void> Deliverer::attempt(PendingPtr pending) {
    const StoredDelivery& stored = pending->stored;
    Bus* bus = buses_.find(stored.scope, stored.bus);
    const RulePtr rule = bus == nullptr ? nullptr : bus->find_rule(stored.rule);
    const std::shared_ptr<const Target> target = rule ? find_target(*rule, stored.target) : nullptr;
    if (!target) {
        if (rule) ++rule->counts.failed;
        pending->activity.fail("NO_RESOURCE", "its rule or target was removed meanwhile");
        log::warn("{} of rule {} on {} was removed before it got an event", stored.target,
                  stored.rule, stored.bus);
        finish(*pending);
        co_return;
    }
    EventTape tape;
    tape.read(*pending->event);
    const std::string ingestion = iso8601_seconds(stored.ingested);
    const DeliveryFacts facts{rule->arn, rule->name, ingestion};
    std::optional<std::string> payload = target->input.render(tape, *pending->event, facts);
    if (!payload) {
        ++rule->counts.failed;
        pending->activity.fail("INVALID_JSON", "the input transformer gives no valid JSON");
        finish(*pending);
        co_return;
    }
    if (unsupported_target(target->arn)) {
        pending->activity.note("recorded only, its kind is not emulated: " + *payload);
    }
    std::optional<AwsError> refusal;
    try {
        Outgoing outgoing{*rule,           *target,     stored.scope,          std::move(*payload),
                          *pending->event, stored.hops, pending->activity.id()};
        co_await deliver_to_target(cloud_, std::move(outgoing));
    } catch (const AwsError& error) {
        refusal = error;
    } catch (const JsonError& error) {  // what a target's definition holds
        refusal = AwsError::internal(error.what());
    }
    if (refusal) {
        fail(pending, rule, *target, *refusal);
        co_return;
    }
    ++rule->counts.delivered;
    finish(*pending);
}

void Deliverer::fail(const PendingPtr& pending, const RulePtr& rule, const Target& target,
                     const AwsError& error) {
    const DeliveryFailure failure = classify_failure(error);
    const RetryPolicy policy = retry_policy(target);
    StoredDelivery& stored = pending->stored;
    if (!failure.retry) return dead_letter(*pending, *rule, target, failure, {});
    if (stored.attempts >= policy.attempts) {
        return dead_letter(*pending, *rule, target, failure, "MaximumRetryAttempts");
    }
    const Json* wait = find_member(error.fields(), "RetryAfterSeconds");
    const Duration asked = std::chrono::seconds(wait == nullptr ? 0 : wait->get<int>());
    const TimePoint due = cloud_.clock().now() + std::max(backoff(stored.attempts), asked);
    if (due - stored.ingested > policy.age) {
        return dead_letter(*pending, *rule, target, failure, "MaximumEventAgeInSeconds");
    }
    ++stored.attempts;
    ++rule->counts.retried;
    stored.due = due;
    store_.retry_delivery(stored.id, stored.attempts, due);
    pending->activity.note(
        fmt::format("{}: retry {} at {}", failure.code, stored.attempts, iso8601_millis(due)));
    const std::string key = queue_key(stored.scope, stored.bus, stored.rule, stored.target);
    sleep(pending, key, target.arn);
}

/// Puts a delivery back into its queue when it is due.
void Deliverer::sleep(const PendingPtr& pending, const std::string& key,
                      const std::string& target_arn) {
    sleeping_.insert(pending);
    cloud_.clock().at(pending->stored.due, [this, key, pending, target_arn] {
        sleeping_.erase(pending);
        if (!pending->cancelled) enqueue(key, pending, target_arn);
    });
}

/// Doubles with each attempt, and lies anywhere in the upper half of that.
Duration Deliverer::backoff(int attempts) {
    const Duration whole =
        std::min(kLongestBackoff, kFirstBackoff * (std::int64_t{1} << std::min(attempts, 12)));
    const auto half = static_cast<std::uint64_t>(whole.count() / 2);
    return Duration(static_cast<std::int64_t>(half + cloud_.entropy().below(half + 1)));
}

void Deliverer::dead_letter(Pending& pending, Rule& rule, const Target& target,
                            const DeliveryFailure& failure, std::string_view exhausted) {
    ++rule.counts.failed;
    pending.activity.fail(failure.code, failure.message);
    const std::string queue = dead_letter_queue(target.definition);
    if (queue.empty()) {
        log::warn("{}: given up after {} retries: {}: {}", describe(rule, target),
                  pending.stored.attempts, failure.code, failure.message);
        return finish(pending);
    }
    Json attributes = Json::object();
    const auto add = [&](const char* name, std::string value) {
        if (value.empty()) value = "-";
        attributes[name] = {{"DataType", "String"}, {"StringValue", std::move(value)}};
    };
    add("RULE_ARN", rule.arn);
    add("TARGET_ARN", target.arn);
    add("ERROR_CODE", failure.code);
    add("ERROR_MESSAGE", failure.message);
    if (!exhausted.empty()) {
        add("EXHAUSTED_RETRY_CONDITION", std::string(exhausted));
        add("RETRY_ATTEMPTS", std::to_string(pending.stored.attempts));
    }
    try {
        Json input = {{"QueueUrl", queue_url(cloud_, queue)},
                      {"MessageBody", *pending.event},
                      {"MessageAttributes", std::move(attributes)}};
        Call call{"sqs", "SendMessage", Document(std::move(input)), {}, pending.activity.id(), {}};
        call.caller = {pending.stored.scope.account, pending.stored.scope.region,
                       "events.amazonaws.com"};
        cloud_.call_now(std::move(call));
        ++rule.counts.dead_lettered;
        pending.activity.note("sent to " + queue);
    } catch (const AwsError& error) {
        ++rule.counts.dead_letters_refused;
        log::warn("{}: dead-letter queue {} refuses: {}", describe(rule, target), queue,
                  error.message());
    }
    finish(pending);
}

void Deliverer::finish(Pending& pending) {
    store_.remove_delivery(pending.stored.id);
    pending.activity.finish();
}

void Deliverer::recover() {
    store_.for_each_delivery([this](StoredDelivery stored) {
        auto pending = std::make_shared<Pending>();
        pending->event = std::make_shared<const std::string>(std::move(stored.event));
        Bus* bus = buses_.find(stored.scope, stored.bus);
        const RulePtr rule = bus == nullptr ? nullptr : bus->find_rule(stored.rule);
        const std::shared_ptr<const Target> target =
            rule ? find_target(*rule, stored.target) : nullptr;
        const std::string arn = target ? target->arn : std::string();
        pending->activity = cloud_.journal().begin(
            ActivityKind::delivery, target ? describe(*rule, *target) : stored.target, 0);
        const std::string key = queue_key(stored.scope, stored.bus, stored.rule, stored.target);
        pending->stored = std::move(stored);
        sleep(pending, key, arn);
    });
}

void Deliverer::reset(const Scope* scope) {
    store_.clear(scope);
    const auto concerns = [&](const PendingPtr& pending) {
        return scope == nullptr || pending->stored.scope == *scope;
    };
    for (auto& [key, queue] : queues_) std::erase_if(queue.waiting, concerns);
    std::erase_if(sleeping_, [&](const PendingPtr& pending) {
        if (!concerns(pending)) return false;
        pending->cancelled = true;
        pending->activity.finish();
        return true;
    });
}

}  // namespace skafu::eventbridge
