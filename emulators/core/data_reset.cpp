#include "core/data_reset.h"

namespace skafu {
namespace {

constexpr std::string_view kOperation = "ResetData";
constexpr std::string_view kEverywhere = "Everywhere";

}  // namespace

void add_data_reset(Service& service, std::function<void(const Scope*)> clear) {
    Operation operation;
    operation.name = kOperation;
    operation.internal = true;
    service.add(std::move(operation),
                [clear = std::move(clear)](Context& context, const Json& input) -> Json {
                    const Scope scope = context.caller.scope();
                    clear(find_member(input, kEverywhere) != nullptr ? nullptr : &scope);
                    return Json::object();
                });
}

void reset_data(Cloud& cloud, const Scope* scope) {
    Caller caller;
    Json input = Json::object();
    if (scope != nullptr) {
        caller.account = scope->account;
        caller.region = scope->region;
    } else {
        input[std::string(kEverywhere)] = true;
    }
    for (const std::unique_ptr<Service>& service : cloud.services()) {
        if (service->find_added(kOperation) == nullptr) continue;
        cloud.call_now({service->name, kOperation, Document(input), caller, 0, {}});
    }
    if (scope == nullptr) cloud.journal().clear();
}

}  // namespace skafu
