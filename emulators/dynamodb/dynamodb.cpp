#include "dynamodb/dynamodb.h"

#include "core/cloud.h"
#include "core/data_reset.h"
#include "dynamodb/engine.h"
#include "dynamodb/operations.h"

namespace skafu::dynamodb {
namespace {

/// What DynamoDB takes of a request, and how long an answer must be to be compressed.
void set_limits(Service& service) {
    service.max_body = 16 * 1024 * 1024;
    service.max_headers = 16 * 1024;
    service.compress_over = 4 * 1024;
}

}  // namespace

void register_dynamodb(Cloud& cloud) {
    Engine& engine = cloud.own(std::make_unique<Engine>(cloud));

    Service tables;
    tables.name = "dynamodb";
    tables.protocols = {Protocol::json_1_0};
    tables.target_prefix = "DynamoDB_20120810";
    tables.api_version = "2012-08-10";
    tables.error_namespace = "com.amazonaws.dynamodb.v20120810";
    set_limits(tables);
    tables.reset = [&engine](const Scope* scope) { engine.reset(scope); };
    add_data_reset(tables, [&engine](const Scope* scope) { engine.clear_data(scope); });
    tables.describe = [&engine](Service& service) {
        add_item_operations(service, engine);
        add_batch_operations(service, engine);
        add_transaction_operations(service, engine);
        add_table_operations(service, engine);
        add_table_settings_operations(service, engine);
        add_table_feature_operations(service, engine);
        add_backup_operations(service, engine);
        add_partiql_operations(service, engine);
        add_transfer_operations(service, engine);
    };
    cloud.add_service(std::move(tables));

    Service streams;
    streams.name = "dynamodbstreams";
    streams.protocols = {Protocol::json_1_0};
    streams.target_prefix = "DynamoDBStreams_20120810";
    streams.signing_names = {"dynamodb"};
    streams.api_version = "2012-08-10";
    streams.error_namespace = "com.amazonaws.dynamodb.v20120810";
    set_limits(streams);
    streams.describe = [&engine](Service& service) { add_stream_operations(service, engine); };
    cloud.add_service(std::move(streams));

    resources::add_types(cloud, engine);
}

}  // namespace skafu::dynamodb
