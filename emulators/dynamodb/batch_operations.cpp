#include <functional>
#include <list>
#include <memory>
#include <set>

#include "core/aws_error.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/item_read.h"
#include "dynamodb/item_write.h"
#include "dynamodb/operations.h"

namespace skafu::dynamodb {
namespace {

using Kind = JsonCursor::Kind;

constexpr std::size_t kMaxWrites = 25;
constexpr std::size_t kMaxReads = 100;
constexpr std::size_t kMaxBatchReplyBytes = 16 * 1024 * 1024;

/// Reads RequestItems: `read` is called for each of its tables, with its name.
void read_tables(JsonCursor& cursor,
                 const std::function<void(JsonCursor& cursor, std::string table)>& read) {
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    std::string_view name;
    bool any = false;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        read(cursor, std::string(name));
        any = true;
    }
    if (any) return;
    reject_constraint("{}", "requestItems", "Member must have length greater than or equal to 1");
}

void reject_duplicates() {
    throw AwsError::validation("Provided list of item keys contains duplicates");
}

// ---- BatchWriteItem ----

struct BatchedWrite {
    ItemRequest request;
    std::unique_ptr<ItemWrite> write;
};

/// One entry of a table's list: {"PutRequest": {"Item"}} or {"DeleteRequest": {"Key"}}.
std::unique_ptr<BatchedWrite> read_write(JsonCursor& cursor, const std::string& table,
                                         std::size_t position) {
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    auto batched = std::make_unique<BatchedWrite>();
    int requests = 0;
    ItemWrite::Kind kind = ItemWrite::Kind::kPut;
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        if (cursor.peek() == Kind::kNull || (name != "PutRequest" && name != "DeleteRequest")) {
            cursor.skip();
            continue;
        }
        const bool is_put = name == "PutRequest";
        kind = is_put ? ItemWrite::Kind::kPut : ItemWrite::Kind::kDelete;
        batched->request = read_item_request(cursor, is_put ? kBatchPutApi : kBatchDeleteApi);
        ++requests;
    }
    if (requests != 1) {
        throw AwsError::validation(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
            "the supported datatypes");
    }
    batched->request.table_name = table;
    batched->request.place =
        "requestItems." + table + ".member." + std::to_string(position) +
        (kind == ItemWrite::Kind::kPut ? ".member.putRequest." : ".member.deleteRequest.");
    batched->write = std::make_unique<ItemWrite>(kind, batched->request);
    return batched;
}

/// The writes asked of one table.
void read_writes(JsonCursor& cursor, const std::string& table,
                 std::vector<std::unique_ptr<BatchedWrite>>& writes) {
    if (cursor.peek() != Kind::kArray) throw AwsError::serialization("Unexpected field type");
    const std::size_t before = writes.size();
    cursor.enter_array();
    while (cursor.next_element()) {
        writes.push_back(read_write(cursor, table, writes.size() - before + 1));
    }
    if (writes.size() == before) {
        reject_constraint("{" + table + "=[]}", "requestItems",
                          "Map value must satisfy constraint: [Member must have length less "
                          "than or equal to 25, Member must have length greater than or equal "
                          "to 1]");
    }
    if (writes.size() - before > kMaxWrites) {
        reject_constraint("{" + table + "=[...]}", "requestItems",
                          "Map value must satisfy constraint: [Member must have length "
                          "less than or equal to 25, Member must have length greater than "
                          "or equal to 1]");
    }
    if (writes.size() > kMaxWrites) {
        throw AwsError::validation(
            "Too many items requested for the BatchWriteItem call: "
            "Member must have length less than or equal to 25");
    }
}

/// Whether an item lacks a key attribute of the table or has one of a wrong type.
bool is_key_fault(const AwsError& error) {
    constexpr std::string_view kInvalid = "One or more parameter values were invalid: ";
    std::string_view text = error.message();
    if (!text.starts_with(kInvalid)) return false;
    text.remove_prefix(kInvalid.size());
    return text.starts_with("Missing the key ") || text.starts_with("Type mismatch for key ");
}

