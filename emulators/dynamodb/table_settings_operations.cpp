#include <algorithm>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/shape.h"
#include "dynamodb/describe.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/item_write.h"
#include "dynamodb/operations.h"
#include "dynamodb/request.h"
#include "dynamodb/table_settings.h"

namespace skafu::dynamodb {

std::string table_name_of(const Json& input) {
    const Json* member = find_member(input, "TableName");
    if (member == nullptr || member->is_null()) {
        throw AwsError::validation(
            "The parameter 'TableName' is required but was not present in the request");
    }
    validate(shape::string(), *member);
    ItemRequest request;
    request.table_name = member->get<std::string>();
    if (request.table_name->size() < 3 ||
        (request.table_name->size() > 255 && !request.table_name->starts_with("arn:"))) {
        throw AwsError::validation(
            "TableName must be at least 3 characters long and at most 255 characters long");
    }
    return std::string(checked_table_name(request));
}

Table& named_table(Engine& engine, const Caller& caller, const Json& input) {
    const std::string name = table_name_of(input);
    Table* table = engine.find_table(caller, string_member(input, "TableName"));
    if (table == nullptr) {
        throw AwsError::not_found("Requested resource not found: Table: " + name + " not found");
    }
    return *table;
}

Table& table_of_arn(Engine& engine, const Caller& caller, const Json& input) {
    const Json* member = find_member(input, "ResourceArn");
    if (member == nullptr || !member->is_string()) reject_missing_member("resourceArn");
    const std::string text = member->get<std::string>();
    const auto arn = Arn::parse(text);
    if (!arn || arn->service != "dynamodb" || !arn->resource.starts_with("table/") ||
        arn->resource.find("/index/") != std::string::npos) {
        throw AwsError::validation("Invalid ResourceArn provided as input: " + text);
    }
    std::string name = arn->resource.substr(6);
    name = name.substr(0, name.find('/'));
    Table* table = engine.find_table(Scope{arn->account, arn->region}, name);
    if (table == nullptr || arn->account != caller.account) {
        throw AwsError::not_found("Requested resource not found: ResourceArn: " + text +
                                  " not found");
    }
    return *table;
}

namespace {

// ---- tags ----

constexpr std::size_t kMaxTags = 50;
constexpr std::size_t kMaxTagKey = 128;
constexpr std::size_t kMaxTagValue = 256;

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

/// Whether a code point beyond ASCII is a sign or a picture: neither letter, digit nor space.
bool is_sign(char32_t point) {
    static constexpr std::pair<char32_t, char32_t> kSigns[] = {
        {0x80, 0x9F},     {0xA1, 0xA9},     {0xAB, 0xB1},     {0xB6, 0xB8},      {0xBF, 0xBF},
        {0xD7, 0xD7},     {0xF7, 0xF7},     {0x200B, 0x2027}, {0x202A, 0x202E},  {0x2030, 0x205E},
        {0x2060, 0x206F}, {0x20A0, 0x20CF}, {0x2190, 0x245F}, {0x2500, 0x2775},  {0x2794, 0x2BFF},
        {0x3001, 0x3004}, {0x3008, 0x3020}, {0xE000, 0xF8FF}, {0x1F000, 0x1FAFF}};
    return std::any_of(std::begin(kSigns), std::end(kSigns), [&](const auto& range) {
        return point >= range.first && point <= range.second;
    });
}

/// Letters, digits and white space of any script, and the signs that AWS names. The text is
/// well-formed UTF-8, as all that was JSON.
bool is_tag_text(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x80) {
            const bool named = std::string_view("+-=._:/@").find(text[at]) != std::string::npos;
            if (!named && !std::isalnum(byte) && !std::isspace(byte)) return false;
            ++at;
            continue;
        }
        const std::size_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        char32_t point = byte & (0x7FU >> length);
        for (std::size_t i = 1; i < length; ++i) {
            point = point << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
        }
        if (is_sign(point)) return false;
        at += length;
    }
    return true;
}

Json tag_resource(Engine& engine, Context& context, const Json& input) {
    Table& table = table_of_arn(engine, context.caller, input);
    const Json* tags = find_member(input, "Tags");
    if (tags == nullptr || !tags->is_array()) reject_missing_member("tags");
    if (tags->empty()) {
        throw AwsError::validation("Atleast one Tag needs to be provided as Input.");
    }
    Json& present = table.document()["Tags"];
    if (!present.is_array()) present = Json::array();
    check_tags(*tags, present);
    for (const Json& tag : *tags) {
        const auto same = std::find_if(present.begin(), present.end(), [&](const Json& old) {
            return old.at("Key") == tag.at("Key");
        });
        if (same == present.end()) {
            present.push_back(tag);
        } else {
            *same = tag;
        }
    }
    engine.save(table);
    return nullptr;
}

