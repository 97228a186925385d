#include <algorithm>
#include <type_traits>

#include "core/base64.h"
#include "core/digest.h"
#include "dynamodb/item_checks.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/operations.h"
#include "dynamodb/partiql.h"
#include "dynamodb/query.h"

namespace skafu::dynamodb {
namespace {

constexpr std::size_t kMaxPageBytes = 1024 * 1024;
constexpr std::string_view kMismatch = "The provided key element does not match the schema";

void copy_members(Json& to, const Json& from, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const Json* value = find_member(from, name);
        if (value != nullptr && !value->is_null()) to[name] = *value;
    }
}

/// Adds the numbers of one ConsumedCapacity to another.
void add_capacity(Json& total, const Json& more) {
    for (const auto& [name, value] : more.items()) {
        if (value.is_object()) {
            if (!total.contains(name)) total[name] = Json::object();
            add_capacity(total[name], value);
        } else if (value.is_number() && total.contains(name)) {
            total[name] = total[name].get<double>() + value.get<double>();
        } else {
            total[name] = value;
        }
    }
}

/// Adds it to the entry of its table.
void add_to_list(Json& list, const Json& more) {
    for (Json& entry : list) {
        if (entry.at("TableName") == more.at("TableName")) {
            add_capacity(entry, more);
            return;
        }
    }
    list.push_back(more);
}

const Json& parameters_of(const Json& input) {
    static const Json none = Json::array();
    const Json* parameters = find_member(input, "Parameters");
    return parameters != nullptr && parameters->is_array() ? *parameters : none;
}

/// Where a SELECT goes on: the read and the key after which; bound to statement and parameters.
struct Bookmark {
    std::size_t read = 0;
    Json key;
};

std::string fingerprint(const Json& input) {
    const std::string text = string_member(input, "Statement") + to_text(parameters_of(input));
    return digest::hex(digest::sha256(text)).substr(0, 32);
}

std::string encode_bookmark(const Json& input, const Bookmark& bookmark) {
    const Json token = {
        {"for", fingerprint(input)}, {"read", bookmark.read}, {"key", bookmark.key}};
    return base64_encode(to_text(token));
}

Bookmark decode_bookmark(const Json& input) {
    const std::string token = string_member(input, "NextToken");
    if (token.empty()) return {};
    Json decoded;
    try {
        const auto text = base64_decode(token);
        if (text) decoded = parse_json(*text);
    } catch (const JsonError&) {
        decoded = nullptr;
    }
    const Json* read = find_member(decoded, "read");
    const Json* key = find_member(decoded, "key");
    if (read == nullptr || !read->is_number_integer() || key == nullptr) {
        throw AwsError::validation("Invalid NextToken");
    }
    if (string_member(decoded, "for") != fingerprint(input)) {
        throw AwsError::validation("NextToken does not match request");
    }
    return {read->get<std::size_t>(), *key};
}

/// What went wrong with one statement of a transaction; empty: nothing.
struct Fault {
    std::string code;
    std::string message;
};

[[noreturn]] void cancel_statements(const std::vector<Fault>& faults, const Json* reasons) {
    std::string codes;
    Json list = Json::array();
    for (std::size_t i = 0; i < faults.size(); ++i) {
        Json reason = reasons == nullptr ? Json::object() : (*reasons)[i];
        if (!faults[i].code.empty()) {
            reason["Code"] = faults[i].code;
            reason["Message"] = faults[i].message;
        } else if (reason.empty()) {
            reason["Code"] = "None";
        }
        codes += (codes.empty() ? "" : ", ") + string_member(reason, "Code");
        list.push_back(std::move(reason));
    }
    throw AwsError(
        "TransactionCanceledException",
        "Transaction cancelled, please refer cancellation reasons for specific reasons [" + codes +
            "]",
        400, Json{{"CancellationReasons", std::move(list)}});
}

/// Parses a statement and makes all checks that need no table. Parameters come first.
PartiqlStatement read_statement(const Json& input) {
    for (const Json& parameter : parameters_of(input)) parse_value(to_text(parameter));
    PartiqlStatement statement =
        parse_partiql(string_member(input, "Statement"), parameters_of(input));
    try {
        check_partiql(statement);
    } catch (const AwsError& error) {
        throw partiql_error(error);
    }
    return statement;
}

class Partiql {
  public:
    Partiql(Engine& engine, Context& context) : engine_(engine), caller_(context.caller) {}

