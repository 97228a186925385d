#include <algorithm>
#include <functional>

#include "core/aws_error.h"
#include "dynamodb/describe.h"
#include "dynamodb/item_checks.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/operations.h"
#include "dynamodb/request.h"
#include "dynamodb/table_checks.h"
#include "dynamodb/table_settings.h"

namespace skafu::dynamodb {
namespace {

/// A table's document as a backup or a restore takes it over: keys, indexes and billing, but no
/// stream, TTL, tags or recovery settings, as AWS leaves them behind.
Json restorable(const Json& document) {
    Json kept = document;
    for (const char* member :
         {"stream", "latest_stream_label", "ttl", "Tags", "recovery", "history", "recovery_days",
          "policy", "policy_revision", "stream_policy", "stream_policy_revision", "kinesis",
          "insights", "DeletionProtectionEnabled", "RestoreSummary"}) {
        kept.erase(member);
    }
    return kept;
}

/// Enters the items of a table into all its indexes.
void fill_indexes(Engine& engine, const Table& table) {
    Store& store = engine.store();
    const std::string begin = KeyBytes(table.space()).take();
    const std::string end = KeyBytes(table.space() + 1).take();
    Store::Cursor cursor = store.items(begin, end, Store::Direction::kForward);
    Store::Row row;
    while (cursor.next(row)) {
        const Item item = decode_item(row.item);
        for (const Index& index : table.indexes()) {
            if (!is_in_index(index, item)) continue;
            store.add_index_row(index_key(index.space, index.keys, table.keys(), item), row.id);
        }
    }
}

/// Keeps the indexes that a restore asks for; each must be one of the source's.
void override_indexes(Json& document, const Json& input, const char* given, const char* member) {
    const Json* wanted = find_member(input, given);
    if (wanted == nullptr || !wanted->is_array()) return;
    Json kept = Json::array();
    for (const Json& index : *wanted) {
        const std::string name = string_member(index, "IndexName");
        const Json* known = find_member(document, member);
        const Json* found = nullptr;
        for (std::size_t i = 0; known != nullptr && i < known->size(); ++i) {
            if (string_member((*known)[i], "IndexName") == name) found = &(*known)[i];
        }
        if (found == nullptr) {
            throw AwsError::validation(
                "One or more parameter values were invalid: The index to restore is not one of the "
                "source table: " +
                name);
        }
        kept.push_back(*found);
        if (const Json* throughput = find_member(index, "ProvisionedThroughput")) {
            kept.back()["ProvisionedThroughput"] = *throughput;
        }
    }
    if (kept.empty()) {
        document.erase(member);
    } else {
        document[member] = std::move(kept);
    }
}

/// What a restore may change of the table it makes.
void apply_overrides(Json& document, const Json& input, const Scope& scope) {
    Json settings = Json::object();
    for (const char* member :
         {"BillingMode", "ProvisionedThroughput", "OnDemandThroughput", "SSESpecification"}) {
        const Json* value = find_member(input, std::string(member) + "Override");
        if (value != nullptr && !value->is_null()) settings[member] = *value;
    }
    const std::string mode = string_member(settings, "BillingMode");
    if (!mode.empty()) {
        check_billing(settings);
        document.erase("ProvisionedThroughput");
    }
    copy_settings(document, settings, scope);
    override_indexes(document, input, "GlobalSecondaryIndexOverride", "GlobalSecondaryIndexes");
    override_indexes(document, input, "LocalSecondaryIndexOverride", "LocalSecondaryIndexes");
    if (mode == "PAY_PER_REQUEST" && document.contains("GlobalSecondaryIndexes")) {
        for (Json& index : document["GlobalSecondaryIndexes"]) index.erase("ProvisionedThroughput");
    }
    drop_unused_definitions(document);
}

/// Makes the table of a restore; `fill` copies its items into a key space.
Json restore(Engine& engine, Context& context, const Json& input, Json document, Json summary,
             const std::function<void(std::uint32_t)>& fill) {
    const std::string name = string_member(input, "TargetTableName");
    const Scope scope = context.caller.scope();
    if (engine.find_table(scope, name) != nullptr) {
        throw AwsError("TableAlreadyExistsException", "Table already exists: " + name);
    }
    apply_overrides(document, input, scope);
    const TimePoint now = engine.cloud().clock().now();
    document["space"] = engine.next_number();
    document["TableId"] = engine.cloud().entropy().uuid();
    document["created"] = epoch_millis(now);
    if (string_member(document, "BillingMode") == "PAY_PER_REQUEST") {
        document["on_demand_since"] = document.at("created");
    }
    for (const char* kind : {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
        if (!document.contains(kind)) continue;
        for (Json& index : document[kind]) index["space"] = engine.next_number();
    }
    summary["RestoreInProgress"] = false;
    document["RestoreSummary"] = std::move(summary);
    Table& table = engine.add_table(scope, name, std::move(document));
    engine.store().begin_write();
    fill(table.space());
    fill_indexes(engine, table);
    // The answer tells of the restore as it begins; it is done when the next request comes.
    Json description = describe_table(engine, table, "CREATING");
    description["RestoreSummary"]["RestoreInProgress"] = true;
    return {{"TableDescription", std::move(description)}};
}

// ---- point-in-time recovery ----

bool has_recovery(const Table& table) {
    return find_member(table.document(), "recovery") != nullptr;
}

/// The days that a table's items can be recovered from.
std::int64_t recovery_days(const Table& table) {
    const Json* days = find_member(table.document(), "recovery_days");
    return days == nullptr ? kRecoveryDays : days->get<std::int64_t>();
}

/// The earliest time that can be restored, in milliseconds.
std::int64_t earliest_millis(const Table& table, std::int64_t now) {
    const auto enabled = table.document().at("recovery").get<std::int64_t>();
    return std::max(enabled, now - recovery_days(table) * 24 * 3600 * 1000);
}

Json continuous_backups(Engine& engine, const Table& table) {
    Json recovery = {{"PointInTimeRecoveryStatus", "DISABLED"}};
    if (has_recovery(table)) {
        const std::int64_t now = epoch_millis(engine.cloud().clock().now());
        recovery = {
            {"PointInTimeRecoveryStatus", "ENABLED"},
            {"RecoveryPeriodInDays", recovery_days(table)},
            {"EarliestRestorableDateTime", static_cast<double>(earliest_millis(table, now)) / 1000},
            {"LatestRestorableDateTime", static_cast<double>(now) / 1000}};
    }
    return {{"ContinuousBackupsDescription",
             {{"ContinuousBackupsStatus", has_recovery(table) ? "ENABLED" : "DISABLED"},
              {"PointInTimeRecoveryDescription", std::move(recovery)}}}};
}

Table& table_for_backup(Engine& engine, const Caller& caller, const Json& input) {
    const std::string name = table_name_of(input);
    Table* table = engine.find_table(caller, string_member(input, "TableName"));
    if (table == nullptr) throw AwsError("TableNotFoundException", "Table not found: " + name);
    return *table;
}

Json describe_continuous_backups(Engine& engine, Context& context, const Json& input) {
    return continuous_backups(engine, table_for_backup(engine, context.caller, input));
}

Json update_continuous_backups(Engine& engine, Context& context, const Json& input) {
    Table& table = table_for_backup(engine, context.caller, input);
    const Json& specification = input.at("PointInTimeRecoverySpecification");
    Json& document = table.document();
    if (!specification.at("PointInTimeRecoveryEnabled").get<bool>()) {
        if (table.history() != 0) {
            engine.store().begin_write();
            engine.history().drop(table.history());
        }
        for (const char* member : {"recovery", "history", "recovery_days"}) document.erase(member);
    } else {
        if (const Json* days = find_member(specification, "RecoveryPeriodInDays")) {
            document["recovery_days"] = *days;
        }
        if (!has_recovery(table)) {
            document["recovery"] = epoch_millis(engine.cloud().clock().now());
            document["history"] = engine.next_number();
        }
    }
    engine.save(table);
    return continuous_backups(engine, table);
}

/// The moment that a restore asks for, in milliseconds.
std::int64_t restore_millis(const Table& table, const Json& input, std::int64_t now) {
    const Json* latest = find_member(input, "UseLatestRestorableTime");
    const Json* at = find_member(input, "RestoreDateTime");
    const bool is_latest = latest != nullptr && latest->is_boolean() && latest->get<bool>();
    const bool has_time = at != nullptr && at->is_number();
    if (is_latest == has_time) {
        throw AwsError::validation(
            "Either RestoreDateTime or UseLatestRestorableTime must be specified, and only one of "
            "them");
    }
    if (is_latest) return now;
    // A time in whole seconds means all of that second.
    const auto seconds = static_cast<std::int64_t>(at->get<double>() * 1000);
    const std::int64_t millis = seconds % 1000 == 0 ? std::min(seconds + 999, now) : seconds;
    if (millis < earliest_millis(table, now) || seconds > now) {
        throw AwsError("InvalidRestoreTimeException",
                       "An invalid restore time was specified. RestoreDateTime must be between "
                       "EarliestRestorableDateTime and LatestRestorableDateTime.");
    }
    return millis;
}

Json restore_to_point_in_time(Engine& engine, Context& context, const Json& input) {
    const std::string source =
        string_member(input, "SourceTableName", string_member(input, "SourceTableArn"));
    const Table& table = table_for_backup(engine, context.caller, {{"TableName", source}});
    if (!has_recovery(table)) {
        throw AwsError("PointInTimeRecoveryUnavailableException",
                       "Point in time recovery is not enabled for table '" + table.name() + "'");
    }
    const std::int64_t now = epoch_millis(engine.cloud().clock().now());
    const std::int64_t millis = restore_millis(table, input, now);
    const Json summary = {{"SourceTableArn", table.arn()},
                          {"RestoreDateTime", static_cast<double>(millis) / 1000}};
    return restore(engine, context, input, restorable(table.document()), summary,
                   [&](std::uint32_t space) { engine.history().copy_as_of(table, space, millis); });
}

// ---- on-demand backups ----

class Backups {
  public:
    explicit Backups(Engine& engine)
        : engine_(engine), backups_(engine.cloud().database(), "dynamodb", "backup") {}

    Json create(Context& context, const Json& input) {
        const std::string name = string_member(input, "BackupName");
        Table& table = table_for_backup(engine_, context.caller, input);
        const std::int64_t now = epoch_millis(engine_.cloud().clock().now());
        const std::string arn =
            table.arn() + "/backup/" + std::to_string(now) + "-" + engine_.cloud().entropy().hex(8);
        const std::uint32_t space = engine_.next_number();
        engine_.store().begin_write();
        engine_.store().copy_items(table.space(), space);
        const Table::Totals totals = totals_of(engine_, table);
        Json document = {{"name", name},
                         {"table", table.name()},
                         {"table_arn", table.arn()},
                         {"space", space},
                         {"created", now},
                         {"bytes", totals.bytes},
                         {"items", totals.items},
                         {"document", restorable(table.document())}};
        Json details = details_of(arn, document);
        backups_.put(table.scope(), arn, std::move(document));
        return {{"BackupDetails", std::move(details)}};
    }

    Json describe(Context& context, const Json& input) const {
        const std::string arn = string_member(input, "BackupArn");
        return {{"BackupDescription", description_of(arn, find(context, arn), "AVAILABLE")}};
    }

    Json list(Context& context, const Json& input) const {
        const bool is_named = !string_member(input, "TableName").empty();
        const std::string table = is_named ? table_name_of(input) : std::string();
        const std::string after = string_member(input, "ExclusiveStartBackupArn");
        const Json* limit_member = find_member(input, "Limit");
        const std::size_t limit = limit_member != nullptr && limit_member->is_number_integer()
                                      ? limit_member->get<std::size_t>()
                                      : 100;
        Json summaries = Json::array();
        Json out = Json::object();
        backups_.for_each(
            context.caller.scope(),
            [&](const std::string& arn, const Json& backup) {
                if (arn == after || !is_wanted(backup, input)) return true;
                if (!table.empty() && string_member(backup, "table") != table) return true;
                if (summaries.size() == limit) {
                    out["LastEvaluatedBackupArn"] = summaries.back().at("BackupArn");
                    return false;
                }
                Json summary = details_of(arn, backup);
                summary["TableName"] = backup.at("table");
                summary["TableArn"] = backup.at("table_arn");
                summaries.push_back(std::move(summary));
                return true;
            },
            after);
        out["BackupSummaries"] = std::move(summaries);
        return out;
    }

    Json remove(Context& context, const Json& input) {
        const std::string arn = string_member(input, "BackupArn");
        const Json& backup = find(context, arn);
        Json description = description_of(arn, backup, "DELETED");
        engine_.drop_rows(backup.at("space").get<std::uint32_t>());
        backups_.erase(context.caller.scope(), arn);
        return {{"BackupDescription", std::move(description)}};
    }

    Json restore_table(Context& context, const Json& input) {
        const std::string arn = string_member(input, "BackupArn");
        const Json& backup = find(context, arn);
        const auto from = backup.at("space").get<std::uint32_t>();
        const Json summary = {{"SourceBackupArn", arn},
                              {"SourceTableArn", backup.at("table_arn")},
                              {"RestoreDateTime", epoch_seconds(engine_.cloud().clock().now())}};
        return restore(engine_, context, input, backup.at("document"), summary,
                       [&](std::uint32_t space) { engine_.store().copy_items(from, space); });
    }

    void clear(const Scope* scope) { backups_.clear(scope); }

  private:
    const Json& find(Context& context, const std::string& arn) const {
        const Json* backup = backups_.find(context.caller.scope(), arn);
        if (backup == nullptr) {
            throw AwsError("BackupNotFoundException", "Backup not found: " + arn);
        }
        return *backup;
    }

    /// Whether a backup is of the type and the time that a list is asked for: all are a user's.
    static bool is_wanted(const Json& backup, const Json& input) {
        const std::string type = string_member(input, "BackupType", "USER");
        if (type != "USER" && type != "ALL") return false;
        const double created = backup.at("created").get<double>() / 1000;
        const Json* from = find_member(input, "TimeRangeLowerBound");
        const Json* to = find_member(input, "TimeRangeUpperBound");
        return (from == nullptr || !from->is_number() || created >= from->get<double>()) &&
               (to == nullptr || !to->is_number() || created < to->get<double>());
    }

    /// The features that a restore brings back, as far as the table has them.
    static Json features_of(const Json& table) {
        Json features = Json::object();
        for (const char* kind : {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
            const Json* indexes = find_member(table, kind);
            if (indexes == nullptr) continue;
            Json& shown = features[kind] = *indexes;
            for (Json& index : shown) {
                index.erase("space");
                index.erase("throughput_changes");
            }
        }
        if (const Json* sse = find_member(table, "SSEDescription"))
            features["SSEDescription"] = *sse;
        return features;
    }

    static Json details_of(const std::string& arn, const Json& backup) {
        return {{"BackupArn", arn},
                {"BackupName", backup.at("name")},
                {"BackupSizeBytes", backup.at("bytes")},
                {"BackupStatus", "AVAILABLE"},
                {"BackupType", "USER"},
                {"BackupCreationDateTime", backup.at("created").get<double>() / 1000}};
    }

    static Json description_of(const std::string& arn, const Json& backup,
                               std::string_view status) {
        const Json& table = backup.at("document");
        const Json* throughput = find_member(table, "ProvisionedThroughput");
        const Json units = throughput != nullptr
                               ? *throughput
                               : Json{{"ReadCapacityUnits", 0}, {"WriteCapacityUnits", 0}};
        Json details = details_of(arn, backup);
        details["BackupStatus"] = status;
        return {{"BackupDetails", std::move(details)},
                {"SourceTableDetails",
                 {{"TableName", backup.at("table")},
                  {"TableArn", backup.at("table_arn")},
                  {"TableId", table.at("TableId")},
                  {"TableSizeBytes", backup.at("bytes")},
                  {"ItemCount", backup.at("items")},
                  {"KeySchema", table.at("KeySchema")},
                  {"ProvisionedThroughput", units},
                  {"TableCreationDateTime", table.at("created").get<double>() / 1000},
                  {"BillingMode", string_member(table, "BillingMode", "PROVISIONED")}}},
                {"SourceTableFeatureDetails", features_of(table)}};
    }

    Engine& engine_;
    Collection backups_;
};

}  // namespace

void add_backup_operations(Service& service, Engine& engine) {
    using Handler = Json (*)(Engine&, Context&, const Json&);
    const auto add = [&](const char* name, Handler handler) {
        add_operation(service, name, [&engine, handler](Context& context, const Json& input) {
            return handler(engine, context, input);
        });
    };
    add("DescribeContinuousBackups", describe_continuous_backups);
    add("UpdateContinuousBackups", update_continuous_backups);
    add("RestoreTableToPointInTime", restore_to_point_in_time);

    const auto backups = std::make_shared<Backups>(engine);
    engine.on_reset([backups](const Scope* scope) { backups->clear(scope); });
    const auto add_backup = [&](const char* name, auto method) {
        add_operation(service, name, [backups, method](Context& context, const Json& input) {
            return ((*backups).*method)(context, input);
        });
    };
    add_backup("CreateBackup", &Backups::create);
    add_backup("DescribeBackup", &Backups::describe);
    add_backup("ListBackups", &Backups::list);
    add_backup("DeleteBackup", &Backups::remove);
    add_backup("RestoreTableFromBackup", &Backups::restore_table);
}

}  // namespace skafu::dynamodb
