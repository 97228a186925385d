#pragma once

#include <string>
#include <vector>

namespace skafu::cloudformation {

/// Something to know of a Lambda runtime before its functions are called.
struct RuntimeRemark {
    std::string message;
    std::string consequence;  ///< on AWS; may be empty
    std::string mend;
    bool refused = false;  ///< AWS creates no function with it
};

/// What is to be known of a runtime: that AWS does not have it or no longer takes it, and that it
/// does not run here.
std::vector<RuntimeRemark> check_runtime(const std::string& runtime);

}  // namespace skafu::cloudformation
