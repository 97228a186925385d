#include "dynamodb/item_read.h"
#include "dynamodb/item_write.h"
#include "dynamodb/operations.h"
#include "dynamodb/query.h"

namespace skafu::dynamodb {
namespace {

std::string get_item(Engine& engine, const Caller& caller, std::string_view input) {
    ItemRequest request = parse_item_request(input, kGetApi);
    Capacity capacity(request.return_consumed_capacity);
    ItemRead read(request);
    read.locate(engine, caller);
    std::string out = "{\"Item\":";
    if (!read.append(out)) out = "{";
    read.count(capacity, 1);
    capacity.append_one(out);
    out.push_back('}');
    return out;
}

ItemApi api_of(ItemWrite::Kind kind) {
    if (kind == ItemWrite::Kind::kPut) return kPutApi;
    return kind == ItemWrite::Kind::kUpdate ? kUpdateApi : kDeleteApi;
}

std::string write_item(Engine& engine, const Caller& caller, std::string_view input,
                       ItemWrite::Kind kind) {
    ItemRequest request = parse_item_request(input, api_of(kind));
    Capacity capacity(request.return_consumed_capacity);
    ItemWrite write(kind, request);
    write.run(engine, caller);
    write.count(capacity, 1);
    std::string out = "{";
    write.append_attributes(out);
    capacity.append_one(out);
    write.append_collection_metrics(out);
    out.push_back('}');
    return out;
}

std::string read_range(Engine& engine, const Caller& caller, std::string_view input,
                       RangeRead::Kind kind) {
    ItemRequest request =
        parse_item_request(input, kind == RangeRead::Kind::kQuery ? kQueryApi : kScanApi);
    return RangeRead(kind, request).run(engine, caller);
}

}  // namespace

std::string put_item(Engine& engine, const Caller& caller, std::string_view input) {
    return write_item(engine, caller, input, ItemWrite::Kind::kPut);
}

std::string update_item(Engine& engine, const Caller& caller, std::string_view input) {
    return write_item(engine, caller, input, ItemWrite::Kind::kUpdate);
}

std::string delete_item(Engine& engine, const Caller& caller, std::string_view input) {
    return write_item(engine, caller, input, ItemWrite::Kind::kDelete);
}

void add_item_operations(Service& service, Engine& engine) {
    using Text = std::string_view;
    add_text_operation(service, "GetItem", [&engine](const Caller& caller, Text input) {
        return get_item(engine, caller, input);
    });
    add_text_operation(service, "PutItem", [&engine](const Caller& caller, Text input) {
        return put_item(engine, caller, input);
    });
    add_text_operation(service, "UpdateItem", [&engine](const Caller& caller, Text input) {
        return update_item(engine, caller, input);
    });
    add_text_operation(service, "DeleteItem", [&engine](const Caller& caller, Text input) {
        return delete_item(engine, caller, input);
    });
    add_text_operation(service, "Query", [&engine](const Caller& caller, Text input) {
        return read_range(engine, caller, input, RangeRead::Kind::kQuery);
    });
    add_text_operation(service, "Scan", [&engine](const Caller& caller, Text input) {
        return read_range(engine, caller, input, RangeRead::Kind::kScan);
    });
}

}  // namespace skafu::dynamodb
