#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::dynamodb {

/// Registers the services `dynamodb` and `dynamodbstreams` and their CloudFormation types.
void register_dynamodb(Cloud& cloud);

}  // namespace skafu::dynamodb
