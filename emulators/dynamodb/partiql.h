#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/aws_error.h"
#include "core/json.h"
#include "dynamodb/partiql_statement.h"
#include "dynamodb/table.h"

namespace skafu::dynamodb {

/// Writes conditions and updates in the expression language; names and values are put behind
/// placeholders.
class PartiqlWriter {
  public:
    std::string condition(const PartiqlCondition& condition);
    std::string update(const std::vector<PartiqlChange>& changes);
    std::string name(const std::string& name);
    std::string value(const Json& value);
    /// ExpressionAttributeNames and ...Values of what was written.
    void put_placeholders(Json& input) const;

  private:
    std::string path(const PartiqlPath& path);
    std::string operand(const PartiqlOperand& operand);
    std::string joined(const std::vector<PartiqlCondition>& children, std::string_view word);
    std::string membership(const PartiqlCondition& condition);

    Json names_ = Json::object();
    Json values_ = Json::object();
};

/// The constant that "=" demands of an attribute, whichever stands first; null where a condition
/// is something else.
struct PartiqlEquality {
    std::string_view attribute;
    const Json* value = nullptr;
};
PartiqlEquality partiql_equality(const PartiqlCondition& condition);

/// One Query or Scan of those that a SELECT comes down to.
struct PartiqlRead {
    bool is_query = false;
    Json input;
};

/// The reads of a SELECT, in the order in which their items are answered: one, or one per
/// partition and range that an IN or an OR names. Throws AwsError (ValidationException).
std::vector<PartiqlRead> plan_partiql_reads(const PartiqlStatement& select, const Table& table);

/// The key of the one item that a SELECT names, where it asks for nothing else; null otherwise.
Json partiql_lookup_key(const PartiqlStatement& select, const Table& table);

/// The input of the item operation (PutItem, UpdateItem, DeleteItem, or a ConditionCheck for
/// EXISTS) that a statement means. Throws AwsError where it does not name one item.
Json partiql_write(const PartiqlStatement& statement, const Table& table);

/// Makes the checks of a statement that need no table: operand types, overlapping paths.
void check_partiql(const PartiqlStatement& statement);

/// The attributes that a SELECT's columns begin with, each once; empty for "*".
std::vector<std::string> partiql_attributes(const PartiqlStatement& select);

/// An item as a SELECT shows it: one column per path, named after its last part ("k[0]").
Json partiql_row(const PartiqlStatement& select, const Json& item);

/// An expression's error in PartiQL's words, which name no parameter.
AwsError partiql_error(const AwsError& error);

}  // namespace skafu::dynamodb
