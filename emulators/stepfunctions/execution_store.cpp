#include "stepfunctions/execution_store.h"

#include "stepfunctions/snapshot.h"

namespace skafu::stepfunctions {

ExecutionStore::ExecutionStore(Cloud& cloud)
    : cloud_(cloud), active_(!cloud.database().in_memory()) {
    if (!active_) return;
    Database& database = cloud.database();
    database.migrate("states", {R"(
        CREATE TABLE states_execution(
            arn TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
            started REAL NOT NULL, document TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE states_event(
            arn TEXT NOT NULL, id INTEGER NOT NULL, event TEXT NOT NULL,
            PRIMARY KEY(arn, id)) WITHOUT ROWID;
    )"});
    store_ = database.prepare(
        "INSERT INTO states_execution(arn, account, region, started, document) "
        "VALUES(?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT(arn) DO UPDATE SET document = excluded.document");
    remove_ = database.prepare("DELETE FROM states_execution WHERE arn = ?1");
    store_event_ =
        database.prepare("INSERT OR REPLACE INTO states_event(arn, id, event) VALUES(?1, ?2, ?3)");
    select_ = database.prepare("SELECT arn, document FROM states_execution ORDER BY started");
    select_events_ = database.prepare("SELECT event FROM states_event WHERE arn = ?1 ORDER BY id");
}

void ExecutionStore::store(const Execution& execution) {
    cloud_.database().write();
    const std::string document = to_text(execution_to_json(execution));
    store_.bind(1, execution.arn)
        .bind(2, execution.caller.account)
        .bind(3, execution.caller.region)
        .bind(4, epoch_seconds(execution.start))
        .bind(5, document)
        .run();
}

/// Most end in the turn in which they began, and never come here while they run.
void ExecutionStore::save_express(const Execution& execution) {
    const bool is_stored = saved_events_.contains(execution.arn);
    if (execution.is_synchronous || is_stored == execution.is_running()) return;
    if (execution.is_running()) {
        store(execution);
        saved_events_[execution.arn] = 0;
        return;
    }
    cloud_.database().write();
    remove_.bind(1, execution.arn).run();
    saved_events_.erase(execution.arn);
}

void ExecutionStore::save(Execution& execution) {
    const bool is_child = execution.states != &execution.machine->program->root;
    if (!active_ || is_child || !execution.is_changed) return;
    execution.is_changed = false;
    if (execution.is_express()) {
        save_express(execution);
        return;
    }
    store(execution);
    std::int64_t& saved = saved_events_[execution.arn];
    for (std::size_t i = static_cast<std::size_t>(saved); i < execution.history.size(); ++i) {
        const HistoryEvent& event = execution.history[i];
        const std::string text = to_text(event_to_json(event, ExecutionData::included));
        store_event_.bind(1, execution.arn).bind(2, event.id).bind(3, text).run();
    }
    saved = static_cast<std::int64_t>(execution.history.size());
    if (!execution.is_running()) saved_events_.erase(execution.arn);
}

void ExecutionStore::load(
    const std::function<void(const Json&, std::vector<HistoryEvent>)>& visit) {
    if (!active_) return;
    std::vector<std::pair<std::string, std::string>> rows;
    while (select_.step()) rows.emplace_back(select_.text(0), select_.text(1));
    select_.reset();
    for (const auto& [arn, document] : rows) {
        std::vector<HistoryEvent> events;
        select_events_.bind(1, arn);
        while (select_events_.step()) {
            events.push_back(event_from_json(parse_json(select_events_.text(0))));
        }
        select_events_.reset();
        saved_events_[arn] = static_cast<std::int64_t>(events.size());
        visit(parse_json(document), std::move(events));
    }
}

void ExecutionStore::clear(const Scope* scope) {
    if (!active_) return;
    cloud_.database().write();
    if (scope == nullptr) {
        cloud_.database().execute("DELETE FROM states_execution; DELETE FROM states_event;");
        saved_events_.clear();
        return;
    }
    Statement events = cloud_.database().prepare(
        "DELETE FROM states_event WHERE arn IN "
        "(SELECT arn FROM states_execution WHERE account = ?1 AND region = ?2)");
    events.bind(1, scope->account).bind(2, scope->region).run();
    Statement executions = cloud_.database().prepare(
        "DELETE FROM states_execution WHERE account = ?1 AND region = ?2");
    executions.bind(1, scope->account).bind(2, scope->region).run();
}

}  // namespace skafu::stepfunctions
