#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct gzFile_s;

namespace skafu::server {

/// Follows JSON text byte by byte: where it stands, and whether it can still become JSON.
class JsonScanner {
  public:
    enum class State : std::uint8_t { open, complete, broken };

    /// Begins a new object; the next byte must be its '{'.
    void begin();
    State put(char c);
    std::size_t depth() const { return stack_.size(); }
    /// The last key of the outermost object.
    std::string_view outer_key() const { return outer_key_; }

  private:
    enum class Expect : std::uint8_t { value, value_or_end, key, key_or_end, colon, comma_or_end };
    State put_in_string(char c);
    State open(char opener);
    State close(char opener);

    std::string stack_;  // '{' and '['
    std::string outer_key_;
    Expect expect_ = Expect::value;
    bool in_string_ = false;
    bool in_key_ = false;
    bool in_literal_ = false;
    bool escaped_ = false;
};

/// The JSON objects of a file, plain or gzip, one after the other, holding one at a time: one per
/// line, several without anything between, indented over many lines, or behind other text on the
/// line (a time, as CloudWatch Logs exports have it). Of an object that holds a list of records
/// ("events", "logEvents", "Records", …) the elements are given instead of the whole.
class JsonObjects {
  public:
    /// Throws std::runtime_error where the file cannot be read.
    explicit JsonObjects(const std::string& file);
    /// The objects of a text that must outlive this.
    static JsonObjects of_text(std::string_view text);
    JsonObjects(JsonObjects&&) noexcept;
    ~JsonObjects();

    struct Piece {
        std::string_view text;   ///< valid until the next call; empty where there is a problem
        std::string problem;     ///< why there is no object on this line
        std::uint64_t line = 0;  ///< where the object begins, from 1
    };
    /// nullopt at the end. After a line that is broken it goes on with the next.
    std::optional<Piece> next();

    /// How much of the file has been read, from 0 to 1.
    double share_read() const;

  private:
    struct CloseFile {
        void operator()(gzFile_s* file) const;
    };
    JsonObjects();
    bool fill();
    std::optional<Piece> read_outside();
    std::optional<Piece> read_inside();
    std::optional<Piece> follow(std::size_t depth_before);
    std::optional<Piece> broken(std::string why);
    std::optional<Piece> problem(std::string why, std::uint64_t line);
    Piece take_object();
    void end_line();
    std::size_t resume_place();

    std::unique_ptr<gzFile_s, CloseFile> file_;
    std::string name_;
    std::uint64_t file_bytes_ = 0;
    std::string text_;  // read and still needed
    std::size_t at_ = 0;
    std::uint64_t line_ = 1;
    bool at_end_ = false;

    JsonScanner scanner_;
    bool inside_ = false;               // an object
    bool in_list_ = false;              // of records, whose elements are given
    std::optional<std::size_t> start_;  // of the object or element being read
    std::uint64_t start_line_ = 0;
    bool line_has_text_ = false;  // outside of objects
    bool line_has_object_ = false;
    std::uint64_t told_line_ = 0;  // the last that had a problem
};

}  // namespace skafu::server
