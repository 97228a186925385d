#include "stepfunctions/execution_store.h"

#include "stepfunctions/snapshot.h"

namespace skafu::stepfunctions {
namespace {

/// The ARN and the document of each row.
std::vector<std::pair<std::string, std::string>> rows_of(Statement& select) {
    std::vector<std::pair<std::string, std::string>> rows;
    while (select.step()) rows.emplace_back(select.text(0), select.text(1));
    select.reset();
    return rows;
}

/// Of an execution or a Map Run.
void put_row(Statement& store, const std::string& arn, const Scope& scope, TimePoint start,
             const Json& document) {
    const std::string text = to_text(document);
    store.bind(1, arn)
        .bind(2, scope.account)
        .bind(3, scope.region)
        .bind(4, epoch_seconds(start))
        .bind(5, text)
        .run();
}

}  // namespace

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
    )",
                                R"(
        CREATE TABLE states_map_run(
            arn TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
            started REAL NOT NULL, document TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE states_map_input(
            run TEXT NOT NULL, slot INTEGER NOT NULL, items INTEGER NOT NULL, input TEXT NOT NULL,
            PRIMARY KEY(run, slot)) WITHOUT ROWID;
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
    store_run_ = database.prepare(
        "INSERT INTO states_map_run(arn, account, region, started, document) "
        "VALUES(?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT(arn) DO UPDATE SET document = excluded.document");
    store_input_ = database.prepare(
        "INSERT OR REPLACE INTO states_map_input(run, slot, items, input) VALUES(?1, ?2, ?3, ?4)");
    remove_inputs_ = database.prepare("DELETE FROM states_map_input WHERE run = ?1");
    select_runs_ = database.prepare("SELECT arn, document FROM states_map_run ORDER BY started");
    select_inputs_ =
        database.prepare("SELECT slot, items, input FROM states_map_input WHERE run = ?1");
}

void ExecutionStore::store(const Execution& execution) {
    cloud_.database().write();
    put_row(store_, execution.arn, execution.caller.scope(), execution.start,
            execution_to_json(execution));
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
    if (!active_ || !execution.is_changed) return;
    execution.is_changed = false;
    if (execution.is_express_child) {
        // One that runs is started again: its input stands with the run.
        if (!execution.is_running()) store(execution);
        return;
    }
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

void ExecutionStore::save(const MapRun& run) {
    if (!active_) return;
    cloud_.database().write();
    put_row(store_run_, run.arn, run.machine->owner.scope(), run.start, map_run_to_json(run));
    if (run.status == Status::succeeded) remove_inputs_.bind(1, run.arn).run();
}

void ExecutionStore::save_input(const MapRun& run, std::size_t slot, const Json& input) {
    cloud_.database().write();
    const std::string text = to_text(input);
    store_input_.bind(1, run.arn)
        .bind(2, static_cast<std::int64_t>(slot))
        .bind(3, static_cast<std::int64_t>(run.items_in[slot]))
        .bind(4, text)
        .run();
}

void ExecutionStore::load_runs(
    const std::function<void(const Json&, std::vector<RunInput>)>& visit) {
    if (!active_) return;
    for (const auto& [arn, document] : rows_of(select_runs_)) {
        std::vector<RunInput> inputs;
        select_inputs_.bind(1, arn);
        while (select_inputs_.step()) {
            inputs.push_back({static_cast<std::size_t>(select_inputs_.integer(0)),
                              static_cast<std::size_t>(select_inputs_.integer(1)),
                              parse_json(select_inputs_.text(2))});
        }
        select_inputs_.reset();
        visit(parse_json(document), std::move(inputs));
    }
}

void ExecutionStore::load(
    const std::function<void(const Json&, std::vector<HistoryEvent>)>& visit) {
    if (!active_) return;
    for (const auto& [arn, document] : rows_of(select_)) {
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
        cloud_.database().execute(
            "DELETE FROM states_execution; DELETE FROM states_event; "
            "DELETE FROM states_map_run; DELETE FROM states_map_input;");
        saved_events_.clear();
        return;
    }
    Statement events = cloud_.database().prepare(
        "DELETE FROM states_event WHERE arn IN "
        "(SELECT arn FROM states_execution WHERE account = ?1 AND region = ?2)");
    events.bind(1, scope->account).bind(2, scope->region).run();
    Statement inputs = cloud_.database().prepare(
        "DELETE FROM states_map_input WHERE run IN "
        "(SELECT arn FROM states_map_run WHERE account = ?1 AND region = ?2)");
    inputs.bind(1, scope->account).bind(2, scope->region).run();
    for (const char* table : {"states_execution", "states_map_run"}) {
        Statement rows = cloud_.database().prepare(std::string("DELETE FROM ") + table +
                                                   " WHERE account = ?1 AND region = ?2");
        rows.bind(1, scope->account).bind(2, scope->region).run();
    }
}

}  // namespace skafu::stepfunctions
