// ExportTableToPointInTime and ImportTable: files in S3, through calls to that service.
#include "core/arn.h"
#include "core/aws_error.h"
#include "core/base64.h"
#include "core/digest.h"
#include "core/log.h"
#include "core/zstream.h"
#include "dynamodb/describe.h"
#include "dynamodb/import_reader.h"
#include "dynamodb/item_write.h"
#include "dynamodb/list_page.h"
#include "dynamodb/operations.h"
#include "dynamodb/request.h"
#include "dynamodb/table_settings.h"

namespace skafu::dynamodb {
namespace {

constexpr std::size_t kFileBytes = 8 * 1024 * 1024;         // of an export, before compression
constexpr std::size_t kMaxImportBytes = 256 * 1024 * 1024;  // of one file, after decompression
constexpr int kItemsPerTurn = 500;
constexpr std::size_t kMostFaultsLogged = 1000;
constexpr std::size_t kMostListed = 25;
constexpr double kTokenSeconds = 8 * 3600;  // as long as a ClientToken counts
constexpr std::string_view kImportLogs = "/aws-dynamodb/imports";

void copy_given(Json& to, const Json& from, std::initializer_list<const char*> members) {
    for (const char* member : members) {
        const Json* value = find_member(from, member);
        if (value != nullptr && !value->is_null()) to[member] = *value;
    }
}

std::string failure_code(const AwsError& error) {
    return error.code().starts_with("NoSuch") ? "S3" + error.code() : error.code();
}

/// Exports and imports: what was asked and how far it is, by ARN.
class Transfers {
  public:
    explicit Transfers(Engine& engine)
        : engine_(engine),
          exports_(engine.cloud().database(), "dynamodb", "export"),
          imports_(engine.cloud().database(), "dynamodb", "import") {
        fail_interrupted(exports_, "ExportStatus");
        fail_interrupted(imports_, "ImportStatus");
    }

    Json start_export(Context& context, const Json& input);
    Json describe_export(Context& context, const Json& input) const {
        return {{"ExportDescription", find(exports_, context, input, "ExportArn")}};
    }
    Json list_exports(Context& context, const Json& input) const {
        return list(exports_, context, ListPage(input, "MaxResults", kMostListed), input,
                    "ExportSummaries", {"ExportArn", "ExportStatus", "ExportType"});
    }
    Json start_import(Context& context, const Json& input);
    Json describe_import(Context& context, const Json& input) const {
        return {{"ImportTableDescription", find(imports_, context, input, "ImportArn")}};
    }
    Json list_imports(Context& context, const Json& input) const {
        return list(imports_, context, ListPage(input, "PageSize", kMostListed), input,
                    "ImportSummaryList",
                    {"ImportArn", "ImportStatus", "TableArn", "S3BucketSource",
                     "CloudWatchLogGroupArn", "InputFormat", "StartTime", "EndTime"});
    }
    void clear(const Scope* scope) {
        exports_.clear(scope);
        imports_.clear(scope);
    }

  private:
    struct Work {
        Caller caller;
        std::string arn;
        Json description;
        Json faults = Json::array();  // events for the log of imports
    };

    /// Why a transfer failed; without a code it did not.
    struct Fault {
        std::string code;
        std::string message;
    };

    static const Json& find(const Collection& known, Context& context, const Json& input,
                            std::string_view member) {
        const std::string arn = string_member(input, member);
        const Json* found = known.find(context.caller.scope(), arn);
        if (found == nullptr) {
            const bool is_export = member == "ExportArn";
            throw AwsError(is_export ? "ExportNotFoundException" : "ImportNotFoundException",
                           std::string(is_export ? "Export" : "Import") + " not found: " + arn);
        }
        return *found;
    }

