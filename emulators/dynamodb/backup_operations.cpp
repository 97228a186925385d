#include <algorithm>

#include "core/aws_error.h"
#include "dynamodb/describe.h"
#include "dynamodb/item_checks.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/operations.h"
#include "dynamodb/request.h"
#include "dynamodb/table_settings.h"

namespace skafu::dynamodb {
namespace {

/// A table's document as a backup or a restore takes it over: keys, indexes and billing, but no
/// stream, TTL, tags or recovery settings, as AWS leaves them behind.
Json restorable(const Json& document) {
    Json kept = document;
    for (const char* member : {"stream", "latest_stream_label", "ttl", "Tags", "recovery", "policy",
                               "policy_revision", "kinesis", "DeletionProtectionEnabled"}) {
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

/// What a restore may change of the table it makes.
void apply_overrides(Json& document, const Json& input) {
    if (const Json* mode = find_member(input, "BillingModeOverride")) {
        document["BillingMode"] = *mode;
    }
    if (const Json* throughput = find_member(input, "ProvisionedThroughputOverride")) {
        document["ProvisionedThroughput"] = *throughput;
    }
    for (const auto& [given, member] :
         {std::pair("GlobalSecondaryIndexOverride", "GlobalSecondaryIndexes"),
          std::pair("LocalSecondaryIndexOverride", "LocalSecondaryIndexes")}) {
        const Json* indexes = find_member(input, given);
        if (indexes != nullptr && indexes->is_array()) document[member] = *indexes;
    }
}

Json restore(Engine& engine, Context& context, const Json& input, std::uint32_t from, Json document,
             Json summary) {
    ItemRequest names;
    names.table_name = string_member(input, "TargetTableName");
    const std::string name(checked_table_name(names));
    const Scope scope = context.caller.scope();
    if (engine.find_table(scope, name) != nullptr) {
        throw AwsError("TableAlreadyExistsException", "Table already exists: " + name);
    }
    apply_overrides(document, input);
    const TimePoint now = engine.cloud().clock().now();
    document["space"] = engine.next_number();
    document["TableId"] = engine.cloud().entropy().uuid();
    document["created"] = epoch_millis(now);
    for (const char* kind : {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
        if (!document.contains(kind)) continue;
        for (Json& index : document[kind]) index["space"] = engine.next_number();
    }
    summary["RestoreDateTime"] = epoch_seconds(now);
    summary["RestoreInProgress"] = false;
    document["RestoreSummary"] = std::move(summary);
    Table& table = engine.add_table(scope, name, std::move(document));
    engine.store().begin_write();
    engine.store().copy_items(from, table.space());
    fill_indexes(engine, table);
    return {{"TableDescription", describe_table(engine, table, "CREATING")}};
}

// ---- point-in-time recovery ----

bool has_recovery(const Table& table) {
    const Json* recovery = find_member(table.document(), "recovery");
    return recovery != nullptr;
}

Json continuous_backups(Engine& engine, const Table& table) {
    Json recovery = {{"PointInTimeRecoveryStatus", "DISABLED"}};
    if (has_recovery(table)) {
        recovery = {
            {"PointInTimeRecoveryStatus", "ENABLED"},
            {"EarliestRestorableDateTime", table.document().at("recovery").get<double>() / 1000},
            {"LatestRestorableDateTime", epoch_seconds(engine.cloud().clock().now())}};
    }
    return {{"ContinuousBackupsDescription",
             {{"ContinuousBackupsStatus", has_recovery(table) ? "ENABLED" : "DISABLED"},
              {"PointInTimeRecoveryDescription", std::move(recovery)}}}};
}

Table& table_for_backup(Engine& engine, const Caller& caller, const std::string& name) {
    Table* table = engine.find_table(caller, name);
    if (table == nullptr) throw AwsError("TableNotFoundException", "Table not found: " + name);
    return *table;
}

Json describe_continuous_backups(Engine& engine, Context& context, const Json& input) {
    return continuous_backups(engine,
                              table_for_backup(engine, context.caller, table_name_of(input)));
}

Json update_continuous_backups(Engine& engine, Context& context, const Json& input) {
    Table& table = table_for_backup(engine, context.caller, table_name_of(input));
    const Json* specification = find_member(input, "PointInTimeRecoverySpecification");
    const Json* enabled = specification == nullptr
                              ? nullptr
                              : find_member(*specification, "PointInTimeRecoveryEnabled");
    if (enabled == nullptr || !enabled->is_boolean()) {
        reject_missing_member("pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled");
    }
    if (!enabled->get<bool>()) {
        table.document().erase("recovery");
    } else if (!has_recovery(table)) {
        table.document()["recovery"] = epoch_millis(engine.cloud().clock().now());
    }
    engine.save(table);
    return continuous_backups(engine, table);
}

/// Only the present state is kept, so only it can be restored: an earlier time is refused.
Json restore_to_point_in_time(Engine& engine, Context& context, const Json& input) {
    std::string source = string_member(input, "SourceTableName");
    const std::string arn = string_member(input, "SourceTableArn");
    if (source.empty() && arn.find("table/") != std::string::npos) {
        source = arn.substr(arn.find("table/") + 6);
    }
    const Table& table = table_for_backup(engine, context.caller, source);
    if (!has_recovery(table)) {
        throw AwsError("PointInTimeRecoveryUnavailableException",
                       "Point in time recovery is not enabled for table '" + source + "'");
    }
    const Json* latest = find_member(input, "UseLatestRestorableTime");
    const Json* at = find_member(input, "RestoreDateTime");
    const bool is_latest = latest != nullptr && latest->is_boolean() && latest->get<bool>();
    constexpr double kPresentSeconds = 300;
    if (!is_latest &&
        (at == nullptr || !at->is_number() ||
         at->get<double>() + kPresentSeconds < epoch_seconds(engine.cloud().clock().now()))) {
        throw AwsError("InvalidRestoreTimeException",
                       "An invalid restore time was specified. Only the latest state of a table "
                       "can be restored here: use UseLatestRestorableTime.");
    }
    return restore(engine, context, input, table.space(), restorable(table.document()),
                   {{"SourceTableArn", table.arn()}});
}

// ---- on-demand backups ----

class Backups {
  public:
    explicit Backups(Engine& engine)
        : engine_(engine), backups_(engine.cloud().database(), "dynamodb", "backup") {}

    Json create(Context& context, const Json& input) {
        const std::string name = string_member(input, "BackupName");
        if (name.size() < 3 || name.size() > 255) {
            reject_constraint(name, "backupName",
                              "Member must have length greater than or equal to 3");
        }
        Table& table = table_for_backup(engine_, context.caller, table_name_of(input));
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
        backups_.put(context.caller.scope(), arn, std::move(document));
        return {{"BackupDetails", std::move(details)}};
    }

    Json describe(Context& context, const Json& input) const {
        const std::string arn = string_member(input, "BackupArn");
        return {{"BackupDescription", description_of(arn, find(context, arn), "AVAILABLE")}};
    }

    Json list(Context& context, const Json& input) const {
        const std::string table = string_member(input, "TableName");
        const std::string after = string_member(input, "ExclusiveStartBackupArn");
        const Json* limit_member = find_member(input, "Limit");
        const std::size_t limit = limit_member != nullptr && limit_member->is_number_unsigned()
                                      ? limit_member->get<std::size_t>()
                                      : 100;
        Json summaries = Json::array();
        Json out = Json::object();
        backups_.for_each(
            context.caller.scope(),
            [&](const std::string& arn, const Json& backup) {
                if (arn == after) return true;
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
        return restore(engine_, context, input, backup.at("space").get<std::uint32_t>(),
                       backup.at("document"),
                       {{"SourceBackupArn", arn}, {"SourceTableArn", backup.at("table_arn")}});
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
                  {"TableCreationDateTime", table.at("created").get<double>() / 1000},
                  {"BillingMode", string_member(table, "BillingMode", "PROVISIONED")}}}};
    }

    Engine& engine_;
    Collection backups_;
};

}  // namespace

void add_backup_operations(Service& service, Engine& engine) {
    using Handler = Json (*)(Engine&, Context&, const Json&);
    const auto add = [&](const char* name, Handler handler) {
        Operation operation;
        operation.name = name;
        service.add(std::move(operation), [&engine, handler](Context& context, const Json& input) {
            return handler(engine, context, input);
        });
    };
    add("DescribeContinuousBackups", describe_continuous_backups);
    add("UpdateContinuousBackups", update_continuous_backups);
    add("RestoreTableToPointInTime", restore_to_point_in_time);

    const auto backups = std::make_shared<Backups>(engine);
    engine.on_reset([backups](const Scope* scope) { backups->clear(scope); });
    const auto add_backup = [&](const char* name, auto method) {
        Operation operation;
        operation.name = name;
        service.add(std::move(operation), [backups, method](Context& context, const Json& input) {
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
