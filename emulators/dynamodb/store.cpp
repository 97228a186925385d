#include "dynamodb/store.h"

#include "dynamodb/key_encoding.h"

namespace skafu::dynamodb {
namespace {

constexpr std::string_view kSchema = R"(
CREATE TABLE dynamodb_items(
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, item BLOB NOT NULL);
CREATE TABLE dynamodb_index_rows(
    key BLOB PRIMARY KEY, item INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE dynamodb_expiries(
    item INTEGER PRIMARY KEY, space INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE INDEX dynamodb_expiries_at ON dynamodb_expiries(at);
CREATE TABLE dynamodb_records(
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, record BLOB NOT NULL);
)";

/// Tokens are numbered as they come, so that the oldest are found without looking at all.
constexpr std::string_view kTokens = R"(
CREATE TABLE dynamodb_tokens(
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at INTEGER NOT NULL,
    digest INTEGER NOT NULL);
)";

/// A record's row number: its stream above its sequence number.
constexpr int kSequenceBits = 40;
std::int64_t record_number(std::uint32_t stream, std::int64_t sequence) {
    return (static_cast<std::int64_t>(stream) << kSequenceBits) | sequence;
}
constexpr std::int64_t kSequenceMask = (std::int64_t{1} << kSequenceBits) - 1;
static_assert(kSequenceMask == Store::kNoSequence);

}  // namespace

Store::Store(Database& database) : database_(database) {
    database.migrate("dynamodb", {kSchema, kTokens});
    database.on_rollback([this] { next_id_ = 0; });
    const auto prepare = [&](std::string_view sql) { return database.prepare(sql); };
    find_ = prepare("SELECT id, size, item FROM dynamodb_items WHERE key = ?1");
    insert_ = prepare("INSERT INTO dynamodb_items(id, key, size, item) VALUES(?1, ?2, ?3, ?4)");
    put_ = prepare(
        "INSERT INTO dynamodb_items(id, key, size, item) VALUES(?1, ?2, ?3, ?4)"
        " ON CONFLICT(key) DO UPDATE SET size = excluded.size, item = excluded.item");
    last_id_ = prepare("SELECT max(id) FROM dynamodb_items");
    replace_ = prepare("UPDATE dynamodb_items SET size = ?2, item = ?3 WHERE id = ?1");
    erase_ = prepare("DELETE FROM dynamodb_items WHERE id = ?1");
    forward_ = prepare(
        "SELECT id, size, item, key FROM dynamodb_items WHERE key >= ?1 AND key < ?2 ORDER BY key");
    backward_ = prepare(
        "SELECT id, size, item, key FROM dynamodb_items WHERE key >= ?1 AND key < ?2"
        " ORDER BY key DESC");
    totals_ = prepare(
        "SELECT count(*), total(size) FROM (SELECT size FROM dynamodb_items"
        " WHERE key >= ?1 AND key < ?2 LIMIT ?3)");
    // Of the key's own tree alone, without a look at the items.
    count_ = prepare("SELECT count(*) FROM dynamodb_items WHERE key >= ?1 AND key < ?2");
    erase_some_ = prepare(
        "DELETE FROM dynamodb_items WHERE id IN (SELECT id FROM dynamodb_items"
        " WHERE key >= ?1 AND key < ?2 LIMIT ?3) RETURNING 1");
    // The first four bytes of a key are its space.
    copy_ = prepare(
        "INSERT INTO dynamodb_items(key, size, item)"
        " SELECT CAST(?3 || substr(key, 5) AS BLOB), size, item FROM dynamodb_items"
        " WHERE key >= ?1 AND key < ?2");
    add_index_ = prepare("INSERT OR REPLACE INTO dynamodb_index_rows VALUES(?1, ?2)");
    remove_index_ = prepare("DELETE FROM dynamodb_index_rows WHERE key = ?1");
    index_forward_ = prepare(
        "SELECT i.id, i.size, i.item, r.key FROM dynamodb_index_rows r"
        " CROSS JOIN dynamodb_items i ON i.id = r.item"
        " WHERE r.key >= ?1 AND r.key < ?2 ORDER BY r.key");
    index_backward_ = prepare(
        "SELECT i.id, i.size, i.item, r.key FROM dynamodb_index_rows r"
        " CROSS JOIN dynamodb_items i ON i.id = r.item"
        " WHERE r.key >= ?1 AND r.key < ?2 ORDER BY r.key DESC");
    index_totals_ = prepare(
        "SELECT count(*), total(size) FROM (SELECT i.size FROM dynamodb_index_rows r"
        " CROSS JOIN dynamodb_items i ON i.id = r.item WHERE r.key >= ?1 AND r.key < ?2 LIMIT ?3)");
    index_count_ = prepare("SELECT count(*) FROM dynamodb_index_rows WHERE key >= ?1 AND key < ?2");
    erase_some_index_ = prepare(
        "DELETE FROM dynamodb_index_rows WHERE key IN (SELECT key FROM dynamodb_index_rows"
        " WHERE key >= ?1 AND key < ?2 LIMIT ?3) RETURNING 1");
    set_expiry_ = prepare("INSERT OR REPLACE INTO dynamodb_expiries VALUES(?1, ?2, ?3)");
    remove_expiry_ = prepare("DELETE FROM dynamodb_expiries WHERE item = ?1");
    clear_expiries_ = prepare("DELETE FROM dynamodb_expiries WHERE space = ?1");
    next_expiry_ = prepare("SELECT item, space, at FROM dynamodb_expiries ORDER BY at LIMIT 1");
    find_by_id_ = prepare("SELECT id, size, item FROM dynamodb_items WHERE id = ?1");
    append_ = prepare("INSERT INTO dynamodb_records VALUES(?1, ?2, ?3)");
    last_sequence_ = prepare(
        "SELECT number FROM dynamodb_records WHERE number >= ?1 AND number < ?2"
        " ORDER BY number DESC LIMIT 1");
    records_ = prepare(
        "SELECT number, at, record FROM dynamodb_records WHERE number >= ?1 AND number < ?2"
        " ORDER BY number LIMIT ?3");
    first_since_ = prepare(
        "SELECT number FROM dynamodb_records WHERE number >= ?1 AND number < ?2 AND at >= ?3"
        " ORDER BY number LIMIT 1");
    drop_ = prepare("DELETE FROM dynamodb_records WHERE number >= ?1 AND number < ?2");
    find_token_ = prepare("SELECT at, digest FROM dynamodb_tokens WHERE key = ?1");
    keep_token_ =
        prepare("INSERT OR REPLACE INTO dynamodb_tokens(key, at, digest) VALUES(?1, ?2, ?3)");
    expire_tokens_ = prepare(
        "DELETE FROM dynamodb_tokens WHERE at < ?1"
        " AND id IN (SELECT id FROM dynamodb_tokens ORDER BY id LIMIT 2)");
    drop_tokens_ = prepare("DELETE FROM dynamodb_tokens WHERE substr(key, 1, length(?1)) = ?1");
}

void Store::all_or_none(const std::function<void()>& body) {
    begin_write();
    try {
        body();
    } catch (...) {
        try {
            database_.execute("ROLLBACK");
        } catch (const DatabaseError&) {
            // SQLite has rolled back already, as it does when the disk is full.
        }
        throw;
    }
}

Store::Found Store::find(std::string_view key) {
    find_.bind_blob(1, key);
    return Found(find_, find_.step());
}

std::int64_t Store::insert(std::string_view key, std::size_t size, std::string_view item) {
    const std::int64_t id = next_id();
    insert_.bind(1, id).bind_blob(2, key).bind(3, static_cast<std::int64_t>(size));
    insert_.bind_blob(4, item).run();
    next_id_ = id + 1;
    return id;
}

void Store::put(std::string_view key, std::size_t size, std::string_view item) {
    const std::int64_t id = next_id();
    put_.bind(1, id).bind_blob(2, key).bind(3, static_cast<std::int64_t>(size));
    put_.bind_blob(4, item).run();
    next_id_ = id + 1;
}

/// Row numbers rise, so that new rows are appended; asked of the database once.
std::int64_t Store::next_id() {
    if (next_id_ == 0) {
        last_id_.step();
        next_id_ = last_id_.integer(0) + 1;
        last_id_.reset();
    }
    return next_id_;
}

void Store::replace(std::int64_t id, std::size_t size, std::string_view item) {
    replace_.bind(1, id).bind(2, static_cast<std::int64_t>(size)).bind_blob(3, item).run();
}

void Store::erase(std::int64_t id) {
    erase_.bind(1, id).run();
}

bool Store::Cursor::next(Row& row) {
    if (!statement_.step()) return false;
    row.id = statement_.integer(0);
    row.size = static_cast<std::size_t>(statement_.integer(1));
    row.item = statement_.blob(2);
    row.key = statement_.blob(3);
    return true;
}

Store::Cursor Store::items(std::string_view begin, std::string_view end, Direction direction) {
    Statement& statement = direction == Direction::kForward ? forward_ : backward_;
    statement.bind_blob(1, begin).bind_blob(2, end);
    return Cursor(statement);
}

Store::Cursor Store::index_items(std::string_view begin, std::string_view end,
                                 Direction direction) {
    Statement& statement = direction == Direction::kForward ? index_forward_ : index_backward_;
    statement.bind_blob(1, begin).bind_blob(2, end);
    return Cursor(statement);
}

namespace {

/// So many rows are added up; of more, the bytes are taken to be as those of the first, since
/// looking at every row of a large table would hold up everybody for long.
constexpr std::int64_t kAddedUp = 100000;

Store::Totals read_totals(Statement& added_up, Statement& count, std::string_view begin,
                          std::string_view end) {
    added_up.bind_blob(1, begin).bind_blob(2, end).bind(3, kAddedUp);
    added_up.step();
    Store::Totals totals{added_up.integer(0), added_up.integer(1)};
    added_up.reset();
    if (totals.items < kAddedUp) return totals;
    count.bind_blob(1, begin).bind_blob(2, end);
    count.step();
    const std::int64_t items = count.integer(0);
    count.reset();
    totals.bytes =
        static_cast<std::int64_t>(static_cast<double>(totals.bytes) /
                                  static_cast<double>(totals.items) * static_cast<double>(items));
    totals.items = items;
    return totals;
}

bool erase_range(Statement& statement, std::string_view begin, std::string_view end, int limit) {
    statement.bind_blob(1, begin).bind_blob(2, end).bind(3, std::int64_t{limit});
    bool any = false;
    while (statement.step()) any = true;
    statement.reset();
    return any;
}

}  // namespace

Store::Totals Store::totals(std::string_view begin, std::string_view end) {
    return read_totals(totals_, count_, begin, end);
}

Store::Totals Store::index_totals(std::string_view begin, std::string_view end) {
    return read_totals(index_totals_, index_count_, begin, end);
}

void Store::copy_items(std::uint32_t from, std::uint32_t to) {
    const std::string begin = KeyBytes(from).take();
    const std::string end = KeyBytes(from + 1).take();
    const std::string space = KeyBytes(to).take();
    copy_.bind_blob(1, begin).bind_blob(2, end).bind_blob(3, space).run();
    next_id_ = 0;
}

bool Store::erase_some(std::string_view begin, std::string_view end, int limit) {
    return erase_range(erase_some_, begin, end, limit);
}

bool Store::erase_some_index_rows(std::string_view begin, std::string_view end, int limit) {
    return erase_range(erase_some_index_, begin, end, limit);
}

void Store::add_index_row(std::string_view key, std::int64_t item) {
    add_index_.bind_blob(1, key).bind(2, item).run();
}

void Store::remove_index_row(std::string_view key) {
    remove_index_.bind_blob(1, key).run();
}

void Store::set_expiry(std::int64_t item, std::uint32_t space, std::int64_t at) {
    set_expiry_.bind(1, item).bind(2, std::int64_t{space}).bind(3, at).run();
}

void Store::remove_expiry(std::int64_t item) {
    remove_expiry_.bind(1, item).run();
}

void Store::clear_expiries(std::uint32_t space) {
    clear_expiries_.bind(1, std::int64_t{space}).run();
}

std::optional<Store::Expiry> Store::next_expiry() {
    std::optional<Expiry> expiry;
    if (database_.untouched()) return expiry;
    if (next_expiry_.step()) {
        expiry =
            Expiry{next_expiry_.integer(0), static_cast<std::uint32_t>(next_expiry_.integer(1)),
                   next_expiry_.integer(2)};
    }
    next_expiry_.reset();
    return expiry;
}

Store::Found Store::find_by_id(std::int64_t id) {
    find_by_id_.bind(1, id);
    return Found(find_by_id_, find_by_id_.step());
}

void Store::append_record(std::uint32_t stream, std::int64_t sequence, std::int64_t at,
                          std::string_view record) {
    append_.bind(1, record_number(stream, sequence)).bind(2, at).bind_blob(3, record).run();
}

std::int64_t Store::last_sequence(std::uint32_t stream, std::int64_t below) {
    last_sequence_.bind(1, record_number(stream, 0)).bind(2, record_number(stream, below));
    const std::int64_t last = last_sequence_.step() ? last_sequence_.integer(0) & kSequenceMask : 0;
    last_sequence_.reset();
    return last;
}

std::int64_t Store::first_sequence_since(std::uint32_t stream, std::int64_t at) {
    first_since_.bind(1, record_number(stream, 0)).bind(2, record_number(stream, kNoSequence));
    first_since_.bind(3, at);
    const std::int64_t first =
        first_since_.step() ? first_since_.integer(0) & kSequenceMask : kNoSequence;
    first_since_.reset();
    return first;
}

bool Store::Records::next(Record& record) {
    if (!statement_.step()) return false;
    record.sequence = statement_.integer(0) & kSequenceMask;
    record.at = statement_.integer(1);
    record.text = statement_.blob(2);
    return true;
}

Store::Records Store::records(std::uint32_t stream, std::int64_t from, std::int64_t limit) {
    records_.bind(1, record_number(stream, from)).bind(2, record_number(stream + 1, 0));
    records_.bind(3, limit);
    return Records(records_);
}

void Store::trim_records(std::uint32_t stream, std::int64_t before) {
    const std::int64_t last = last_sequence(stream, first_sequence_since(stream, before));
    drop_.bind(1, record_number(stream, 0)).bind(2, record_number(stream, last)).run();
}

void Store::drop_stream(std::uint32_t stream) {
    drop_.bind(1, record_number(stream, 0)).bind(2, record_number(stream + 1, 0)).run();
}

std::optional<Store::Token> Store::find_token(std::string_view key) {
    std::optional<Token> token;
    find_token_.bind(1, key);
    if (find_token_.step()) token = Token{find_token_.integer(0), find_token_.integer(1)};
    find_token_.reset();
    return token;
}

void Store::keep_token(std::string_view key, const Token& token, std::int64_t oldest) {
    expire_tokens_.bind(1, oldest).run();
    keep_token_.bind(1, key).bind(2, token.at).bind(3, token.digest).run();
}

void Store::drop_tokens(std::string_view prefix) {
    drop_tokens_.bind(1, prefix).run();
}

void Store::clear() {
    database_.execute(
        "DELETE FROM dynamodb_items; DELETE FROM dynamodb_index_rows;"
        "DELETE FROM dynamodb_expiries; DELETE FROM dynamodb_records;"
        "DELETE FROM dynamodb_tokens;");
}

}  // namespace skafu::dynamodb
