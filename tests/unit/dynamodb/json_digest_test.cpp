#include "dynamodb/json_digest.h"

#include <doctest/doctest.h>

#include "core/aws_error.h"

using skafu::dynamodb::json_digest;

TEST_CASE("requests that say the same have one digest") {
    const auto first = json_digest(R"([{"a":"x","b":[1,true,null]},{}])");
    CHECK(first == json_digest(R"( [ {"b":[1, true,null], "a":"\u0078"}, { } ] )"));
    for (const char* other :
         {R"([{"a":"x","b":[true,1,null]},{}])", R"([{"a":"x","b":[1,true]},{}])",
          R"([{"a":"y","b":[1,true,null]},{}])", R"([{"b":"x","a":[1,true,null]},{}])",
          R"([{},{"a":"x","b":[1,true,null]}])", R"([{"a":"x","b":["1",true,null]},{}])",
          R"([{"a":"x","b":[1,false,null]},{}])", R"([{"a":"x","b":[1,true,{}]},{}])"}) {
        CHECK(first != json_digest(other));
    }
}

TEST_CASE("a digest of what is no JSON is refused") {
    CHECK_THROWS_AS(json_digest("[1,"), skafu::AwsError);
    CHECK_THROWS_AS(json_digest("[1] 2"), skafu::AwsError);
}
