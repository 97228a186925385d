#include "core/database.h"

#include <filesystem>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

using namespace skafu;
namespace fs = std::filesystem;

namespace {

/// A folder that goes with the test.
class Folder {
  public:
    Folder() : path_(fs::temp_directory_path() / ("skafu-unit-" + std::to_string(getpid()))) {
        fs::remove_all(path_);
        fs::create_directories(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    fs::path file(const char* name) const { return path_ / name; }

  private:
    fs::path path_;
};

/// Ends the turn: what was written is committed.
void end_turn(boost::asio::io_context& io) {
    io.restart();
    io.run();
}

void insert(Database& database, std::int64_t from, std::int64_t count) {
    Statement statement = database.prepare("INSERT INTO t VALUES(?1, ?2)");
    const std::string text(1000, 'x');
    database.write();
    for (std::int64_t n = from; n < from + count; ++n) statement.bind(1, n).bind(2, text).run();
}

/// What a process that finds the files of another one, killed in this moment, reads.
std::pair<std::int64_t, std::int64_t> counted_in_copy(const Folder& folder) {
    for (const char* suffix : {"", "-wal"}) {
        fs::copy_file(folder.file("a.db").string() + suffix, folder.file("b.db").string() + suffix,
                      fs::copy_options::overwrite_existing);
    }
    boost::asio::io_context io;
    Database copy(io, folder.file("b.db"));
    Statement statement = copy.prepare("SELECT count(*), total(length(x)) FROM t");
    statement.step();
    return {statement.integer(0), statement.integer(1)};
}

}  // namespace

TEST_CASE("what is committed is in the files, however large the transaction") {
    const Folder folder;
    boost::asio::io_context io;
    Database database(io, folder.file("a.db"));
    database.execute("CREATE TABLE t(n INTEGER PRIMARY KEY, x TEXT NOT NULL)");
    std::int64_t rows = 0;
    for (const std::int64_t count : {1, 50, 2000, 1, 20000, 10}) {
        insert(database, rows, count);
        // Pages that left the cache within the transaction are written once more.
        database.execute("UPDATE t SET x = x || 'y' WHERE n % 500 = 0");
        end_turn(io);
        rows += count;
        CHECK(counted_in_copy(folder).first == rows);
    }
    CHECK(counted_in_copy(folder).second > rows * 1000);
}

TEST_CASE("what is undone is not in the files") {
    const Folder folder;
    boost::asio::io_context io;
    Database database(io, folder.file("a.db"));
    database.execute("CREATE TABLE t(n INTEGER PRIMARY KEY, x TEXT NOT NULL)");
    insert(database, 0, 100);
    end_turn(io);
    int reloads = 0;
    database.on_rollback([&] { ++reloads; });
    for (const std::int64_t count : {10, 20000}) {
        insert(database, 100, count);
        database.execute("ROLLBACK");
        end_turn(io);
        CHECK(counted_in_copy(folder).first == 100);
    }
    CHECK(reloads == 2);
    insert(database, 100, 5);
    end_turn(io);
    CHECK(counted_in_copy(folder).first == 105);
}

TEST_CASE("a database in memory stays sound over rebalanced trees and undone turns") {
    boost::asio::io_context io;
    Database database(io, {});
    database.execute("CREATE TABLE k(key TEXT PRIMARY KEY, x TEXT NOT NULL) WITHOUT ROWID");
    Statement add = database.prepare("INSERT INTO k VALUES(?1, ?2)");
    Statement count = database.prepare("SELECT count(*) FROM k");
    Statement check = database.prepare("PRAGMA integrity_check");
    const std::string text(300, 'x');
    std::uint64_t seed = 1;
    std::int64_t kept = 0;
    for (int turn = 0; turn < 60; ++turn) {
        database.write();
        for (int n = 0; n < 100; ++n) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            const std::string key = std::to_string(seed);
            add.bind(1, key).bind(2, text).run();
        }
        const bool undone = turn % 3 == 2;
        if (undone) database.execute("ROLLBACK");
        end_turn(io);
        if (!undone) kept += 100;
        count.step();
        CHECK(count.integer(0) == kept);
        count.reset();
    }
    check.step();
    CHECK(check.text(0) == "ok");
}

TEST_CASE("tables in memory are made when the first statement needs them, each once") {
    boost::asio::io_context io;
    Database database(io, {});
    CHECK(database.untouched());
    database.migrate("first", {"CREATE TABLE a(n INTEGER)", "ALTER TABLE a ADD COLUMN m INTEGER"});
    database.migrate("first", {"CREATE TABLE a(n INTEGER)", "ALTER TABLE a ADD COLUMN m INTEGER"});
    CHECK_FALSE(database.pending());
    database.write();
    database.prepare("INSERT INTO a VALUES(1, 2)").run();
    database.migrate("first", {"CREATE TABLE a(n INTEGER)", "ALTER TABLE a ADD COLUMN m INTEGER"});
    database.migrate("second", {"CREATE TABLE b(n INTEGER)"});
    database.prepare("INSERT INTO b VALUES(3)").run();
    end_turn(io);
    Statement sum = database.prepare("SELECT a.n + a.m + b.n FROM a, b");
    REQUIRE(sum.step());
    CHECK(sum.integer(0) == 6);
    CHECK_FALSE(database.untouched());
    CHECK_THROWS_AS(database.migrate("first", {"CREATE TABLE a(n INTEGER)"}), DatabaseError);
}

TEST_CASE("a database in memory that was never used closes without having been opened") {
    boost::asio::io_context io;
    Database database(io, {});
    Statement statement = database.prepare("SELECT 1");
    database.close();
    CHECK_THROWS_AS(statement.step(), DatabaseError);
}
