#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace skafu::lambda {

/// An archive that cannot be read, or holds what must not be written.
class ZipError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Unpacks a ZIP archive (PKWARE APPNOTE 6.3; stored and deflated entries) into `folder`, with
/// the files' permissions and symbolic links. Throws ZipError: for damage, for names that lead
/// out of the folder, and for more than `limit` bytes in all.
void unzip(std::string_view archive, const std::filesystem::path& folder, std::size_t limit);

}  // namespace skafu::lambda
