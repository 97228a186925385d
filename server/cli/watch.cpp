#include "cli/watch.h"

#include <cerrno>
#include <cstring>
#include <map>
#include <sys/inotify.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/log.h"

namespace skafu::server {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

/// Editors write a file in several steps; a redeployment must not see it half done.
constexpr std::chrono::milliseconds kSettle{150};
constexpr std::uint32_t kEvents =
    IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF;

bool is_noise(std::string_view name) {
    return name.empty() || name.front() == '.' || name.ends_with('~') || name.ends_with(".swp") ||
           name.ends_with(".pyc") || name == "__pycache__" || name == "node_modules" ||
           name == "4913";  // vim's probe of whether a folder can be written
}

}  // namespace

struct FileWatch::State : std::enable_shared_from_this<FileWatch::State> {
    State(asio::io_context& loop, std::function<Task<void>()> tell)
        : io(loop), changed(std::move(tell)), inotify(loop), settle(loop) {}

    asio::io_context& io;
    std::function<Task<void>()> changed;
    asio::posix::stream_descriptor inotify;
    asio::steady_timer settle;
    std::map<int, fs::path> folders;
    bool running = false;  // `changed` is at work
    bool again = false;    // and something changed meanwhile
    bool full = false;     // the system lets us watch no more folders
    alignas(inotify_event) char buffer[16 * 1024];

    void add(const fs::path& folder) {
        if (full) return;
        const int watched = inotify_add_watch(inotify.native_handle(), folder.c_str(), kEvents);
        if (watched < 0) {
            full = errno == ENOSPC;
            log::warn("cannot watch {}: {}{}", folder.string(), std::strerror(errno),
                      full ? "; raise fs.inotify.max_user_watches, or use --no-watch" : "");
            return;
        }
        // A link may lead back to a folder that is watched already.
        if (!folders.emplace(watched, folder).second) return;
        std::error_code error;
        for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
            if (entry.is_directory(error) && !is_noise(entry.path().filename().string())) {
                add(entry.path());
            }
        }
    }

    void read() {
        inotify.async_read_some(asio::buffer(buffer),
                                [self = shared_from_this()](const auto& error, std::size_t size) {
                                    if (error) return;
                                    self->take(size);
                                    self->read();
                                });
    }

    void take(std::size_t size) {
        bool relevant = false;
        for (std::size_t at = 0; at + sizeof(inotify_event) <= size;) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
            at += sizeof(inotify_event) + event->len;
            const std::string_view name = event->len > 0 ? event->name : "";
            if (is_noise(name)) continue;
            relevant = true;
            const auto folder = folders.find(event->wd);
            if ((event->mask & IN_ISDIR) && (event->mask & (IN_CREATE | IN_MOVED_TO)) &&
                folder != folders.end()) {
                add(folder->second / name);
            }
        }
        if (relevant) wait_and_tell();
    }

    void wait_and_tell() {
        if (running) {
            again = true;
            return;
        }
        settle.expires_after(kSettle);
        settle.async_wait([self = shared_from_this()](const auto& error) {
            if (!error) self->tell();
        });
    }

    void tell() {
        running = true;
        asio::co_spawn(io, changed(), [self = shared_from_this()](std::exception_ptr error) {
            self->running = false;
            try {
                if (error) std::rethrow_exception(error);
            } catch (const std::exception& failure) {
                log::error("redeployment failed: {}", failure.what());
            }
            if (std::exchange(self->again, false)) self->wait_and_tell();
        });
    }
};

FileWatch::FileWatch(asio::io_context& io, std::function<Task<void>()> changed)
    : state_(std::make_shared<State>(io, std::move(changed))) {
    const int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0) throw std::runtime_error("inotify is not available: use --no-watch");
    state_->inotify.assign(descriptor);
    state_->read();
}

FileWatch::~FileWatch() {
    boost::system::error_code ignored;
    state_->inotify.close(ignored);
    state_->settle.cancel();
}

void FileWatch::watch(const std::set<fs::path>& folders) {
    for (const auto& [watched, path] : state_->folders) {
        inotify_rm_watch(state_->inotify.native_handle(), watched);
    }
    state_->folders.clear();
    for (const fs::path& folder : folders) state_->add(folder);
}

}  // namespace skafu::server
