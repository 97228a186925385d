#include "dynamodb/engine.h"

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "dynamodb/item_write.h"

namespace skafu::dynamodb {
namespace {

constexpr int kRowsPerTurn = 2000;
const Scope kOwnScope{"", ""};

}  // namespace

Engine::Engine(Cloud& cloud)
    : cloud_(cloud),
      store_(cloud.database()),
      tables_document_(cloud.database(), "dynamodb", "table"),
      counters_(cloud.database(), "dynamodb", "counter"),
      streams_(cloud, store_),
      history_(cloud, store_) {
    load();
    cloud.database().on_rollback([this] { load(); });
    if (const auto expiry = store_.next_expiry()) expect_expiry(expiry->at);
}

void Engine::load() {
    last_table_ = nullptr;
    tables_.clear();
    tables_document_.for_each_scope([&](const Scope& scope) {
        tables_document_.for_each(scope, [&](const std::string& name, const Json& document) {
            tables_[scope].emplace(name, std::make_unique<Table>(scope, name, document));
            return true;
        });
    });
}

Table* Engine::find_table(const Scope& scope, std::string_view name) {
    const auto scoped = tables_.find(scope);
    if (scoped == tables_.end()) return nullptr;
    const auto found = scoped->second.find(name);
    return found == scoped->second.end() ? nullptr : found->second.get();
}

Table* Engine::find_arn(std::string_view text) {
    constexpr std::string_view kTable = "table/";
    const auto arn = Arn::parse(text);
    if (!arn || arn->service != "dynamodb" || !arn->resource.starts_with(kTable)) return nullptr;
    return find_table(Scope{arn->account, arn->region},
                      std::string_view(arn->resource).substr(kTable.size()));
}

Table* Engine::find_table(const Caller& caller, std::string_view name) {
    if (last_table_ != nullptr && last_table_->name() == name &&
        last_table_->scope().account == caller.account &&
        last_table_->scope().region == caller.region) {
        return last_table_;
    }
    Table* found = name.starts_with("arn:") ? find_arn(name) : find_table(caller.scope(), name);
    if (found != nullptr) last_table_ = found;
    return found;
}

Table& Engine::table(const Caller& caller, std::string_view name) {
    Table* found = find_table(caller, name);
    if (found == nullptr) throw AwsError::not_found("Requested resource not found");
    return *found;
}

Table* Engine::find_space(std::uint32_t space) {
    for (const auto& [scope, tables] : tables_) {
        for (const auto& [name, table] : tables) {
            if (table->space() == space) return table.get();
        }
    }
    return nullptr;
}

Table& Engine::add_table(const Scope& scope, const std::string& name, Json document) {
    tables_document_.put(scope, name, document);
    auto table = std::make_unique<Table>(scope, name, std::move(document));
    Table& added = *table;
    tables_[scope].emplace(name, std::move(table));
    return added;
}

void Engine::save(Table& table) {
    tables_document_.put(table.scope(), table.name(), table.document());
    table.compile();
}

void Engine::drop_table(Table& table) {
    const Scope scope = table.scope();
    const std::string name = table.name();
    const std::uint32_t space = table.space();
    for (const Index& index : table.indexes()) drop_index_rows(index.space);
    store_.begin_write();
    store_.clear_expiries(space);
    if (table.stream() != 0) streams_.close(table);
    if (table.history() != 0) history_.drop(table.history());
    last_table_ = nullptr;
    tables_document_.erase(scope, name);
    tables_[scope].erase(name);
    drop_rows(space);
}

void Engine::drop_rows(std::uint32_t space) {
    cloud_.spawn(drop_in_background(space, space + 1, false));
}

void Engine::drop_index_rows(std::uint32_t space) {
    cloud_.spawn(drop_in_background(space, space + 1, true));
}

Task<void> Engine::drop_in_background(std::uint32_t space, std::uint32_t end, bool index_rows) {
    const std::string from = KeyBytes(space).take();
    const std::string to = KeyBytes(end).take();
    bool more = true;
    while (more) {
        store_.begin_write();
        more = index_rows ? store_.erase_some_index_rows(from, to, kRowsPerTurn)
                          : store_.erase_some(from, to, kRowsPerTurn);
        Database& database = cloud_.database();
        co_await database.durable();
    }
}

std::vector<std::string> Engine::table_names(const Scope& scope) const {
    std::vector<std::string> names;
    const auto scoped = tables_.find(scope);
    if (scoped == tables_.end()) return names;
    for (const auto& [name, table] : scoped->second) names.push_back(name);
    return names;
}

std::uint32_t Engine::next_number() {
    const Json* counter = counters_.find(kOwnScope, "next");
    const std::uint32_t number = counter == nullptr ? 1 : counter->get<std::uint32_t>();
    counters_.put(kOwnScope, "next", Json(number + 1));
    return number;
}

void Engine::record(const Table& table, const Streams::Change& change) {
    if (table.stream() != 0) streams_.record(table, change);
    if (table.history() != 0) history_.note(table, change);
}

void Engine::expect_expiry(std::int64_t at_seconds) {
    if (expiry_timer_ != 0) {
        if (expiry_due_ <= at_seconds) return;
        cloud_.clock().cancel(expiry_timer_);
    }
    expiry_due_ = at_seconds;
    const TimePoint due{std::chrono::seconds(at_seconds)};
    expiry_timer_ = cloud_.clock().at(
        due,
        [this] {
            expiry_timer_ = 0;
            expire_items();
        },
        TimerKind::housekeeping);
}

void Engine::expire_items() {
    const std::int64_t now = epoch_millis(cloud_.clock().now()) / 1000;
    for (int left = kRowsPerTurn; left > 0; --left) {
        const auto expiry = store_.next_expiry();
        if (!expiry) return;
        if (expiry->at > now) {
            expect_expiry(expiry->at);
            return;
        }
        store_.begin_write();
        Table* table = find_space(expiry->space);
        if (table == nullptr) {
            store_.remove_expiry(expiry->item);
        } else {
            expire_item(*this, *table, expiry->item);
        }
    }
    expect_expiry(now);
}

void Engine::clear_table(Table& table) {
    constexpr int kAtOnce = 100'000;
    const auto range = [](std::uint32_t space) {
        return std::pair(KeyBytes(space).take(), KeyBytes(space + 1).take());
    };
    store_.begin_write();
    store_.clear_expiries(table.space());
    for (const Index& index : table.indexes()) {
        const auto [from, to] = range(index.space);
        while (store_.erase_some_index_rows(from, to, kAtOnce)) {
        }
    }
    const auto [from, to] = range(table.space());
    while (store_.erase_some(from, to, kAtOnce)) {
    }
    if (table.stream() != 0) store_.drop_stream(table.stream());
    table.totals.reset();
    table.index_totals.clear();
}

void Engine::clear_data(const Scope* scope) {
    for (auto& [owner, tables] : tables_) {
        if (scope != nullptr && owner != *scope) continue;
        for (auto& [name, table] : tables) clear_table(*table);
    }
    drop_tokens(scope);
}

void Engine::drop_tokens(const Scope* scope) {
    store_.begin_write();
    store_.drop_tokens(scope == nullptr ? "" : scope->account + "/" + scope->region + "/");
}

void Engine::reset(const Scope* scope) {
    if (scope == nullptr) {
        store_.begin_write();
        store_.clear();
    } else if (const auto scoped = tables_.find(*scope); scoped != tables_.end()) {
        for (const auto& [name, table] : scoped->second) {
            for (const Index& index : table->indexes()) drop_index_rows(index.space);
            store_.begin_write();
            store_.clear_expiries(table->space());
            drop_rows(table->space());
        }
    }
    last_table_ = nullptr;
    tables_document_.clear(scope);
    if (scope == nullptr) {
        tables_.clear();
    } else {
        tables_.erase(*scope);
    }
    streams_.reset(scope);
    drop_tokens(scope);
    for (const auto& action : on_reset_) action(scope);
}

}  // namespace skafu::dynamodb
