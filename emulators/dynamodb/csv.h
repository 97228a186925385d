#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skafu::dynamodb {

/// Reads rows of separated values: fields in double quotes may hold the delimiter, line ends, and
/// quotes written twice. Blank lines are passed over. The text must outlive the reader.
class CsvReader {
  public:
    CsvReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

    /// The next row's fields; false at the end.
    bool next(std::vector<std::string>& fields);
    /// Bytes read so far.
    std::size_t position() const { return at_; }

  private:
    bool at_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }
    void read_field(std::string& field);

    std::string_view text_;
    char delimiter_;
    std::size_t at_ = 0;
};

}  // namespace skafu::dynamodb