Json untag_resource(Engine& engine, Context& context, const Json& input) {
    Table& table = table_of_arn(engine, context.caller, input);
    const Json* keys = find_member(input, "TagKeys");
    if (keys == nullptr || !keys->is_array()) reject_missing_member("tagKeys");
    if (keys->empty()) {
        throw AwsError::validation("Atleast one Tag Key needs to be provided as Input.");
    }
    Json kept = Json::array();
    if (const Json* present = find_member(table.document(), "Tags")) {
        for (const Json& tag : *present) {
            if (std::find(keys->begin(), keys->end(), tag.at("Key")) == keys->end()) {
                kept.push_back(tag);
            }
        }
    }
    table.document()["Tags"] = std::move(kept);
    engine.save(table);
    return nullptr;
}

Json list_tags(Engine& engine, Context& context, const Json& input) {
    Table& table = table_of_arn(engine, context.caller, input);
    const Json* tags = find_member(table.document(), "Tags");
    return {{"Tags", tags == nullptr ? Json::array() : *tags}};
}

// ---- time to live ----

/// Enters the expiry of every item there is.
void index_expiries(Engine& engine, Table& table) {
    Store& store = engine.store();
    const std::string begin = KeyBytes(table.space()).take();
    const std::string end = KeyBytes(table.space() + 1).take();
    const std::int64_t now = epoch_millis(engine.cloud().clock().now()) / 1000;
    store.begin_write();
    Store::Cursor cursor = store.items(begin, end, Store::Direction::kForward);
    Store::Row row;
    while (cursor.next(row)) {
        const auto at = expiry_of(table, decode_item(row.item), now);
        if (!at) continue;
        store.set_expiry(row.id, table.space(), *at);
        engine.expect_expiry(*at);
    }
}

Json update_time_to_live(Engine& engine, Context& context, const Json& input) {
    const Json& specification = input.at("TimeToLiveSpecification");
    const std::string name = string_member(specification, "AttributeName");
    if (name.size() > 255) {
        reject_constraint(name, "timeToLiveSpecification.attributeName",
                          "Member must have length less than or equal to 255");
    }
    Table& table = named_table(engine, context.caller, input);
    const std::string current = table.ttl_attribute();
    if (specification.at("Enabled").get<bool>()) {
        if (!current.empty()) throw AwsError::validation("TimeToLive is already enabled");
        table.document()["ttl"] = name;
        engine.save(table);
        index_expiries(engine, table);
    } else {
        if (current.empty()) throw AwsError::validation("TimeToLive is already disabled");
        if (current != name) {
            throw AwsError::validation(
                "TimeToLive is active on a different AttributeName: current AttributeName is " +
                current);
        }
        table.document().erase("ttl");
        engine.save(table);
        engine.store().begin_write();
        engine.store().clear_expiries(table.space());
    }
    return {{"TimeToLiveSpecification", specification}};
}

Json describe_time_to_live(Engine& engine, Context& context, const Json& input) {
    const Table& table = named_table(engine, context.caller, input);
    Json description = {{"TimeToLiveStatus", "DISABLED"}};
    if (!table.ttl_attribute().empty()) {
        description = {{"TimeToLiveStatus", "ENABLED"}, {"AttributeName", table.ttl_attribute()}};
    }
    return {{"TimeToLiveDescription", std::move(description)}};
}

}  // namespace

void check_tags(const Json& tags, const Json& present) {
    std::vector<std::string> keys;
    for (const Json& tag : present) keys.push_back(string_member(tag, "Key"));
    for (const Json& tag : tags) {
        const Json* key = find_member(tag, "Key");
        const Json* value = find_member(tag, "Value");
        if (key == nullptr || !key->is_string()) reject_missing_member("tags.1.member.key");
        if (value == nullptr || !value->is_string()) reject_missing_member("tags.1.member.value");
        const std::string name = key->get<std::string>();
        const std::string text = value->get<std::string>();
        if (name.empty() || characters(name) > kMaxTagKey) {
            reject_constraint(name, "tags.1.member.key",
                              name.empty() ? "Member must have length greater than or equal to 1"
                                           : "Member must have length less than or equal to 128");
        }
        if (characters(text) > kMaxTagValue) {
            reject_constraint(text, "tags.1.member.value",
                              "Member must have length less than or equal to 256");
        }
        if (!is_tag_text(name) || !is_tag_text(text)) {
            throw AwsError::validation(
                "One or more parameter values were invalid: Tag keys and values may only contain "
                "letters, whitespace, numbers and the characters + - = . _ : / @");
        }
        if (std::find(keys.begin(), keys.end(), name) == keys.end()) keys.push_back(name);
    }
    if (keys.size() > kMaxTags) {
        throw AwsError::validation(
            "One or more parameter values were invalid: Too many tags: the "
            "number of tags exceeds the limit of 50");
    }
}

void add_table_settings_operations(Service& service, Engine& engine) {
    using Handler = Json (*)(Engine&, Context&, const Json&);
    const auto add = [&](const char* name, Handler handler) {
        add_operation(service, name, [&engine, handler](Context& context, const Json& input) {
            return handler(engine, context, input);
        });
    };
    add("TagResource", tag_resource);
    add("UntagResource", untag_resource);
    add("ListTagsOfResource", list_tags);
    add("UpdateTimeToLive", update_time_to_live);
    add("DescribeTimeToLive", describe_time_to_live);
}

}  // namespace skafu::dynamodb
