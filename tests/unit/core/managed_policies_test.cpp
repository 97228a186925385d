#include "core/managed_policies.h"

#include <doctest/doctest.h>

using namespace skafu;

TEST_CASE("names of AWS's policies, and what a wrong one was meant to be") {
    CHECK(is_aws_managed_policy("service-role/AWSLambdaBasicExecutionRole"));
    CHECK_FALSE(is_aws_managed_policy("AWSLambdaBasicExecutionRole"));
    CHECK(nearest_aws_managed_policy("AWSLambdaBasicExecutionRole") ==
          "service-role/AWSLambdaBasicExecutionRole");
    CHECK(nearest_aws_managed_policy("AmazonDynamoDbFullAcess") == "AmazonDynamoDBFullAccess");
    CHECK(nearest_aws_managed_policy("AWSXRayReadOnlyAccess") == "AWSXrayReadOnlyAccess");
    CHECK(nearest_aws_managed_policy("SomethingElseEntirely") == "");
    CHECK(aws_managed_policy_named("AWSLambdaRole") == "service-role/AWSLambdaRole");
    CHECK(aws_managed_policy_named("AmazonElasticTranscoder_FullAccess") ==
          "AmazonElasticTranscoder_FullAccess");
    CHECK(aws_managed_policy_named("awslambdarole") == "");
}
