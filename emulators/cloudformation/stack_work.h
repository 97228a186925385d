#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cloudformation/stack_engine.h"

namespace skafu::cloudformation {

/// One stack while it is created or updated.
struct StackEngine::Work {
    StackIdentity identity;
    StackTemplate prepared;
    Json stack;  ///< its document
    bool updating = false;
    bool rolls_back = true;

    std::map<std::string, Json> resources;  ///< documents as they become
    std::map<std::string, Json> before;     ///< documents as they were
    std::set<std::string> unchanged;
    std::vector<std::string> created;  ///< in the order in which it happened
    std::vector<std::string> updated;
    std::map<std::string, Json> replaced;  ///< what a new resource stands for now
    std::vector<std::string> failed_ids;
    std::string output_fault;
    Json imports = Json::array();

    /// "The following resource(s) failed to create: [A, B]. "
    std::string reason() const {
        if (!output_fault.empty()) return output_fault;
        return fmt::format("The following resource(s) failed to {}: [{}]. ",
                           updating ? "update" : "create", fmt::join(failed_ids, ", "));
    }
};

}  // namespace skafu::cloudformation
