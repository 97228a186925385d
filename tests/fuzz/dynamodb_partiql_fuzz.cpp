// The PartiQL parser and planner; the expressions that they write must be taken by the expression
// parser, or refused with an AWS error.
#include <cstddef>
#include <cstdint>

#include "core/aws_error.h"
#include "dynamodb/partiql.h"
#include "dynamodb/request.h"

using namespace skafu;
using namespace skafu::dynamodb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Json definition = {
        {"space", 1},
        {"AttributeDefinitions", Json::array({{{"AttributeName", "p"}, {"AttributeType", "S"}},
                                              {{"AttributeName", "c"}, {"AttributeType", "N"}}})},
        {"KeySchema", Json::array({{{"AttributeName", "p"}, {"KeyType", "HASH"}},
                                   {{"AttributeName", "c"}, {"KeyType", "RANGE"}}})}};
    static const Table table(Scope{"000000000000", "us-east-1"}, "t", definition);
    static const Json parameters = Json::array({{{"S", "x"}}, {{"N", "1"}}});
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const Json& given : {Json::array(), parameters}) {
        try {
            const PartiqlStatement statement = parse_partiql(text, given);
            check_partiql(statement);
            if (!statement.is_read()) {
                const std::string input = to_text(partiql_write(statement, table));
                parse_item_request(input, kAnyApi);
                continue;
            }
            for (const PartiqlRead& read : plan_partiql_reads(statement, table)) {
                const std::string input = to_text(read.input);
                parse_item_request(input, kAnyApi);
            }
            partiql_lookup_key(statement, table);
        } catch (const AwsError&) {
        }
    }
    return 0;
}
