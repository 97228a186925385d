#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "core/entropy.h"

namespace skafu::s3 {

/// The bytes of objects and parts, by id: one file each beside the database, or memory.
class Blobs {
  public:
    /// An empty folder keeps them in memory.
    Blobs(std::filesystem::path folder, Entropy& entropy);

    /// Written before this returns; the id is new.
    std::string put(std::string bytes);
    /// Throws std::runtime_error where the file has gone.
    std::shared_ptr<const std::string> get(const std::string& id) const;
    void remove(const std::string& id);
    /// Removes all that nobody refers to: what a process wrote and did not come to record.
    void keep_only(const std::unordered_set<std::string>& used);

  private:
    std::filesystem::path folder_;
    Entropy& entropy_;
    std::unordered_map<std::string, std::shared_ptr<const std::string>> memory_;
};

}  // namespace skafu::s3
