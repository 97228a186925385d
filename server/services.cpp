#include "services.h"

#include "apigateway/apigateway.h"
#include "cloudformation/cloudformation.h"
#include "cloudwatch/cloudwatch.h"
#include "cognito/cognito.h"
#include "dynamodb/dynamodb.h"
#include "eventbridge/eventbridge.h"
#include "iam/iam.h"
#include "kms/kms.h"
#include "lambda/lambda.h"
#include "logs/logs.h"
#include "s3/s3.h"
#include "schemas/schemas.h"
#include "secretsmanager/secretsmanager.h"
#include "sns/sns.h"
#include "sqs/sqs.h"
#include "ssm/ssm.h"
#include "stepfunctions/stepfunctions.h"
#include "sts/sts.h"

namespace skafu::server {

void register_services(Cloud& cloud) {
    apigateway::register_apigateway(cloud);
    cloudformation::register_cloudformation(cloud);
    cloudwatch::register_cloudwatch(cloud);
    cognito::register_cognito(cloud);
    dynamodb::register_dynamodb(cloud);
    eventbridge::register_eventbridge(cloud);
    iam::register_iam(cloud);
    kms::register_kms(cloud);
    lambda::register_lambda(cloud);
    logs::register_logs(cloud);
    s3::register_s3(cloud);
    schemas::register_schemas(cloud);
    secretsmanager::register_secretsmanager(cloud);
    sns::register_sns(cloud);
    sqs::register_sqs(cloud);
    ssm::register_ssm(cloud);
    stepfunctions::register_stepfunctions(cloud);
    sts::register_sts(cloud);
}

}  // namespace skafu::server
