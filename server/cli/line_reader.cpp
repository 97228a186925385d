#include "cli/line_reader.h"

#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace skafu::server {
namespace {

/// The longest line that is read; an event has at most 256 KB, an item 400 KB, and an export line
/// holds several.
constexpr std::size_t kMostLineBytes = 64 * 1024 * 1024;
constexpr unsigned kBufferBytes = 256 * 1024;

}  // namespace

void LineReader::Close::operator()(gzFile_s* file) const {
    gzclose(file);
}

LineReader::LineReader(const std::string& file)
    : name_(file == "-" ? "standard input" : file),
      file_(file == "-" ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(file.c_str(), "rb")) {
    struct stat status {};
    const int found = file == "-" ? fstat(STDIN_FILENO, &status) : stat(file.c_str(), &status);
    if (!file_ || found != 0 || S_ISDIR(status.st_mode)) {
        throw std::runtime_error("cannot read " + name_);
    }
    if (S_ISREG(status.st_mode)) size_ = static_cast<std::uint64_t>(status.st_size);
    gzbuffer(file_.get(), kBufferBytes);
    buffer_.resize(kBufferBytes);
}

bool LineReader::fill() {
    const int count = gzread(file_.get(), buffer_.data(), kBufferBytes);
    int error = Z_OK;
    gzerror(file_.get(), &error);
    if (count < 0 || error != Z_OK) throw std::runtime_error(name_ + " is damaged or cut short");
    begin_ = 0;
    end_ = static_cast<std::size_t>(count);
    return count > 0;
}

bool LineReader::next(std::string& line) {
    line.clear();
    while (begin_ < end_ || fill()) {
        const std::string_view read = std::string_view(buffer_).substr(begin_, end_ - begin_);
        const std::size_t newline = read.find('\n');
        line.append(read.substr(0, newline));
        if (newline != std::string_view::npos) {
            begin_ += newline + 1;
            ++number_;
            return true;
        }
        begin_ = end_;
        if (line.size() > kMostLineBytes) {
            throw std::runtime_error(name_ + ":" + std::to_string(number_ + 1) +
                                     ": the line is longer than 64 MiB");
        }
    }
    if (line.empty()) return false;
    ++number_;
    return true;
}

double LineReader::share_read() const {
    if (size_ == 0) return 0;
    return static_cast<double>(gzoffset(file_.get())) / static_cast<double>(size_);
}

}  // namespace skafu::server
