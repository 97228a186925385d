#include "services.h"

#include "apigateway/apigateway.h"
#include "cloudformation/cloudformation.h"
#include "dynamodb/dynamodb.h"
#include "eventbridge/eventbridge.h"
#include "iam/iam.h"
#include "lambda/lambda.h"
#include "logs/logs.h"
#include "sqs/sqs.h"
#include "stepfunctions/stepfunctions.h"
#include "sts/sts.h"

namespace skafu::server {

void register_services(Cloud& cloud) {
    apigateway::register_apigateway(cloud);
    cloudformation::register_cloudformation(cloud);
    dynamodb::register_dynamodb(cloud);
    eventbridge::register_eventbridge(cloud);
    iam::register_iam(cloud);
    lambda::register_lambda(cloud);
    logs::register_logs(cloud);
    sqs::register_sqs(cloud);
    stepfunctions::register_stepfunctions(cloud);
    sts::register_sts(cloud);
}

}  // namespace skafu::server
