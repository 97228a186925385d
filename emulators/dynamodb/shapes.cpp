#include "dynamodb/shapes.h"

#include <map>

namespace skafu::dynamodb {
namespace {

using shape::any;
using shape::boolean;
using shape::enumeration;
using shape::integer;
using shape::list;
using shape::map;
using shape::optional;
using shape::required;
using shape::string;
using shape::structure;
using Members = std::vector<Shape::Member>;

constexpr const char* kNamePattern = "[a-zA-Z0-9_.-]+";

Shape name_shape() {
    return string(3, 255, kNamePattern);
}

/// The name of an operation on a table; its length is told in words of its own.
Shape::Member table_name() {
    return optional("TableName", string({}, {}, kNamePattern));
}

Shape capacity() {
    return enumeration({"INDEXES", "TOTAL", "NONE"});
}

Shape metrics() {
    return enumeration({"SIZE", "NONE"});
}

Shape on_failure() {
    return enumeration({"ALL_OLD", "NONE"});
}

Shape comparison() {
    return enumeration({"IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE",
                        "LE", "BEGINS_WITH", "GE", "CONTAINS"});
}

Shape conditions() {
    return map(string(), structure({optional("AttributeValueList", list(any())),
                                    required("ComparisonOperator", comparison())}));
}

Shape expected() {
    return map(string(), structure({optional("AttributeValueList", list(any())),
                                    optional("ComparisonOperator", comparison())}));
}

Shape joined() {
    return enumeration({"OR", "AND"});
}

Shape attributes_to_get() {
    return list(string(), 1, 255);
}

Shape select() {
    return enumeration(
        {"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"});
}

Shape return_values() {
    return enumeration({"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"});
}

Shape item() {
    return map(string(), any());
}

Shape throughput() {
    return structure(
        {required("WriteCapacityUnits", integer(1)), required("ReadCapacityUnits", integer(1))});
}

Shape key_schema() {
    return list(structure({required("AttributeName", string()),
                           required("KeyType", enumeration({"HASH", "RANGE"}))}),
                1);
}

Shape definitions() {
    return list(structure({required("AttributeName", string()),
                           required("AttributeType", enumeration({"B", "N", "S"}))}));
}

Shape billing_mode() {
    return enumeration({"PROVISIONED", "PAY_PER_REQUEST"});
}

Shape table_class() {
    return enumeration({"STANDARD", "STANDARD_INFREQUENT_ACCESS"});
}

Shape stream_specification() {
    return structure(
        {required("StreamEnabled", boolean()),
         optional("StreamViewType",
                  enumeration({"NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"}))});
}

Shape index(bool is_global) {
    // What the projection must be is told in the texts of the handlers.
    Members members = {required("IndexName", name_shape()), required("KeySchema", key_schema()),
                       optional("Projection", any())};
    if (is_global) members.push_back(optional("ProvisionedThroughput", throughput()));
    return structure(std::move(members));
}

void add_item_shapes(std::map<std::string, Shape, std::less<>>& shapes) {
    shapes["GetItem"] = structure({optional("ReturnConsumedCapacity", capacity()),
                                   optional("AttributesToGet", attributes_to_get()),
                                   required("TableName", name_shape()), required("Key", item())});
    shapes["PutItem"] = structure(
        {optional("ReturnConsumedCapacity", capacity()), required("TableName", name_shape()),
         required("Item", item()), optional("ConditionalOperator", joined()),
         optional("Expected", expected()), optional("ReturnValues", return_values()),
         optional("ReturnItemCollectionMetrics", metrics()),
         optional("ReturnValuesOnConditionCheckFailure", on_failure())});
    shapes["DeleteItem"] = structure(
        {optional("ReturnConsumedCapacity", capacity()), required("TableName", name_shape()),
         required("Key", item()), optional("ConditionalOperator", joined()),
         optional("Expected", expected()), optional("ReturnValues", return_values()),
         optional("ReturnItemCollectionMetrics", metrics()),
         optional("ReturnValuesOnConditionCheckFailure", on_failure())});
    shapes["UpdateItem"] = structure(
        {optional("ReturnConsumedCapacity", capacity()), required("TableName", name_shape()),
         optional("ReturnItemCollectionMetrics", metrics()),
         optional("ReturnValues", return_values()), required("Key", item()),
         optional("ConditionalOperator", joined()), optional("Expected", expected()),
         optional("ReturnValuesOnConditionCheckFailure", on_failure())});
    shapes["Query"] = structure(
        {optional("Select", select()), optional("IndexName", name_shape()),
         optional("ReturnConsumedCapacity", capacity()), optional("QueryFilter", conditions()),
         required("TableName", name_shape()), optional("ConditionalOperator", joined()),
         optional("AttributesToGet", attributes_to_get()), optional("Limit", integer(1)),
         optional("KeyConditions", conditions())});
    shapes["Scan"] = structure(
        {optional("Select", select()), optional("IndexName", name_shape()),
         optional("TotalSegments", integer(1, 1000000)),
         optional("ReturnConsumedCapacity", capacity()), required("TableName", name_shape()),
         optional("ConditionalOperator", joined()), optional("ScanFilter", conditions()),
         optional("Segment", integer(0, 999999)), optional("Limit", integer(1)),
         optional("AttributesToGet", attributes_to_get())});
    shapes["BatchWriteItem"] = structure({optional("ReturnConsumedCapacity", capacity()),
                                          optional("ReturnItemCollectionMetrics", metrics())});
    shapes["BatchGetItem"] = structure({optional("ReturnConsumedCapacity", capacity())});
    shapes["TransactWriteItems"] = structure({optional("ReturnConsumedCapacity", capacity()),
                                              optional("ReturnItemCollectionMetrics", metrics()),
                                              optional("ClientRequestToken", string(1, 36))});
    shapes["TransactGetItems"] = structure({optional("ReturnConsumedCapacity", capacity())});
}

void add_table_shapes(std::map<std::string, Shape, std::less<>>& shapes) {
    shapes["CreateTable"] = structure(
        {required("AttributeDefinitions", definitions()), table_name(),
         optional("BillingMode", billing_mode()), optional("ProvisionedThroughput", throughput()),
         required("KeySchema", key_schema()), optional("LocalSecondaryIndexes", list(index(false))),
         optional("GlobalSecondaryIndexes", list(index(true))),
         optional("StreamSpecification", stream_specification()),
         optional("TableClass", table_class())});
    shapes["UpdateTable"] = structure(
        {table_name(), optional("ProvisionedThroughput", throughput()),
         optional("BillingMode", billing_mode()), optional("AttributeDefinitions", definitions()),
         optional(
             "GlobalSecondaryIndexUpdates",
             list(structure(
                 {optional("Update", structure({required("IndexName", name_shape()),
                                                optional("ProvisionedThroughput", throughput())})),
                  optional("Create", index(true)),
                  optional("Delete", structure({required("IndexName", name_shape())}))}))),
         optional("StreamSpecification", stream_specification()),
         optional("TableClass", table_class())});
    for (const char* operation : {"DescribeTable", "DeleteTable", "DescribeTimeToLive",
                                  "DescribeKinesisStreamingDestination"}) {
        shapes[operation] = structure({table_name()});
    }
    shapes["ListTables"] = structure(
        {optional("Limit", integer(1, 100)), optional("ExclusiveStartTableName", name_shape())});
    shapes["UpdateTimeToLive"] =
        structure({table_name(), required("TimeToLiveSpecification",
                                          structure({required("Enabled", boolean()),
                                                     required("AttributeName", string(1, 255))}))});
    shapes["UpdateContributorInsights"] =
        structure({table_name(), optional("IndexName", name_shape()),
                   required("ContributorInsightsAction", enumeration({"ENABLE", "DISABLE"}))});
    shapes["DescribeContributorInsights"] =
        structure({table_name(), optional("IndexName", name_shape())});
    shapes["ListContributorInsights"] =
        structure({optional("MaxResults", integer({}, 100)), optional("NextToken", string())});
    for (const char* operation : {"DescribeGlobalTable", "DescribeGlobalTableSettings"}) {
        shapes[operation] = structure({required("GlobalTableName", name_shape())});
    }
    for (const char* operation :
         {"EnableKinesisStreamingDestination", "DisableKinesisStreamingDestination",
          "UpdateKinesisStreamingDestination"}) {
        shapes[operation] = structure({table_name(), required("StreamArn", string(37, 1024))});
    }
    shapes["PutResourcePolicy"] =
        structure({required("ResourceArn", string(1, 1283)), required("Policy", string()),
                   optional("ExpectedRevisionId", string(1, 255))});
    shapes["GetResourcePolicy"] = structure({required("ResourceArn", string(1, 1283))});
    shapes["DeleteResourcePolicy"] = structure(
        {required("ResourceArn", string(1, 1283)), optional("ExpectedRevisionId", string(1, 255))});
}

void add_backup_shapes(std::map<std::string, Shape, std::less<>>& shapes) {
    const Shape arn = string(37, 1024);
    shapes["CreateBackup"] = structure({table_name(), required("BackupName", name_shape())});
    shapes["DescribeBackup"] = structure({required("BackupArn", arn)});
    shapes["DeleteBackup"] = structure({required("BackupArn", arn)});
    shapes["ListBackups"] =
        structure({optional("Limit", integer(1, 100)), optional("ExclusiveStartBackupArn", arn),
                   optional("BackupType", enumeration({"USER", "SYSTEM", "AWS_BACKUP", "ALL"}))});
    shapes["RestoreTableFromBackup"] =
        structure({required("TargetTableName", name_shape()), required("BackupArn", arn),
                   optional("BillingModeOverride", billing_mode()),
                   optional("ProvisionedThroughputOverride", throughput()),
                   optional("GlobalSecondaryIndexOverride", list(index(true))),
                   optional("LocalSecondaryIndexOverride", list(index(false)))});
    shapes["RestoreTableToPointInTime"] = structure(
        {optional("SourceTableName", name_shape()), required("TargetTableName", name_shape()),
         optional("BillingModeOverride", billing_mode()),
         optional("ProvisionedThroughputOverride", throughput()),
         optional("GlobalSecondaryIndexOverride", list(index(true))),
         optional("LocalSecondaryIndexOverride", list(index(false)))});
    shapes["DescribeContinuousBackups"] = structure({table_name()});
    shapes["UpdateContinuousBackups"] = structure(
        {table_name(), required("PointInTimeRecoverySpecification",
                                structure({required("PointInTimeRecoveryEnabled", boolean()),
                                           optional("RecoveryPeriodInDays", integer(1, 35))}))});
    shapes["ExportTableToPointInTime"] =
        structure({required("TableArn", string(1, 1024)), required("S3Bucket", string(1, 255)),
                   optional("ExportFormat", enumeration({"DYNAMODB_JSON", "ION"})),
                   optional("ExportType", enumeration({"FULL_EXPORT", "INCREMENTAL_EXPORT"})),
                   optional("S3SseAlgorithm", enumeration({"AES256", "KMS"}))});
    shapes["DescribeExport"] = structure({required("ExportArn", arn)});
    shapes["ListExports"] =
        structure({optional("TableArn", string(1, 1024)), optional("MaxResults", integer(1, 25)),
                   optional("NextToken", string())});
    const Shape delimiter = string(1, 1, "[,;:|\\t ]");
    const Shape header = list(string(1, 65536, "[\\x20-\\x21\\x23-\\x2B\\x2D-\\x7E]*"), 1, 255);
    shapes["ImportTable"] = structure(
        {required("S3BucketSource", structure({required("S3Bucket", string(1, 255))})),
         required("InputFormat", enumeration({"DYNAMODB_JSON", "ION", "CSV"})),
         optional("InputFormatOptions",
                  structure({optional("Csv", structure({optional("Delimiter", delimiter),
                                                        optional("HeaderList", header)}))})),
         optional("InputCompressionType", enumeration({"GZIP", "ZSTD", "NONE"})),
         required("TableCreationParameters", structure({}))});
    shapes["DescribeImport"] = structure({required("ImportArn", arn)});
    shapes["ListImports"] =
        structure({optional("TableArn", string(1, 1024)), optional("PageSize", integer(1, 25)),
                   optional("NextToken", string())});
}

void add_stream_shapes(std::map<std::string, Shape, std::less<>>& shapes) {
    const Shape arn = string(37, 1024);
    const Shape shard = string(28, 65, "[a-zA-Z0-9_-]+");
    shapes["ListStreams"] =
        structure({optional("ExclusiveStartStreamArn", arn), optional("Limit", integer(1, 100))});
    shapes["DescribeStream"] = structure(
        {required("StreamArn", arn), optional("Limit", integer(1, 100)),
         optional("ExclusiveStartShardId", shard),
         optional("ShardFilter", structure({required("Type", enumeration({"CHILD_SHARDS"})),
                                            required("ShardId", shard)}))});
    shapes["GetShardIterator"] = structure(
        {required("StreamArn", arn), required("ShardId", shard),
         required("ShardIteratorType", enumeration({"AFTER_SEQUENCE_NUMBER", "LATEST",
                                                    "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"})),
         optional("SequenceNumber", string(21, 40))});
}

void add_partiql_shapes(std::map<std::string, Shape, std::less<>>& shapes) {
    const Shape parameters = list(any(), 1);
    shapes["ExecuteStatement"] =
        structure({required("Statement", string(1, 8192)), optional("Parameters", parameters),
                   optional("ConsistentRead", boolean()), optional("NextToken", string(1, 32768)),
                   optional("ReturnConsumedCapacity", capacity()), optional("Limit", integer(1)),
                   optional("ReturnValuesOnConditionCheckFailure", on_failure())});
    const Shape statement =
        structure({required("Statement", string(1, 8192)), optional("Parameters", parameters),
                   optional("ReturnValuesOnConditionCheckFailure", on_failure())});
    shapes["BatchExecuteStatement"] = structure({required("Statements", list(statement, 1, 25)),
                                                 optional("ReturnConsumedCapacity", capacity())});
    shapes["ExecuteTransaction"] =
        structure({required("TransactStatements", list(statement, 1, 100)),
                   optional("ClientRequestToken", string(1, 36)),
                   optional("ReturnConsumedCapacity", capacity())});
}

}  // namespace

const Shape& input_shape(std::string_view operation) {
    static const auto kShapes = [] {
        std::map<std::string, Shape, std::less<>> shapes;
        add_item_shapes(shapes);
        add_table_shapes(shapes);
        add_backup_shapes(shapes);
        add_stream_shapes(shapes);
        add_partiql_shapes(shapes);
        return shapes;
    }();
    static const Shape kNoConstraints = structure({});
    const auto found = kShapes.find(operation);
    return found == kShapes.end() ? kNoConstraints : found->second;
}

}  // namespace skafu::dynamodb