/// In a batch, wrong table keys of items are told as those of keys are.
void locate_batched(ItemWrite& write, Engine& engine, const Caller& caller) {
    try {
        write.locate(engine, caller);
    } catch (const AwsError& error) {
        if (!is_key_fault(error)) throw;
        throw AwsError::validation("The provided key element does not match the schema");
    }
}

std::string batch_write(Engine& engine, const Caller& caller, std::string_view input) {
    std::vector<std::unique_ptr<BatchedWrite>> writes;
    const ItemRequest request = parse_item_request(input, "RequestItems", [&](JsonCursor& cursor) {
        writes.clear();
        read_tables(cursor, [&](JsonCursor& requests, const std::string& table) {
            read_writes(requests, table, writes);
        });
    });
    if (writes.empty()) reject_missing_member("requestItems");
    Capacity capacity(request.return_consumed_capacity);
    check_enumeration(request.return_item_collection_metrics, "returnItemCollectionMetrics",
                      {"SIZE", "NONE"});
    std::set<std::string_view> keys;
    for (const auto& batched : writes) {
        batched->request.return_item_collection_metrics = request.return_item_collection_metrics;
        batched->request.return_consumed_capacity = request.return_consumed_capacity;
        locate_batched(*batched->write, engine, caller);
        if (!keys.insert(batched->write->row_key()).second) reject_duplicates();
    }
    for (const auto& batched : writes) {
        batched->write->load();
        batched->write->plan();
    }
    engine.store().all_or_none([&] {
        for (const auto& batched : writes) batched->write->apply();
    });
    for (const auto& batched : writes) batched->write->count(capacity, 1);
    std::string out = "{\"UnprocessedItems\":{}";
    std::vector<const ItemWrite*> written;
    for (const auto& batched : writes) written.push_back(batched->write.get());
    const std::string metrics = collection_metrics_of(written);
    if (!metrics.empty()) out.append(",\"ItemCollectionMetrics\":{").append(metrics).append("}");
    capacity.append_list(out);
    out.push_back('}');
    return out;
}

// ---- BatchGetItem ----

/// The keys asked of one table, and the request that they share.
struct BatchedReads {
    std::string table;
    ItemRequest shared;
    std::string_view text;  // of the table's entry, for UnprocessedKeys
    struct Key {
        std::string_view text;
        Map key;
    };
    std::vector<Key> keys;
};

void read_keys(BatchedReads& reads) {
    JsonCursor cursor(reads.text);
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    std::string_view name;
    bool has_keys = false;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        if (name != "Keys" || cursor.peek() == Kind::kNull) {
            cursor.skip();
            continue;
        }
        has_keys = true;
        if (cursor.peek() != Kind::kArray) throw AwsError::serialization("Unexpected field type");
        cursor.enter_array();
        while (cursor.next_element()) {
            const std::string_view text = cursor.skip();
            JsonCursor key(text);
            reads.keys.push_back({text, read_map(key)});
        }
    }
    const std::string place = "requestItems." + reads.table + ".member.keys";
    if (!has_keys) reject_missing_member(place);
    if (reads.keys.empty()) {
        reject_constraint("[]", place, "Member must have length greater than or equal to 1");
    }
    if (reads.keys.size() > kMaxReads) {
        reject_constraint("[...]", place, "Member must have length less than or equal to 100");
    }
    JsonCursor again(reads.text);
    reads.shared = read_item_request(again, kBatchKeysApi);
    reads.shared.table_name = reads.table;
}

