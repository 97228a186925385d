#include "eventbridge/api_destinations.h"
#include "eventbridge/connections.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);
constexpr int kDefaultRate = 300;

/// When the next invocation of a destination may begin: at most so many in a second.
TimePoint next_slot(RateWindow& window, TimePoint now, int rate) {
    if (now >= window.begin + kSecond) window = {now, 0};
    if (window.count >= rate) window = {window.begin + kSecond, 0};
    ++window.count;
    return std::max(now, window.begin);
}

Task<Json> resolve_destination(EventBridge& events, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    Json destination = require_destination(events, scope, name_in_arn(string_member(input, "Arn")));
    const Json* limit = find_member(destination, "InvocationRateLimitPerSecond");
    const int rate = limit != nullptr && limit->is_number() ? limit->get<int>() : kDefaultRate;
    Clock& clock = events.cloud.clock();
    RateWindow& window = events.rates[string_member(destination, "ApiDestinationArn")];
    const TimePoint slot = next_slot(window, clock.now(), rate);
    if (slot > clock.now()) co_await clock.sleep_until(slot);
    std::string name = name_in_arn(string_member(destination, "ConnectionArn"));
    const Json added =
        co_await authorization_of(events, scope, std::move(name), context.activity.id());
    destination.update(added);
    co_return destination;
}

}  // namespace

void add_api_destination_resolution(Service& service, EventBridge& events) {
    Operation resolve =
        Row{"ResolveApiDestination", shape::structure({shape::required("Arn", shape::string())})};
    resolve.internal = true;
    service.add_async(std::move(resolve), [&events](Context& context, Json input) {
        return resolve_destination(events, context, std::move(input));
    });
}

}  // namespace skafu::eventbridge
