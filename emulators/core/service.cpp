#include "core/service.h"

#include "core/aws_error.h"

namespace skafu {

void Service::insert(Operation operation) {
    auto row = std::make_unique<Operation>(std::move(operation));
    Operation* const at = row.get();
    const std::string key = at->name;
    if (!table_.emplace(key, std::move(row)).second) {
        throw std::logic_error(name + " registers " + key + " twice");
    }
    order_.push_back(at);
}

namespace {

void require_object(const Json& input) {
    if (!input.is_object()) throw AwsError::serialization("Unexpected field type");
}

}  // namespace

void Service::add(Operation operation, JsonHandler handler) {
    operation.handler = [handler = std::move(handler)](Context& context, Document input) {
        require_object(input.value());
        return Document(handler(context, input.value()));
    };
    insert(std::move(operation));
}

namespace {

Task<Document> run_json(const AsyncJsonHandler& handler, Context& context, Document input) {
    Json value = input.take_value();
    require_object(value);
    Json result = co_await handler(context, std::move(value));
    co_return Document(std::move(result));
}

}  // namespace

void Service::add_async(Operation operation, AsyncJsonHandler handler) {
    // Kept on the heap: the coroutine refers to it for as long as the service lives.
    auto kept = std::make_shared<const AsyncJsonHandler>(std::move(handler));
    operation.async_handler = [kept](Context& context, Document input) {
        return run_json(*kept, context, std::move(input));
    };
    insert(std::move(operation));
}

void Service::add_raw(Operation operation, RawHandler handler) {
    operation.handler = std::move(handler);
    insert(std::move(operation));
}

void Service::add_async_raw(Operation operation, AsyncRawHandler handler) {
    operation.async_handler = std::move(handler);
    insert(std::move(operation));
}

/// No Service is a const object: those who look at one only may not change its rows.
void Service::complete() const {
    if (!describe) return;
    auto& self = const_cast<Service&>(*this);
    std::exchange(self.describe, nullptr)(self);
}

const Operation* Service::find_added(std::string_view operation) const {
    const auto found = table_.find(operation);
    return found == table_.end() ? nullptr : found->second.get();
}

const Operation* Service::find(std::string_view operation) const {
    const Operation* found = find_added(operation);
    if (found != nullptr || !describe) return found;
    complete();
    return find_added(operation);
}

const std::vector<Operation*>& Service::operations() const {
    complete();
    return order_;
}

}  // namespace skafu
