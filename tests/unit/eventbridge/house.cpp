#include "house.h"

#include <boost/asio/co_spawn.hpp>

#include "core/aws_error.h"
#include "eventbridge/eventbridge.h"
#include "sqs/sqs.h"

namespace skafu::eventbridge::testing {
namespace {

struct Outcome {
    Json answer;
    std::exception_ptr error;
    bool done = false;
};

Task<void> run_call(Cloud& cloud, std::string_view service, std::string_view operation, Json input,
                    Outcome& outcome) {
    Caller caller;
    Json answer = co_await cloud.call_json(service, operation, std::move(input), caller, 0);
    outcome.answer = std::move(answer);
}

Task<void> run_advance(Cloud& cloud, Duration by) {
    co_await cloud.clock().advance(by);
}

}  // namespace

House::House(Settings settings) : cloud(io, std::move(settings), nullptr) {
    cloud.clock().freeze();
    cloud.clock().set(TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)));
    sqs::register_sqs(cloud);
    register_eventbridge(cloud);
}

void House::run() {
    io.restart();
    io.poll();
}

Json House::call(std::string_view service, std::string_view operation, Json input) {
    Outcome outcome;
    boost::asio::co_spawn(io, run_call(cloud, service, operation, std::move(input), outcome),
                          [&](std::exception_ptr error) {
                              outcome.error = error;
                              outcome.done = true;
                          });
    run();
    if (outcome.error) std::rethrow_exception(outcome.error);
    return outcome.answer;
}

std::string House::refusal(std::string_view operation, Json input) {
    try {
        events(operation, std::move(input));
    } catch (const AwsError& error) {
        return error.code() + ": " + error.message();
    }
    return "none";
}

void House::advance(Duration by) {
    bool done = false;
    boost::asio::co_spawn(io, run_advance(cloud, by), [&](std::exception_ptr) { done = true; });
    for (int turn = 0; turn < 1000 && !done; ++turn) run();
    run();
}

std::string House::queue(const std::string& name) {
    call("sqs", "CreateQueue", {{"QueueName", name}});
    return "arn:aws:sqs:us-east-1:000000000000:" + name;
}

std::vector<Json> House::messages(const std::string& name) {
    std::vector<Json> all;
    while (true) {
        Json got = call("sqs", "ReceiveMessage",
                        {{"QueueUrl", "http://localhost:4566/000000000000/" + name},
                         {"MaxNumberOfMessages", 10},
                         {"MessageAttributeNames", Json::array({"All"})}});
        const Json* list = find_member(got, "Messages");
        if (list == nullptr || list->empty()) return all;
        for (const Json& message : *list) {
            call("sqs", "DeleteMessage",
                 {{"QueueUrl", "http://localhost:4566/000000000000/" + name},
                  {"ReceiptHandle", message["ReceiptHandle"]}});
            all.push_back(message);
        }
    }
}

std::vector<std::string> House::bodies(const std::string& name) {
    std::vector<std::string> all;
    for (const Json& message : messages(name)) all.push_back(string_member(message, "Body"));
    return all;
}

void House::rule(const std::string& bus, const std::string& name, const std::string& pattern,
                 Json target) {
    events("PutRule", {{"Name", name}, {"EventBusName", bus}, {"EventPattern", pattern}});
    events("PutTargets",
           {{"Rule", name}, {"EventBusName", bus}, {"Targets", Json::array({std::move(target)})}});
}

Json House::put(const std::string& bus, const std::string& source, const std::string& type,
                const Json& detail) {
    Json entry = {{"EventBusName", bus},
                  {"Source", source},
                  {"DetailType", type},
                  {"Detail", to_text(detail)}};
    return events("PutEvents", {{"Entries", Json::array({std::move(entry)})}});
}

}  // namespace skafu::eventbridge::testing
