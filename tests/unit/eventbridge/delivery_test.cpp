#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "house.h"

using namespace skafu;
using namespace std::chrono_literals;
using skafu::eventbridge::testing::House;

namespace {

const std::string kQueue = "arn:aws:sqs:us-east-1:000000000000:";

/// A service `lambda` whose Invoke fails as often as told, asynchronously.
struct Function {
    explicit Function(House& house) {
        Service service;
        service.name = "lambda";
        Operation invoke;
        invoke.name = "Invoke";
        service.add_async(std::move(invoke), [this](Context& context, Json input) {
            return answer(context, std::move(input));
        });
        house.cloud.add_service(std::move(service));
    }
    Task<Json> answer(Context&, Json input) {
        ++calls;
        if (failures > 0) {
            --failures;
            throw AwsError("ServiceException", "not today", 500);
        }
        payloads.push_back(string_member(input, "Payload"));
        co_return Json{{"StatusCode", 202}};
    }
    int failures = 0;
    int calls = 0;
    std::vector<std::string> payloads;
};

const std::string kFunction = "arn:aws:lambda:us-east-1:000000000000:function:f";

}  // namespace

TEST_CASE("an event reaches the queues of the rules that match") {
    House house;
    house.events("CreateEventBus", {{"Name", "domain"}});
    house.queue("all");
    house.queue("some");
    house.rule("domain", "all", R"({"source":[{"prefix":"shop"}]})",
               {{"Id", "1"}, {"Arn", kQueue + "all"}});
    house.rule(
        "domain", "some", R"({"detail":{"state":["paid"]}})",
        {{"Id", "1"},
         {"Arn", kQueue + "some"},
         {"InputTransformer",
          {{"InputPathsMap", {{"id", "$.detail.id"}}}, {"InputTemplate", "{\"id\":<id>}"}}}});
    const Json first =
        house.put("domain", "shop.orders", "OrderPaid", {{"id", 7}, {"state", "paid"}});
    house.put("domain", "shop.orders", "OrderMade", {{"id", 8}, {"state", "new"}});
    house.put("domain", "other", "Nothing", {{"id", 9}});
    CHECK(first["FailedEntryCount"] == 0);
    const auto all = house.bodies("all");
    REQUIRE(all.size() == 2);
    const Json event = parse_json(all[0]);
    CHECK(event["id"] == first["Entries"][0]["EventId"]);
    CHECK(to_text(event["detail"]) == R"({"id":7,"state":"paid"})");
    std::string members;
    for (const auto& [name, value] : event.items()) members += name + " ";
    CHECK(members == "version id detail-type source account time region resources detail ");
    CHECK(event["time"] == "2026-01-01T00:00:00Z");
    CHECK(house.bodies("some") == std::vector<std::string>{R"({"id":7})"});
    CHECK(house.cloud.journal().open_work() == 0);
}

TEST_CASE("a target that fails is tried again by the clock, in the order of acceptance") {
    House house;
    Function function(house);
    function.failures = 3;
    house.rule("default", "r", R"({"source":["s"]})", {{"Id", "1"}, {"Arn", kFunction}});
    house.put("default", "s", "t", {{"n", 1}});
    CHECK(function.calls == 1);
    CHECK(function.payloads.empty());
    CHECK(house.cloud.journal().open_work() == 1);
    house.advance(24h);
    CHECK(function.calls == 4);
    REQUIRE(function.payloads.size() == 1);
    CHECK(parse_json(function.payloads[0])["detail"]["n"] == 1);
    CHECK(house.cloud.journal().open_work() == 0);
    for (int n = 2; n < 5; ++n) house.put("default", "s", "t", {{"n", n}});
    REQUIRE(function.payloads.size() == 4);
    for (int n = 1; n < 5; ++n) {
        CHECK(parse_json(function.payloads[static_cast<std::size_t>(n - 1)])["detail"]["n"] == n);
    }
}

TEST_CASE("when the retries are used up the event goes to the dead-letter queue") {
    House house;
    Function function(house);
    function.failures = 1000;
    house.queue("dead");
    house.rule("default", "r", R"({"source":["s"]})",
               {{"Id", "1"},
                {"Arn", kFunction},
                {"RetryPolicy", {{"MaximumRetryAttempts", 2}}},
                {"DeadLetterConfig", {{"Arn", kQueue + "dead"}}}});
    house.put("default", "s", "t", {{"n", 1}});
    house.advance(1h);
    CHECK(function.calls == 3);
    const auto dead = house.messages("dead");
    REQUIRE(dead.size() == 1);
    const Json& attributes = dead[0]["MessageAttributes"];
    CHECK(attributes["RULE_ARN"]["StringValue"] == "arn:aws:events:us-east-1:000000000000:rule/r");
    CHECK(attributes["TARGET_ARN"]["StringValue"] == kFunction);
    CHECK(attributes["ERROR_CODE"]["StringValue"] == "INTERNAL_ERROR");
    CHECK(attributes["ERROR_MESSAGE"]["StringValue"] == "not today");
    CHECK(attributes["EXHAUSTED_RETRY_CONDITION"]["StringValue"] == "MaximumRetryAttempts");
    CHECK(attributes["RETRY_ATTEMPTS"]["StringValue"] == "2");
    CHECK(parse_json(string_member(dead[0], "Body"))["detail"]["n"] == 1);
    CHECK(house.cloud.journal().open_work() == 0);
}

