#pragma once

#include <cstdint>
#include <memory>
#include <string>

struct gzFile_s;

namespace skafu::server {

/// Reads a text file line by line, plain or gzip, holding one line at a time.
class LineReader {
  public:
    /// "-" is standard input. Throws std::runtime_error where there is nothing to read.
    explicit LineReader(const std::string& file);

    /// The next line, without its end; false behind the last. Throws std::runtime_error for a line
    /// longer than 64 MiB, and for a gzip file that is damaged or cut short.
    bool next(std::string& line);
    std::uint64_t line_number() const { return number_; }
    /// How much of the file is read, from 0 to 1; 0 where its size is not known.
    double share_read() const;

  private:
    struct Close {
        void operator()(gzFile_s* file) const;
    };

    bool fill();

    std::string name_;
    std::unique_ptr<gzFile_s, Close> file_;
    std::string buffer_;  // read, not yet given: [begin_, end_)
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t size_ = 0;
    std::uint64_t number_ = 0;
};

}  // namespace skafu::server
