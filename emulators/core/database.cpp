#include "core/database.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <sqlite3.h>

#include "core/aws_error.h"
#include "core/log.h"
#include "core/page_cache.h"
#include "core/sqlite_memory.h"
#include "core/wal_buffer.h"

namespace skafu {

struct Connection {
    sqlite3* db = nullptr;
    /// What is left to do before the first statement; empty afterwards. SQLite and the tables of
    /// all services would be a third of a start.
    std::function<void()> open;

    /// The open connection, nullptr once it is closed.
    sqlite3* opened() {
        if (open) std::exchange(open, nullptr)();
        return db;
    }
};

namespace {

[[noreturn]] void fail(sqlite3* db, int code, std::string_view doing) {
    throw DatabaseError(
        fmt::format("{}: {}", doing, db ? sqlite3_errmsg(db) : sqlite3_errstr(code)), code);
}

constexpr const char* kInMemory =
    "PRAGMA page_size=8192; PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;";
/// The lock is taken at once and kept, so that a second process is told so at its start.
constexpr const char* kOnDisk =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "PRAGMA wal_autocheckpoint=4000;";

/// How long a file is looked at after an unclean end: some hundred megabytes, so that a server with
/// a very large file starts all the same.
constexpr std::chrono::milliseconds kMostChecking{1000};

/// Failures after which a transaction may be half undone. SQLite rolls back after some of them by
/// itself; we do so after all, and the turn has failed.
bool ends_transaction(int code) {
    const int kind = code & 0xff;
    return kind == SQLITE_FULL || kind == SQLITE_IOERR || kind == SQLITE_NOMEM ||
           kind == SQLITE_CORRUPT || kind == SQLITE_BUSY || kind == SQLITE_CANTOPEN;
}

void roll_back(sqlite3* db) {
    if (sqlite3_get_autocommit(db) == 0) sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
}

[[noreturn]] void reject_damaged(const std::string& file, std::string_view fault) {
    throw DatabaseError(fmt::format("the data file {} is damaged ({}): put a copy of it in its "
                                    "place, or choose another --data-dir",
                                    file, fault),
                        SQLITE_CORRUPT);
}

/// The log is empty, or gone, where the file was closed.
bool ended_uncleanly(const std::string& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file + "-wal", error);
    return !error && size > 0;
}

/// Interrupts what a connection does when its time is over.
class TimeLimit {
  public:
    TimeLimit(sqlite3* db, std::chrono::milliseconds time)
        : thread_([this, db, time] {
              std::unique_lock lock(mutex_);
              if (!over_.wait_for(lock, time, [this] { return done_; })) sqlite3_interrupt(db);
          }) {}
    ~TimeLimit() {
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
        }
        over_.notify_one();
        thread_.join();
    }
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

  private:
    std::mutex mutex_;
    std::condition_variable over_;
    bool done_ = false;
    std::thread thread_;
};

