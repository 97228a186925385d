#pragma once

#include <optional>
#include <string>
#include <vector>

namespace skafu::lambda {

/// A handler that the code does not define: AWS deploys such a function, and each invocation
/// fails with Runtime.HandlerNotFound or Runtime.ImportModuleError.
struct HandlerProblem {
    std::string finding;    ///< what the user should know
    std::string candidate;  ///< the only handler there could be meant instead, or ""
};

/// Looks at the source of a Python or Node.js handler without running it. Says nothing in doubt.
std::optional<HandlerProblem> check_handler(const std::string& runtime, const std::string& handler,
                                            const std::vector<std::string>& roots);

}  // namespace skafu::lambda
