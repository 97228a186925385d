#include <doctest/doctest.h>

#include "house.h"

using namespace skafu;

namespace {

const char* const kRetry = R"({"StartAt":"T","States":{"T":{"Type":"Task",
    "Resource":"arn:aws:states:::aws-sdk:echo:say","Parameters":{"n":1},
    "Retry":[{"ErrorEquals":["Echo.ThrottlingException"],"IntervalSeconds":2,"BackoffRate":3,
              "MaxAttempts":3,"MaxDelaySeconds":10}],
    "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"Caught"}],
    "End":true},"Caught":{"Type":"Pass","End":true}}})";

const char* const kParallel = R"({"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,
    "Branches":[
      {"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":5,"End":true}}},
      {"StartAt":"B","States":{"B":{"Type":"Pass","Result":2,"End":true}}}]}}})";

std::string output_of(const Json& description) {
    return description.value("output", "") + description.value("error", "");
}

}  // namespace

TEST_CASE("retries wait as their backoff says, by the clock") {
    House house;
    house.failures_left = 100;
    const std::string arn = house.start(house.machine("retry", kRetry), R"({"x":1})");
    for (const double seconds : {2.0, 6.0, 10.0}) {
        const std::size_t before = house.calls.size();
        house.advance(seconds - 0.001);
        CHECK(house.calls.size() == before);
        house.advance(0.001);
        CHECK(house.calls.size() == before + 1);
    }
    CHECK(house.calls.size() == 4);
    const Json answer = house.describe(arn);
    CHECK(answer["status"] == "SUCCEEDED");
    const Json output = parse_json(answer["output"].get<std::string>());
    CHECK(output["x"] == 1);
    CHECK(output["error"]["Error"] == "Echo.ThrottlingException");
}

TEST_CASE("a task that recovers goes on") {
    House house;
    house.failures_left = 1;
    const std::string arn = house.start(house.machine("retry", kRetry));
    house.advance(2);
    CHECK(house.describe(arn)["status"] == "SUCCEEDED");
    CHECK(house.calls.size() == 2);
}

TEST_CASE("a parallel state waits for its slowest branch") {
    House house;
    const std::string arn = house.start(house.machine("parallel", kParallel), R"({"a":1})");
    CHECK(house.describe(arn)["status"] == "RUNNING");
    house.advance(5);
    const Json answer = house.describe(arn);
    CHECK(output_of(answer) == R"([{"a":1},2])");
}

TEST_CASE("a failing branch ends its siblings") {
    House house;
    const char* definition = R"({"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,
        "Branches":[
          {"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":500,"End":true}}},
          {"StartAt":"B","States":{"B":{"Type":"Fail","Error":"Bad"}}}]}}})";
    const Json answer = house.run(definition);
    CHECK(answer["status"] == "FAILED");
    CHECK(answer["error"] == "Bad");
    CHECK(house.cloud.clock().next_due() == TimePoint::max());
}

TEST_CASE("a map keeps the order of its items, however many run at once") {
    House house;
    for (const char* limit : {"0", "1", "3"}) {
        const std::string definition =
            std::string(R"({"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":)") + limit +
            R"(,"ItemSelector":{"v.$":"$$.Map.Item.Value","i.$":"$$.Map.Item.Index"},
               "ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},
               "End":true}}})";
        CHECK(output_of(house.run(definition, "[7,8]")) == R"([{"v":7,"i":0},{"v":8,"i":1}])");
    }
    const std::string many = to_text(Json(std::vector<int>(3000, 1)));
    const char* plain = R"({"StartAt":"M","States":{"M":{"Type":"Map","ResultPath":null,
        "ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},"End":true}}})";
    CHECK(output_of(house.run(plain, many)) == many);
}

TEST_CASE("a machine that runs in circles ends at the limit of events") {
    House house;
    const char* definition = R"({"StartAt":"A","States":{
        "A":{"Type":"Pass","Next":"B"},
        "B":{"Type":"Choice","Default":"A",
             "Choices":[{"Variable":"$.end","IsPresent":true,"Next":"Z"}]},
        "Z":{"Type":"Succeed"}}})";
    const std::string arn = house.start(house.machine("circle", definition));
    house.poll();
    CHECK(house.describe(arn)["error"] == "States.Runtime");
    const Json last = house.call(
        "GetExecutionHistory", {{"executionArn", arn}, {"reverseOrder", true}, {"maxResults", 1}});
    CHECK(last["events"][0]["id"] == 25'000);
    CHECK(last["events"][0]["type"] == "ExecutionFailed");
}

