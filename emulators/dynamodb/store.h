#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/database.h"

namespace skafu::dynamodb {

/// DynamoDB's rows in SQLite; the only file with its SQL.
///
/// Items lie in a rowid table, appended in the order of writing, with an index on their key:
/// random keys then cost one small index page, not a page of items, and rows stay below the size
/// at which a clustered table would move them to overflow pages. Secondary indexes hold the
/// item's row number; what they project is taken from the item when it is read.
class Store {
  public:
    explicit Store(Database& database);

    struct Row {
        std::int64_t id = 0;
        std::size_t size = 0;   ///< as DynamoDB counts
        std::string_view item;  ///< valid as long as what gave the row
        std::string_view key;   ///< of cursors only
    };

    /// The row that a look-up found, if any; it is read for as long as this stands.
    class Found {
      public:
        Found(Statement& statement, bool found) : statement_(statement), found_(found) {}
        Found(const Found&) = delete;
        Found& operator=(const Found&) = delete;
        ~Found() { statement_.reset(); }
        explicit operator bool() const { return found_; }
        std::int64_t id() const { return statement_.integer(0); }
        std::size_t size() const { return static_cast<std::size_t>(statement_.integer(1)); }
        std::string_view item() const { return statement_.blob(2); }

      private:
        Statement& statement_;
        bool found_;
    };

    /// Joins the turn's transaction; before the first write of an operation.
    void begin_write() { database_.write(); }
    Database& database() { return database_; }
    /// Writes that must all happen or none, where nothing but the database can fail: if `body`
    /// throws, the whole turn is undone. A savepoint would copy each page once more.
    void all_or_none(const std::function<void()>& body);

    // Items.
    Found find(std::string_view key);
    std::int64_t insert(std::string_view key, std::size_t size, std::string_view item);
    /// Inserts a row, or replaces the one of that key, without a look at it.
    void put(std::string_view key, std::size_t size, std::string_view item);
    void replace(std::int64_t id, std::size_t size, std::string_view item);
    void erase(std::int64_t id);
    /// Rows with begin <= key < end, ascending or descending; one cursor of each kind at a time.
    class Cursor {
      public:
        explicit Cursor(Statement& statement) : statement_(statement) {}
        Cursor(const Cursor&) = delete;
        Cursor& operator=(const Cursor&) = delete;
        ~Cursor() { statement_.reset(); }
        bool next(Row& row);

      private:
        Statement& statement_;
    };
    enum class Direction { kForward, kBackward };
    Cursor items(std::string_view begin, std::string_view end, Direction direction);
    /// Number and bytes of the rows of a range; of a large range the bytes are an estimate.
    struct Totals {
        std::int64_t items = 0;
        std::int64_t bytes = 0;
    };
    Totals totals(std::string_view begin, std::string_view end);
    Totals index_totals(std::string_view begin, std::string_view end);
    /// Copies all items of one key space into another, empty one.
    void copy_items(std::uint32_t from, std::uint32_t to);
    /// Deletes up to `limit` rows of a range; false when none is left.
    bool erase_some(std::string_view begin, std::string_view end, int limit);
    bool erase_some_index_rows(std::string_view begin, std::string_view end, int limit);

    // Secondary indexes.
    void add_index_row(std::string_view key, std::int64_t item);
    void remove_index_row(std::string_view key);
    Cursor index_items(std::string_view begin, std::string_view end, Direction direction);

    // Expiry times.
    void set_expiry(std::int64_t item, std::uint32_t space, std::int64_t at);
    void remove_expiry(std::int64_t item);
    void clear_expiries(std::uint32_t space);
    struct Expiry {
        std::int64_t item = 0;
        std::uint32_t space = 0;
        std::int64_t at = 0;
    };
    std::optional<Expiry> next_expiry();
    Found find_by_id(std::int64_t id);

    // Streams: one sequence of records per stream number.
    struct Record {
        std::int64_t sequence = 0;
        std::int64_t at = 0;  ///< milliseconds since 1970
        std::string_view text;
    };
    void append_record(std::uint32_t stream, std::int64_t sequence, std::int64_t at,
                       std::string_view record);
    static constexpr std::int64_t kNoSequence = (std::int64_t{1} << 40) - 1;  ///< above all others
    /// The last sequence number given out in a stream, below that one; 0 if none.
    std::int64_t last_sequence(std::uint32_t stream, std::int64_t below = kNoSequence);
    /// The first record of a stream from that time on; kNoSequence if none.
    std::int64_t first_sequence_since(std::uint32_t stream, std::int64_t at);
    class Records {
      public:
        explicit Records(Statement& statement) : statement_(statement) {}
        Records(const Records&) = delete;
        Records& operator=(const Records&) = delete;
        ~Records() { statement_.reset(); }
        bool next(Record& record);

      private:
        Statement& statement_;
    };
    Records records(std::uint32_t stream, std::int64_t from, std::int64_t limit);
    /// Deletes the records from before a time but for the last one, which tells that there were
    /// some.
    void trim_records(std::uint32_t stream, std::int64_t before);
    void drop_stream(std::uint32_t stream);

    /// What a transaction's ClientRequestToken stood for, and when.
    struct Token {
        std::int64_t at = 0;      ///< milliseconds since 1970
        std::int64_t digest = 0;  ///< of the request
    };
    std::optional<Token> find_token(std::string_view key);
    /// Keeps a token, and drops some of those from before `oldest`.
    void keep_token(std::string_view key, const Token& token, std::int64_t oldest);
    void drop_tokens(std::string_view prefix);

    /// Deletes everything.
    void clear();

  private:
    std::int64_t next_id();

    Database& database_;
    std::int64_t next_id_ = 0;  // 0: not known
    Statement find_, insert_, put_, last_id_, replace_, erase_, forward_, backward_, totals_,
        count_, erase_some_, copy_;
    Statement add_index_, remove_index_, index_forward_, index_backward_, index_totals_,
        index_count_, erase_some_index_;
    Statement set_expiry_, remove_expiry_, clear_expiries_, next_expiry_, find_by_id_;
    Statement append_, last_sequence_, first_since_, records_, drop_;
    Statement find_token_, keep_token_, expire_tokens_, drop_tokens_;
};

}  // namespace skafu::dynamodb