TEST_CASE("a target that is not there goes to the dead-letter queue at once") {
    House house;
    house.queue("dead");
    house.rule("default", "r", R"({"source":["s"]})",
               {{"Id", "1"},
                {"Arn", kQueue + "missing"},
                {"DeadLetterConfig", {{"Arn", kQueue + "dead"}}}});
    house.put("default", "s", "t", {{"n", 1}});
    const auto dead = house.messages("dead");
    REQUIRE(dead.size() == 1);
    CHECK(dead[0]["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE");
    CHECK(house.cloud.journal().open_work() == 0);
}

TEST_CASE("an event goes on to another bus once, and no further") {
    House house;
    for (const char* name : {"a", "b", "c"}) house.events("CreateEventBus", {{"Name", name}});
    const std::string bus = "arn:aws:events:us-east-1:000000000000:event-bus/";
    house.queue("in-b");
    house.queue("in-c");
    const std::string all = R"({"account":[{"exists":true}]})";
    house.rule("a", "on", all, {{"Id", "1"}, {"Arn", bus + "b"}});
    house.rule("b", "on", all, {{"Id", "1"}, {"Arn", bus + "c"}});
    house.rule("b", "keep", all, {{"Id", "1"}, {"Arn", kQueue + "in-b"}});
    house.rule("c", "keep", all, {{"Id", "1"}, {"Arn", kQueue + "in-c"}});
    house.put("a", "s", "t", {{"n", 1}});
    CHECK(house.bodies("in-b").size() == 1);
    CHECK(house.bodies("in-c").empty());
}

TEST_CASE("a schedule fires by the clock") {
    House house;
    house.queue("ticks");
    house.events("PutRule", {{"Name", "tick"}, {"ScheduleExpression", "rate(5 minutes)"}});
    house.events(
        "PutTargets",
        {{"Rule", "tick"}, {"Targets", Json::array({{{"Id", "1"}, {"Arn", kQueue + "ticks"}}})}});
    house.advance(16min);
    const auto ticks = house.bodies("ticks");
    REQUIRE(ticks.size() == 3);
    const Json event = parse_json(ticks[0]);
    CHECK(event["source"] == "aws.events");
    CHECK(event["detail-type"] == "Scheduled Event");
    CHECK(event["time"] == "2026-01-01T00:05:00Z");
    CHECK(event["resources"][0] == "arn:aws:events:us-east-1:000000000000:rule/tick");
    house.events("DisableRule", {{"Name", "tick"}});
    house.advance(16min);
    CHECK(house.bodies("ticks").empty());
}

TEST_CASE("an archive keeps what its pattern takes, and a replay brings it back") {
    House house;
    house.events("CreateEventBus", {{"Name", "b"}});
    const std::string bus = "arn:aws:events:us-east-1:000000000000:event-bus/b";
    house.events(
        "CreateArchive",
        {{"ArchiveName", "arc"}, {"EventSourceArn", bus}, {"EventPattern", R"({"source":["s"]})"}});
    house.put("b", "s", "t", {{"n", 1}});
    house.put("b", "other", "t", {{"n", 2}});
    house.advance(1min);
    house.put("b", "s", "t", {{"n", 3}});
    CHECK(house.events("DescribeArchive", {{"ArchiveName", "arc"}})["EventCount"] == 2);
    house.queue("q");
    house.rule("b", "r", R"({"replay-name":[{"exists":true}]})",
               {{"Id", "1"}, {"Arn", kQueue + "q"}});
    house.events("StartReplay",
                 {{"ReplayName", "again"},
                  {"EventSourceArn", "arn:aws:events:us-east-1:000000000000:archive/arc"},
                  {"EventStartTime", 1767225600},
                  {"EventEndTime", 1767229200},
                  {"Destination", {{"Arn", bus}}}});
    house.run();
    CHECK(house.events("DescribeReplay", {{"ReplayName", "again"}})["State"] == "COMPLETED");
    const auto again = house.bodies("q");
    REQUIRE(again.size() == 2);
    CHECK(again[0].find(R"("replay-name":"again","resources":[])") != std::string::npos);
    CHECK(parse_json(again[1])["detail"]["n"] == 3);
    CHECK(house.events("DescribeArchive", {{"ArchiveName", "arc"}})["EventCount"] == 2);
}

TEST_CASE("sources of AWS are for services") {
    House house;
    const Json refused = house.put("default", "aws.s3", "t", Json::object());
    CHECK(refused["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException");
    house.queue("q");
    house.rule("default", "r", R"({"source":["aws.s3"]})", {{"Id", "1"}, {"Arn", kQueue + "q"}});
    house.cloud.emit_event(Caller{}, "aws.s3", "Object Created", {{"key", "k"}}, Json::array(), 0);
    house.run();
    CHECK(house.bodies("q").size() == 1);
}
