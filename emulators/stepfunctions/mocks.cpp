#include "stepfunctions/mocks.h"

#include <stdexcept>

namespace skafu::stepfunctions {
namespace {

MockResponse parse_response(const Json& json) {
    MockResponse response;
    if (const Json* result = find_member(json, "Return")) {
        response.result = *result;
    } else if (const Json* thrown = find_member(json, "Throw")) {
        Failure failure;
        if (const Json* error = find_member(*thrown, "Error"); error && error->is_string()) {
            failure.error = error->get<std::string>();
        }
        if (const Json* cause = find_member(*thrown, "Cause"); cause && cause->is_string()) {
            failure.cause = cause->get<std::string>();
        }
        response.failure = std::move(failure);
    } else {
        throw std::runtime_error("a mocked response needs 'Return' or 'Throw'");
    }
    return response;
}

/// A mocked state never calls its service, so an attempt without a response is a failure.
const MockResponse& no_such_attempt() {
    static const MockResponse kResponse = [] {
        MockResponse response;
        response.failure = runtime_failure("The mock file has no response for this attempt.");
        return response;
    }();
    return kResponse;
}

}  // namespace

Mocks Mocks::parse(std::string_view text) {
    Mocks mocks;
    Json file;
    try {
        file = parse_json(text);
    } catch (const JsonError& error) {
        throw std::runtime_error(std::string("the mock file is not JSON: ") + error.what());
    }
    const Json none = Json::object();
    const Json* responses = find_member(file, "MockedResponses");
    if (responses == nullptr) responses = &none;
    std::map<std::string, std::vector<Range>> by_name;
    for (const auto& [name, attempts] : responses->items()) {
        for (const auto& [key, response] : attempts.items()) {
            // "0", or "1-3" for several attempts.
            Range range;
            const std::size_t dash = key.find('-');
            try {
                range.from = std::stoll(key);
                range.to =
                    dash == std::string::npos ? range.from : std::stoll(key.substr(dash + 1));
            } catch (const std::logic_error&) {
                throw std::runtime_error("'" + key + "' is no number of an attempt");
            }
            range.response = parse_response(response);
            by_name[name].push_back(std::move(range));
        }
    }
    const Json* machines = find_member(file, "StateMachines");
    if (machines == nullptr) throw std::runtime_error("the mock file has no 'StateMachines'");
    for (const auto& [machine, definition] : machines->items()) {
        const Json* cases = find_member(definition, "TestCases");
        if (cases == nullptr) continue;
        for (const auto& [test_case, states] : cases->items()) {
            TestCase& target = mocks.machines_[machine][test_case];
            for (const auto& [state, response] : states.items()) {
                const auto found = by_name.find(response.is_string() ? response.get<std::string>()
                                                                     : std::string());
                if (found == by_name.end()) {
                    throw std::runtime_error("no mocked response " + to_text(response));
                }
                target[state] = found->second;
            }
        }
    }
    return mocks;
}

bool Mocks::has_test_case(const std::string& machine, const std::string& test_case) const {
    const auto found = machines_.find(machine);
    return found != machines_.end() && found->second.contains(test_case);
}

const MockResponse* Mocks::find(const std::string& machine, const std::string& test_case,
                                const std::string& state, std::int64_t attempt) const {
    const auto machine_found = machines_.find(machine);
    if (machine_found == machines_.end()) return nullptr;
    const auto case_found = machine_found->second.find(test_case);
    if (case_found == machine_found->second.end()) return nullptr;
    const auto state_found = case_found->second.find(state);
    if (state_found == case_found->second.end()) return nullptr;
    for (const Range& range : state_found->second) {
        if (attempt >= range.from && attempt <= range.to) return &range.response;
    }
    return &no_such_attempt();
}

}  // namespace skafu::stepfunctions
