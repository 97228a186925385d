#include "dynamodb/table.h"

#include <algorithm>

#include "core/arn.h"

namespace skafu::dynamodb {
namespace {

Type key_type(std::string_view name) {
    if (name == "N") return Type::kNumber;
    if (name == "B") return Type::kBinary;
    return Type::kString;
}

StreamView view_named(std::string_view name) {
    if (name == "KEYS_ONLY") return StreamView::kKeysOnly;
    if (name == "NEW_IMAGE") return StreamView::kNewImage;
    if (name == "OLD_IMAGE") return StreamView::kOldImage;
    return StreamView::kNewAndOldImages;
}

void add_names(std::vector<std::string>& names, const KeySchema& keys) {
    for (const auto* attributes : {&keys.hash, &keys.range}) {
        for (const KeyAttribute& attribute : *attributes) {
            if (std::find(names.begin(), names.end(), attribute.name) == names.end()) {
                names.push_back(attribute.name);
            }
        }
    }
}

}  // namespace

bool Index::projects(std::string_view attribute) const {
    return projected == Projected::kAll ||
           std::find(attributes.begin(), attributes.end(), attribute) != attributes.end();
}

Table::Table(Scope scope, std::string name, Json document)
    : scope_(std::move(scope)), name_(std::move(name)), document_(std::move(document)) {
    compile();
}

KeySchema Table::read_key_schema(const Json& schema) const {
    KeySchema keys;
    for (const Json& element : schema) {
        KeyAttribute attribute{string_member(element, "AttributeName"), Type::kString};
        for (const Json& definition : document_.at("AttributeDefinitions")) {
            if (string_member(definition, "AttributeName") == attribute.name) {
                attribute.type = key_type(string_member(definition, "AttributeType"));
            }
        }
        auto& side = string_member(element, "KeyType") == "HASH" ? keys.hash : keys.range;
        side.push_back(std::move(attribute));
    }
    return keys;
}

Index Table::read_index(const Json& stored, bool is_global) const {
    Index index;
    index.name = string_member(stored, "IndexName");
    index.space = stored.at("space").get<std::uint32_t>();
    index.is_global = is_global;
    index.keys = read_key_schema(stored.at("KeySchema"));
    const Json& projection = stored.at("Projection");
    const std::string type = string_member(projection, "ProjectionType");
    if (type == "ALL") return index;
    index.projected = type == "INCLUDE" ? Index::Projected::kInclude : Index::Projected::kKeysOnly;
    add_names(index.attributes, keys_);
    add_names(index.attributes, index.keys);
    if (const Json* others = find_member(projection, "NonKeyAttributes")) {
        for (const Json& other : *others) index.attributes.push_back(other.get<std::string>());
    }
    return index;
}

void Table::compile() {
    space_ = document_.at("space").get<std::uint32_t>();
    keys_ = read_key_schema(document_.at("KeySchema"));
    indexes_.clear();
    if (const Json* local = find_member(document_, "LocalSecondaryIndexes")) {
        for (const Json& index : *local) indexes_.push_back(read_index(index, false));
    }
    if (const Json* global = find_member(document_, "GlobalSecondaryIndexes")) {
        for (const Json& index : *global) indexes_.push_back(read_index(index, true));
    }
    stream_ = 0;
    if (const Json* stream = find_member(document_, "stream")) {
        stream_ = stream->at("number").get<std::uint32_t>();
        stream_view_ = view_named(string_member(*stream, "view"));
    }
    const Json* history = find_member(document_, "history");
    history_ = history == nullptr ? 0 : history->get<std::uint32_t>();
    ttl_attribute_ = string_member(document_, "ttl");
}

const Index* Table::find_index(std::string_view name) const {
    for (const Index& index : indexes_) {
        if (index.name == name) return &index;
    }
    return nullptr;
}

bool Table::has_local_indexes() const {
    return std::any_of(indexes_.begin(), indexes_.end(),
                       [](const Index& index) { return !index.is_global; });
}

std::string Table::arn() const {
    return table_arn(scope_, name_);
}

std::string Table::stream_arn() const {
    const Json* stream = find_member(document_, "stream");
    return stream == nullptr ? "" : arn() + "/stream/" + string_member(*stream, "label");
}

std::string table_arn(const Scope& scope, std::string_view name) {
    return make_arn("dynamodb", scope.region, scope.account, "table/" + std::string(name));
}

}  // namespace skafu::dynamodb
