#include "sqs/queue.h"

#include <algorithm>
#include <map>

#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "sqs/queue_attributes.h"

using namespace skafu;
using namespace skafu::sqs;

namespace {

struct CountingLog : MessageLog {
    void inserted(const Message& message) override {
        ++rows;
        contents[message.sequence] = *message.content;
    }
    void updated(const Message&) override {}
    void removed(std::uint64_t sequence) override {
        --rows;
        contents.erase(sequence);
    }
    std::unique_ptr<MessageContent> content(std::uint64_t sequence) override {
        ++fetched;
        return std::make_unique<MessageContent>(contents.at(sequence));
    }
    int rows = 0;
    int fetched = 0;
    std::map<std::uint64_t, MessageContent> contents;
};

struct QueueFixture {
    CountingLog log;
    Queue queue{1, log};
    std::uint64_t next = 1;
    std::vector<Message> dead;

    void send(std::string body, std::int64_t now = 0, std::int64_t delay = 0,
              std::string group = {}) {
        Message message;
        message.sequence = next++;
        message.content->id = body;
        message.content->body = body;
        message.group = std::move(group);
        message.content->deduplication_id = queue.settings.fifo ? body : "";
        message.sent_ms = now;
        message.visible_ms = now + delay;
        queue.add(std::move(message), now);
    }
    std::string receive(std::int64_t now, std::size_t most = 10, std::int64_t visibility = 1000) {
        std::string out;
        for (const Message* m : queue.receive(most, visibility, now, &dead))
            out += m->content->body;
        return out;
    }
    Receipt receipt(std::uint64_t sequence, std::uint32_t receive = 1) {
        return {1, sequence, receive};
    }
};

}  // namespace

TEST_CASE("a received message is hidden until its visibility timeout ends") {
    QueueFixture f;
    f.send("a");
    CHECK(f.receive(0) == "a");
    CHECK(f.receive(999) == "");
    CHECK(f.queue.counts(999).in_flight == 1);
    CHECK(f.queue.next_visible_ms() == 1000);
    CHECK(f.receive(1000) == "a");
    CHECK(f.queue.remove(f.receipt(1, 2), 1001) == HandleResult::kDone);
    CHECK(f.queue.remove(f.receipt(1, 2), 1001) == HandleResult::kGone);
    CHECK(f.log.rows == 0);
    CHECK(f.receive(5000) == "");
}

