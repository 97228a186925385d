#include "eventbridge/store.h"

namespace skafu::eventbridge {
namespace {

constexpr std::string_view kFirstVersion = R"(
CREATE TABLE eventbridge_delivery(
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL,
    rule TEXT NOT NULL, target TEXT NOT NULL, event TEXT NOT NULL, ingested INTEGER NOT NULL,
    due INTEGER NOT NULL, attempts INTEGER NOT NULL, hops INTEGER NOT NULL);
CREATE TABLE eventbridge_archived(
    sequence INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
    archive TEXT NOT NULL, time INTEGER NOT NULL, event TEXT NOT NULL);
CREATE INDEX eventbridge_archived_by_time
    ON eventbridge_archived(account, region, archive, time, sequence);
)";

std::int64_t micros(TimePoint time) {
    return time.time_since_epoch().count();
}
TimePoint time_of(std::int64_t micros) {
    return TimePoint(Duration(micros));
}

}  // namespace

Store::Store(Database& database) : database_(database) {
    database_.migrate("eventbridge", {kFirstVersion});
    add_ = database_.prepare(
        "INSERT INTO eventbridge_delivery(account, region, bus, rule, target, event, ingested, "
        "due, attempts, hops) VALUES(?,?,?,?,?,?,?,?,?,?) RETURNING id");
    retry_ =
        database_.prepare("UPDATE eventbridge_delivery SET attempts = ?, due = ? WHERE id = ?");
    remove_ = database_.prepare("DELETE FROM eventbridge_delivery WHERE id = ?");
    archive_ = database_.prepare(
        "INSERT INTO eventbridge_archived(account, region, archive, time, event) "
        "VALUES(?,?,?,?,?)");
    archived_ = database_.prepare(
        "SELECT sequence, time, event FROM eventbridge_archived WHERE account = ? AND region = ? "
        "AND archive = ? AND time >= ? AND time < ? AND (time, sequence) > (?, ?) "
        "ORDER BY time, sequence LIMIT ?");
    archive_size_ = database_.prepare(
        "SELECT count(*), coalesce(sum(length(CAST(event AS BLOB))), 0) FROM "
        "eventbridge_archived WHERE account = ? AND region = ? AND archive = ?");
    prune_ = database_.prepare(
        "DELETE FROM eventbridge_archived WHERE account = ? AND region = ? AND archive = ? AND "
        "time < ?");
}

std::int64_t Store::add_delivery(const StoredDelivery& delivery, std::string_view event) {
    database_.write();
    add_.bind(1, delivery.scope.account)
        .bind(2, delivery.scope.region)
        .bind(3, delivery.bus)
        .bind(4, delivery.rule)
        .bind(5, delivery.target)
        .bind(6, event)
        .bind(7, micros(delivery.ingested))
        .bind(8, micros(delivery.due))
        .bind(9, static_cast<std::int64_t>(delivery.attempts))
        .bind(10, static_cast<std::int64_t>(delivery.hops));
    add_.step();
    const std::int64_t id = add_.integer(0);
    add_.reset();
    return id;
}

void Store::retry_delivery(std::int64_t id, int attempts, TimePoint due) {
    database_.write();
    retry_.bind(1, static_cast<std::int64_t>(attempts)).bind(2, micros(due)).bind(3, id).run();
}

void Store::remove_delivery(std::int64_t id) {
    database_.write();
    remove_.bind(1, id).run();
}

void Store::for_each_delivery(const std::function<void(StoredDelivery)>& visit) {
    if (database_.untouched()) return;
    Statement all = database_.prepare(
        "SELECT id, account, region, bus, rule, target, event, ingested, due, attempts, hops FROM "
        "eventbridge_delivery ORDER BY id");
    while (all.step()) {
        StoredDelivery delivery;
        delivery.id = all.integer(0);
        delivery.scope = {std::string(all.text(1)), std::string(all.text(2))};
        delivery.bus = all.text(3);
        delivery.rule = all.text(4);
        delivery.target = all.text(5);
        delivery.event = all.text(6);
        delivery.ingested = time_of(all.integer(7));
        delivery.due = time_of(all.integer(8));
        delivery.attempts = static_cast<int>(all.integer(9));
        delivery.hops = static_cast<int>(all.integer(10));
        visit(std::move(delivery));
    }
}

void Store::clear(const Scope* scope) {
    database_.write();
    for (const char* table : {"eventbridge_delivery", "eventbridge_archived"}) {
        std::string sql = std::string("DELETE FROM ") + table;
        if (scope != nullptr) sql += " WHERE account = ? AND region = ?";
        Statement statement = database_.prepare(sql);
        if (scope != nullptr) statement.bind(1, scope->account).bind(2, scope->region);
        statement.run();
    }
}

void Store::archive(const Scope& scope, std::string_view archive, TimePoint time,
                    std::string_view event) {
    database_.write();
    archive_.bind(1, scope.account)
        .bind(2, scope.region)
        .bind(3, archive)
        .bind(4, micros(time))
        .bind(5, event)
        .run();
}

void Store::archived(const Scope& scope, std::string_view archive, TimePoint from, TimePoint to,
                     const ArchivedEvent& after, std::size_t limit,
                     const std::function<void(ArchivedEvent)>& visit) {
    archived_.bind(1, scope.account)
        .bind(2, scope.region)
        .bind(3, archive)
        .bind(4, micros(from))
        .bind(5, micros(to))
        .bind(6, micros(after.time))
        .bind(7, after.sequence)
        .bind(8, static_cast<std::int64_t>(limit));
    while (archived_.step()) {
        visit(
            {archived_.integer(0), time_of(archived_.integer(1)), std::string(archived_.text(2))});
    }
    archived_.reset();
}

Store::ArchiveSize Store::archive_size(const Scope& scope, std::string_view archive) {
    archive_size_.bind(1, scope.account).bind(2, scope.region).bind(3, archive);
    ArchiveSize size;
    if (archive_size_.step()) size = {archive_size_.integer(0), archive_size_.integer(1)};
    archive_size_.reset();
    return size;
}

void Store::prune_archive(const Scope& scope, std::string_view archive, TimePoint before) {
    database_.write();
    prune_.bind(1, scope.account)
        .bind(2, scope.region)
        .bind(3, archive)
        .bind(4, micros(before))
        .run();
}

}  // namespace skafu::eventbridge
