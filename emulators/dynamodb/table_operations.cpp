#include "core/arn.h"
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

constexpr std::size_t kMaxTableNames = 100;

/// Gives each index of a list its key space; `existing` are taken over.
Json number_indexes(Engine& engine, const Json& indexes) {
    Json numbered = Json::array();
    for (Json index : indexes) {
        index["space"] = engine.next_number();
        numbered.push_back(std::move(index));
    }
    return numbered;
}

bool is_list(const Json* member) {
    return member != nullptr && member->is_array() && !member->empty();
}

Json sse_description(const Json& specification, const Scope& scope) {
    const Json* key = find_member(specification, "KMSMasterKeyId");
    return {{"Status", "ENABLED"},
            {"SSEType", "KMS"},
            {"KMSMasterKeyArn", key != nullptr && key->is_string()
                                    ? *key
                                    : Json("arn:aws:kms:" + scope.region + ":" + scope.account +
                                           ":key/aws/dynamodb")}};
}

void open_stream(Engine& engine, Table& table, std::string_view view) {
    const Json stream = engine.streams().open(table, engine.next_number(), view);
    table.document()["stream"] = stream;
    table.document()["latest_stream_label"] = stream.at("label");
    engine.save(table);
}

Json create_table(Engine& engine, Context& context, const Json& input) {
    const std::string name = table_name_of(input);
    check_new_table(input);
    const Json* tags = find_member(input, "Tags");
    if (is_list(tags)) check_tags(*tags, Json::array());
    const Scope scope = context.caller.scope();
    const std::string given = string_member(input, "TableName");
    if (given != name && given != table_arn(scope, name)) {
        throw AwsError(
            "AccessDeniedException",
            "User: " + make_arn("iam", "", scope.account, "root") +
                " is not authorized to perform: dynamodb:CreateTable on resource: " + given);
    }
    if (engine.find_table(scope, name) != nullptr) {
        throw AwsError("ResourceInUseException", "Table already exists: " + name);
    }
    Json document = {{"space", engine.next_number()},
                     {"TableId", engine.cloud().entropy().uuid()},
                     {"created", epoch_millis(engine.cloud().clock().now())},
                     {"AttributeDefinitions", input.at("AttributeDefinitions")},
                     {"KeySchema", input.at("KeySchema")}};
    copy_settings(document, input, scope);
    if (string_member(input, "BillingMode") == "PAY_PER_REQUEST") {
        document["on_demand_since"] = document.at("created");
    }
    for (const char* kind : {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
        const Json* indexes = find_member(input, kind);
        if (is_list(indexes)) document[kind] = number_indexes(engine, *indexes);
    }
    if (is_list(tags)) document["Tags"] = *tags;
    const std::string policy = string_member(input, "ResourcePolicy");
    if (!policy.empty()) {
        document["policy"] = policy;
        document["policy_revision"] = engine.cloud().entropy().uuid();
    }
    Table& table = engine.add_table(scope, name, std::move(document));
    const Json* stream = find_member(input, "StreamSpecification");
    if (stream != nullptr && stream->is_object() && stream->at("StreamEnabled").get<bool>()) {
        open_stream(engine, table, string_member(*stream, "StreamViewType"));
    }
    return {{"TableDescription", describe_table(engine, table, "CREATING")}};
}

Json describe(Engine& engine, Context& context, const Json& input) {
    return {
        {"Table", describe_table(engine, named_table(engine, context.caller, input), "ACTIVE")}};
}

Json delete_table(Engine& engine, Context& context, const Json& input) {
    Table& table = named_table(engine, context.caller, input);
    const Json* protection = find_member(table.document(), "DeletionProtectionEnabled");
    if (protection != nullptr && protection->is_boolean() && protection->get<bool>()) {
        throw AwsError::validation(
            "Resource cannot be deleted as it is currently protected "
            "against deletion. Disable deletion protection first.");
    }
    Json description = describe_deleted_table(engine, table);
    engine.drop_table(table);
    return {{"TableDescription", std::move(description)}};
}

Json list_tables(Engine& engine, Context& context, const Json& input) {
    const Json* limit_member = find_member(input, "Limit");
    std::size_t limit = kMaxTableNames;
    if (limit_member != nullptr && limit_member->is_number_integer()) {
        limit = limit_member->get<std::size_t>();
    }
    const std::string after = string_member(input, "ExclusiveStartTableName");
    Json names = Json::array();
    bool more = false;
    for (const std::string& name : engine.table_names(context.caller.scope())) {
        if (name <= after) continue;
        if (names.size() == limit) {
            more = true;
            break;
        }
        names.push_back(name);
    }
    Json out = Json::object();
    if (more) out["LastEvaluatedTableName"] = names.back();
    out["TableNames"] = std::move(names);
    return out;
}

// ---- UpdateTable ----

/// Fills a new index from the items that are there.
void backfill(Engine& engine, const Table& table, const Index& index) {
    Store& store = engine.store();
    const std::string begin = KeyBytes(table.space()).take();
    const std::string end = KeyBytes(table.space() + 1).take();
    store.begin_write();
    Store::Cursor cursor = store.items(begin, end, Store::Direction::kForward);
    Store::Row row;
    while (cursor.next(row)) {
        const Item item = decode_item(row.item);
        if (!is_in_index(index, item)) continue;
        store.add_index_row(index_key(index.space, index.keys, table.keys(), item), row.id);
    }
}

/// AttributeDefinitions of an update join the table's; a type that is in use stays.
void merge_definitions(Json& document, const Json& input) {
    const Json* definitions = find_member(input, "AttributeDefinitions");
    if (definitions == nullptr || !definitions->is_array()) return;
    check_attribute_definitions(*definitions);
    Json& known = document["AttributeDefinitions"];
    for (const Json& definition : *definitions) {
        bool found = false;
        for (const Json& present : known) {
            if (present.at("AttributeName") != definition.at("AttributeName")) continue;
            found = true;
            if (present.at("AttributeType") != definition.at("AttributeType")) {
                throw AwsError::validation("One or more parameter values were invalid: Attribute " +
                                           definition.at("AttributeName").get<std::string>() +
                                           " cannot be redefined with another type");
            }
        }
        if (!found) known.push_back(definition);
    }
}

class TableUpdate {
  public:
    TableUpdate(Engine& engine, Table& table, const Json& input)
        : engine_(engine), table_(table), input_(input), document_(table.document()) {}

    Json run() {
        check_something_to_do();
        check_no_replicas();
        check_billing_change();
        read_stream_change();
        read_index_changes();
        note_throughput(document_, input_);
        copy_settings(document_, input_, table_.scope());
        if (string_member(input_, "BillingMode") == "PAY_PER_REQUEST") go_on_demand();
        if (close_stream_) {
            engine_.streams().close(table_);
            document_.erase("stream");
        }
        table_.document() = document_;
        engine_.save(table_);
        if (!open_view_.empty()) open_stream(engine_, table_, open_view_);
        if (!created_.empty()) backfill(engine_, table_, *table_.find_index(created_));
        if (dropped_ != 0) engine_.drop_index_rows(dropped_);
        Json description = describe_table(engine_, table_, "UPDATING");
        show_index_changes(description);
        return {{"TableDescription", std::move(description)}};
    }

  private:
    void go_on_demand() {
        document_.erase("ProvisionedThroughput");
        document_["on_demand_since"] = now_millis();
        if (const Json* indexes = find_member(document_, "GlobalSecondaryIndexes")) {
            for (std::size_t i = 0; i < indexes->size(); ++i) {
                document_["GlobalSecondaryIndexes"][i].erase("ProvisionedThroughput");
            }
        }
    }

    std::int64_t now_millis() const { return epoch_millis(engine_.cloud().clock().now()); }

    /// Notes when the throughput of `stored` (a table or an index) goes up or down.
    void note_throughput(Json& stored, const Json& change) const {
        const Json* old = find_member(stored, "ProvisionedThroughput");
        const Json* next = find_member(change, "ProvisionedThroughput");
        if (old == nullptr || next == nullptr) return;
        bool up = false;
        bool down = false;
        for (const char* units : {"ReadCapacityUnits", "WriteCapacityUnits"}) {
            const auto before = old->at(units).get<std::int64_t>();
            const auto after = next->at(units).get<std::int64_t>();
            up = up || after > before;
            down = down || after < before;
        }
        Json& changes = stored["throughput_changes"];
        const double now = static_cast<double>(now_millis()) / 1000;
        if (up) changes["LastIncreaseDateTime"] = now;
        if (!down) return;
        const std::int64_t day = now_millis() / 1000 / (24 * 3600);
        const Json* last = find_member(changes, "day");
        const bool again = last != nullptr && *last == day;
        changes["decreases"] = again ? changes.at("decreases").get<int>() + 1 : 1;
        changes["day"] = day;
        changes["LastDecreaseDateTime"] = now;
    }

    /// The answer shows an index as it comes or goes; the next request finds it done.
    void show_index_changes(Json& description) {
        if (!deleted_.is_null()) {
            deleted_["IndexStatus"] = "DELETING";
            description["GlobalSecondaryIndexes"].push_back(std::move(deleted_));
        }
        if (created_.empty()) return;
        for (Json& index : description["GlobalSecondaryIndexes"]) {
            if (string_member(index, "IndexName") != created_) continue;
            index["IndexStatus"] = "CREATING";
            index["Backfilling"] = false;
        }
    }

    void check_something_to_do() const {
        for (const char* member :
             {"ProvisionedThroughput", "BillingMode", "StreamSpecification", "SSESpecification",
              "GlobalSecondaryIndexUpdates", "ReplicaUpdates", "TableClass",
              "DeletionProtectionEnabled", "OnDemandThroughput"}) {
            const Json* value = find_member(input_, member);
            if (value == nullptr || value->is_null()) continue;
            if (value->is_array() && value->empty()) continue;
            return;
        }
        throw AwsError::validation(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
            "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required");
    }

    void check_no_replicas() const {
        if (!is_list(find_member(input_, "ReplicaUpdates"))) return;
        throw AwsError::validation("ReplicaUpdates: replicas of a table are not emulated.");
    }

    void check_billing_change() const {
        const Json* mode = find_member(input_, "BillingMode");
        const Json* throughput = find_member(input_, "ProvisionedThroughput");
        if (input_.size() == 2 && throughput != nullptr) check_throughput_differs(*throughput);
        if (mode != nullptr && mode->is_string()) {
            check_billing(input_);
        } else if (throughput != nullptr && throughput->is_object()) {
            Json combined = {
                {"BillingMode", string_member(document_, "BillingMode", "PROVISIONED")},
                {"ProvisionedThroughput", *throughput}};
            check_billing(combined);
        }
    }

    void check_throughput_differs(const Json& wanted) const {
        const Json* present = find_member(document_, "ProvisionedThroughput");
        if (present == nullptr) return;
        std::string text =
            "The provisioned throughput for the table will not change. The requested value equals "
            "the current value. ";
        for (const char* units : {"ReadCapacityUnits", "WriteCapacityUnits"}) {
            if (present->at(units) != wanted.at(units)) return;
            text += "Current " + std::string(units) +
                    " provisioned for the table: " + to_text(present->at(units)) + ". Requested " +
                    units + ": " + to_text(wanted.at(units)) + ". ";
        }
        throw AwsError::validation(
            text +
            "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request "
            "higher limits.");
    }

    void read_stream_change() {
        const Json* stream = find_member(input_, "StreamSpecification");
        if (stream == nullptr || !stream->is_object()) return;
        check_stream_specification(*stream);
        const bool enable = stream->at("StreamEnabled").get<bool>();
        if (enable && table_.stream() != 0) {
            throw AwsError::validation("Table already has an enabled stream: TableName: " +
                                       table_.name());
        }
        if (!enable && table_.stream() == 0) {
            throw AwsError::validation("Table has no stream to disable: TableName: " +
                                       table_.name());
        }
        if (enable) {
            open_view_ = string_member(*stream, "StreamViewType");
        } else {
            close_stream_ = true;
        }
    }

    void read_index_changes() {
        const Json* updates = find_member(input_, "GlobalSecondaryIndexUpdates");
        if (!is_list(updates)) return;
        int structural = 0;
        for (const Json& update : *updates) {
            std::string action;
            for (const char* known : {"Create", "Delete", "Update"}) {
                const Json* member = find_member(update, known);
                if (member == nullptr || !member->is_object()) continue;
                if (!action.empty()) reject_update();
                action = known;
            }
            if (action.empty()) reject_update();
            if (action != "Update" && ++structural > 1) {
                throw AwsError("LimitExceededException",
                               "Subscriber limit exceeded: Only 1 online index can be created or "
                               "deleted simultaneously per table");
            }
            const Json& change = update.at(action);
            if (action == "Create") create_index(change);
            if (action == "Delete") delete_index(string_member(change, "IndexName"));
            if (action == "Update") update_index(change);
        }
    }

    [[noreturn]] static void reject_update() {
        throw AwsError::validation(
            "One or more parameter values were invalid: One of GlobalSecondaryIndexUpdate's "
            "Create, Update, Delete must be given, and only one");
    }

    void create_index(const Json& change) {
        merge_definitions(document_, input_);
        check_index(change, document_.at("AttributeDefinitions"), true);
        const std::string name = string_member(change, "IndexName");
        if (table_.find_index(name) != nullptr) {
            throw AwsError::validation(
                "One or more parameter values were invalid: Attempting to create an index which "
                "already exists: " +
                name);
        }
        const bool provisioned =
            string_member(document_, "BillingMode", "PROVISIONED") == "PROVISIONED";
        if (!provisioned && find_member(change, "ProvisionedThroughput") != nullptr) {
            throw AwsError::validation(
                "One or more parameter values were invalid: ProvisionedThroughput should not be "
                "specified for index: " +
                name + " when BillingMode is PAY_PER_REQUEST");
        }
        Json& indexes = document_["GlobalSecondaryIndexes"];
        if (!indexes.is_array()) indexes = Json::array();
        Json index = change;
        index["space"] = engine_.next_number();
        indexes.push_back(std::move(index));
        check_index_totals(document_);
        drop_unused_definitions(document_);
        created_ = name;
    }

    Json& find_stored(const std::string& name, std::size_t& at) {
        Json& indexes = document_["GlobalSecondaryIndexes"];
        for (at = 0; indexes.is_array() && at < indexes.size(); ++at) {
            if (string_member(indexes[at], "IndexName") == name) return indexes[at];
        }
        throw AwsError::not_found(
            "Requested resource not found: The table does not have the "
            "specified index: " +
            name);
    }

    void delete_index(const std::string& name) {
        std::size_t at = 0;
        find_stored(name, at);
        deleted_ = describe_table(engine_, table_, "ACTIVE").at("GlobalSecondaryIndexes")[at];
        dropped_ = find_stored(name, at).at("space").get<std::uint32_t>();
        Json& indexes = document_["GlobalSecondaryIndexes"];
        indexes.erase(at);
        if (indexes.empty()) document_.erase("GlobalSecondaryIndexes");
        drop_unused_definitions(document_);
    }

    void update_index(const Json& change) {
        std::size_t at = 0;
        Json& index = find_stored(string_member(change, "IndexName"), at);
        note_throughput(index, change);
        for (const char* member : {"ProvisionedThroughput", "OnDemandThroughput"}) {
            const Json* value = find_member(change, member);
            if (value != nullptr && !value->is_null()) index[member] = *value;
        }
    }

    Engine& engine_;
    Table& table_;
    const Json& input_;
    Json document_;
    std::string open_view_;
    bool close_stream_ = false;
    std::string created_;
    Json deleted_;  // the description of an index that goes
    std::uint32_t dropped_ = 0;
};

Json update_table(Engine& engine, Context& context, const Json& input) {
    return TableUpdate(engine, named_table(engine, context.caller, input), input).run();
}

}  // namespace

void copy_settings(Json& document, const Json& input, const Scope& scope) {
    for (const char* member : {"BillingMode", "ProvisionedThroughput", "OnDemandThroughput",
                               "TableClass", "DeletionProtectionEnabled"}) {
        const Json* value = find_member(input, member);
        if (value != nullptr && !value->is_null()) document[member] = *value;
    }
    const Json* sse = find_member(input, "SSESpecification");
    if (sse == nullptr || !sse->is_object()) return;
    const Json* enabled = find_member(*sse, "Enabled");
    if (enabled != nullptr && enabled->is_boolean() && enabled->get<bool>()) {
        document["SSEDescription"] = sse_description(*sse, scope);
    } else {
        document.erase("SSEDescription");
    }
}

void add_table_operations(Service& service, Engine& engine) {
    using Handler = Json (*)(Engine&, Context&, const Json&);
    const auto add = [&](const char* name, Handler handler) {
        add_operation(service, name, [&engine, handler](Context& context, const Json& input) {
            return handler(engine, context, input);
        });
    };
    add("CreateTable", create_table);
    add("DescribeTable", describe);
    add("DeleteTable", delete_table);
    add("ListTables", list_tables);
    add("UpdateTable", update_table);
}

}  // namespace skafu::dynamodb