/// Looks whether a file is sound, as far as kMostChecking goes. Throws DatabaseError if it is not.
void check_soundness(sqlite3* db, const std::string& file) {
    std::string fault;
    int code = SQLITE_OK;
    {
        const TimeLimit limit(db, kMostChecking);
        const auto note = [](void* into, int, char** values, char**) {
            if (values[0] != nullptr) *static_cast<std::string*>(into) = values[0];
            return 0;
        };
        code = sqlite3_exec(db, "PRAGMA quick_check(1)", note, &fault, nullptr);
    }
    if (code == SQLITE_INTERRUPT) {
        log::info("the server was not shut down; {} is too large to be checked whole", file);
        return;
    }
    if (code != SQLITE_OK) reject_damaged(file, sqlite3_errmsg(db));
    // The first of its lines only says in which database.
    if (fault != "ok") reject_damaged(file, fault.substr(fault.rfind('\n') + 1));
    log::info("the server was not shut down; {} is sound", file);
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      connection_(std::exchange(other.connection_, nullptr)),
      sql_(std::move(other.sql_)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    if (this == &other) return *this;
    sqlite3_finalize(handle_);
    handle_ = std::exchange(other.handle_, nullptr);
    connection_ = std::exchange(other.connection_, nullptr);
    sql_ = std::move(other.sql_);
    return *this;
}

Statement::~Statement() {
    sqlite3_finalize(handle_);
}

sqlite3_stmt* Statement::compiled() {
    if (handle_ != nullptr) return handle_;
    sqlite3* const db = connection_ == nullptr ? nullptr : connection_->opened();
    if (db == nullptr) throw DatabaseError("the data file is closed: " + sql_, SQLITE_MISUSE);
    const int code = sqlite3_prepare_v3(db, sql_.data(), static_cast<int>(sql_.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
    if (code != SQLITE_OK) fail(db, code, sql_);
    return handle_;
}

void Statement::check(int code) const {
    if (code != SQLITE_OK) fail(sqlite3_db_handle(handle_), code, "bind");
}

Statement& Statement::bind(int at, std::int64_t value) {
    check(sqlite3_bind_int64(compiled(), at, value));
    return *this;
}

Statement& Statement::bind(int at, double value) {
    check(sqlite3_bind_double(compiled(), at, value));
    return *this;
}

Statement& Statement::bind(int at, std::string_view text) {
    // A null pointer would bind NULL, and an empty view may hold one.
    const char* data = text.data() == nullptr ? "" : text.data();
    check(sqlite3_bind_text(compiled(), at, data, static_cast<int>(text.size()), SQLITE_STATIC));
    return *this;
}

Statement& Statement::bind_blob(int at, std::string_view bytes) {
    const char* data = bytes.data() == nullptr ? "" : bytes.data();
    check(sqlite3_bind_blob(compiled(), at, data, static_cast<int>(bytes.size()), SQLITE_STATIC));
    return *this;
}

Statement& Statement::bind_null(int at) {
    check(sqlite3_bind_null(compiled(), at));
    return *this;
}

bool Statement::step() {
    const int code = sqlite3_step(compiled());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3* db = sqlite3_db_handle(handle_);
    const std::string message = sqlite3_errmsg(db);
    sqlite3_reset(handle_);
    if (ends_transaction(code)) roll_back(db);
    throw DatabaseError(message, code);
}

void Statement::run() {
    while (step()) {
    }
    reset();
}

void Statement::reset() {
    sqlite3_reset(handle_);
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_, column);
}

double Statement::real(int column) const {
    return sqlite3_column_double(handle_, column);
}

std::string_view Statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return {data == nullptr ? "" : data,
            static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::string_view Statement::blob(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_, column));
    return {data == nullptr ? "" : data,
            static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

struct Database::State {
    explicit State(boost::asio::io_context& loop) : io(loop) {}

    boost::asio::io_context& io;
    Connection connection;
    std::string name;
    bool memory = true;
    bool open_transaction = false;
    bool untouched = false;
    int savepoints = 0;
    /// What became of a turn's transaction; those who wait for it share this.
    struct Outcome {
        bool settled = false;
        bool failed = false;
    };
    std::shared_ptr<Outcome> turn = std::make_shared<Outcome>();  // of the open or next transaction
    Statement begin;
    Statement commit;
    Statement savepoint;
    Statement release;
    Statement rollback_to;
    Statement read_version;
    Statement store_version;
    std::vector<std::function<void()>> reloads;
    /// Migrations that wait for the connection, by component.
    std::map<std::string, std::vector<std::string_view>, std::less<>> awaited;

    void open();
    std::int64_t version_of(std::string_view component);
    void migrate(std::string_view component, const std::vector<std::string_view>& versions,
                 std::int64_t from);

    void execute(const char* sql) {
        sqlite3* const db = connection.opened();
        const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) fail(db, code, sql);
    }

    Statement prepare(std::string_view sql) { return {connection, sql}; }

    void settle(bool failed) {
        open_transaction = false;
        turn->settled = true;
        turn->failed = failed;
        turn = std::make_shared<Outcome>();
    }

    /// Nothing of the turn happened: what is cached is read again.
    void fail_turn(std::string_view why) {
        log::error("the data file could not be written: {}", why);
        roll_back(connection.db);
        settle(true);
        for (const std::function<void()>& reload : reloads) reload();
    }

    /// True if a statement failed so that the transaction is gone.
    bool lost_transaction() const {
        return open_transaction && sqlite3_get_autocommit(connection.db) != 0;
    }

    void end_turn() {
        if (!open_transaction) return;
        if (lost_transaction()) {
            fail_turn("a write failed");
            return;
        }
        try {
            commit.run();
        } catch (const DatabaseError& error) {
            fail_turn(error.what());
            return;
        }
        settle(false);
    }
};

void Database::State::open() {
    const bool unclean = !memory && ended_uncleanly(name);
    keep_sqlite_memory();
    spare_cache_walks();
    sqlite3*& db = connection.db;
    const int code = sqlite3_open_v2(
        name.c_str(), &db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        memory ? nullptr : wal_buffering_vfs());
    if (code != SQLITE_OK) fail(db, code, fmt::format("cannot open {}", name));
    try {
        execute(memory ? kInMemory : kOnDisk);
        if (unclean) check_soundness(db, name);
    } catch (const DatabaseError& error) {
        if (error.code() == SQLITE_NOTADB) reject_damaged(name, "it is no SQLite file");
        if (error.code() != SQLITE_BUSY) throw;
        throw DatabaseError(
            fmt::format(
                "{} is in use by another skafu-local: stop it, or choose another --data-dir", name),
            error.code());
    }
    execute("PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192; PRAGMA foreign_keys=OFF;");
    execute(
        "CREATE TABLE IF NOT EXISTS schema_versions("
        "component TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
    for (const auto& [component, versions] : awaited) migrate(component, versions, 0);
    awaited.clear();
}

std::int64_t Database::State::version_of(std::string_view component) {
    read_version.bind(1, component);
    const std::int64_t version = read_version.step() ? read_version.integer(0) : 0;
    read_version.reset();
    return version;
}

void Database::State::migrate(std::string_view component,
                              const std::vector<std::string_view>& versions, std::int64_t from) {
    for (auto at = static_cast<std::size_t>(from); at < versions.size(); ++at) {
        execute(std::string(versions[at]).c_str());
    }
    store_version.bind(1, component).bind(2, static_cast<std::int64_t>(versions.size())).run();
}

Database::Database(boost::asio::io_context& io, const std::filesystem::path& file)
    : state_(std::make_shared<State>(io)) {
    State& state = *state_;
    state.memory = file.empty();
    state.untouched = state.memory;
    state.name = file.empty() ? ":memory:" : file.string();
    state.connection.open = [&state] { state.open(); };
    if (!state.memory) state.connection.opened();
    state.begin = state.prepare("BEGIN");
    state.commit = state.prepare("COMMIT");
    state.savepoint = state.prepare("SAVEPOINT atomic");
    state.release = state.prepare("RELEASE atomic");
    state.rollback_to = state.prepare("ROLLBACK TO atomic");
    state.read_version = state.prepare("SELECT version FROM schema_versions WHERE component = ?1");
    state.store_version = state.prepare("INSERT OR REPLACE INTO schema_versions VALUES(?1, ?2)");
}

Database::~Database() {
    try {
        close();
    } catch (const DatabaseError& error) {
        log::error("closing the data file: {}", error.what());
    }
}

void Database::close() {
    state_->connection.open = nullptr;
    sqlite3*& db = state_->connection.db;
    if (db == nullptr) return;
    state_->end_turn();
    for (Statement* statement :
         {&state_->begin, &state_->commit, &state_->savepoint, &state_->release,
          &state_->rollback_to, &state_->read_version, &state_->store_version}) {
        *statement = Statement();
    }
    // Others still hold prepared statements, with which SQLite would leave its log behind as if we
    // had been killed: it is emptied here.
    for (sqlite3_stmt* open = sqlite3_next_stmt(db, nullptr); open != nullptr;
         open = sqlite3_next_stmt(db, open)) {
        sqlite3_reset(open);
    }
    if (!state_->memory) {
        sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    }
    sqlite3_close_v2(db);
    db = nullptr;
}

void Database::migrate(std::string_view component, const std::vector<std::string_view>& versions) {
    if (state_->connection.open) {
        state_->awaited.emplace(std::string(component), versions);
        return;
    }
    const std::int64_t have = state_->version_of(component);
    const auto newest = static_cast<std::int64_t>(versions.size());
    if (have > newest) {
        throw DatabaseError(
            fmt::format("the data file was written by a newer version ({} schema {}, this program "
                        "knows {}): start that version, or choose another --data-dir",
                        component, have, newest),
            SQLITE_ERROR);
    }
    if (have == newest) return;
    join_turn();
    state_->migrate(component, versions, have);
}

Statement Database::prepare(std::string_view sql) {
    return state_->prepare(sql);
}

void Database::execute(std::string_view sql) {
    state_->execute(std::string(sql).c_str());
}

bool Database::untouched() const {
    return state_->untouched;
}

void Database::write() {
    state_->untouched = false;
    join_turn();
}

void Database::join_turn() {
    if (state_->lost_transaction()) {
        throw DatabaseError("a write of the same turn failed", SQLITE_ABORT);
    }
    if (state_->open_transaction) return;
    state_->begin.run();
    state_->open_transaction = true;
    boost::asio::post(state_->io, [weak = std::weak_ptr<State>(state_)] {
        if (const std::shared_ptr<State> state = weak.lock()) state->end_turn();
    });
}

void Database::atomically(const std::function<void()>& body) {
    write();
    state_->savepoint.run();
    try {
        body();
    } catch (...) {
        if (!state_->lost_transaction()) {
            state_->rollback_to.run();
            state_->release.run();
        }
        throw;
    }
    state_->release.run();
}

bool Database::pending() const {
    return state_->open_transaction;
}

Task<void> Database::durable() {
    const std::shared_ptr<State> state = state_;
    if (!state->open_transaction) co_return;
    const std::shared_ptr<State::Outcome> turn = state->turn;
    // The end of the turn is in the loop's queue already; what is posted now comes behind it.
    while (!turn->settled) {
        const boost::asio::use_awaitable_t<Executor> token;
        co_await boost::asio::post(state->io, token);
    }
    if (turn->failed) {
        throw AwsError("InternalServerError", "The data could not be stored.", 500);
    }
}

void Database::on_rollback(std::function<void()> reload) {
    state_->reloads.push_back(std::move(reload));
}

bool Database::in_memory() const {
    return state_->memory;
}

}  // namespace skafu
