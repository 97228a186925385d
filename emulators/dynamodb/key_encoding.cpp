#include "dynamodb/key_encoding.h"

#include <cstring>

namespace skafu::dynamodb {
namespace {

/// FNV-1a with a final mix; stands in data files, so it never changes.
std::uint32_t partition_hash(std::string_view bytes) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : bytes) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    hash ^= hash >> 32;
    hash *= 0x9E3779B97F4A7C15ULL;
    return static_cast<std::uint32_t>(hash >> 32);
}

/// Bytes with 0 written as 0 255, so that the end mark 0 0 sorts before any continuation.
void append_escaped(std::string& out, std::string_view bytes) {
    while (true) {
        const void* zero = std::memchr(bytes.data(), 0, bytes.size());
        if (zero == nullptr) break;
        const auto at = static_cast<std::size_t>(static_cast<const char*>(zero) - bytes.data());
        out.append(bytes, 0, at);
        out.push_back('\0');
        out.push_back('\xFF');
        bytes.remove_prefix(at + 1);
    }
    out.append(bytes);
}

void append_value_key(std::string& out, const Value& value) {
    if (const auto* number = value.get_if<Number>()) {
        number->append_key(out);
        return;
    }
    append_escaped(out, value.bytes());
    out.append(2, '\0');
}

}  // namespace

const KeyAttribute* KeySchema::find(std::string_view name) const {
    for (const auto* attributes : {&hash, &range}) {
        for (const KeyAttribute& attribute : *attributes) {
            if (attribute.name == name) return &attribute;
        }
    }
    return nullptr;
}

void KeyBytes::append_big_endian(std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes_.push_back(static_cast<char>((number >> shift) & 0xFF));
    }
}

void KeyBytes::add_partition(const std::vector<const Value*>& values) {
    const std::size_t at = bytes_.size();
    bytes_.append(4, '\0');
    for (const Value* value : values) append_value_key(bytes_, *value);
    const std::uint32_t hash = partition_hash(std::string_view(bytes_).substr(at + 4));
    for (std::size_t i = 0; i < 4; ++i) {
        bytes_[at + i] = static_cast<char>((hash >> (24 - 8 * i)) & 0xFF);
    }
}

void KeyBytes::add(const Value& value) {
    append_value_key(bytes_, value);
}

void KeyBytes::add_prefix(const Value& prefix) {
    append_escaped(bytes_, prefix.bytes());
}

namespace {

void add_keys(KeyBytes& key, const KeySchema& keys, const Item& item) {
    if (keys.hash.size() == 1) {
        key.add_partition({find_attribute(item, keys.hash.front().name)});
    } else {
        std::vector<const Value*> values;
        for (const KeyAttribute& attribute : keys.hash) {
            values.push_back(find_attribute(item, attribute.name));
        }
        key.add_partition(values);
    }
    for (const KeyAttribute& attribute : keys.range) {
        key.add(*find_attribute(item, attribute.name));
    }
}

}  // namespace

std::string table_key(std::uint32_t space, const KeySchema& keys, const Item& item) {
    KeyBytes key(space);
    add_keys(key, keys, item);
    return key.take();
}

std::string index_key(std::uint32_t space, const KeySchema& index, const KeySchema& table,
                      const Item& item) {
    KeyBytes key(space);
    add_keys(key, index, item);
    for (const auto* attributes : {&table.hash, &table.range}) {
        for (const KeyAttribute& attribute : *attributes) {
            key.add(*find_attribute(item, attribute.name));
        }
    }
    return key.take();
}

std::string after_prefix(std::string prefix) {
    while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
    if (!prefix.empty())
        prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

std::string segment_start(std::uint32_t space, std::uint64_t segment, std::uint64_t segments) {
    if (segment >= segments) return KeyBytes(space + 1).take();
    const std::uint64_t hash = (segment << 32) / segments;
    std::string key = KeyBytes(space).take();
    for (int shift = 24; shift >= 0; shift -= 8) {
        key.push_back(static_cast<char>((hash >> shift) & 0xFF));
    }
    return key;
}

}  // namespace skafu::dynamodb
