#include "cloudformation/runtime_check.h"

#include <charconv>

#include "core/spelling.h"

namespace skafu::cloudformation {
namespace {

/// The runtimes of AWS Lambda; `gone`: no function can be created with it any more.
struct LambdaRuntime {
    std::string_view name;
    bool gone = false;
};

constexpr LambdaRuntime kLambdaRuntimes[] = {{"dotnet6"},
                                             {"dotnet8"},
                                             {"dotnet10"},
                                             {"dotnetcore1.0", true},
                                             {"dotnetcore2.0", true},
                                             {"dotnetcore2.1", true},
                                             {"dotnetcore3.1", true},
                                             {"go1.x", true},
                                             {"java8", true},
                                             {"java8.al2"},
                                             {"java11"},
                                             {"java17"},
                                             {"java21"},
                                             {"java25"},
                                             {"nodejs", true},
                                             {"nodejs4.3", true},
                                             {"nodejs4.3-edge", true},
                                             {"nodejs6.10", true},
                                             {"nodejs8.10", true},
                                             {"nodejs10.x", true},
                                             {"nodejs12.x", true},
                                             {"nodejs14.x", true},
                                             {"nodejs16.x"},
                                             {"nodejs18.x"},
                                             {"nodejs20.x"},
                                             {"nodejs22.x"},
                                             {"nodejs24.x"},
                                             {"provided", true},
                                             {"provided.al2"},
                                             {"provided.al2023"},
                                             {"python2.7", true},
                                             {"python3.6", true},
                                             {"python3.7", true},
                                             {"python3.8"},
                                             {"python3.9"},
                                             {"python3.10"},
                                             {"python3.11"},
                                             {"python3.12"},
                                             {"python3.13"},
                                             {"python3.14"},
                                             {"ruby2.5", true},
                                             {"ruby2.7", true},
                                             {"ruby3.2"},
                                             {"ruby3.3"},
                                             {"ruby3.4"},
                                             {"ruby4.0"}};

std::string_view family_of(std::string_view runtime) {
    return runtime.substr(0, std::min(runtime.find_first_of("0123456789."), runtime.size()));
}

/// The numbers in a runtime's name: {3, 12} of python3.12.
std::vector<int> version_of(std::string_view runtime) {
    std::vector<int> numbers;
    const char* at = runtime.data();
    const char* end = at + runtime.size();
    while (at != end) {
        int number = 0;
        const auto [next, fault] = std::from_chars(at, end, number);
        if (fault == std::errc()) numbers.push_back(number);
        at = next == at ? at + 1 : next;
    }
    return numbers;
}

/// AWS may have it by now: a version above all those of its family that are known here.
bool may_be_newer(std::string_view runtime) {
    const std::string_view family = family_of(runtime);
    bool known = false;
    for (const LambdaRuntime& other : kLambdaRuntimes) {
        if (family_of(other.name) != family) continue;
        known = true;
        if (version_of(runtime) <= version_of(other.name)) return false;
    }
    return known;
}

/// The latest runtime of a family, or "".
std::string latest_of(std::string_view family) {
    std::string latest;
    for (const LambdaRuntime& runtime : kLambdaRuntimes) {
        if (family_of(runtime.name) == family && !runtime.gone) latest = runtime.name;
    }
    return latest;
}

bool runs_here(std::string_view runtime) {
    return runtime.starts_with("python") || runtime.starts_with("nodejs") ||
           runtime.starts_with("provided") || runtime == "go1.x";
}

RuntimeRemark unknown_runtime(const std::string& runtime) {
    RuntimeRemark remark;
    remark.message = fmt::format("AWS Lambda has no runtime {}.", runtime);
    remark.consequence = fmt::format(
        "Value {} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set.",
        runtime);
    std::vector<std::string> names;
    for (const LambdaRuntime& known : kLambdaRuntimes) {
        if (!known.gone) names.emplace_back(known.name);
    }
    const std::string latest = latest_of(family_of(runtime));
    const std::string meant = latest.empty() ? nearest_name(runtime, names) : latest;
    if (!meant.empty()) remark.mend = "write " + meant;
    remark.refused = true;
    return remark;
}

RuntimeRemark gone_runtime(const std::string& runtime) {
    RuntimeRemark remark;
    remark.message = fmt::format("The runtime {} is out of service.", runtime);
    remark.consequence = fmt::format(
        "The runtime parameter of {} is no longer supported for creating or updating AWS Lambda "
        "functions. We recommend you use a supported runtime while creating or updating "
        "functions.",
        runtime);
    std::string_view family = family_of(runtime);
    if (family == "dotnetcore") family = "dotnet";
    if (family == "go") family = "provided";
    remark.mend = "write " + latest_of(family);
    remark.refused = true;
    return remark;
}

}  // namespace

std::vector<RuntimeRemark> check_runtime(const std::string& runtime) {
    std::vector<RuntimeRemark> remarks;
    const auto known = std::find_if(std::begin(kLambdaRuntimes), std::end(kLambdaRuntimes),
                                    [&](const LambdaRuntime& one) { return one.name == runtime; });
    if (known == std::end(kLambdaRuntimes)) {
        if (!may_be_newer(runtime)) remarks.push_back(unknown_runtime(runtime));
    } else if (known->gone) {
        remarks.push_back(gone_runtime(runtime));
    }
    if (!runs_here(runtime)) {
        remarks.push_back({fmt::format("The runtime {} does not run here: each call of the "
                                       "function fails.",
                                       runtime),
                           "",
                           "use Python, Node.js or provided.* for what has to run here, or send "
                           "the service elsewhere with --upstream lambda=URL",
                           false});
    }
    return remarks;
}

}  // namespace skafu::cloudformation
