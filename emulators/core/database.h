#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.h"

struct sqlite3;
struct sqlite3_stmt;

namespace skafu {

struct Connection;

/// A statement, compiled once, when it is first used: most of those that a server holds never are.
/// Text and blobs that are bound must live until it is stepped.
/// Every failure of SQLite throws DatabaseError.
class Statement {
  public:
    Statement() = default;
    /// The connection must outlive the statement; it may be closed before.
    Statement(Connection& connection, std::string_view sql) : connection_(&connection), sql_(sql) {}
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    Statement& bind(int at, std::int64_t value);
    Statement& bind(int at, double value);
    Statement& bind(int at, std::string_view text);
    Statement& bind_blob(int at, std::string_view bytes);
    Statement& bind_null(int at);
    /// True while there is a row to read.
    bool step();
    /// Steps to the end and resets; for statements that give no rows.
    void run();
    void reset();

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string_view text(int column) const;  ///< valid until the next step or reset
    std::string_view blob(int column) const;  ///< valid until the next step or reset

  private:
    sqlite3_stmt* compiled();
    void check(int code) const;

    sqlite3_stmt* handle_ = nullptr;
    Connection* connection_ = nullptr;
    std::string sql_;
};

class DatabaseError : public std::runtime_error {
  public:
    DatabaseError(const std::string& what, int code) : std::runtime_error(what), code_(code) {}
    int code() const { return code_; }  ///< SQLite's result code
  private:
    int code_;
};

/// The state of the house: one SQLite file, or memory. All writes of a turn of the loop share one
/// transaction, committed when the turn ends; an answer waits for durable() before it leaves.
class Database {
  public:
    /// An empty path keeps everything in memory. Throws DatabaseError, also for a file that a
    /// newer version wrote, or a damaged one.
    Database(boost::asio::io_context& io, const std::filesystem::path& file);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Brings one component's tables to the newest version: versions[i] is the SQL from i to i+1
    /// and lives as long as the process. In memory that waits for the first statement.
    void migrate(std::string_view component, const std::vector<std::string_view>& versions);
    Statement prepare(std::string_view sql);
    /// True until the first write: there is nothing to load.
    bool untouched() const;
    void execute(std::string_view sql);  ///< for schema and maintenance; any number of statements

    /// Joins this turn's transaction; call it before the first write of an operation.
    void write();
    /// Writes of several statements that must all happen or none: undone if `body` throws.
    void atomically(const std::function<void()>& body);
    /// True while this turn's writes are not committed.
    bool pending() const;
    /// Resumes when everything written so far is committed. Throws AwsError InternalServerError
    /// (500) if that failed, the disk being full for instance: then nothing of the turn happened.
    Task<void> durable();
    /// Called after a failed commit, so that what is cached can be read again.
    void on_rollback(std::function<void()> reload);
    bool in_memory() const;
    void close();  ///< commits and closes; used at shutdown

  private:
    void join_turn();

    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace skafu
