#include "core/sigv4.h"

#include <doctest/doctest.h>

using namespace skafu;

TEST_CASE("a request is signed as the documented example is") {
    // AWS's Signature Version 4 test suite, "get-vanilla-query-order-key-case".
    HttpRequest request;
    request.method = "GET";
    const AwsCredentials credentials{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
    sign_v4(request, "https://example.amazonaws.com/?Param2=value2&Param1=value1", credentials,
            "us-east-1", "service", parse_iso8601("2015-08-30T12:36:00Z"));
    CHECK(request.headers.get("Authorization") ==
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
          "SignedHeaders=host;x-amz-date, "
          "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}
