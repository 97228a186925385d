#include "lambda/zip.h"

#include <cstdint>
#include <fstream>
#include <sys/stat.h>
#include <zlib.h>

namespace skafu::lambda {

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t kEndOfDirectory = 0x06054b50;
constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kMaxComment = 65535;
constexpr int kStored = 0;
constexpr int kDeflated = 8;

/// Little-endian numbers of an archive, checked against its end.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    std::uint32_t number(std::size_t at, int size) const {
        std::uint32_t value = 0;
        const std::string_view field = slice(at, static_cast<std::size_t>(size));
        for (int i = size; i-- > 0;) {
            value = value << 8 | static_cast<std::uint8_t>(field[static_cast<std::size_t>(i)]);
        }
        return value;
    }
    std::string_view slice(std::size_t at, std::size_t size) const {
        if (at > bytes_.size() || size > bytes_.size() - at) throw ZipError("truncated archive");
        return bytes_.substr(at, size);
    }
    std::size_t size() const { return bytes_.size(); }

  private:
    std::string_view bytes_;
};

struct Entry {
    std::string name;
    int method = kStored;
    std::size_t packed = 0;
    std::size_t unpacked = 0;
    std::uint32_t crc = 0;
    mode_t mode = 0;  ///< 0 where the archive was not made on Unix
    std::size_t local = 0;
};

std::size_t find_end(const Reader& reader) {
    if (reader.size() < kEndSize) throw ZipError("not a ZIP archive");
    const std::size_t last = reader.size() - kEndSize;
    const std::size_t first = last > kMaxComment ? last - kMaxComment : 0;
    for (std::size_t at = last + 1; at-- > first;) {
        if (reader.number(at, 4) == kEndOfDirectory) return at;
    }
    throw ZipError("not a ZIP archive");
}

std::vector<Entry> read_directory(const Reader& reader) {
    const std::size_t end = find_end(reader);
    const std::size_t count = reader.number(end + 10, 2);
    std::size_t at = reader.number(end + 16, 4);
    std::vector<Entry> entries;
    entries.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (reader.number(at, 4) != kDirectoryEntry) throw ZipError("damaged directory");
        Entry entry;
        entry.method = static_cast<int>(reader.number(at + 10, 2));
        entry.crc = reader.number(at + 16, 4);
        entry.packed = reader.number(at + 20, 4);
        entry.unpacked = reader.number(at + 24, 4);
        const std::size_t name = reader.number(at + 28, 2);
        const std::size_t extra = reader.number(at + 30, 2);
        const std::size_t comment = reader.number(at + 32, 2);
        entry.mode = static_cast<mode_t>(reader.number(at + 38, 4) >> 16);
        entry.local = reader.number(at + 42, 4);
        entry.name = reader.slice(at + kEntrySize, name);
        entries.push_back(std::move(entry));
        at += kEntrySize + name + extra + comment;
    }
    return entries;
}

std::string inflate_raw(std::string_view packed, std::size_t size) {
    std::string out(size, '\0');
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw ZipError("zlib");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int code = ::inflate(&stream, Z_FINISH);
    const bool complete = stream.total_out == size;
    inflateEnd(&stream);
    if (code != Z_STREAM_END || !complete) throw ZipError("damaged entry");
    return out;
}

std::string read_entry(const Reader& reader, const Entry& entry) {
    if (reader.number(entry.local, 4) != kLocalHeader) throw ZipError("damaged entry");
    const std::size_t name = reader.number(entry.local + 26, 2);
    const std::size_t extra = reader.number(entry.local + 28, 2);
    const std::string_view packed =
        reader.slice(entry.local + kLocalSize + name + extra, entry.packed);
    std::string data;
    if (entry.method == kStored) {
        data = packed;
    } else if (entry.method == kDeflated) {
        data = inflate_raw(packed, entry.unpacked);
    } else {
        throw ZipError("unknown compression of " + entry.name);
    }
    const auto* bytes = reinterpret_cast<const Bytef*>(data.data());
    if (::crc32(0, bytes, static_cast<uInt>(data.size())) != entry.crc) {
        throw ZipError("wrong checksum of " + entry.name);
    }
    return data;
}

/// The entry's place; throws where it leads out of the folder.
fs::path place_of(const fs::path& folder, const std::string& name) {
    const fs::path relative = fs::path(name).lexically_normal();
    if (relative.is_absolute() || relative.empty() || *relative.begin() == "..") {
        throw ZipError("entry outside the archive: " + name);
    }
    return folder / relative;
}

}  // namespace

void unzip(std::string_view archive, const fs::path& folder, std::size_t limit) {
    const Reader reader(archive);
    const std::vector<Entry> entries = read_directory(reader);
    std::size_t total = 0;
    std::vector<std::pair<fs::path, std::string>> links;
    for (const Entry& entry : entries) {
        total += entry.unpacked;
        if (total > limit) throw ZipError("too large when unzipped");
        const fs::path place = place_of(folder, entry.name);
        if (entry.name.ends_with('/')) {
            fs::create_directories(place);
            continue;
        }
        fs::create_directories(place.parent_path());
        std::string data = read_entry(reader, entry);
        if (S_ISLNK(entry.mode)) {
            links.emplace_back(place, std::move(data));
            continue;
        }
        std::ofstream out(place, std::ios::binary | std::ios::trunc);
        out << data;
        if (!out.flush()) throw ZipError("cannot write " + place.string());
        const mode_t mode = entry.mode == 0 ? 0755 : (entry.mode & 0777) | 0600;
        ::chmod(place.c_str(), mode);
    }
    // Links last: nothing of the archive can be written through one.
    for (const auto& [place, target] : links) {
        std::error_code ignored;
        fs::create_symlink(target, place, ignored);
    }
}

}  // namespace skafu::lambda
