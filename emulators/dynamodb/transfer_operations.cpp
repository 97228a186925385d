// ExportTableToPointInTime and ImportTable: files in S3, through calls to that service.
#include "core/aws_error.h"
#include "core/log.h"
#include "core/zstream.h"
#include "dynamodb/describe.h"
#include "dynamodb/import_reader.h"
#include "dynamodb/item_write.h"
#include "dynamodb/operations.h"
#include "dynamodb/request.h"
#include "dynamodb/table_settings.h"

namespace skafu::dynamodb {
namespace {

constexpr std::size_t kFileBytes = 8 * 1024 * 1024;         // of an export, before compression
constexpr std::size_t kMaxImportBytes = 256 * 1024 * 1024;  // of one file, after decompression
constexpr int kItemsPerTurn = 500;
constexpr std::size_t kMostFaultsLogged = 1000;
constexpr std::string_view kImportLogs = "/aws-dynamodb/imports";

/// Exports and imports: what was asked and how far it is, by ARN.
class Transfers {
  public:
    explicit Transfers(Engine& engine)
        : engine_(engine),
          exports_(engine.cloud().database(), "dynamodb", "export"),
          imports_(engine.cloud().database(), "dynamodb", "import") {}

    Json start_export(Context& context, const Json& input);
    Json describe_export(Context& context, const Json& input) const {
        return {{"ExportDescription", find(exports_, context, input, "ExportArn")}};
    }
    Json list_exports(Context& context, const Json& input) const {
        const std::string table = string_member(input, "TableArn");
        return {{"ExportSummaries", list(exports_, context, table, "ExportArn", "ExportStatus")}};
    }
    Json start_import(Context& context, const Json& input);
    Json describe_import(Context& context, const Json& input) const {
        return {{"ImportTableDescription", find(imports_, context, input, "ImportArn")}};
    }
    Json list_imports(Context& context, const Json& input) const {
        const std::string table = string_member(input, "TableArn");
        return {{"ImportSummaryList", list(imports_, context, table, "ImportArn", "ImportStatus")}};
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

    static Json list(const Collection& known, Context& context, const std::string& table,
                     const char* arn_member, const char* status_member) {
        Json summaries = Json::array();
        known.for_each(context.caller.scope(), [&](const std::string& arn, const Json& document) {
            if (table.empty() || string_member(document, "TableArn") == table) {
                summaries.push_back({{arn_member, arn},
                                     {status_member, document.at(status_member)},
                                     {"TableArn", document.at("TableArn")}});
            }
            return true;
        });
        return summaries;
    }

    Task<void> put_object(Work& work, std::string key, std::string body);
    Task<void> run_export(Work work, std::uint32_t space);
    Task<void> export_items(Work& work, std::uint32_t space);
    Task<void> run_import(Work work, std::string table);
    Task<void> import_files(Work& work, std::string table);
    Task<void> import_file(Work& work, std::string table, std::string name);
    void import_entry(Work& work, Table& table, const std::string& key, ImportReader::Entry entry);
    Task<void> log_faults(Work& work);
    void finish(Collection& known, Work& work, const char* status_member, const std::string& fault);

    Engine& engine_;
    Collection exports_;
    Collection imports_;
};

void Transfers::finish(Collection& known, Work& work, const char* status_member,
                       const std::string& fault) {
    work.description[status_member] = fault.empty() ? "COMPLETED" : "FAILED";
    work.description["EndTime"] = epoch_seconds(engine_.cloud().clock().now());
    if (!fault.empty()) {
        work.description["FailureCode"] = "S3Error";
        work.description["FailureMessage"] = fault;
    }
    known.put(work.caller.scope(), work.arn, std::move(work.description));
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

Json Transfers::start_export(Context& context, const Json& input) {
    const std::string table_arn = string_member(input, "TableArn");
    const std::size_t slash = table_arn.find(":table/");
    const std::string name = slash == std::string::npos ? "" : table_arn.substr(slash + 7);
    Table* table = engine_.find_table(context.caller, name);
    if (table == nullptr) throw AwsError("TableNotFoundException", "Table not found: " + name);
    if (find_member(table->document(), "recovery") == nullptr) {
        throw AwsError("PointInTimeRecoveryUnavailableException",
                       "Point in time recovery is not enabled for table '" + name + "'");
    }
    const std::string bucket = string_member(input, "S3Bucket");
    if (bucket.empty()) reject_missing_member("s3Bucket");
    const std::string format = string_member(input, "ExportFormat", "DYNAMODB_JSON");
    if (format != "DYNAMODB_JSON") {
        throw AwsError::validation("Only the ExportFormat DYNAMODB_JSON is emulated.");
    }
    const double now = epoch_seconds(engine_.cloud().clock().now());
    const std::string id = std::to_string(epoch_millis(engine_.cloud().clock().now())) + "-" +
                           engine_.cloud().entropy().hex(8);
    const double export_time = export_time_of(*table, input, now);
    std::string prefix = string_member(input, "S3Prefix");
    if (!prefix.empty() && prefix.back() != '/') prefix.push_back('/');
    Work work{context.caller, table->arn() + "/export/" + id, Json::object()};
    work.description = {{"ExportArn", work.arn},
                        {"ExportStatus", "IN_PROGRESS"},
                        {"StartTime", now},
                        {"ExportTime", export_time},
                        {"TableArn", table->arn()},
                        {"TableId", table->document().at("TableId")},
                        {"S3Bucket", bucket},
                        {"S3Prefix", prefix},
                        {"ExportManifest", prefix + "AWSDynamoDB/" + id + "/manifest-summary.json"},
                        {"ExportFormat", format},
                        {"BilledSizeBytes", 0},
                        {"ItemCount", 0}};
    exports_.put(context.caller.scope(), work.arn, work.description);
    Json answer = {{"ExportDescription", work.description}};
    // The rows are copied first, so that the export shows this moment.
    const std::uint32_t space = engine_.next_number();
    engine_.store().begin_write();
    engine_.history().copy_as_of(*table, space, static_cast<std::int64_t>(export_time * 1000));
    engine_.cloud().spawn(run_export(std::move(work), space));
    return answer;
}

Task<void> Transfers::put_object(Work& work, std::string key, std::string body) {
    Json input = {{"Bucket", work.description.at("S3Bucket")},
                  {"Key", std::move(key)},
                  {"Body", std::move(body)}};
    co_await engine_.cloud().call_json("s3", "PutObject", std::move(input), work.caller, 0);
}

Task<void> Transfers::run_export(Work work, std::uint32_t space) {
    Activity activity =
        engine_.cloud().journal().begin(ActivityKind::delivery, "dynamodb:export", 0);
    std::string fault;
    try {
        co_await export_items(work, space);
    } catch (const AwsError& error) {
        fault = error.message();
    }
    engine_.drop_rows(space);
    finish(exports_, work, "ExportStatus", fault);
}

Task<void> Transfers::export_items(Work& work, std::uint32_t space) {
    const std::string manifest = work.description.at("ExportManifest").get<std::string>();
    const std::string folder = manifest.substr(0, manifest.rfind('/') + 1);
    std::string begin = KeyBytes(space).take();
    const std::string end = KeyBytes(space + 1).take();
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
        Json file = {{"itemCount", count}, {"dataFileS3Key", key}};
        files += to_text(file) + "\n";
        std::string compressed = gzip(lines);
        co_await put_object(work, key, std::move(compressed));
    }
    work.description["ItemCount"] = items;
    work.description["BilledSizeBytes"] = bytes;
    Json summary = {{"version", "2020-06-30"},
                    {"exportArn", work.arn},
                    {"tableArn", work.description.at("TableArn")},
                    {"tableId", work.description.at("TableId")},
                    {"s3Bucket", work.description.at("S3Bucket")},
                    {"s3Prefix", work.description.at("S3Prefix")},
                    {"manifestFilesS3Key", folder + "manifest-files.json"},
                    {"billedSizeBytes", bytes},
                    {"itemCount", items},
                    {"outputFormat", "DYNAMODB_JSON"}};
    std::string summary_text = to_text(summary);
    co_await put_object(work, folder + "manifest-files.json", std::move(files));
    co_await put_object(work, manifest, std::move(summary_text));
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
    work.description = {
        {"ImportArn", work.arn},
        {"ImportStatus", "IN_PROGRESS"},
        {"TableArn", table.at("TableArn")},
        {"TableId", table.at("TableId")},
        {"S3BucketSource", *source},
        {"InputFormat", string_member(input, "InputFormat")},
        {"InputCompressionType", string_member(input, "InputCompressionType", "NONE")},
        {"CloudWatchLogGroupArn", "arn:aws:logs:" + context.caller.region + ":" +
                                      context.caller.account +
                                      ":log-group:" + std::string(kImportLogs) + ":*"},
        {"TableCreationParameters", *creation},
        {"StartTime", epoch_seconds(engine_.cloud().clock().now())},
        {"ProcessedSizeBytes", 0},
        {"ProcessedItemCount", 0},
        {"ImportedItemCount", 0},
        {"ErrorCount", 0}};
    if (const Json* options = find_member(input, "InputFormatOptions")) {
        work.description["InputFormatOptions"] = *options;
    }
    imports_.put(context.caller.scope(), work.arn, work.description);
    Json answer = {{"ImportTableDescription", work.description}};
    engine_.cloud().spawn(run_import(std::move(work), table.at("TableName").get<std::string>()));
    return answer;
}

Task<void> Transfers::run_import(Work work, std::string table) {
    Activity activity =
        engine_.cloud().journal().begin(ActivityKind::delivery, "dynamodb:import", 0);
    std::string fault;
    try {
        co_await import_files(work, table);
        co_await log_faults(work);
    } catch (const AwsError& error) {
        fault = error.message();
    } catch (const std::runtime_error& error) {
        fault = error.what();
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
                if (key.find("/manifest-") != std::string::npos) continue;
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