    Json execute(const Json& input) const {
        const PartiqlStatement statement = read_statement(input);
        if (statement.kind == PartiqlStatement::Kind::kExists) {
            throw AwsError::validation(
                "EXISTS can only be used in ExecuteTransaction write requests.");
        }
        const Table& table = engine_.table(caller_, table_name(statement));
        return statement.is_read() ? select(statement, table, input)
                                   : write(statement, table, input);
    }

    Json batch(const Json& input) const {
        Json responses = Json::array();
        Json capacity = Json::array();
        check_one_kind(input.at("Statements"));
        for (const Json& member : input.at("Statements")) {
            Json statement = member;
            copy_members(statement, input, {"ReturnConsumedCapacity"});
            responses.push_back(run_one(statement, capacity));
        }
        Json out = {{"Responses", std::move(responses)}};
        if (!capacity.empty()) out["ConsumedCapacity"] = std::move(capacity);
        return out;
    }

    Json transaction(const Json& input) const {
        std::vector<PartiqlStatement> statements;
        for (const Json& member : input.at("TransactStatements")) {
            statements.push_back(read_transacted(member, statements.size()));
        }
        const bool reads = statements.front().is_read();
        for (const PartiqlStatement& statement : statements) {
            if (statement.is_read() == reads) continue;
            throw AwsError::validation(
                "ExecuteTransaction API does not support both read and write operations in the "
                "same request.");
        }
        const Json actions = reads ? get_actions(statements) : write_actions(statements, input);
        Json request = {{"TransactItems", actions}};
        copy_members(request, input, {"ReturnConsumedCapacity"});
        if (!reads) copy_members(request, input, {"ClientRequestToken"});
        Json out = {{"Responses", Json::array()}};
        const Json result = run_transaction(statements, to_text(request));
        if (const Json* responses = find_member(result, "Responses")) {
            for (std::size_t i = 0; i < responses->size(); ++i) {
                Json response = (*responses)[i];
                if (response.contains("Item")) {
                    response["Item"] = partiql_row(statements[i], response["Item"]);
                }
                out["Responses"].push_back(std::move(response));
            }
        }
        copy_members(out, result, {"ConsumedCapacity"});
        return out;
    }

  private:
    static std::string table_name(const PartiqlStatement& statement) {
        ItemRequest request;
        request.table_name = statement.table;
        checked_table_name(request);
        return statement.table;
    }

    // ---- one statement ----

    Json select(const PartiqlStatement& statement, const Table& table, const Json& input) const {
        const std::vector<PartiqlRead> reads = plan_partiql_reads(statement, table);
        const Json* consistent = find_member(input, "ConsistentRead");
        const bool is_consistent =
            consistent != nullptr && consistent->is_boolean() && consistent->get<bool>();
        const Index* index = table.find_index(statement.index);
        if (is_consistent && index != nullptr && index->is_global) {
            throw AwsError::validation(
                "Strongly consistent read is not supported on Global Secondary Indexes");
        }
        Page page;
        page.at = decode_bookmark(input);
        if (const Json* limit = find_member(input, "Limit"); limit && limit->is_number_integer()) {
            page.left = limit->get<std::int64_t>();
        }
        while (page.at.read < reads.size() && page.left != 0 && page.bytes <= kMaxPageBytes) {
            read_some(reads[page.at.read], input, page);
            if (!page.at.key.is_null()) break;
        }
        Json out = {{"Items", Json::array()}};
        for (const Json& item : page.items) {
            out["Items"].push_back(partiql_row(statement, item));
        }
        if (page.at.read < reads.size()) {
            out["NextToken"] = encode_bookmark(input, page.at);
            if (!page.at.key.is_null()) out["LastEvaluatedKey"] = page.at.key;
        }
        if (!page.capacity.empty()) out["ConsumedCapacity"] = std::move(page.capacity);
        return out;
    }

    struct Page {
        Bookmark at;
        std::int64_t left = -1;  // items still to be read; negative: no limit
        std::size_t bytes = 0;
        Json items = Json::array();
        Json capacity = Json::object();
    };

    /// One page of one of a SELECT's reads.
    void read_some(const PartiqlRead& read, const Json& input, Page& page) const {
        Json request = read.input;
        copy_members(request, input, {"ConsistentRead", "ReturnConsumedCapacity"});
        if (page.left > 0) request["Limit"] = page.left;
        if (!page.at.key.is_null()) request["ExclusiveStartKey"] = page.at.key;
        const std::string text = to_text(request);
        ItemRequest parsed = parse_item_request(text, kAnyApi);
        const auto kind = read.is_query ? RangeRead::Kind::kQuery : RangeRead::Kind::kScan;
        const std::string answer =
            RangeRead(kind, parsed, RangeRead::Rules::kPartiql).run(engine_, caller_);
        Json result = parse_json(answer);
        page.bytes += answer.size();
        for (Json& item : result["Items"]) page.items.push_back(std::move(item));
        if (page.left > 0) page.left -= result.at("ScannedCount").get<std::int64_t>();
        if (const Json* capacity = find_member(result, "ConsumedCapacity")) {
            add_capacity(page.capacity, *capacity);
        }
        const Json* last = find_member(result, "LastEvaluatedKey");
        page.at.key = last == nullptr ? Json(nullptr) : *last;
        if (last == nullptr) ++page.at.read;
    }