    static Json list(const Collection& known, Context& context, ListPage page, const Json& input,
                     const char* member, std::initializer_list<const char*> shown) {
        const std::string table = string_member(input, "TableArn");
        known.for_each(
            context.caller.scope(),
            [&](const std::string& arn, const Json& document) {
                if (!table.empty() && string_member(document, "TableArn") != table) return true;
                Json summary = Json::object();
                for (const char* name : shown) {
                    if (const Json* value = find_member(document, name)) summary[name] = *value;
                }
                return page.add(arn, std::move(summary));
            },
            page.after());
        return page.answer(member);
    }

    /// What was going on when the server was stopped does not go on.
    void fail_interrupted(Collection& known, const char* status_member);
    /// What was started before with the same ClientToken; nullptr where there is nothing. Throws
    /// AwsError `conflict` where that was another wish.
    const Json* started(const Collection& known, Context& context, const Json& wish,
                        std::initializer_list<const char*> members, const char* conflict) const;

    Task<std::string> put_object(Work& work, std::string key, std::string body);
    Task<void> put_manifest(Work& work, std::string key, std::string text);
    Task<void> run_export(Work work, std::uint32_t space);
    Task<void> export_items(Work& work, std::uint32_t space);
    Task<void> run_import(Work work, std::string table);
    Task<void> import_files(Work& work, std::string table);
    Task<void> import_file(Work& work, std::string table, std::string name);
    void import_entry(Work& work, Table& table, const std::string& key, ImportReader::Entry entry);
    Task<void> log_faults(Work& work);
    void finish(Collection& known, Work& work, const char* status_member, const Fault& fault);

