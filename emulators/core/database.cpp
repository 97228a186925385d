#include "core/database.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <sqlite3.h>

#include "core/aws_error.h"
#include "core/event.h"
#include "core/log.h"

namespace skafu {
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

void check(sqlite3_stmt* statement, int code) {
    if (code != SQLITE_OK) fail(sqlite3_db_handle(statement), code, "bind");
}

}  // namespace

Statement::Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    if (this == &other) return *this;
    sqlite3_finalize(handle_);
    handle_ = std::exchange(other.handle_, nullptr);
    return *this;
}

Statement::~Statement() {
    sqlite3_finalize(handle_);
}

Statement& Statement::bind(int at, std::int64_t value) {
    check(handle_, sqlite3_bind_int64(handle_, at, value));
    return *this;
}

Statement& Statement::bind(int at, double value) {
    check(handle_, sqlite3_bind_double(handle_, at, value));
    return *this;
}

Statement& Statement::bind(int at, std::string_view text) {
    // A null pointer would bind NULL, and an empty view may hold one.
    const char* data = text.data() == nullptr ? "" : text.data();
    check(handle_,
          sqlite3_bind_text(handle_, at, data, static_cast<int>(text.size()), SQLITE_STATIC));
    return *this;
}

Statement& Statement::bind_blob(int at, std::string_view bytes) {
    const char* data = bytes.data() == nullptr ? "" : bytes.data();
    check(handle_,
          sqlite3_bind_blob(handle_, at, data, static_cast<int>(bytes.size()), SQLITE_STATIC));
    return *this;
}

Statement& Statement::bind_null(int at) {
    check(handle_, sqlite3_bind_null(handle_, at));
    return *this;
}

bool Statement::step() {
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3* db = sqlite3_db_handle(handle_);
    const std::string message = sqlite3_errmsg(db);
    sqlite3_reset(handle_);
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
    explicit State(boost::asio::io_context& loop) : io(loop), committed(loop) {}

    boost::asio::io_context& io;
    sqlite3* db = nullptr;
    bool memory = true;
    bool open_transaction = false;
    int savepoints = 0;
    std::uint64_t turn = 1;         // of the transaction that is open or will be next
    std::uint64_t last_failed = 0;  // the last turn whose commit failed
    Event committed;
    Statement begin;
    Statement commit;
    Statement savepoint;
    Statement release;
    Statement rollback_to;
    std::vector<std::function<void()>> reloads;

    void execute(const char* sql) {
        const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) fail(db, code, sql);
    }

    Statement prepare(std::string_view sql) {
        sqlite3_stmt* handle = nullptr;
        const int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
        if (code != SQLITE_OK) fail(db, code, sql);
        return Statement(handle);
    }

    void end_turn() {
        if (!open_transaction) return;
        open_transaction = false;
        try {
            commit.run();
        } catch (const DatabaseError& error) {
            last_failed = turn;
            log::error("the data file could not be written: {}", error.what());
            sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
            for (const std::function<void()>& reload : reloads) reload();
        }
        ++turn;
        committed.notify_all();
    }
};

Database::Database(boost::asio::io_context& io, const std::filesystem::path& file)
    : state_(std::make_shared<State>(io)) {
    state_->memory = file.empty();
    const std::string name = file.empty() ? ":memory:" : file.string();
    const int code = sqlite3_open_v2(
        name.c_str(), &state_->db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        nullptr);
    if (code != SQLITE_OK) fail(state_->db, code, fmt::format("cannot open {}", name));
    try {
        state_->execute(state_->memory ? kInMemory : kOnDisk);
    } catch (const DatabaseError& error) {
        if (error.code() != SQLITE_BUSY) throw;
        throw DatabaseError(
            fmt::format(
                "{} is in use by another skafu-local: stop it, or choose another --data-dir", name),
            error.code());
    }
    state_->execute("PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192; PRAGMA foreign_keys=OFF;");
    state_->execute(
        "CREATE TABLE IF NOT EXISTS schema_versions("
        "component TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
    state_->begin = state_->prepare("BEGIN");
    state_->commit = state_->prepare("COMMIT");
    state_->savepoint = state_->prepare("SAVEPOINT atomic");
    state_->release = state_->prepare("RELEASE atomic");
    state_->rollback_to = state_->prepare("ROLLBACK TO atomic");
}

Database::~Database() {
    try {
        close();
    } catch (const DatabaseError& error) {
        log::error("closing the data file: {}", error.what());
    }
}

void Database::close() {
    if (state_->db == nullptr) return;
    state_->end_turn();
    for (Statement* statement : {&state_->begin, &state_->commit, &state_->savepoint,
                                 &state_->release, &state_->rollback_to}) {
        *statement = Statement();
    }
    sqlite3_close_v2(state_->db);
    state_->db = nullptr;
}

void Database::migrate(std::string_view component, const std::vector<std::string_view>& versions) {
    Statement read = prepare("SELECT version FROM schema_versions WHERE component = ?1");
    read.bind(1, component);
    const std::int64_t have = read.step() ? read.integer(0) : 0;
    read.reset();
    const auto newest = static_cast<std::int64_t>(versions.size());
    if (have > newest) {
        throw DatabaseError(
            fmt::format("the data file was written by a newer version ({} schema {}, this program "
                        "knows {}): start that version, or choose another --data-dir",
                        component, have, newest),
            SQLITE_ERROR);
    }
    if (have == newest) return;
    write();
    for (std::int64_t version = have; version < newest; ++version) {
        execute(versions[static_cast<std::size_t>(version)]);
    }
    Statement store = prepare("INSERT OR REPLACE INTO schema_versions VALUES(?1, ?2)");
    store.bind(1, component).bind(2, newest).run();
}

Statement Database::prepare(std::string_view sql) {
    return state_->prepare(sql);
}

void Database::execute(std::string_view sql) {
    state_->execute(std::string(sql).c_str());
}

void Database::write() {
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
        state_->rollback_to.run();
        state_->release.run();
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
    const std::uint64_t turn = state->turn;
    while (state->turn == turn) co_await state->committed.wait();
    if (state->last_failed == turn) {
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
