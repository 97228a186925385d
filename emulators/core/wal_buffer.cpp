#include "core/wal_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include <sqlite3.h>

namespace skafu {
namespace {

constexpr const char* kWalVfs = "skafu";
/// What is held at most; a larger transaction goes out in pieces.
constexpr std::size_t kMostHeld = 480 * 1024;
/// SQLite's own files take less than 128 KiB in a call.
constexpr std::size_t kMostPerWrite = 120 * 1024;
constexpr std::size_t kFrameHeader = 24;

/// The log of a database, which is only appended to, but for what a transaction writes once more.
/// Source: "WAL-mode File Format" of SQLite's documentation.
class WalFile {
  public:
    explicit WalFile(sqlite3_file* file) : file_(file) {}

    sqlite3_file* file() const { return file_; }

    int write(std::string_view bytes, sqlite3_int64 at) {
        if (at != end_) {
            const int code = flush();
            if (code != SQLITE_OK) return code;
            // What has been written before is written again, unless the log starts anew.
            if (at != 0 && at < end_) return write_through(bytes, at);
            end_ = at;
        }
        if (held_.empty()) start_ = at;
        held_.append(bytes);
        end_ += static_cast<sqlite3_int64>(bytes.size());
        if (bytes.size() == kFrameHeader) {
            commits_ = is_commit(bytes);
            return SQLITE_OK;
        }
        return commits_ || held_.size() >= kMostHeld ? flush() : SQLITE_OK;
    }

    int flush() {
        commits_ = false;
        if (held_.empty()) return SQLITE_OK;
        const int code = write_through(held_, start_);
        if (code != SQLITE_OK) end_ = start_;
        held_.clear();
        return code;
    }

  private:
    /// The frame of a transaction's last page tells the size of the database after it.
    static bool is_commit(std::string_view frame) {
        return frame.substr(4, 4) != std::string_view("\0\0\0\0", 4);
    }

    int write_through(std::string_view bytes, sqlite3_int64 at) {
        int code = SQLITE_OK;
        while (code == SQLITE_OK && !bytes.empty()) {
            const std::string_view piece = bytes.substr(0, kMostPerWrite);
            code = file_->pMethods->xWrite(file_, piece.data(), static_cast<int>(piece.size()), at);
            bytes.remove_prefix(piece.size());
            at += static_cast<sqlite3_int64>(piece.size());
        }
        return code;
    }

    sqlite3_file* file_;
    std::string held_;
    sqlite3_int64 start_ = 0;  // where the held bytes belong
    sqlite3_int64 end_ = 0;    // of what has been appended, the held bytes included
    bool commits_ = false;     // the page that comes next is a transaction's last
};

/// What SQLite allocates: our part, and behind it the file of the system that we stand on.
struct OpenedWal {
    sqlite3_file base;
    WalFile wal;
};
constexpr std::size_t kOwnSize = (sizeof(OpenedWal) + 15) / 16 * 16;

WalFile& wal_of(sqlite3_file* file) {
    return reinterpret_cast<OpenedWal*>(file)->wal;
}
sqlite3_vfs* base_of(sqlite3_vfs* vfs) {
    return static_cast<sqlite3_vfs*>(vfs->pAppData);
}

/// Calls a method of the file below, after what is held has been written.
template <class Method, class... Arguments>
int flush_and(Method method, sqlite3_file* file, Arguments... arguments) {
    WalFile& wal = wal_of(file);
    const int code = wal.flush();
    return code == SQLITE_OK ? (wal.file()->pMethods->*method)(wal.file(), arguments...) : code;
}

int close_wal(sqlite3_file* file) {
    const int code = flush_and(&sqlite3_io_methods::xClose, file);
    wal_of(file).~WalFile();
    return code;
}
int read_wal(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
    return flush_and(&sqlite3_io_methods::xRead, file, into, size, at);
}
int write_wal(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    return wal_of(file).write({static_cast<const char*>(bytes), static_cast<std::size_t>(size)},
                              at);
}
int truncate_wal(sqlite3_file* file, sqlite3_int64 size) {
    return flush_and(&sqlite3_io_methods::xTruncate, file, size);
}
int sync_wal(sqlite3_file* file, int flags) {
    return flush_and(&sqlite3_io_methods::xSync, file, flags);
}
int size_of_wal(sqlite3_file* file, sqlite3_int64* size) {
    return flush_and(&sqlite3_io_methods::xFileSize, file, size);
}
int control_wal(sqlite3_file* file, int operation, void* argument) {
    return flush_and(&sqlite3_io_methods::xFileControl, file, operation, argument);
}
int sector_size_of_wal(sqlite3_file* file) {
    sqlite3_file* below = wal_of(file).file();
    return below->pMethods->xSectorSize(below);
}
int traits_of_wal(sqlite3_file* file) {
    sqlite3_file* below = wal_of(file).file();
    return below->pMethods->xDeviceCharacteristics(below);
}

const sqlite3_io_methods& wal_methods() {
    static const sqlite3_io_methods methods = [] {
        sqlite3_io_methods made{};
        made.iVersion = 1;
        made.xClose = close_wal;
        made.xRead = read_wal;
        made.xWrite = write_wal;
        made.xTruncate = truncate_wal;
        made.xSync = sync_wal;
        made.xFileSize = size_of_wal;
        made.xFileControl = control_wal;
        made.xSectorSize = sector_size_of_wal;
        made.xDeviceCharacteristics = traits_of_wal;
        return made;
    }();
    return methods;
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* given) {
    sqlite3_vfs* base = base_of(vfs);
    if ((flags & SQLITE_OPEN_WAL) == 0) return base->xOpen(base, name, file, flags, given);
    auto* below = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kOwnSize);
    const int code = base->xOpen(base, name, below, flags, given);
    file->pMethods = nullptr;
    if (code != SQLITE_OK) return code;
    new (file) OpenedWal{{&wal_methods()}, WalFile(below)};
    return SQLITE_OK;
}

}  // namespace

const char* wal_buffering_vfs() {
    static sqlite3_vfs vfs = [] {
        sqlite3_vfs* base = sqlite3_vfs_find(nullptr);
        sqlite3_vfs made = *base;
        made.szOsFile = base->szOsFile + static_cast<int>(kOwnSize);
        made.zName = kWalVfs;
        made.pNext = nullptr;
        made.pAppData = base;
        made.xOpen = open_file;
        return made;
    }();
    static const int registered = sqlite3_vfs_register(&vfs, 0);
    return registered == SQLITE_OK ? kWalVfs : nullptr;
}

}  // namespace skafu