TEST_CASE("a machine's own timeout ends the execution") {
    House house;
    const char* definition = R"({"StartAt":"W","TimeoutSeconds":3,"States":{
        "W":{"Type":"Wait","Seconds":60,"End":true}}})";
    const std::string arn = house.start(house.machine("slow", definition));
    house.advance(3);
    CHECK(house.describe(arn)["status"] == "TIMED_OUT");
}

TEST_CASE("task tokens succeed, fail, beat and expire") {
    House house;
    const char* definition = R"({"StartAt":"T","States":{"T":{"Type":"Task",
        "Resource":"arn:aws:states:::aws-sdk:echo:say.waitForTaskToken","HeartbeatSeconds":10,
        "Parameters":{"token.$":"$$.Task.Token"},"End":true}}})";
    const std::string machine = house.machine("token", definition);
    const std::string first = house.start(machine);
    house.call("SendTaskSuccess", {{"taskToken", house.calls.back()["token"]}, {"output", "42"}});
    CHECK(output_of(house.describe(first)) == "42");
    const std::string second = house.start(machine);
    const Json token = house.calls.back()["token"];
    house.advance(8);
    house.call("SendTaskHeartbeat", {{"taskToken", token}});
    house.advance(8);
    CHECK(house.describe(second)["status"] == "RUNNING");
    house.advance(3);
    CHECK(house.describe(second)["error"] == "States.Timeout");
    CHECK(house.error_of("SendTaskSuccess", {{"taskToken", token}, {"output", "1"}})
              .starts_with("TaskTimedOut"));
    CHECK(house.error_of("SendTaskSuccess", {{"taskToken", "x"}, {"output", "1"}})
              .starts_with("InvalidToken"));
}

TEST_CASE("names make StartExecution idempotent") {
    House house;
    const std::string machine = house.machine("named", kParallel);
    const Json input = {{"stateMachineArn", machine}, {"name", "n"}, {"input", "{}"}};
    const Json first = house.call("StartExecution", input);
    CHECK(house.call("StartExecution", input) == first);
    Json other = input;
    other["input"] = "[]";
    CHECK(house.error_of("StartExecution", other).starts_with("ExecutionAlreadyExists"));
}

TEST_CASE("variables are seen from the next state on") {
    House house;
    const char* definition = R"({"StartAt":"A","States":{
        "A":{"Type":"Pass","Assign":{"x":1},"Next":"B"},
        "B":{"Type":"Pass","Assign":{"x":2,"old.$":"$x"},"Next":"C"},
        "C":{"Type":"Pass","Parameters":{"x.$":"$x","old.$":"$old"},"End":true}}})";
    CHECK(output_of(house.run(definition)) == R"({"x":2,"old":1})");
}

TEST_CASE("JSONata states") {
    House house;
    const char* definition = R"({"QueryLanguage":"JSONata","StartAt":"A","States":{
        "A":{"Type":"Pass","Output":{"sum":"{% $sum($states.input.n) %}"},"Next":"B"},
        "B":{"Type":"Choice","Choices":[{"Condition":"{% $states.input.sum > 5 %}","Next":"C",
             "Assign":{"big":true}}],"Default":"D"},
        "C":{"Type":"Pass","Output":"{% $big %}","End":true},"D":{"Type":"Fail"}}})";
    CHECK(output_of(house.run(definition, R"({"n":[1,2,3]})")) == "true");
    CHECK(house.run(definition, R"({"n":[1]})")["status"] == "FAILED");
}

TEST_CASE("a redrive goes on with what failed, and leaves the rest") {
    House house;
    house.failures_left = 1;
    const std::string arn = house.start(house.machine("redrive", R"({"StartAt":"P","States":{
        "P":{"Type":"Parallel","Next":"Z","Branches":[
          {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":5,"Next":"T"},
             "T":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:echo:say",
                  "Parameters":{"n":1},"End":true}}},
          {"StartAt":"B","States":{"B":{"Type":"Pass","Result":2,"End":true}}}]},
        "Z":{"Type":"Pass","End":true}}})"));
    house.advance(5);
    CHECK(house.describe(arn)["status"] == "FAILED");
    const std::size_t before = house.history(arn).size();
    house.call("RedriveExecution", {{"executionArn", arn}});
    house.poll();
    const Json answer = house.describe(arn);
    CHECK(answer["status"] == "SUCCEEDED");
    CHECK(answer["redriveCount"] == 1);
    CHECK(house.calls.size() == 2);
    CHECK(parse_json(answer["output"].get<std::string>())[1] == 2);
    const std::vector<std::string> types = house.history(arn);
    REQUIRE(types.size() > before + 1);
    CHECK(types[before] == "ExecutionRedriven");
    CHECK(types[before + 1] == "TaskScheduled");
}
