#include "sqs/queues.h"

#include "core/arn.h"
#include "sqs/errors.h"
#include "sqs/queue_attributes.h"

namespace skafu::sqs {

OpenQueue::OpenQueue(boost::asio::io_context& io, std::uint32_t number, MessageLog& log, Scope of,
                     std::string named)
    : scope(std::move(of)),
      name(std::move(named)),
      arn(make_arn("sqs", scope.region, scope.account, name)),
      queue(number, log),
      changed(io) {}

Queues::Queues(Cloud& cloud)
    : cloud_(cloud), documents_(cloud.database(), "sqs", "queue"), store_(cloud.database()) {
    load();
    cloud.database().on_rollback([this] { load(); });
}

void Queues::load() {
    for (const auto& [key, queue] : by_key_) {
        queue->deleted = true;
        queue->changed.notify_all();
    }
    by_key_.clear();
    by_number_.clear();
    documents_.for_each_scope([this](const Scope& scope) {
        documents_.for_each(scope, [&](const std::string& name, const Json& document) {
            const auto number = document.at("number").get<std::uint32_t>();
            last_number_ = std::max(last_number_, number);
            auto queue = std::make_shared<OpenQueue>(cloud_.io(), number, store_, scope, name);
            queue->queue.settings = to_settings(document.at("attributes"));
            by_number_[number] = queue;
            by_key_[key_of(scope, name)] = std::move(queue);
            return true;
        });
    });
    const std::int64_t now = now_ms();
    store_.load([&](Message message) {
        const auto queue = by_number_.find(message.queue);
        if (queue != by_number_.end()) queue->second->queue.restore(std::move(message), now);
    });
}

std::string Queues::key_of(const Scope& scope, std::string_view name) {
    std::string key;
    key.reserve(scope.account.size() + scope.region.size() + name.size() + 2);
    key.append(scope.account).append("|").append(scope.region).append("|").append(name);
    return key;
}

const QueuePtr& Queues::require(const Caller& caller, std::string_view reference) const {
    std::string key;
    if (reference.starts_with("arn:")) {
        const auto arn = Arn::parse(reference);
        if (!arn) throw queue_does_not_exist();
        key = key_of({arn->account, arn->region}, arn->resource);
    } else {
        const std::size_t name_at = reference.rfind('/');
        if (name_at == std::string_view::npos) {
            key = key_of(caller.scope(), reference);
        } else {
            std::string_view account = reference.substr(0, name_at);
            account.remove_prefix(std::min(account.rfind('/') + 1, account.size()));
            key = key_of({std::string(account), caller.region}, reference.substr(name_at + 1));
        }
    }
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) throw queue_does_not_exist();
    return found->second;
}

QueuePtr Queues::find_arn(std::string_view arn) const {
    const auto parsed = Arn::parse(arn);
    if (!parsed || parsed->service != "sqs") return nullptr;
    return find({parsed->account, parsed->region}, parsed->resource);
}

QueuePtr Queues::find(const Scope& scope, std::string_view name) const {
    const auto found = by_key_.find(key_of(scope, name));
    return found == by_key_.end() ? nullptr : found->second;
}

std::vector<QueuePtr> Queues::all_of(const Scope& scope) const {
    std::vector<QueuePtr> out;
    documents_.for_each(scope, [&](const std::string& name, const Json&) {
        out.push_back(find(scope, name));
        return true;
    });
    return out;
}

const Json& Queues::document(const OpenQueue& queue) const {
    const Json* found = documents_.find(queue.scope, queue.name);
    if (found == nullptr) throw queue_does_not_exist();
    return *found;
}

QueuePtr Queues::create(const Scope& scope, const std::string& name, Json attributes, Json tags) {
    const std::int64_t now = now_ms() / 1000;
    auto queue = std::make_shared<OpenQueue>(cloud_.io(), ++last_number_, store_, scope, name);
    queue->queue.settings = to_settings(attributes);
    Json document = {{"number", last_number_},
                     {"created", now},
                     {"modified", now},
                     {"attributes", std::move(attributes)},
                     {"tags", std::move(tags)}};
    documents_.put(scope, name, std::move(document));
    by_number_[last_number_] = queue;
    by_key_[key_of(scope, name)] = queue;
    return queue;
}

void Queues::change(OpenQueue& queue, Json document) {
    queue.queue.settings = to_settings(document.at("attributes"));
    documents_.put(queue.scope, queue.name, std::move(document));
    queue.changed.notify_all();
}

void Queues::remove(OpenQueue& queue) {
    queue.queue.purge();
    queue.deleted = true;
    queue.changed.notify_all();
    documents_.erase(queue.scope, queue.name);
    by_number_.erase(queue.queue.number());
    by_key_.erase(key_of(queue.scope, queue.name));
}

std::string Queues::url(const OpenQueue& queue) const {
    return fmt::format("{}/{}/{}", cloud_.settings().endpoint(), queue.scope.account, queue.name);
}

std::vector<const Message*> Queues::receive(OpenQueue& queue, std::size_t most,
                                            std::int64_t visibility_ms) {
    const std::int64_t now = now_ms();
    QueuePtr dead_letters;
    if (queue.queue.settings.redrive) {
        dead_letters = find_arn(queue.queue.settings.redrive->target_arn);
    }
    std::vector<Message> dead;
    const auto next_before = queue.queue.next_visible_ms();
    std::vector<const Message*> taken =
        queue.queue.receive(most, visibility_ms, now, dead_letters ? &dead : nullptr);
    for (Message& message : dead) {
        message.content->dead_letter_source = queue.arn;
        if (queue.queue.settings.fifo) message.sent_ms = now;
        transfer(*dead_letters, std::move(message));
    }
    // Others may wait for a moment that now comes earlier.
    const auto next_after = queue.queue.next_visible_ms();
    if (next_after && (!next_before || *next_after < *next_before)) queue.changed.notify_all();
    return taken;
}

void Queues::transfer(OpenQueue& to, Message message) {
    const std::int64_t now = now_ms();
    message.sequence = store_.next_sequence();
    message.visible_ms = now;
    message.receive_count = 0;
    message.first_received_ms = 0;
    to.queue.add(std::move(message), now);
    announce(to, 1);
}

void Queues::announce(OpenQueue& queue, std::size_t count) const {
    for (std::size_t i = 0; i < count && queue.changed.waiting() > 0; ++i) {
        queue.changed.notify_one();
    }
}

void Queues::end_waits() {
    ++ended_waits_;
    for (const auto& [key, queue] : by_key_) queue->changed.notify_all();
}

void Queues::purge(const Scope* scope) {
    for (const auto& [key, queue] : by_key_) {
        if (scope == nullptr || queue->scope == *scope) queue->queue.purge();
    }
}

void Queues::reset(const Scope* scope) {
    std::vector<QueuePtr> gone;
    for (const auto& [key, queue] : by_key_) {
        if (scope == nullptr || queue->scope == *scope) gone.push_back(queue);
    }
    for (const QueuePtr& queue : gone) remove(*queue);
}

}  // namespace skafu::sqs
