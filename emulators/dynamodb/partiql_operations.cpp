#include "core/aws_error.h"
#include "core/base64.h"
#include "dynamodb/operations.h"
#include "dynamodb/partiql.h"
#include "dynamodb/request.h"

namespace skafu::dynamodb {
namespace {

constexpr std::size_t kMaxBatch = 25;
constexpr std::size_t kMaxTransaction = 100;

std::string statement_of(const Json& input) {
    const Json* statement = find_member(input, "Statement");
    if (statement == nullptr || !statement->is_string()) reject_missing_member("statement");
    return statement->get<std::string>();
}

const Json& parameters_of(const Json& input) {
    static const Json none = Json::array();
    const Json* parameters = find_member(input, "Parameters");
    return parameters != nullptr && parameters->is_array() ? *parameters : none;
}

void copy_members(Json& to, const Json& from, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const Json* value = find_member(from, name);
        if (value != nullptr && !value->is_null()) to[name] = *value;
    }
}

class Partiql {
  public:
    Partiql(Engine& engine, Context& context) : engine_(engine), context_(context) {}

    PartiqlCall translate(const Json& input) const {
        const TableFinder finder = [&](std::string_view name) -> const Table& {
            return engine_.table(context_.caller, name);
        };
        return translate_partiql(statement_of(input), parameters_of(input), finder);
    }

    /// Does what a call means, through the operation of that name.
    Json run(const std::string& operation, Json input) const {
        Call call;
        call.service = "dynamodb";
        call.operation = operation;
        call.input = Document(std::move(input));
        call.caller = context_.caller;
        call.cause = context_.activity.id();
        return engine_.cloud().call_now(std::move(call)).take_value();
    }

    Json execute(const Json& input) const {
        PartiqlCall call = translate(input);
        copy_members(call.input, input,
                     {"ReturnConsumedCapacity", "ReturnValuesOnConditionCheckFailure"});
        if (call.kind == PartiqlCall::Kind::kSelect) return execute_select(std::move(call), input);
        if (call.kind == PartiqlCall::Kind::kExists) {
            throw AwsError::validation("EXISTS can only be used in ExecuteTransaction");
        }
        Json result;
        try {
            result = run(call.operation, std::move(call.input));
        } catch (const AwsError& error) {
            if (call.kind == PartiqlCall::Kind::kInsert &&
                error.code() == "ConditionalCheckFailedException") {
                throw AwsError("DuplicateItemException", "Duplicate primary key exists in table");
            }
            throw;
        }
        Json items = Json::array();
        if (const Json* attributes = find_member(result, "Attributes")) {
            items.push_back(*attributes);
        }
        Json out = {{"Items", std::move(items)}};
        copy_members(out, result, {"ConsumedCapacity"});
        return out;
    }

    Json batch(const Json& input) const {
        const Json& statements = statements_of(input, "Statements", "statements", kMaxBatch);
        Json responses = Json::array();
        for (const Json& statement : statements) responses.push_back(run_one(statement));
        return {{"Responses", std::move(responses)}};
    }

    Json transaction(const Json& input) const {
        const Json& statements =
            statements_of(input, "TransactStatements", "transactStatements", kMaxTransaction);
        Json actions = Json::array();
        bool reads = false;
        bool writes = false;
        for (const Json& statement : statements) {
            PartiqlCall call = translate(statement);
            copy_members(call.input, statement, {"ReturnValuesOnConditionCheckFailure"});
            const bool is_read = call.kind == PartiqlCall::Kind::kSelect;
            reads = reads || is_read;
            writes = writes || !is_read;
            actions.push_back(is_read ? get_action(call) : write_action(call));
        }
        if (reads && writes) {
            throw AwsError::validation(
                "Transactions may contain only reads or only writes, not both");
        }
        Json request = {{"TransactItems", std::move(actions)}};
        copy_members(request, input, {"ReturnConsumedCapacity"});
        if (writes) copy_members(request, input, {"ClientRequestToken"});
        Json result = run(reads ? "TransactGetItems" : "TransactWriteItems", std::move(request));
        Json out = Json::object();
        const Json* responses = find_member(result, "Responses");
        out["Responses"] = responses != nullptr ? *responses : empty_responses(statements.size());
        copy_members(out, result, {"ConsumedCapacity"});
        return out;
    }

  private:
    static Json empty_responses(std::size_t count) {
        Json responses = Json::array();
        for (std::size_t i = 0; i < count; ++i) responses.push_back(Json::object());
        return responses;
    }

