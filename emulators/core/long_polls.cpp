#include "core/long_polls.h"

namespace skafu {
namespace {

constexpr std::string_view kEndLongPolls = "EndLongPolls";

}  // namespace

void add_long_polls(Service& service, std::function<void()> end_all) {
    Operation operation;
    operation.name = kEndLongPolls;
    operation.internal = true;
    service.add(std::move(operation),
                [end_all = std::move(end_all)](Context&, const Json&) -> Json {
                    end_all();
                    return Json::object();
                });
}

void end_long_polls(Cloud& cloud) {
    for (const std::unique_ptr<Service>& service : cloud.services()) {
        if (service->find_added(kEndLongPolls) == nullptr) continue;
        cloud.call_now({service->name, kEndLongPolls, Document(), Caller(), 0, {}});
    }
}

}  // namespace skafu
