#include "dynamodb/table_checks.h"

#include <algorithm>
#include <set>

#include "core/aws_error.h"
#include "dynamodb/reject.h"
#include "dynamodb/request.h"

namespace skafu::dynamodb {
namespace {

constexpr std::size_t kMaxKeyNameBytes = 255;
constexpr std::size_t kMaxLocalIndexes = 5;
constexpr std::size_t kMaxGlobalIndexes = 20;
constexpr std::size_t kMaxProjected = 100;
constexpr std::size_t kMaxKeyParts = 4;

void check_name_length(const std::string& name, const std::string& path) {
    if (name.empty()) {
        reject_constraint(name, path, "Member must have length greater than or equal to 1");
    }
    if (name.size() > kMaxKeyNameBytes) {
        reject_constraint(name, path, "Member must have length less than or equal to 255");
    }
}

const Json kNoJson = Json::array();

const Json& list_member(const Json& object, std::string_view name) {
    const Json* member = find_member(object, name);
    return member != nullptr && member->is_array() ? *member : kNoJson;
}

bool is_defined(const Json& definitions, const std::string& name) {
    return std::any_of(definitions.begin(), definitions.end(), [&](const Json& definition) {
        return string_member(definition, "AttributeName") == name;
    });
}

void check_projection(const Json& index) {
    const std::string name = string_member(index, "IndexName");
    const Json* projection = find_member(index, "Projection");
    if (projection == nullptr || !projection->is_object()) {
        reject_value("Unknown ProjectionType: null");
    }
    const std::string type = string_member(*projection, "ProjectionType");
    const Json* attributes = find_member(*projection, "NonKeyAttributes");
    if (type.empty()) reject_value("Unknown ProjectionType: null");
    if (type != "ALL" && type != "KEYS_ONLY" && type != "INCLUDE") {
        reject_value("Unknown ProjectionType: " + type +
                     "; Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]");
    }
    if (type != "INCLUDE") {
        if (attributes != nullptr && !attributes->is_null()) {
            reject_value("ProjectionType is " + type + ", but NonKeyAttributes is specified");
        }
        return;
    }
    if (attributes == nullptr || !attributes->is_array() || attributes->empty()) {
        reject_value("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
    }
    std::set<std::string> seen;
    for (const Json& attribute : *attributes) {
        const std::string text = attribute.is_string() ? attribute.get<std::string>() : "";
        check_name_length(text, "projection.nonKeyAttributes");
        if (!seen.insert(text).second) {
            reject_value("NonKeyAttributes has a duplicate: " + text + ", IndexName: " + name);
        }
    }
}

void check_throughput(const Json& throughput, const std::string& path) {
    for (const auto& [member, shown] : {std::pair("ReadCapacityUnits", "readCapacityUnits"),
                                        std::pair("WriteCapacityUnits", "writeCapacityUnits")}) {
        const Json* units = find_member(throughput, member);
        if (units == nullptr || !units->is_number()) reject_missing_member(path + "." + shown);
        if (units->get<double>() < 1) {
            reject_constraint(to_text(*units), path + "." + shown,
                              "Member must have value greater than or equal to 1");
        }
    }
}

}  // namespace

void check_attribute_definitions(const Json& definitions) {
    std::set<std::string> seen;
    int at = 0;
    for (const Json& definition : definitions) {
        const std::string path = "attributeDefinitions." + std::to_string(++at) + ".member.";
        const Json* name = find_member(definition, "AttributeName");
        const Json* type = find_member(definition, "AttributeType");
        if (name == nullptr || !name->is_string()) reject_missing_member(path + "attributeName");
        if (type == nullptr || !type->is_string()) reject_missing_member(path + "attributeType");
        check_name_length(name->get<std::string>(), path + "attributeName");
        const std::string kind = type->get<std::string>();
        if (kind != "S" && kind != "N" && kind != "B") {
            reject_constraint(kind, path + "attributeType",
                              "Member must satisfy enum value set: [B, N, S]");
        }
        if (!seen.insert(name->get<std::string>()).second) {
            reject_value("Duplicate AttributeName in AttributeDefinitions: " +
                         name->get<std::string>());
        }
    }
}

void check_key_schema(const Json& schema, const Json& definitions, std::string_view path,
                      bool may_have_several) {
    std::set<std::string> seen;
    std::size_t hashes = 0;
    std::size_t ranges = 0;
    int at = 0;
    for (const Json& element : schema) {
        const std::string where = std::string(path) + "." + std::to_string(++at) + ".member.";
        const Json* name = find_member(element, "AttributeName");
        const Json* type = find_member(element, "KeyType");
        if (name == nullptr || !name->is_string()) reject_missing_member(where + "attributeName");
        if (type == nullptr || !type->is_string()) reject_missing_member(where + "keyType");
        check_name_length(name->get<std::string>(), where + "attributeName");
        const std::string kind = type->get<std::string>();
        if (kind != "HASH" && kind != "RANGE") {
            reject_constraint(kind, where + "keyType",
                              "Member must satisfy enum value set: [HASH, RANGE]");
        }
        if (at == 1 && kind != "HASH") {
            throw AwsError::validation(
                "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
        }
        if (kind == "HASH") {
            if (ranges > 0) {
                reject_value(
                    "Invalid KeySchema: HASH key elements must precede RANGE key elements");
            }
            ++hashes;
        } else {
            ++ranges;
        }
        if (!seen.insert(name->get<std::string>()).second) {
            throw AwsError::validation(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name");
        }
    }
    if (hashes == 0) {
        throw AwsError::validation(
            "1 validation error detected: Value '[]' at '" + std::string(path) +
            "' failed to satisfy constraint: Member must have length greater than or equal to 1");
    }
    const std::size_t most = may_have_several ? kMaxKeyParts : 1;
    if (hashes > most) {
        if (may_have_several) reject_value("Too many HASH key elements: at most 4 are allowed");
        throw AwsError::validation(
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
    }
    if (ranges > most) {
        if (may_have_several) reject_value("Too many RANGE key elements: at most 4 are allowed");
        reject_constraint("[...]", path, "Member must have length less than or equal to 2");
    }
    for (const std::string& name : seen) {
        if (is_defined(definitions, name)) continue;
        std::string keys;
        for (const std::string& key : seen) keys += (keys.empty() ? "" : ", ") + key;
        std::string defined;
        for (const Json& definition : definitions) {
            defined += (defined.empty() ? "" : ", ") + string_member(definition, "AttributeName");
        }
        reject_value("Some index key attributes are not defined in AttributeDefinitions. Keys: [" +
                     keys + "], AttributeDefinitions: [" + defined + "]");
    }
}

void check_index(const Json& index, const Json& definitions, bool is_global) {
    const std::string kind = is_global ? "globalSecondaryIndexes" : "localSecondaryIndexes";
    const Json* name_member = find_member(index, "IndexName");
    if (name_member == nullptr || !name_member->is_string()) {
        reject_missing_member(kind + ".1.member.indexName");
    }
    const std::string name = name_member->get<std::string>();
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.' || c == '-';
    };
    const std::string path = kind + ".1.member.indexName";
    if (!std::all_of(name.begin(), name.end(), allowed)) {
        reject_constraint(name, path,
                          "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    }
    if (name.size() < 3) {
        reject_constraint(name, path, "Member must have length greater than or equal to 3");
    }
    if (name.size() > kMaxKeyNameBytes) {
        reject_constraint(name, path, "Member must have length less than or equal to 255");
    }
    const Json* schema = find_member(index, "KeySchema");
    if (schema == nullptr || !schema->is_array()) {
        reject_missing_member(kind + ".1.member.keySchema");
    }
    check_key_schema(*schema, definitions, kind + ".1.member.keySchema", is_global);
    check_projection(index);
    const Json* throughput = find_member(index, "ProvisionedThroughput");
    if (is_global && throughput != nullptr && throughput->is_object()) {
        check_throughput(*throughput, kind + ".1.member.provisionedThroughput");
    }
}

std::vector<std::string> key_attribute_names(const Json& input) {
    std::vector<std::string> names;
    const auto add = [&](const Json& schema) {
        for (const Json& element : schema) {
            std::string name = string_member(element, "AttributeName");
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                names.push_back(std::move(name));
            }
        }
    };
    add(list_member(input, "KeySchema"));
    for (const char* kind : {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
        for (const Json& index : list_member(input, kind)) add(list_member(index, "KeySchema"));
    }
    return names;
}

void drop_unused_definitions(Json& document) {
    const std::vector<std::string> used = key_attribute_names(document);
    Json kept = Json::array();
    for (const Json& definition : document.at("AttributeDefinitions")) {
        const std::string name = definition.at("AttributeName").get<std::string>();
        if (std::find(used.begin(), used.end(), name) != used.end()) kept.push_back(definition);
    }
    document["AttributeDefinitions"] = std::move(kept);
}

void check_billing(const Json& input) {
    const std::string mode = string_member(input, "BillingMode", "PROVISIONED");
    if (mode != "PROVISIONED" && mode != "PAY_PER_REQUEST") {
        reject_constraint(mode, "billingMode",
                          "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]");
    }
    const Json* throughput = find_member(input, "ProvisionedThroughput");
    const bool has_throughput = throughput != nullptr && throughput->is_object();
    if (mode == "PAY_PER_REQUEST") {
        if (has_throughput) {
            reject_value(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                "BillingMode is PAY_PER_REQUEST");
        }
        return;
    }
    if (!has_throughput) {
        reject_value(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode "
            "is PROVISIONED (provisionedThroughput.readCapacityUnits)");
    }
    check_throughput(*throughput, "provisionedThroughput");
}

void check_stream_specification(const Json& specification) {
    const Json* enabled = find_member(specification, "StreamEnabled");
    if (enabled == nullptr || !enabled->is_boolean()) {
        reject_missing_member("streamSpecification.streamEnabled");
    }
    const Json* view = find_member(specification, "StreamViewType");
    const bool has_view = view != nullptr && view->is_string();
    if (!enabled->get<bool>()) {
        if (has_view) {
            reject_value("StreamViewType may not be specified when StreamEnabled is false");
        }
        return;
    }
    if (!has_view) reject_value("StreamViewType is required when StreamEnabled is true");
    const std::string name = view->get<std::string>();
    for (const char* known : {"NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"}) {
        if (name == known) return;
    }
    reject_constraint(name, "streamSpecification.streamViewType",
                      "Member must satisfy enum value set: [NEW_IMAGE, OLD_IMAGE, "
                      "NEW_AND_OLD_IMAGES, KEYS_ONLY]");
}

namespace {

void check_local_index(const Json& index, const Json& table_schema) {
    if (table_schema.size() < 2) {
        reject_value(
            "Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex");
    }
    const Json& schema = index.at("KeySchema");
    const std::string hash = string_member(table_schema.front(), "AttributeName");
    if (string_member(schema.front(), "AttributeName") != hash) {
        reject_value(
            "Index KeySchema does not have the same leading hash key as table KeySchema for "
            "index: " +
            string_member(index, "IndexName") + ". index hash key: " +
            string_member(schema.front(), "AttributeName") + ", table hash key: " + hash);
    }
    if (schema.size() < 2) {
        reject_value("Index KeySchema does not have a range key for index: " +
                     string_member(index, "IndexName"));
    }
}

/// A global index has throughput of its own where the table has, and only there.
void check_index_billing(const Json& index, bool on_demand) {
    const Json* throughput = find_member(index, "ProvisionedThroughput");
    const bool given = throughput != nullptr && throughput->is_object();
    const std::string name = string_member(index, "IndexName");
    if (given && on_demand) {
        reject_value("ProvisionedThroughput should not be specified for index: " + name +
                     " when BillingMode is PAY_PER_REQUEST");
    }
    if (!given && !on_demand) {
        reject_value("ReadCapacityUnits and WriteCapacityUnits must both be specified for index: " +
                     name);
    }
}

void check_indexes(const Json& input) {
    const Json& definitions = list_member(input, "AttributeDefinitions");
    const Json* local = find_member(input, "LocalSecondaryIndexes");
    const Json* global = find_member(input, "GlobalSecondaryIndexes");
    std::set<std::string> names;
    const bool on_demand = string_member(input, "BillingMode") == "PAY_PER_REQUEST";
    const auto check_all = [&](const Json* indexes, bool is_global) {
        if (indexes == nullptr || !indexes->is_array()) return;
        if (indexes->empty()) {
            reject_value(std::string("List of ") + (is_global ? "Global" : "Local") +
                         "SecondaryIndexes is empty");
        }
        for (const Json& index : *indexes) {
            check_index(index, definitions, is_global);
            if (!is_global) check_local_index(index, input.at("KeySchema"));
            if (is_global) check_index_billing(index, on_demand);
            const std::string name = string_member(index, "IndexName");
            if (!names.insert(name).second) reject_value("Duplicate index name: " + name);
        }
    };
    check_all(local, false);
    check_all(global, true);
    check_index_totals(input);
}

}  // namespace

void check_index_totals(const Json& table) {
    std::size_t projected = 0;
    const auto check = [&](const std::string& kind, std::size_t most) {
        const Json& indexes = list_member(table, kind + "es");
        if (indexes.size() > most) {
            reject_value(kind + " count exceeds the per-table limit of " + std::to_string(most));
        }
        for (const Json& index : indexes) {
            projected += list_member(index.at("Projection"), "NonKeyAttributes").size();
        }
    };
    check("LocalSecondaryIndex", kMaxLocalIndexes);
    check("GlobalSecondaryIndex", kMaxGlobalIndexes);
    if (projected > kMaxProjected) {
        reject_value("Number of NonKeyAttributes in all indexes exceeds the limit of 100");
    }
}

void check_new_table(const Json& input) {
    const Json* definitions = find_member(input, "AttributeDefinitions");
    const Json* schema = find_member(input, "KeySchema");
    if (definitions == nullptr || !definitions->is_array()) {
        reject_missing_member("attributeDefinitions");
    }
    if (schema == nullptr || !schema->is_array()) reject_missing_member("keySchema");
    check_attribute_definitions(*definitions);
    check_billing(input);
    check_key_schema(*schema, *definitions, "keySchema", false);
    check_indexes(input);
    if (key_attribute_names(input).size() != definitions->size()) {
        reject_value(
            "Number of attributes in KeySchema does not exactly match number of attributes "
            "defined in AttributeDefinitions; Some AttributeDefinitions are not used");
    }
    const Json* stream = find_member(input, "StreamSpecification");
    if (stream != nullptr && stream->is_object()) check_stream_specification(*stream);
}

}  // namespace skafu::dynamodb
