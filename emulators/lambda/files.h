#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace skafu::lambda {

/// All bytes of a file; empty where it cannot be read.
std::string read_file(const std::filesystem::path& file);

/// Makes or replaces a file. Throws std::runtime_error where that does not succeed.
void write_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace skafu::lambda