TEST_CASE("delays, retention and purge") {
    QueueFixture f;
    f.queue.settings.retention_ms = 60'000;
    f.send("a", 0, 500);
    f.send("b", 0);
    CHECK(f.queue.counts(0).delayed == 1);
    CHECK(f.receive(100) == "b");
    CHECK(f.receive(500) == "a");
    CHECK(f.receive(60'001) == "");
    CHECK(f.log.rows == 0);
    f.send("c", 60'001);
    f.queue.purge();
    CHECK(f.receive(60'001) == "");
    CHECK(f.log.rows == 0);
}

TEST_CASE("visibility can be changed while in flight") {
    QueueFixture f;
    f.send("a");
    CHECK(f.queue.change_visibility(f.receipt(1), 10, 0) == HandleResult::kNotInFlight);
    CHECK(f.receive(0) == "a");
    CHECK(f.queue.change_visibility(f.receipt(1), 5000, 0) == HandleResult::kDone);
    CHECK(f.receive(4999) == "");
    CHECK(f.queue.change_visibility(f.receipt(1), 0, 4999) == HandleResult::kDone);
    CHECK(f.receive(4999) == "a");
}

TEST_CASE("a message received too often goes to the dead-letter queue") {
    QueueFixture f;
    f.queue.settings.redrive = RedrivePolicy{"arn", 2};
    f.send("a");
    f.send("b", 0, 1500);
    CHECK(f.receive(0) == "a");
    CHECK(f.receive(1000) == "a");
    CHECK(f.receive(2000) == "b");
    REQUIRE(f.dead.size() == 1);
    CHECK(f.dead[0].content->body == "a");
    CHECK(f.log.rows == 1);
}

TEST_CASE("FIFO: a group waits for its messages in flight, others do not") {
    QueueFixture f;
    f.queue.settings.fifo = true;
    f.send("a", 0, 0, "g");
    f.send("b", 0, 0, "h");
    f.send("c", 0, 0, "g");
    f.send("d", 0, 0, "g");
    CHECK(f.receive(0, 2) == "ac");
    CHECK(f.receive(0, 10) == "b");
    CHECK(f.receive(0, 10) == "");
    CHECK(f.queue.remove(f.receipt(1), 1) == HandleResult::kDone);
    CHECK(f.receive(1) == "");
    CHECK(f.queue.remove(f.receipt(3), 1) == HandleResult::kDone);
    CHECK(f.receive(1) == "d");
    CHECK(f.receive(1000) == "b");
    CHECK(f.receive(1001) == "d");
    CHECK(f.queue.remove(f.receipt(4, 1), 1001) == HandleResult::kExpired);
    CHECK(f.queue.remove(f.receipt(4, 2), 1001) == HandleResult::kDone);
}

TEST_CASE("FIFO: a message that becomes visible again keeps its place") {
    QueueFixture f;
    f.queue.settings.fifo = true;
    f.send("a", 0, 0, "g");
    f.send("b", 0, 0, "g");
    CHECK(f.receive(0, 1) == "a");
    CHECK(f.queue.change_visibility(f.receipt(1), 2000, 0) == HandleResult::kDone);
    CHECK(f.receive(1500) == "");
    CHECK(f.receive(2000) == "ab");
}

TEST_CASE("FIFO: the same deduplication id within five minutes is one message") {
    QueueFixture f;
    f.queue.settings.fifo = true;
    f.send("a", 0, 0, "g");
    Message again;
    again.content->deduplication_id = "a";
    again.group = "h";
    REQUIRE(f.queue.duplicate_of(again, 299'999) != nullptr);
    CHECK(f.queue.duplicate_of(again, 299'999)->message_id == "a");
    CHECK(f.queue.duplicate_of(again, 300'000) == nullptr);
}

TEST_CASE("what a long queue's messages say comes back from the log") {
    QueueFixture f;
    const std::string filling(1 << 20, 'x');
    for (char c = 'a'; c <= 'l'; ++c) f.send(c + filling);
    for (char c = 'a'; c <= 'l'; ++c) CHECK(f.receive(0, 1) == c + filling);
    CHECK(f.log.fetched > 0);
    const int fetched = f.log.fetched;
    std::string again;
    for (int i = 0; i < 12; ++i) again += f.receive(1000, 1).front();
    std::sort(again.begin(), again.end());
    CHECK(again == "abcdefghijkl");
    CHECK(f.log.fetched > fetched);
    for (std::uint64_t i = 1; i <= 12; ++i) {
        CHECK(f.queue.remove(f.receipt(i, 2), 1001) == HandleResult::kDone);
    }
    CHECK(f.log.rows == 0);
    f.send("again", 1001);
    const int before = f.log.fetched;
    CHECK(f.queue.take_oldest(1001)->content->body == "again");
    CHECK(f.log.fetched == before);  // there is room at hand again
}

TEST_CASE("queue attributes are checked and completed") {
    CHECK_NOTHROW(check_queue_name("a-b_C9", Json::object()));
    CHECK_NOTHROW(check_queue_name("a.fifo", Json{{"FifoQueue", "true"}}));
    CHECK_THROWS_AS(check_queue_name("a.fifo", Json::object()), AwsError);
    CHECK_THROWS_AS(check_queue_name("a", Json{{"FifoQueue", "true"}}), AwsError);
    CHECK_THROWS_AS(check_queue_name("a.b", Json::object()), AwsError);
    const auto attribute = [](const char* name, const char* value) {
        Json out = Json::object();
        out[name] = value;
        return out;
    };
    CHECK_THROWS_AS(checked_attributes(attribute("DelaySeconds", "901"), "q"), AwsError);
    CHECK_THROWS_AS(checked_attributes(attribute("Nope", "1"), "q"), AwsError);
    CHECK_THROWS_AS(checked_attributes(attribute("FifoQueue", "true"), "q"), AwsError);
    CHECK_THROWS_AS(checked_attributes(attribute("RedrivePolicy", "{}"), "q"), AwsError);
    const QueueSettings settings = to_settings(with_defaults(checked_attributes(
        attribute(
            "RedrivePolicy",
            R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:x","maxReceiveCount":"3"})"),
        "q")));
    CHECK(settings.visibility_ms == 30'000);
    CHECK(settings.redrive->max_receive_count == 3);
}
