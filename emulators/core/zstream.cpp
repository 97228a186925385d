#include "core/zstream.h"

#include <stdexcept>
#include <zlib.h>

namespace skafu {
namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr std::size_t kBlock = 64 * 1024;

/// zlib's structure takes writable pointers although it only reads its input.
Bytef* input_of(std::string_view bytes) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

std::string gzip(std::string_view bytes) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("gzip: out of memory");
    }
    std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
    stream.next_in = input_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("gzip: failed");
    return out;
}

std::string gunzip(std::string_view bytes, std::size_t most) {
    z_stream stream{};
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::runtime_error("gunzip: no memory");
    std::string out;
    stream.next_in = input_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    int result = Z_OK;
    while (stream.avail_in > 0 || result != Z_STREAM_END) {
        if (result == Z_STREAM_END) inflateReset(&stream);
        const std::size_t before = out.size();
        out.resize(before + kBlock);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        stream.avail_out = static_cast<uInt>(kBlock);
        result = inflate(&stream, Z_NO_FLUSH);
        out.resize(before + kBlock - stream.avail_out);
        const bool stuck = stream.avail_in == 0 && stream.avail_out != 0 && result == Z_OK;
        if ((result != Z_OK && result != Z_STREAM_END) || stuck || out.size() > most) {
            inflateEnd(&stream);
            throw std::runtime_error("not a gzip stream");
        }
    }
    inflateEnd(&stream);
    return out;
}

}  // namespace skafu
