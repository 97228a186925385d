#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/cloud.h"

namespace skafu::lambda {

/// Code of a function or layer, ready to run.
struct StoredCode {
    std::string root;    ///< folder
    std::string sha256;  ///< base64, as CodeSha256
    std::int64_t size = 0;
    std::string archive;  ///< the ZIP file it came from, or ""

    Json to_json() const;
};

/// Where functions' code lies: unpacked archives by their digest, under the data directory or, in
/// memory mode, in a temporary folder that goes with the process.
class CodeStore {
  public:
    explicit CodeStore(Cloud& cloud);

    /// Where the runtimes' own files go.
    std::filesystem::path runtime_folder();

    /// Unpacks an archive. Throws AwsError InvalidParameterValueException where it is none.
    Task<StoredCode> store_zip(std::string bytes);
    /// One source file, as CloudFormation's ZipFile property has it.
    StoredCode store_source(const std::string& file_name, std::string_view text);
    /// A folder of the user's, run in place; the digest changes with its files.
    /// Throws AwsError InvalidParameterValueException where it is none.
    StoredCode use_folder(const std::string& folder);
    /// A layer's folder as it would lie in /opt: where it holds Python modules but no `python`
    /// folder, as before `sam build`, one is made that points to it.
    StoredCode use_layer_folder(const std::string& folder);

  private:
    const std::filesystem::path& root();

    Cloud& cloud_;
    std::filesystem::path root_;
};

}  // namespace skafu::lambda
