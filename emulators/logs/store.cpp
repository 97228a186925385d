#include "logs/store.h"

namespace skafu::logs {

namespace {

constexpr std::string_view kSchema =
    "CREATE TABLE log_batches(id INTEGER PRIMARY KEY, stream INTEGER NOT NULL,"
    " first INTEGER NOT NULL, last INTEGER NOT NULL, ingestion INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, body TEXT NOT NULL);"
    "CREATE INDEX log_batches_by_stream ON log_batches(stream, first, last)";

/// What AWS adds to each event's size.
constexpr std::int64_t kStoredOverhead = 26;

}  // namespace

LogStore::LogStore(Database& database)
    : groups(database, "logs", "group"),
      streams(database, "logs", "stream"),
      subscriptions(database, "logs", "subscription"),
      metric_filters(database, "logs", "metric-filter"),
      resource_policies(database, "logs", "resource-policy"),
      database_(database) {
    database_.migrate("logs", {kSchema});
    insert_ = database_.prepare(
        "INSERT INTO log_batches(stream, first, last, ingestion, bytes, body)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    select_ = database_.prepare(
        "SELECT id, ingestion, body FROM log_batches"
        " WHERE stream = ?1 AND first < ?3 AND last >= ?2");
    summary_ = database_.prepare(
        "SELECT min(first), max(last), max(ingestion), sum(bytes) FROM log_batches"
        " WHERE stream = ?1");
    remove_ = database_.prepare("DELETE FROM log_batches WHERE stream = ?1");
    expire_ = database_.prepare("DELETE FROM log_batches WHERE stream = ?1 AND last < ?2");
    streams.for_each_scope([this](const Scope& scope) {
        streams.for_each(scope, [this](const std::string&, const Json& stream) {
            last_stream_ = std::max(last_stream_, stream["id"].get<std::int64_t>());
            return true;
        });
    });
}

std::string LogStore::stream_key(std::string_view group, std::string_view stream) {
    return fmt::format("{}\t{}", group, stream);
}

void LogStore::for_each_stream(const Scope& scope, std::string_view group,
                               const std::function<bool(const Json&)>& visit,
                               std::string_view prefix) const {
    const std::string from = stream_key(group, prefix);
    streams.for_each(
        scope,
        [&](const std::string& key, const Json& stream) {
            return key.starts_with(from) && visit(stream);
        },
        from);
}

void LogStore::create_stream(const Scope& scope, std::string_view group, std::string_view stream,
                             std::int64_t now) {
    streams.put(scope, stream_key(group, stream),
                {{"logStreamName", stream}, {"creationTime", now}, {"id", ++last_stream_}});
}

void LogStore::append(std::int64_t stream, const std::vector<LogEvent>& events,
                      std::int64_t ingestion) {
    if (events.empty()) return;
    Json body = Json::array();
    std::int64_t bytes = 0;
    for (const LogEvent& event : events) {
        bytes += static_cast<std::int64_t>(event.message.size()) + kStoredOverhead;
        body.push_back(Json::array({event.timestamp, event.message}));
    }
    const std::string text = to_text(body);
    database_.write();
    insert_.bind(1, stream).bind(2, events.front().timestamp).bind(3, events.back().timestamp);
    insert_.bind(4, ingestion).bind(5, bytes).bind(6, text).run();
}

std::vector<LogEvent> LogStore::read(std::int64_t stream, std::int64_t from, std::int64_t to) {
    std::vector<LogEvent> events;
    select_.bind(1, stream).bind(2, from).bind(3, to);
    while (select_.step()) {
        const std::int64_t batch = select_.integer(0);
        const std::int64_t ingestion = select_.integer(1);
        int index = 0;
        for (Json& each : parse_json(select_.text(2))) {
            LogEvent event;
            event.timestamp = each[0].get<std::int64_t>();
            event.id = fmt::format("{:020}{:024}{:012}", event.timestamp, batch, index++);
            if (event.timestamp < from || event.timestamp >= to) continue;
            event.message = std::move(each[1].get_ref<std::string&>());
            event.ingestion = ingestion;
            events.push_back(std::move(event));
        }
    }
    select_.reset();
    std::sort(events.begin(), events.end(),
              [](const LogEvent& a, const LogEvent& b) { return a.id < b.id; });
    return events;
}

StreamSummary LogStore::summary(std::int64_t stream) {
    StreamSummary summary;
    summary_.bind(1, stream);
    if (summary_.step() && !summary_.is_null(0)) {
        summary.first = summary_.integer(0);
        summary.last = summary_.integer(1);
        summary.ingestion = summary_.integer(2);
        summary.bytes = summary_.integer(3);
        summary.empty = false;
    }
    summary_.reset();
    return summary;
}

void LogStore::erase_events(std::int64_t stream) {
    database_.write();
    remove_.bind(1, stream).run();
}

void LogStore::erase_stream(const Scope& scope, std::string_view group, std::string_view stream) {
    const std::string key = stream_key(group, stream);
    const Json* found = streams.find(scope, key);
    if (found == nullptr) return;
    erase_events((*found)["id"].get<std::int64_t>());
    streams.erase(scope, key);
}

void LogStore::erase_group(const Scope& scope, std::string_view group) {
    std::vector<std::string> names;
    for_each_stream(scope, group, [&](const Json& stream) {
        names.push_back(stream["logStreamName"].get<std::string>());
        return true;
    });
    for (const std::string& name : names) erase_stream(scope, group, name);
    groups.erase(scope, group);
    for (Collection* filters : {&subscriptions, &metric_filters}) {
        std::vector<std::string> keys;
        const std::string prefix = stream_key(group, "");
        filters->for_each(
            scope,
            [&](const std::string& key, const Json&) {
                if (!key.starts_with(prefix)) return false;
                keys.push_back(key);
                return true;
            },
            prefix);
        for (const std::string& key : keys) filters->erase(scope, key);
    }
}

void LogStore::expire(const Scope& scope, std::string_view group, std::int64_t cutoff) {
    database_.write();
    for_each_stream(scope, group, [&](const Json& stream) {
        expire_.bind(1, stream["id"].get<std::int64_t>()).bind(2, cutoff).run();
        return true;
    });
}

void LogStore::clear_streams(const Scope* scope) {
    const auto clear_events = [this](const Scope& each) {
        streams.for_each(each, [this](const std::string&, const Json& stream) {
            erase_events(stream["id"].get<std::int64_t>());
            return true;
        });
    };
    if (scope != nullptr) {
        clear_events(*scope);
    } else {
        streams.for_each_scope(clear_events);
    }
    streams.clear(scope);
}

void LogStore::clear(const Scope* scope) {
    clear_streams(scope);
    for (Collection* each : {&groups, &subscriptions, &metric_filters, &resource_policies}) {
        each->clear(scope);
    }
}

}  // namespace skafu::logs