    Json write(const PartiqlStatement& statement, const Table& table, const Json& input) const {
        Json request = partiql_write(statement, table);
        copy_members(request, input,
                     {"ReturnConsumedCapacity", "ReturnValuesOnConditionCheckFailure"});
        const std::string text = to_text(request);
        Json result;
        try {
            result = parse_json(statement.kind == PartiqlStatement::Kind::kInsert
                                    ? put_item(engine_, caller_, text)
                                : statement.kind == PartiqlStatement::Kind::kUpdate
                                    ? update_item(engine_, caller_, text)
                                    : delete_item(engine_, caller_, text));
        } catch (const AwsError& error) {
            if (statement.kind == PartiqlStatement::Kind::kInsert &&
                error.code() == "ConditionalCheckFailedException") {
                throw AwsError("DuplicateItemException", "Duplicate primary key exists in table",
                               400, error.fields());
            }
            throw partiql_error(error);
        }
        Json out = {{"Items", Json::array()}};
        if (const Json* attributes = find_member(result, "Attributes")) {
            out["Items"].push_back(*attributes);
        }
        copy_members(out, result, {"ConsumedCapacity"});
        return out;
    }

    // ---- batches ----

    /// Throws where some statements read and others write; one that is wrong is told of by itself.
    static void check_one_kind(const Json& statements) {
        bool reads = false;
        bool writes = false;
        for (const Json& statement : statements) {
            try {
                (read_statement(statement).is_read() ? reads : writes) = true;
            } catch (const AwsError&) {
                continue;
            }
        }
        if (!reads || !writes) return;
        throw AwsError::validation(
            "BatchExecuteStatement API does not support both read and write operations in the "
            "same request.");
    }

    /// One statement of a batch: its item or its error.
    Json run_one(const Json& input, Json& capacity) const {
        Json response = Json::object();
        std::string ran;
        try {
            const PartiqlStatement statement = read_statement(input);
            const Table& table = engine_.table(caller_, table_name(statement));
            if (statement.is_read() && partiql_lookup_key(statement, table).is_null()) {
                throw AwsError::validation(
                    "Select statements within BatchExecuteStatement must specify the primary key "
                    "in the where clause.");
            }
            if (!statement.is_read() && statement.kind != PartiqlStatement::Kind::kExists) {
                partiql_write(statement, table);
            }
            ran = table.name();
            const Json result = execute(input);
            if (!result.at("Items").empty()) response["Item"] = result.at("Items").front();
            if (const Json* consumed = find_member(result, "ConsumedCapacity")) {
                add_to_list(capacity, *consumed);
            }
        } catch (const AwsError& error) {
            std::string code = error.code();
            const std::size_t suffix = code.rfind("Exception");
            if (suffix != std::string::npos) code.resize(suffix);
            if (code == "Validation") code = "ValidationError";
            response["Error"] = {{"Code", code}, {"Message", error.message()}};
            copy_members(response["Error"], error.fields(), {"Item"});
        }
        if (!ran.empty()) response["TableName"] = ran;
        return response;
    }

    // ---- transactions ----

    static PartiqlStatement read_transacted(const Json& input, std::size_t at) {
        // Bad parameters are told as such; all that follows names the statement.
        for (const Json& parameter : parameters_of(input)) parse_value(to_text(parameter));
        return in_statement(at, [&] {
            PartiqlStatement statement = read_statement(input);
            if (statement.returning) {
                throw AwsError::validation(
                    "RETURNING clause is not supported in ExecuteTransaction.");
            }
            if (statement.is_read() && !statement.index.empty()) {
                throw AwsError::validation(
                    "Reads on indices are not supported within transactions.");
            }
            return statement;
        });
    }

    template <class Action>
    static std::invoke_result_t<Action> in_statement(std::size_t at, Action action) {
        try {
            return action();
        } catch (const AwsError& error) {
            if (error.code() != "ValidationException") throw;
            throw AwsError::validation("Validation failed in TransactStatements[" +
                                       std::to_string(at) + "]: " + error.message());
        }
    }

