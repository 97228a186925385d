#include <filesystem>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "core/cloud.h"
#include "sqs/sqs.h"

using namespace skafu;

namespace {

Task<void> run_call(Cloud& cloud, std::string_view operation, Json input,
                    std::optional<Json>& result) {
    Caller caller;
    Json answer = co_await cloud.call_json("sqs", operation, std::move(input), caller, 0);
    result = std::move(answer);
}

struct Fixture {
    boost::asio::io_context io;
    Cloud cloud;

    explicit Fixture(Settings settings = {}) : cloud(io, std::move(settings), nullptr) {
        cloud.clock().freeze();
        sqs::register_sqs(cloud);
    }
    Json now(std::string_view operation, Json input) {
        return cloud.call_now({"sqs", operation, Document(std::move(input)), Caller{}, 0, {}})
            .take_value();
    }
    /// Runs the call until the loop has nothing to do; nothing while it waits.
    std::optional<Json>& start(std::string_view operation, Json input) {
        results.push_back(std::nullopt);
        boost::asio::co_spawn(io, run_call(cloud, operation, std::move(input), results.back()),
                              boost::asio::detached);
        io.restart();
        io.poll();
        return results.back();
    }
    std::string create(const std::string& name, Json attributes = Json::object()) {
        return now("CreateQueue", {{"QueueName", name}, {"Attributes", std::move(attributes)}})
            .at("QueueUrl")
            .get<std::string>();
    }
    std::string error(std::string_view operation, Json input) {
        try {
            now(operation, std::move(input));
            return "none";
        } catch (const AwsError& e) {
            return e.code();
        }
    }
    std::deque<std::optional<Json>> results;
};

}  // namespace

TEST_CASE("a queue is created once, and differently only as an error") {
    Fixture f;
    const std::string url = f.create("q");
    CHECK(url == "http://localhost:4566/000000000000/q");
    CHECK(f.create("q") == url);
    CHECK(f.error("CreateQueue", {{"QueueName", "q"}, {"Attributes", {{"DelaySeconds", "5"}}}}) ==
          "QueueNameExists");
    CHECK(f.error("SendMessage", {{"QueueUrl", url + "x"}, {"MessageBody", "b"}}) ==
          "QueueDoesNotExist");
    CHECK(f.now("ListQueues", Json::object())["QueueUrls"] == Json::array({url}));
    const Json attributes =
        f.now("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {"All"}}})["Attributes"];
    CHECK(attributes["QueueArn"] == "arn:aws:sqs:us-east-1:000000000000:q");
    CHECK(attributes["VisibilityTimeout"] == "30");
}

TEST_CASE("a long poll ends when a message comes, or with nothing at its deadline") {
    Fixture f;
    const std::string url = f.create("q");
    std::optional<Json>& first =
        f.start("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});
    CHECK_FALSE(first.has_value());
    f.now("SendMessage", {{"QueueUrl", url}, {"MessageBody", "hi"}});
    f.io.restart();
    f.io.poll();
    REQUIRE(first.has_value());
    CHECK((*first)["Messages"][0]["Body"] == "hi");
    std::optional<Json>& second =
        f.start("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});
    f.cloud.clock().set(f.cloud.clock().now() + std::chrono::seconds(21));
    f.io.restart();
    f.io.poll();
    REQUIRE(second.has_value());
    CHECK(second->empty());
}

TEST_CASE("a batch answers for each of its entries") {
    Fixture f;
    const std::string url = f.create("q");
    const Json entries = parse_json(
        R"([{"Id":"a","MessageBody":"x"},{"Id":"b","MessageBody":""},
            {"Id":"c","MessageBody":"y","DelaySeconds":901}])");
    const Json answer = f.now("SendMessageBatch", {{"QueueUrl", url}, {"Entries", entries}});
    CHECK(answer["Successful"].size() == 1);
    CHECK(answer["Successful"][0]["Id"] == "a");
    CHECK(answer["Failed"][0]["Code"] == "MissingParameter");
    CHECK(answer["Failed"][1]["Code"] == "InvalidParameterValue");
    CHECK(f.error("SendMessageBatch", {{"QueueUrl", url}, {"Entries", Json::array()}}) ==
          "EmptyBatchRequest");
}

TEST_CASE("dead letters move, and move back by a task") {
    Fixture f;
    const std::string dead = f.create("dead");
    const std::string url = f.create(
        "q",
        {{"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead",)"
                           R"("maxReceiveCount":1})"}});
    f.now("SendMessage", {{"QueueUrl", url}, {"MessageBody", "x"}});
    const Json receive = {{"QueueUrl", url}, {"VisibilityTimeout", 0}};
    CHECK(f.start("ReceiveMessage", receive)->size() == 1);
    CHECK(f.start("ReceiveMessage", receive)->empty());
    const Json moved =
        *f.start("ReceiveMessage",
                 {{"QueueUrl", dead}, {"AttributeNames", {"All"}}, {"VisibilityTimeout", 0}});
    CHECK(moved["Messages"][0]["Attributes"]["DeadLetterQueueSourceArn"] ==
          "arn:aws:sqs:us-east-1:000000000000:q");
    f.now("StartMessageMoveTask", {{"SourceArn", "arn:aws:sqs:us-east-1:000000000000:dead"}});
    CHECK(f.start("ReceiveMessage", receive)->size() == 1);
    const Json tasks =
        f.now("ListMessageMoveTasks", {{"SourceArn", "arn:aws:sqs:us-east-1:000000000000:dead"}});
    CHECK(tasks["Results"][0]["ApproximateNumberOfMessagesMoved"] == 1);
}

TEST_CASE("messages outlive the process") {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / "skafu-sqs-operations-test";
    std::filesystem::remove_all(folder);
    Settings settings;
    settings.data_dir = folder;
    std::string url;
    {
        Fixture f(settings);
        url = f.create("q.fifo", {{"FifoQueue", "true"}});
        for (const char* body : {"a", "b"}) {
            f.now("SendMessage", {{"QueueUrl", url},
                                  {"MessageBody", body},
                                  {"MessageGroupId", "g"},
                                  {"MessageDeduplicationId", body}});
        }
        const Json got = *f.start("ReceiveMessage", {{"QueueUrl", url}});
        f.now("DeleteMessage",
              {{"QueueUrl", url}, {"ReceiptHandle", got["Messages"][0]["ReceiptHandle"]}});
    }
    Fixture f(settings);
    const Json got =
        *f.start("ReceiveMessage", {{"QueueUrl", url}, {"AttributeNames", {"MessageGroupId"}}});
    CHECK(got["Messages"].size() == 1);
    CHECK(got["Messages"][0]["Body"] == "b");
    CHECK(got["Messages"][0]["Attributes"]["MessageGroupId"] == "g");
    std::filesystem::remove_all(folder);
}
