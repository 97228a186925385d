#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace skafu::lambda {

extern const std::string_view kPythonRuntimeSource;
extern const std::string_view kNodeRuntimeSource;

/// Where our own runtimes lie once they are written out, and which interpreters run them.
class RuntimeFiles {
  public:
    /// Writes the runtimes into `folder`, which is made if need be.
    explicit RuntimeFiles(std::filesystem::path folder);

    /// The command that starts a runtime such as "python3.12", "nodejs20.x" or "provided.al2023"
    /// for the code in `task_root` with its layers in `layer_roots`. Empty where the
    /// machine has nothing to run it with.
    std::vector<std::string> command(std::string_view runtime, const std::string& task_root,
                                     const std::vector<std::string>& layer_roots);

  private:
    std::string python(std::string_view runtime);
    std::string node();

    std::filesystem::path folder_;
    std::vector<std::pair<std::string, std::string>> found_;  // runtime -> interpreter
};

}  // namespace skafu::lambda