/// The keys that found no room in the reply, as UnprocessedKeys shows them.
void append_unprocessed(std::string& out, const BatchedReads& reads, std::size_t from) {
    if (!out.empty()) out.push_back(',');
    append_json_string(out, reads.table);
    out.append(":{\"Keys\":[");
    for (std::size_t i = from; i < reads.keys.size(); ++i) {
        if (i > from) out.push_back(',');
        out.append(reads.keys[i].text);
    }
    out.push_back(']');
    JsonCursor cursor(reads.text);
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        const std::string member(name);
        const std::string_view value = cursor.skip();
        if (member == "Keys") continue;
        out.push_back(',');
        append_json_string(out, member);
        out.push_back(':');
        out.append(value);
    }
    out.push_back('}');
}

class BatchGet {
  public:
    BatchGet(Engine& engine, const Caller& caller, std::string_view input)
        : engine_(engine),
          caller_(caller),
          request_(parse_item_request(input, "RequestItems",
                                      [this](JsonCursor& cursor) { read_request_items(cursor); })),
          capacity_(request_.return_consumed_capacity) {}

    std::string run() {
        if (tables_.empty()) reject_missing_member("requestItems");
        std::size_t keys = 0;
        for (const BatchedReads& reads : tables_) keys += reads.keys.size();
        if (keys > kMaxReads) {
            throw AwsError::validation("Too many items requested for the BatchGetItem call");
        }
        // All keys are checked before the first is read.
        for (BatchedReads& reads : tables_) locate(reads);
        std::string responses;
        std::size_t next = 0;
        for (BatchedReads& reads : tables_) {
            if (!responses.empty()) responses.push_back(',');
            append_json_string(responses, reads.table);
            responses.append(":[");
            read(reads, *reads_[next++], responses);
            responses.push_back(']');
        }
        std::string out =
            "{\"Responses\":{" + responses + "},\"UnprocessedKeys\":{" + unprocessed_ + "}";
        capacity_.append_list(out);
        out.push_back('}');
        return out;
    }

  private:
    void read_request_items(JsonCursor& cursor) {
        tables_.clear();
        read_tables(cursor, [this](JsonCursor& table, std::string name) {
            BatchedReads& reads = tables_.emplace_back();
            reads.table = std::move(name);
            reads.text = table.skip();
            read_keys(reads);
        });
    }

    void locate(BatchedReads& reads) {
        reads.shared.key = Map();
        reads_.push_back(std::make_unique<ItemRead>(reads.shared));
        std::set<std::string> seen;
        for (BatchedReads::Key& key : reads.keys) {
            reads.shared.key = std::move(key.key);
            reads_.back()->locate(engine_, caller_);
            if (!seen.insert(reads_.back()->row_key()).second) reject_duplicates();
            key.key = std::move(*reads.shared.key);
        }
    }

    void read(BatchedReads& reads, ItemRead& read, std::string& out) {
        bool first = true;
        for (std::size_t i = 0; i < reads.keys.size(); ++i) {
            if (bytes_ > kMaxBatchReplyBytes) {
                append_unprocessed(unprocessed_, reads, i);
                return;
            }
            reads.shared.key = std::move(reads.keys[i].key);
            read.locate(engine_, caller_);
            std::string item;
            const bool found = read.append(item);
            read.count(capacity_, 1);
            if (!found) continue;
            bytes_ += read.size();
            if (!first) out.push_back(',');
            first = false;
            out.append(item);
        }
    }

    Engine& engine_;
    const Caller& caller_;
    std::list<BatchedReads> tables_;  // read while request_ is
    ItemRequest request_;
    Capacity capacity_;
    std::vector<std::unique_ptr<ItemRead>> reads_;
    std::string unprocessed_;
    std::size_t bytes_ = 0;
};

}  // namespace

void add_batch_operations(Service& service, Engine& engine) {
    add_text_operation(service, "BatchWriteItem",
                       [&engine](const Caller& caller, std::string_view input) {
                           return batch_write(engine, caller, input);
                       });
    add_text_operation(service, "BatchGetItem",
                       [&engine](const Caller& caller, std::string_view input) {
                           return BatchGet(engine, caller, input).run();
                       });
}

}  // namespace skafu::dynamodb
