#include "dynamodb/dynamodb.h"

#include "core/cloud.h"
#include "core/data_reset.h"
#include "dynamodb/engine.h"
#include "dynamodb/operations.h"

namespace skafu::dynamodb {

void register_dynamodb(Cloud& cloud) {
    Engine& engine = cloud.own(std::make_unique<Engine>(cloud));

    Service tables;
    tables.name = "dynamodb";
    tables.protocols = {Protocol::json_1_0};
    tables.target_prefix = "DynamoDB_20120810";
    tables.api_version = "2012-08-10";
    tables.error_namespace = "com.amazonaws.dynamodb.v20120810";
    tables.reset = [&engine](const Scope* scope) { engine.reset(scope); };
    add_data_reset(tables, [&engine](const Scope* scope) { engine.clear_data(scope); });
    add_item_operations(tables, engine);
    add_batch_operations(tables, engine);
    add_transaction_operations(tables, engine);
    add_table_operations(tables, engine);
    add_table_settings_operations(tables, engine);
    add_backup_operations(tables, engine);
    add_partiql_operations(tables, engine);
    add_transfer_operations(tables, engine);
    cloud.add_service(std::move(tables));

    Service streams;
    streams.name = "dynamodbstreams";
    streams.protocols = {Protocol::json_1_0};
    streams.target_prefix = "DynamoDBStreams_20120810";
    streams.signing_names = {"dynamodb"};
    streams.api_version = "2012-08-10";
    streams.error_namespace = "com.amazonaws.dynamodb.v20120810";
    add_stream_operations(streams, engine);
    cloud.add_service(std::move(streams));

    add_resource_types(cloud, engine);
}

}  // namespace skafu::dynamodb
