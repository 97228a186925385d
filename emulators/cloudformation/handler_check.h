#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace skafu::cloudformation {

/// What the code of a function says about its handler.
struct HandlerCheck {
    bool found = true;   ///< also where it cannot be told
    std::string file;    ///< the module's file name, "app.py"
    std::string name;    ///< the function that is missing, "lambda_handler"
    std::string module;  ///< the handler's part before the name, "app"
    struct Candidate {
        std::string name;
        int line;
    };
    std::vector<Candidate> candidates;  ///< functions that could have been meant
};

/// Looks for the handler "module.name" of a Python or Node.js function in its code folder, by
/// reading the module's text; other runtimes and archives pass.
HandlerCheck check_handler(const std::filesystem::path& code, const std::string& runtime,
                           const std::string& handler);

}  // namespace skafu::cloudformation