    /// The statements' tables; cancels where one is missing.
    std::vector<const Table*> find_tables(const std::vector<PartiqlStatement>& statements) const {
        std::vector<const Table*> tables;
        std::vector<Fault> faults(statements.size());
        bool missing = false;
        for (std::size_t i = 0; i < statements.size(); ++i) {
            tables.push_back(engine_.find_table(caller_, table_name(statements[i])));
            if (tables.back() != nullptr) continue;
            faults[i] = {"ResourceNotFound", "Requested resource not found"};
            missing = true;
        }
        if (missing) cancel_statements(faults, nullptr);
        return tables;
    }

    Json get_actions(const std::vector<PartiqlStatement>& statements) const {
        const std::vector<const Table*> tables = find_tables(statements);
        Json actions = Json::array();
        for (std::size_t i = 0; i < statements.size(); ++i) {
            const Json key = in_statement(i, [&] {
                Json found = partiql_lookup_key(statements[i], *tables[i]);
                if (found.is_null()) {
                    throw AwsError::validation(
                        "Select statements within ExecuteTransaction must specify the primary key "
                        "in the where clause.");
                }
                return found;
            });
            actions.push_back({{"Get", {{"TableName", statements[i].table}, {"Key", key}}}});
        }
        return actions;
    }

    Json write_actions(const std::vector<PartiqlStatement>& statements, const Json& input) const {
        const std::vector<const Table*> tables = find_tables(statements);
        std::vector<Fault> faults(statements.size());
        bool faulty = false;
        Json actions = Json::array();
        for (std::size_t i = 0; i < statements.size(); ++i) {
            Json action;
            if (statements[i].kind == PartiqlStatement::Kind::kExists) {
                action = in_statement(i, [&] { return partiql_write(statements[i], *tables[i]); });
            } else {
                action = write_action(statements[i], *tables[i], faults[i]);
            }
            faulty = faulty || !faults[i].code.empty();
            copy_members(action, input.at("TransactStatements")[i],
                         {"ReturnValuesOnConditionCheckFailure"});
            actions.push_back({{action_name(statements[i]), std::move(action)}});
        }
        if (faulty) cancel_statements(faults, nullptr);
        return actions;
    }

    static const char* action_name(const PartiqlStatement& statement) {
        switch (statement.kind) {
            case PartiqlStatement::Kind::kInsert:
                return "Put";
            case PartiqlStatement::Kind::kUpdate:
                return "Update";
            case PartiqlStatement::Kind::kDelete:
                return "Delete";
            default:
                return "ConditionCheck";
        }
    }

    /// A write that does not name one item cancels the transaction.
    static Json write_action(const PartiqlStatement& statement, const Table& table, Fault& fault) {
        const bool insert = statement.kind == PartiqlStatement::Kind::kInsert;
        try {
            Json action = partiql_write(statement, table);
            const Map given = parse_item(to_text(action.at(insert ? "Item" : "Key")));
            if (insert) {
                check_put_item(table, given);
            } else {
                check_key(table, given);
            }
            return action;
        } catch (const AwsError& error) {
            fault = {"ValidationError", insert ? error.message() : std::string(kMismatch)};
            return Json::object();
        }
    }

    Json run_transaction(const std::vector<PartiqlStatement>& statements,
                         const std::string& request) const {
        try {
            return parse_json(statements.front().is_read()
                                  ? transact_get_items(engine_, caller_, request)
                                  : transact_write_items(engine_, caller_, request));
        } catch (const AwsError& error) {
            const Json* reasons = find_member(error.fields(), "CancellationReasons");
            if (reasons == nullptr) throw partiql_error(error);
            std::vector<Fault> faults(statements.size());
            for (std::size_t i = 0; i < statements.size(); ++i) {
                if (statements[i].kind == PartiqlStatement::Kind::kInsert &&
                    string_member((*reasons)[i], "Code") == "ConditionalCheckFailed") {
                    faults[i] = {"DuplicateItem", "Duplicate primary key exists in table"};
                }
            }
            cancel_statements(faults, reasons);
        }
    }

    Engine& engine_;
    const Caller& caller_;
};

}  // namespace

void add_partiql_operations(Service& service, Engine& engine) {
    const auto add = [&](const char* name, Json (Partiql::*method)(const Json&) const) {
        add_operation(service, name, [&engine, method](Context& context, const Json& input) {
            return (Partiql(engine, context).*method)(input);
        });
    };
    add("ExecuteStatement", &Partiql::execute);
    add("BatchExecuteStatement", &Partiql::batch);
    add("ExecuteTransaction", &Partiql::transaction);
}

}  // namespace skafu::dynamodb
