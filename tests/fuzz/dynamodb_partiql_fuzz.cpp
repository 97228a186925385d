// The PartiQL translator; where it makes an expression, the expression parser must take it or
// refuse it with an AWS error.
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
    static const TableFinder finder = [](std::string_view) -> const Table& { return table; };
    static const Json parameters = Json::array({{{"S", "x"}}, {{"N", "1"}}});
    const std::string_view statement(reinterpret_cast<const char*>(data), size);
    for (const Json& given : {Json::array(), parameters}) {
        try {
            const PartiqlCall call = translate_partiql(statement, given, finder);
            const std::string text = to_text(call.input);
            parse_item_request(text);
        } catch (const AwsError&) {
        }
    }
    return 0;
}
