#include "house.h"

#include "core/aws_error.h"
#include "stepfunctions/stepfunctions.h"

using namespace skafu;

House::House(Settings settings) : cloud(io, std::move(settings), nullptr) {
    cloud.clock().freeze();
    Service echo;
    echo.name = "echo";
    Operation operation;
    operation.name = "Say";
    echo.add(std::move(operation), [this](Context&, const Json& input) {
        calls.push_back(input);
        call_times.push_back(epoch_seconds(cloud.clock().now()));
        if (failures_left > 0) {
            --failures_left;
            throw AwsError("ThrottlingException", "too fast");
        }
        return input;
    });
    cloud.add_service(std::move(echo));
    stepfunctions::register_stepfunctions(cloud);
    poll();
}

void House::poll() {
    io.restart();
    io.poll();
}

void House::advance(double seconds) {
    cloud.clock().set(cloud.clock().now() + Duration(static_cast<std::int64_t>(seconds * 1e6)));
    poll();
}

Json House::call(std::string_view operation, Json input) {
    Call wish{"states", operation, Document(std::move(input)), Caller{}, 0, {}};
    Json answer = cloud.call_now(std::move(wish)).take_value();
    poll();
    return answer;
}

std::string House::error_of(std::string_view operation, Json input) {
    try {
        call(operation, std::move(input));
        return "none";
    } catch (const AwsError& error) {
        return error.code() + ": " + error.message();
    }
}

std::string House::machine(const std::string& name, const std::string& definition,
                           const std::string& type) {
    Json input = {{"name", name},
                  {"definition", definition},
                  {"roleArn", "arn:aws:iam::000000000000:role/r"},
                  {"type", type}};
    return call("CreateStateMachine", std::move(input))["stateMachineArn"].get<std::string>();
}

std::string House::start(const std::string& machine_arn, const std::string& input) {
    return call("StartExecution",
                {{"stateMachineArn", machine_arn}, {"input", input}})["executionArn"]
        .get<std::string>();
}

Json House::describe(const std::string& execution_arn) {
    return call("DescribeExecution", {{"executionArn", execution_arn}});
}

std::vector<std::string> House::history(const std::string& execution_arn) {
    std::vector<std::string> types;
    const Json answer =
        call("GetExecutionHistory", {{"executionArn", execution_arn}, {"maxResults", 1000}});
    for (const Json& event : answer["events"]) types.push_back(event["type"].get<std::string>());
    return types;
}

Json House::run(const std::string& definition, const std::string& input) {
    const std::string arn = machine("m" + std::to_string(++machines), definition);
    return describe(start(arn, input));
}