    Engine& engine_;
    Collection exports_;
    Collection imports_;
};

void Transfers::finish(Collection& known, Work& work, const char* status_member,
                       const Fault& fault) {
    work.description[status_member] = fault.code.empty() ? "COMPLETED" : "FAILED";
    work.description["EndTime"] = epoch_seconds(engine_.cloud().clock().now());
    if (!fault.code.empty()) {
        work.description["FailureCode"] = fault.code;
        work.description["FailureMessage"] = fault.message;
    }
    known.put(work.caller.scope(), work.arn, std::move(work.description));
}

void Transfers::fail_interrupted(Collection& known, const char* status_member) {
    known.for_each_scope([&](const Scope& scope) {
        std::vector<std::string> interrupted;
        known.for_each(scope, [&](const std::string& arn, const Json& document) {
            if (string_member(document, status_member) == "IN_PROGRESS") interrupted.push_back(arn);
            return true;
        });
        for (const std::string& arn : interrupted) {
            Work work{{scope.account, scope.region, ""}, arn, *known.find(scope, arn)};
            finish(known, work, status_member,
                   {"InternalServerError", "The server was stopped before it was done."});
        }
    });
}

const Json* Transfers::started(const Collection& known, Context& context, const Json& wish,
                               std::initializer_list<const char*> members,
                               const char* conflict) const {
    const std::string token = string_member(wish, "ClientToken");
    if (token.empty()) return nullptr;
    const double oldest = epoch_seconds(engine_.cloud().clock().now()) - kTokenSeconds;
    const Json* found = nullptr;
    known.for_each(context.caller.scope(), [&](const std::string&, const Json& document) {
        if (string_member(document, "ClientToken") != token) return true;
        if (document.at("StartTime").get<double>() < oldest) return true;
        found = &document;
        return false;
    });
    if (found == nullptr) return nullptr;
    for (const char* name : members) {
        const Json* asked = find_member(wish, name);
        const Json* kept = find_member(*found, name);
        if ((asked == nullptr) != (kept == nullptr) || (asked != nullptr && *asked != *kept)) {
            throw AwsError(conflict, "The ClientToken was used for a request that differs.");
        }
    }
    return found;
}

// ---- export ----

/// The moment that an export shows: now, or an earlier one that can still be recovered.
double export_time_of(const Table& table, const Json& input, double now) {
    const Json* at = find_member(input, "ExportTime");
    if (at == nullptr || !at->is_number()) return now;
    const double enabled = table.document().at("recovery").get<double>() / 1000;
    if (at->get<double>() > now || at->get<double>() < enabled) {
        throw AwsError("InvalidExportTimeException",
                       "The specified ExportTime is outside of the point in time recovery window.");
    }
    return at->get<double>();
}

void check_export_kind(const Json& input) {
    if (string_member(input, "ExportFormat", "DYNAMODB_JSON") != "DYNAMODB_JSON") {
        throw AwsError::validation("Only the ExportFormat DYNAMODB_JSON is emulated.");
    }
    if (string_member(input, "ExportType", "FULL_EXPORT") != "FULL_EXPORT") {
        throw AwsError::validation("Only the ExportType FULL_EXPORT is emulated.");
    }
}

Json Transfers::start_export(Context& context, const Json& input) {
    const std::string table_arn = string_member(input, "TableArn");
    Table* table =
        table_arn.starts_with("arn:") ? engine_.find_table(context.caller, table_arn) : nullptr;
    if (table == nullptr) {
        throw AwsError("TableNotFoundException", "Table not found: " + table_arn);
    }
    if (find_member(table->document(), "recovery") == nullptr) {
        throw AwsError("PointInTimeRecoveryUnavailableException",
                       "Point in time recovery is not enabled for table '" + table->name() + "'");
    }
    check_export_kind(input);
    const double now = epoch_seconds(engine_.cloud().clock().now());
    const std::string id = std::to_string(epoch_millis(engine_.cloud().clock().now())) + "-" +
                           engine_.cloud().entropy().hex(8);
    std::string prefix = string_member(input, "S3Prefix");
    if (!prefix.empty() && prefix.back() != '/') prefix.push_back('/');
    Work work{context.caller, table->arn() + "/export/" + id, Json::object()};
    work.description = {{"ExportArn", work.arn},
                        {"ExportStatus", "IN_PROGRESS"},
                        {"StartTime", now},
                        {"TableArn", table->arn()},
                        {"TableId", table->document().at("TableId")},
                        {"S3Bucket", string_member(input, "S3Bucket")},
                        {"S3Prefix", prefix},
                        {"S3SseAlgorithm", string_member(input, "S3SseAlgorithm", "AES256")},
                        {"ExportManifest", prefix + "AWSDynamoDB/" + id + "/manifest-summary.json"},
                        {"ExportFormat", "DYNAMODB_JSON"},
                        {"ExportType", "FULL_EXPORT"},
                        {"BilledSizeBytes", 0},
                        {"ItemCount", 0}};
    copy_given(work.description, input, {"ClientToken", "S3BucketOwner", "S3SseKmsKeyId"});
    if (const Json* before = started(exports_, context, work.description,
                                     {"TableArn", "S3Bucket", "S3Prefix", "S3SseAlgorithm"},
                                     "ExportConflictException")) {
        return {{"ExportDescription", *before}};
    }
    const double export_time = export_time_of(*table, input, now);
    work.description["ExportTime"] = export_time;
    exports_.put(context.caller.scope(), work.arn, work.description);
    Json answer = {{"ExportDescription", work.description}};
    // The rows are copied first, so that the export shows this moment.
    const std::uint32_t space = engine_.next_number();
    engine_.store().begin_write();
    engine_.history().copy_as_of(*table, space, static_cast<std::int64_t>(export_time * 1000));
    engine_.cloud().spawn(run_export(std::move(work), space));
    return answer;
}

Task<std::string> Transfers::put_object(Work& work, std::string key, std::string body) {
    Json input = {{"Bucket", work.description.at("S3Bucket")},
                  {"Key", std::move(key)},
                  {"Body", std::move(body)}};
    const Json stored =
        co_await engine_.cloud().call_json("s3", "PutObject", std::move(input), work.caller, 0);
    std::string tag = string_member(stored, "ETag");
    std::erase(tag, '"');
    co_return tag;
}

/// A manifest, and beside it its checksum.
Task<void> Transfers::put_manifest(Work& work, std::string key, std::string text) {
    std::string checksum = base64_encode(digest::md5(text));
    std::string checksum_key = key.substr(0, key.rfind('.')) + ".md5";
    co_await put_object(work, std::move(key), std::move(text));
    co_await put_object(work, std::move(checksum_key), std::move(checksum));
}

Task<void> Transfers::run_export(Work work, std::uint32_t space) {
    Activity activity =
        engine_.cloud().journal().begin(ActivityKind::delivery, "dynamodb:export", 0);
    Fault fault;
    try {
        co_await export_items(work, space);
    } catch (const AwsError& error) {
        fault = {failure_code(error), error.message()};
    }
    engine_.drop_rows(space);
    finish(exports_, work, "ExportStatus", fault);
}

Task<void> Transfers::export_items(Work& work, std::uint32_t space) {
    const std::string manifest = work.description.at("ExportManifest").get<std::string>();
    const std::string folder = manifest.substr(0, manifest.rfind('/') + 1);
    std::string begin = KeyBytes(space).take();
    const std::string end = KeyBytes(space + 1).take();
    co_await put_object(work, folder + "_started", "");
    std::string files;
    std::int64_t items = 0;
    std::int64_t bytes = 0;
    bool more = true;
    while (more) {
        std::string lines;
        std::int64_t count = 0;
        {
            Store::Cursor cursor = engine_.store().items(begin, end, Store::Direction::kForward);
            Store::Row row;
            more = false;
            while (cursor.next(row)) {
                lines.append("{\"Item\":").append(row.item).append("}\n");
                ++count;
                bytes += static_cast<std::int64_t>(row.size);
                if (lines.size() < kFileBytes) continue;
                begin = std::string(row.key) + std::string(1, '\0');
                more = true;
                break;
            }
        }
        items += count;
        const std::string key =
            folder + "data/" + engine_.cloud().entropy().lower_alphanumeric(26) + ".json.gz";
        std::string compressed = gzip(lines);
        Json file = {{"itemCount", count},
                     {"md5Checksum", base64_encode(digest::md5(compressed))},
                     {"dataFileS3Key", key}};
        file["etag"] = co_await put_object(work, key, std::move(compressed));
        files += to_text(file) + "\n";
    }
    work.description["ItemCount"] = items;
    work.description["BilledSizeBytes"] = bytes;
    const auto time = [](const Json& seconds) {
        return iso8601_millis(
            TimePoint(Duration(static_cast<std::int64_t>(seconds.get<double>() * 1e6))));
    };
    const Json* key_id = find_member(work.description, "S3SseKmsKeyId");
    Json summary = {{"version", "2020-06-30"},
                    {"exportArn", work.arn},
                    {"startTime", time(work.description.at("StartTime"))},
                    {"endTime", iso8601_millis(engine_.cloud().clock().now())},
                    {"tableArn", work.description.at("TableArn")},
                    {"tableId", work.description.at("TableId")},
                    {"exportTime", time(work.description.at("ExportTime"))},
                    {"s3Bucket", work.description.at("S3Bucket")},
                    {"s3Prefix", work.description.at("S3Prefix")},
                    {"s3SseAlgorithm", work.description.at("S3SseAlgorithm")},
                    {"s3SseKmsKeyId", key_id == nullptr ? Json() : *key_id},
                    {"manifestFilesS3Key", folder + "manifest-files.json"},
                    {"billedSizeBytes", bytes},
                    {"itemCount", items},
                    {"outputFormat", "DYNAMODB_JSON"},
                    {"exportType", "FULL_EXPORT"}};
    std::string summary_text = to_text(summary);
    co_await put_manifest(work, folder + "manifest-files.json", std::move(files));
    co_await put_manifest(work, manifest, std::move(summary_text));
}

// ---- import ----

void check_import_format(const Json& input) {
    if (string_member(input, "InputFormat") == "ION") {
        throw AwsError::validation(
            "The InputFormat ION is not emulated: DYNAMODB_JSON and CSV are.");
    }
    if (string_member(input, "InputCompressionType") == "ZSTD") {
        throw AwsError::validation(
            "The InputCompressionType ZSTD is not emulated: GZIP and NONE are.");
    }
}

Json Transfers::start_import(Context& context, const Json& input) {
    const Json* source = find_member(input, "S3BucketSource");
    if (source == nullptr || !source->is_object()) reject_missing_member("s3BucketSource");
    const Json* creation = find_member(input, "TableCreationParameters");
    if (creation == nullptr || !creation->is_object()) {
        reject_missing_member("tableCreationParameters");
    }
    check_import_format(input);
    Json wish = {{"S3BucketSource", *source},
                 {"InputFormat", string_member(input, "InputFormat")},
                 {"InputCompressionType", string_member(input, "InputCompressionType", "NONE")},
                 {"TableCreationParameters", *creation}};
    copy_given(wish, input, {"ClientToken", "InputFormatOptions"});
    if (const Json* before = started(imports_, context, wish,
                                     {"S3BucketSource", "InputFormat", "InputCompressionType",
                                      "TableCreationParameters", "InputFormatOptions"},
                                     "ImportConflictException")) {
        return {{"ImportTableDescription", *before}};
    }
    Call create;
    create.service = "dynamodb";
    create.operation = "CreateTable";
    create.input = Document(*creation);
    create.caller = context.caller;
    create.cause = context.activity.id();
    const Json table =
        engine_.cloud().call_now(std::move(create)).take_value().at("TableDescription");
    const std::string id = std::to_string(epoch_millis(engine_.cloud().clock().now())) + "-" +
                           engine_.cloud().entropy().hex(8);
    Work work{context.caller, table.at("TableArn").get<std::string>() + "/import/" + id,
              Json::object()};
    work.description = std::move(wish);
    work.description.update(
        {{"ImportArn", work.arn},
         {"ImportStatus", "IN_PROGRESS"},
         {"TableArn", table.at("TableArn")},
         {"TableId", table.at("TableId")},
         {"CloudWatchLogGroupArn", make_arn("logs", context.caller.region, context.caller.account,
                                            "log-group:" + std::string(kImportLogs) + ":*")},
         {"StartTime", epoch_seconds(engine_.cloud().clock().now())},
         {"ProcessedSizeBytes", 0},
         {"ProcessedItemCount", 0},
         {"ImportedItemCount", 0},
         {"ErrorCount", 0}});
    imports_.put(context.caller.scope(), work.arn, work.description);
    Json answer = {{"ImportTableDescription", work.description}};
    engine_.cloud().spawn(run_import(std::move(work), table.at("TableName").get<std::string>()));
    return answer;
}

Task<void> Transfers::run_import(Work work, std::string table) {
    Activity activity =
        engine_.cloud().journal().begin(ActivityKind::delivery, "dynamodb:import", 0);
    Fault fault;
    try {
        co_await import_files(work, table);
        co_await log_faults(work);
    } catch (const AwsError& error) {
        fault = {failure_code(error), error.message()};
    } catch (const std::runtime_error& error) {
        fault = {"InvalidFile", error.what()};
    }
    finish(imports_, work, "ImportStatus", fault);
}

Task<void> Transfers::import_files(Work& work, std::string table) {
    const Json source = work.description.at("S3BucketSource");
    std::string token;
    do {
        Json input = {{"Bucket", string_member(source, "S3Bucket")},
                      {"Prefix", string_member(source, "S3KeyPrefix")}};
        if (!token.empty()) input["ContinuationToken"] = token;
        const Json page = co_await engine_.cloud().call_json("s3", "ListObjectsV2",
                                                             std::move(input), work.caller, 0);
        const Json* objects = find_member(page, "Contents");
        if (objects != nullptr && objects->is_array()) {
            for (const Json& object : *objects) {
                std::string key = string_member(object, "Key");
                // An export's own manifests lie beside its data.
                if (key.find("/manifest-") != std::string::npos || key.ends_with("/_started")) {
                    continue;
                }
                co_await import_file(work, table, std::move(key));
            }
        }
        token = string_member(page, "NextContinuationToken");
    } while (!token.empty());
}

Task<void> Transfers::import_file(Work& work, std::string table, std::string name) {
    Json input = {{"Bucket", string_member(work.description.at("S3BucketSource"), "S3Bucket")},
                  {"Key", name}};
    const Json object =
        co_await engine_.cloud().call_json("s3", "GetObject", std::move(input), work.caller, 0);
    std::string text = string_member(object, "Body");
    if (string_member(work.description, "InputCompressionType") == "GZIP") {
        text = gunzip(text, kMaxImportBytes);
    }
    Database& database = engine_.cloud().database();
    std::unique_ptr<ImportReader> reader;
    bool more = true;
    while (more) {
        Table* target = engine_.find_table(work.caller, table);
        if (target == nullptr) throw AwsError::not_found("The table was deleted.");
        if (!reader) reader = make_import_reader(work.description, *target, text);
        ImportReader::Entry entry;
        for (int items = 0; more && items < kItemsPerTurn; ++items) {
            more = reader->next(entry);
            if (more) import_entry(work, *target, name, std::move(entry));
        }
        co_await database.durable();
    }
}

void Transfers::import_entry(Work& work, Table& table, const std::string& key,
                             ImportReader::Entry entry) {
    const auto count = [&](const char* member, std::size_t by) {
        const std::size_t sum = work.description.at(member).get<std::size_t>() + by;
        work.description[member] = sum;
        return sum;
    };
    const std::size_t number = count("ProcessedItemCount", 1);
    count("ProcessedSizeBytes", entry.bytes);
    try {
        if (!entry.item) throw AwsError::validation(entry.fault);
        put_item(engine_, table, std::move(*entry.item));
        count("ImportedItemCount", 1);
    } catch (const AwsError& error) {
        count("ErrorCount", 1);
        log::warn("import into {}: {}", table.name(), error.message());
        if (work.faults.size() == kMostFaultsLogged) return;
        const Json& source = work.description.at("S3BucketSource");
        Json fault = {{"importArn", work.arn},
                      {"itemS3Pointer",
                       {{"bucket", string_member(source, "S3Bucket")},
                        {"key", key},
                        {"itemIndex", number - 1}}},
                      {"errorMessages", Json::array({error.message()})}};
        work.faults.push_back({{"timestamp", epoch_millis(engine_.cloud().clock().now())},
                               {"message", to_text(fault)}});
    }
}

/// What was wrong stands in a log stream of the import's own, as AWS keeps it.
Task<void> Transfers::log_faults(Work& work) {
    if (work.faults.empty()) co_return;
    Cloud& cloud = engine_.cloud();
    const Json stream = {{"logGroupName", kImportLogs},
                         {"logStreamName", work.arn.substr(work.arn.rfind('/') + 1) + "/error"}};
    Json group = {{"logGroupName", kImportLogs}};
    try {
        co_await cloud.call_json("logs", "CreateLogGroup", std::move(group), work.caller, 0);
    } catch (const AwsError& error) {
        log::debug("import: {}", error.message());  // an earlier import made it
    }
    Json made = stream;
    co_await cloud.call_json("logs", "CreateLogStream", std::move(made), work.caller, 0);
    Json events = stream;
    events["logEvents"] = std::move(work.faults);
    co_await cloud.call_json("logs", "PutLogEvents", std::move(events), work.caller, 0);
}

}  // namespace

void add_transfer_operations(Service& service, Engine& engine) {
    const auto transfers = std::make_shared<Transfers>(engine);
    engine.on_reset([transfers](const Scope* scope) { transfers->clear(scope); });
    const auto add = [&](const char* name, auto method) {
        add_operation(service, name, [transfers, method](Context& context, const Json& input) {
            return ((*transfers).*method)(context, input);
        });
    };
    add("ExportTableToPointInTime", &Transfers::start_export);
    add("DescribeExport", &Transfers::describe_export);
    add("ListExports", &Transfers::list_exports);
    add("ImportTable", &Transfers::start_import);
    add("DescribeImport", &Transfers::describe_import);
    add("ListImports", &Transfers::list_imports);
}

}  // namespace skafu::dynamodb