    static const Json& statements_of(const Json& input, const char* member, const char* path,
                                     std::size_t most) {
        const Json* statements = find_member(input, member);
        if (statements == nullptr || !statements->is_array()) reject_missing_member(path);
        if (statements->empty()) {
            reject_constraint("[]", path, "Member must have length greater than or equal to 1");
        }
        if (statements->size() > most) {
            reject_constraint(
                "[...]", path,
                "Member must have length less than or equal to " + std::to_string(most));
        }
        return *statements;
    }

    Json execute_select(PartiqlCall call, const Json& input) const {
        copy_members(call.input, input, {"ConsistentRead", "Limit"});
        const std::string token = string_member(input, "NextToken");
        if (!token.empty()) {
            const auto decoded = base64_decode(token);
            if (!decoded) throw AwsError::validation("Invalid NextToken");
            try {
                call.input["ExclusiveStartKey"] = parse_json(*decoded);
            } catch (const JsonError&) {
                throw AwsError::validation("Invalid NextToken");
            }
        }
        Json result = run(call.operation, std::move(call.input));
        Json out = {{"Items", result.at("Items")}};
        if (const Json* key = find_member(result, "LastEvaluatedKey")) {
            out["NextToken"] = base64_encode(to_text(*key));
            out["LastEvaluatedKey"] = *key;
        }
        copy_members(out, result, {"ConsumedCapacity"});
        return out;
    }

    /// One statement of a batch: its item or its error.
    Json run_one(const Json& statement) const {
        Json response = Json::object();
        try {
            const std::string name = partiql_table_name(statement_of(statement));
            if (!name.empty()) response["TableName"] = name;
            const PartiqlCall call = translate(statement);
            if (call.kind == PartiqlCall::Kind::kSelect && !call.is_key_lookup) {
                throw AwsError::validation(
                    "Select statements within BatchExecuteStatement must specify the primary key "
                    "in the where clause.");
            }
            const Json result = execute(statement);
            if (!result.at("Items").empty()) response["Item"] = result.at("Items").front();
        } catch (const AwsError& error) {
            std::string code = error.code();
            const std::size_t suffix = code.rfind("Exception");
            if (suffix != std::string::npos) code.resize(suffix);
            if (code == "Validation") code = "ValidationError";
            if (code == "ResourceNotFound") code = "ResourceNotFound";
            if (code == "ConditionalCheckFailed") code = "ConditionalCheckFailed";
            response["Error"] = {{"Code", code}, {"Message", error.message()}};
            copy_members(response["Error"], error.fields(), {"Item"});
        }
        return response;
    }

    static Json get_action(const PartiqlCall& call) {
        if (!call.is_key_lookup) {
            throw AwsError::validation(
                "Select statements within ExecuteTransaction must specify the primary key in the "
                "where clause.");
        }
        Json get = {{"TableName", call.input.at("TableName")}, {"Key", call.key}};
        const Json* projection = find_member(call.input, "ProjectionExpression");
        if (projection != nullptr) {
            get["ProjectionExpression"] = *projection;
            Json names = Json::object();
            for (const auto& [placeholder, name] :
                 call.input.at("ExpressionAttributeNames").items()) {
                const std::string text = projection->get<std::string>() + ",";
                if (text.find(placeholder + ",") != std::string::npos ||
                    text.find(placeholder + ".") != std::string::npos ||
                    text.find(placeholder + "[") != std::string::npos) {
                    names[placeholder] = name;
                }
            }
            get["ExpressionAttributeNames"] = std::move(names);
        }
        return {{"Get", std::move(get)}};
    }

    static Json write_action(const PartiqlCall& call) {
        switch (call.kind) {
            case PartiqlCall::Kind::kInsert:
                return {{"Put", call.input}};
            case PartiqlCall::Kind::kUpdate:
                return {{"Update", call.input}};
            case PartiqlCall::Kind::kDelete:
                return {{"Delete", call.input}};
            default:
                return {{"ConditionCheck", call.input}};
        }
    }

    Engine& engine_;
    Context& context_;
};

}  // namespace

void add_partiql_operations(Service& service, Engine& engine) {
    const auto add = [&](const char* name, Json (Partiql::*method)(const Json&) const) {
        Operation operation;
        operation.name = name;
        service.add(std::move(operation), [&engine, method](Context& context, const Json& input) {
            const Partiql partiql(engine, context);
            return (partiql.*method)(input);
        });
    };
    add("ExecuteStatement", &Partiql::execute);
    add("BatchExecuteStatement", &Partiql::batch);
    add("ExecuteTransaction", &Partiql::transaction);
}

}  // namespace skafu::dynamodb
