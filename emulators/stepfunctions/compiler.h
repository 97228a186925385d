#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/cloud.h"
#include "stepfunctions/diagnostics.h"
#include "stepfunctions/program.h"

namespace skafu::stepfunctions {

enum class MachineType { standard, express };

/// Which faults of a definition are forgiven, with a warning instead of an error.
enum class Tolerance {
    none,      ///< as AWS
    template_  ///< of templates: numbers that stand there as text
};

/// Compiles a definition's text. What is wrong goes to `diagnostics`; with errors there, the
/// program must not be run. Never throws for what the text holds.
std::shared_ptr<const Program> compile_definition(std::string_view text, MachineType type,
                                                  const Cloud& cloud, Tolerance tolerance,
                                                  Diagnostics& diagnostics);

/// The same for one state alone (TestState); its Next leads nowhere.
std::shared_ptr<const Program> compile_single_state(const Json& state, const std::string& name,
                                                    QueryLanguage language, const Cloud& cloud,
                                                    Diagnostics& diagnostics);

}  // namespace skafu::stepfunctions
