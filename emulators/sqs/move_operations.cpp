#include "core/aws_error.h"
#include "core/base64.h"
#include "sqs/errors.h"
#include "sqs/operations.h"

namespace skafu::sqs {
namespace {

AwsError no_such_task() {
    return AwsError("ResourceNotFoundException", "Task does not exist.", 404);
}

AwsError no_such_queue() {
    return AwsError("ResourceNotFoundException",
                    "The resource that you specified for the SourceArn parameter doesn't exist.",
                    404);
}

std::string required_text(const Json& input, std::string_view name) {
    std::string text = string_member(input, name);
    if (text.empty()) throw missing_parameter(name);
    return text;
}

/// A move task runs at once and whole: what it leaves is its record ("StartMessageMoveTask").
class MoveTasks {
  public:
    explicit MoveTasks(Queues& queues)
        : queues_(queues), tasks_(queues.cloud().database(), "sqs", "move-task") {}

    Json start(Context& context, const Json& input) {
        const std::string source_arn = required_text(input, "SourceArn");
        const std::string target_arn = string_member(input, "DestinationArn");
        const QueuePtr source = queues_.find_arn(source_arn);
        if (source == nullptr) throw no_such_queue();
        const QueuePtr target = target_arn.empty() ? nullptr : queues_.find_arn(target_arn);
        if (!target_arn.empty() && target == nullptr) throw no_such_queue();
        if (!is_dead_letter_queue(*source)) {
            throw invalid_parameter("Source queue must be configured as a Dead Letter Queue.");
        }
        const std::int64_t now = queues_.now_ms();
        const std::uint64_t moved = move_all(*source, target.get(), now);
        const std::string id = context.cloud.entropy().uuid();
        const std::string handle =
            base64_encode(to_text(Json{{"taskId", id}, {"sourceArn", source_arn}}));
        Json task = {{"TaskHandle", handle},
                     {"Status", "COMPLETED"},
                     {"SourceArn", source_arn},
                     {"ApproximateNumberOfMessagesMoved", moved},
                     {"ApproximateNumberOfMessagesToMove", moved},
                     {"StartedTimestamp", now}};
        if (!target_arn.empty()) task["DestinationArn"] = target_arn;
        if (const Json* rate = find_member(input, "MaxNumberOfMessagesPerSecond")) {
            task["MaxNumberOfMessagesPerSecond"] = *rate;
        }
        tasks_.put(source->scope, fmt::format("{}|{:015}|{}", source_arn, now, id),
                   std::move(task));
        return {{"TaskHandle", handle}};
    }

    Json list(const Json& input) const {
        const std::string source_arn = required_text(input, "SourceArn");
        const QueuePtr source = queues_.find_arn(source_arn);
        if (source == nullptr) throw no_such_queue();
        const Json* asked = find_member(input, "MaxResults");
        const std::size_t most = asked != nullptr && asked->is_number_integer()
                                     ? static_cast<std::size_t>(std::clamp<std::int64_t>(
                                           asked->get<std::int64_t>(), 1, 10))
                                     : 1;
        std::deque<Json> newest;
        tasks_.for_each(
            source->scope,
            [&](const std::string& key, const Json& task) {
                if (!key.starts_with(source_arn + "|")) return false;
                newest.push_front(task);
                newest.front().erase("TaskHandle");  // only of tasks that still run
                if (newest.size() > most) newest.pop_back();
                return true;
            },
            source_arn + "|");
        Json results = Json::array();
        for (Json& task : newest) results.push_back(std::move(task));
        return {{"Results", std::move(results)}};
    }

  private:
    bool is_dead_letter_queue(const OpenQueue& queue) const {
        for (const QueuePtr& other : queues_.all_of(queue.scope)) {
            const auto& redrive = other->queue.settings.redrive;
            if (redrive && redrive->target_arn == queue.arn) return true;
        }
        return false;
    }

    std::uint64_t move_all(OpenQueue& source, OpenQueue* target, std::int64_t now) {
        std::uint64_t moved = 0;
        const std::size_t most = source.queue.counts(now).ready;
        for (std::size_t i = 0; i < most; ++i) {
            std::optional<Message> message = source.queue.take_oldest(now);
            if (!message) break;
            const QueuePtr origin = queues_.find_arn(message->content->dead_letter_source);
            OpenQueue* to = target != nullptr ? target : origin.get();
            if (to == nullptr) to = &source;  // its source is gone: it stays
            message->content->dead_letter_source.clear();
            message->sent_ms = now;
            queues_.transfer(*to, std::move(*message));
            ++moved;
        }
        return moved;
    }

    Queues& queues_;
    Collection tasks_;
};

}  // namespace

void add_move_operations(Service& service, Queues& queues) {
    using namespace shape;
    MoveTasks& tasks = queues.cloud().own(std::make_unique<MoveTasks>(queues));
    Operation start;
    start.name = "StartMessageMoveTask";
    start.input = structure({required("SourceArn", string()), optional("DestinationArn", string()),
                             optional("MaxNumberOfMessagesPerSecond", integer())});
    start.validates_itself = true;
    service.add(std::move(start), [&tasks](Context& context, const Json& input) {
        return tasks.start(context, input);
    });
    Operation list;
    list.name = "ListMessageMoveTasks";
    list.input = structure({required("SourceArn", string()), optional("MaxResults", integer())});
    list.xml.flattened = {{"Results", "ListMessageMoveTasksResultEntry"}};
    list.validates_itself = true;
    service.add(std::move(list),
                [&tasks](Context&, const Json& input) { return tasks.list(input); });
    Operation cancel;
    cancel.name = "CancelMessageMoveTask";
    cancel.input = structure({required("TaskHandle", string())});
    cancel.validates_itself = true;
    service.add(std::move(cancel), [](Context&, const Json&) -> Json { throw no_such_task(); });
}

}  // namespace skafu::sqs
