#include "dynamodb/item_read.h"
#include "dynamodb/item_write.h"
#include "dynamodb/operations.h"
#include "dynamodb/query.h"

namespace skafu::dynamodb {
namespace {

std::string get_item(Engine& engine, const Caller& caller, std::string_view input) {
    ItemRequest request = parse_item_request(input);
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

std::string write_item(Engine& engine, const Caller& caller, std::string_view input,
                       ItemWrite::Kind kind) {
    ItemRequest request = parse_item_request(input);
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
    ItemRequest request = parse_item_request(input);
    return RangeRead(kind, request).run(engine, caller);
}

/// An operation that takes and gives text; it checks its input itself.
template <class Handler>
void add_text(Service& service, std::string name, Handler handler) {
    Operation operation;
    operation.name = std::move(name);
    operation.validates_itself = true;
    service.add_raw(std::move(operation), [handler](Context& context, Document input) {
        return Document::from_text(handler(context.caller, std::string_view(input.text())));
    });
}

}  // namespace

void add_item_operations(Service& service, Engine& engine) {
    using Text = std::string_view;
    add_text(service, "GetItem", [&engine](const Caller& caller, Text input) {
        return get_item(engine, caller, input);
    });
    add_text(service, "PutItem", [&engine](const Caller& caller, Text input) {
        return write_item(engine, caller, input, ItemWrite::Kind::kPut);
    });
    add_text(service, "UpdateItem", [&engine](const Caller& caller, Text input) {
        return write_item(engine, caller, input, ItemWrite::Kind::kUpdate);
    });
    add_text(service, "DeleteItem", [&engine](const Caller& caller, Text input) {
        return write_item(engine, caller, input, ItemWrite::Kind::kDelete);
    });
    add_text(service, "Query", [&engine](const Caller& caller, Text input) {
        return read_range(engine, caller, input, RangeRead::Kind::kQuery);
    });
    add_text(service, "Scan", [&engine](const Caller& caller, Text input) {
        return read_range(engine, caller, input, RangeRead::Kind::kScan);
    });
}

}  // namespace skafu::dynamodb
