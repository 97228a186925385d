// Any text as a definition: it compiles, or its faults are told.
#include <cstdint>
#include <string_view>

#include "stepfunctions/compiler.h"

using namespace skafu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static boost::asio::io_context io;
    static Cloud cloud(io, Settings{}, nullptr);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    stepfunctions::Diagnostics diagnostics;
    stepfunctions::compile_definition(text, stepfunctions::MachineType::standard, cloud,
                                      stepfunctions::Tolerance::template_, diagnostics);
    static_cast<void>(diagnostics.text());
    return 0;
}
