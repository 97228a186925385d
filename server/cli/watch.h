#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <set>

#include "core/task.h"

namespace skafu::server {

/// Tells when a file below some folders changes (inotify). New folders are watched as they
/// appear; changes that come close together are told once, when they have settled.
class FileWatch {
  public:
    FileWatch(boost::asio::io_context& io, std::function<Task<void>()> changed);
    ~FileWatch();

    /// Watches these folders and all below them, instead of those watched before. Build output
    /// and version control are left out.
    void watch(const std::set<std::filesystem::path>& folders);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace skafu::server
