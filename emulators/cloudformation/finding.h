#pragma once

#include <string>
#include <vector>

namespace skafu::cloudformation {

/// What runs here although AWS would refuse it or it would not work there.
struct Finding {
    std::string file;
    int line = 0;
    std::string logical_id;
    std::string message;      ///< what stands in the template
    std::string consequence;  ///< what AWS does with it; may be empty
    std::string mend;         ///< what to write instead; may be empty
    bool refused = false;     ///< AWS would not deploy it: strict mode does not either
};

/// "file:line: [logical id] message On AWS: consequence Mend: mend"
std::string to_line(const Finding& finding);

}  // namespace skafu::cloudformation
