#include "dynamodb/item_checks.h"

#include "core/aws_error.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/reject.h"

namespace skafu::dynamodb {
namespace {

constexpr std::size_t kMaxHashBytes = 2048;
constexpr std::size_t kMaxRangeBytes = 1024;

std::string_view empty_kind(const Value& value) {
    return value.is(Type::kString) ? "string" : "binary";
}

bool is_empty(const Value& value) {
    return !value.is(Type::kNumber) && value.bytes().empty();
}

std::size_t key_bytes(const Value& value) {
    return value.is(Type::kNumber) ? 0 : value.bytes().size();
}

void check_index_attribute(const Index& index, const KeyAttribute& attribute, const Value& value,
                           std::size_t limit) {
    if (value.type() != attribute.type) {
        reject("One or more parameter values were invalid: Type mismatch for Index Key " +
               attribute.name + " Expected: " + std::string(type_name(attribute.type)) +
               " Actual: " + std::string(type_name(value.type())) + " IndexName: " + index.name);
    }
    if (is_empty(value)) {
        reject(
            "One or more parameter values are not valid. A value specified for a secondary "
            "index key is not supported. The AttributeValue for a key attribute cannot contain "
            "an empty " +
            std::string(empty_kind(value)) + " value. IndexName: " + index.name +
            ", IndexKey: " + attribute.name);
    }
    if (key_bytes(value) > limit) {
        reject(limit == kMaxHashBytes
                   ? "One or more parameter values were invalid: Size of hashkey has exceeded the "
                     "maximum size limit of 2048 bytes"
                   : "One or more parameter values were invalid: Aggregated size of all range "
                     "keys has exceeded the size limit of 1024 bytes");
    }
}

bool fits(const KeyAttribute& attribute, const Item& item, std::size_t limit) {
    const Value* value = find_attribute(item, attribute.name);
    return value != nullptr && value->type() == attribute.type && !is_empty(*value) &&
           key_bytes(*value) <= limit;
}

}  // namespace

void check_key_sizes(const KeySchema& keys, const Map& values) {
    for (const auto* attributes : {&keys.hash, &keys.range}) {
        for (const KeyAttribute& attribute : *attributes) {
            const Value& value = *find_attribute(values, attribute.name);
            if (is_empty(value)) {
                reject(
                    "One or more parameter values are not valid. The AttributeValue for a key "
                    "attribute cannot contain an empty " +
                    std::string(empty_kind(value)) + " value. Key: " + attribute.name);
            }
        }
    }
    for (const KeyAttribute& attribute : keys.hash) {
        if (key_bytes(*find_attribute(values, attribute.name)) > kMaxHashBytes) {
            reject(
                "One or more parameter values were invalid: Size of hashkey has exceeded the "
                "maximum size limit of2048 bytes");
        }
    }
    for (const KeyAttribute& attribute : keys.range) {
        if (key_bytes(*find_attribute(values, attribute.name)) > kMaxRangeBytes) {
            reject(
                "One or more parameter values were invalid: Aggregated size of all range keys "
                "has exceeded the size limit of 1024 bytes");
        }
    }
}

void check_put_item(const Table& table, const Item& item) {
    for (const auto& [name, value] : item) check_attribute_name(name);
    for (const auto* attributes : {&table.keys().hash, &table.keys().range}) {
        for (const KeyAttribute& attribute : *attributes) {
            const Value* value = find_attribute(item, attribute.name);
            if (value == nullptr) {
                reject("One or more parameter values were invalid: Missing the key " +
                       attribute.name + " in the item");
            }
            if (value->type() != attribute.type) {
                reject("One or more parameter values were invalid: Type mismatch for key " +
                       attribute.name + " expected: " + std::string(type_name(attribute.type)) +
                       " actual: " + std::string(type_name(value->type())));
            }
        }
    }
    check_key_sizes(table.keys(), item);
    check_index_keys(table, item);
}

void check_key(const Table& table, const Map& key) {
    bool matches = key.size() == table.keys().size();
    for (const auto& [name, value] : key) {
        const KeyAttribute* attribute = table.keys().find(name);
        matches = matches && attribute != nullptr && attribute->type == value.type();
    }
    if (!matches) reject("The provided key element does not match the schema");
    check_key_sizes(table.keys(), key);
}

void check_index_keys(const Table& table, const Item& item) {
    for (const Index& index : table.indexes()) {
        for (const KeyAttribute& attribute : index.keys.hash) {
            const Value* value = find_attribute(item, attribute.name);
            if (value != nullptr) check_index_attribute(index, attribute, *value, kMaxHashBytes);
        }
        for (const KeyAttribute& attribute : index.keys.range) {
            const Value* value = find_attribute(item, attribute.name);
            if (value != nullptr) check_index_attribute(index, attribute, *value, kMaxRangeBytes);
        }
    }
}

bool is_in_index(const Index& index, const Item& item) {
    for (const KeyAttribute& attribute : index.keys.hash) {
        if (!fits(attribute, item, kMaxHashBytes)) return false;
    }
    for (const KeyAttribute& attribute : index.keys.range) {
        if (!fits(attribute, item, kMaxRangeBytes)) return false;
    }
    return true;
}

}  // namespace skafu::dynamodb
