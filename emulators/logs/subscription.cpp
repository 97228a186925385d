#include "logs/subscription.h"

#include <zlib.h>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/base64.h"
#include "core/log.h"

namespace skafu::logs {

namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for a gzip header

std::string gzip(const std::string& text) {
    z_stream stream{};
    deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

Task<void> hand_over(Cloud& cloud, std::string service, std::string operation, Json input,
                     Caller caller, ActivityId cause) {
    try {
        co_await cloud.call_json(service, operation, std::move(input), std::move(caller), cause);
    } catch (const AwsError& error) {
        log::warn("subscription filter: {}:{}: {}", service, operation, error.what());
    }
}

}  // namespace

void Subscription::deliver(Cloud& cloud, const Caller& caller, ActivityId cause,
                           const std::vector<LogEvent>& events) const {
    const std::string destination = string_member(filter, "destinationArn");
    const std::optional<Arn> arn = Arn::parse(destination);
    if (!arn) return;
    Json list = Json::array();
    for (const LogEvent& event : events) {
        const std::string id = event.id.empty() ? fmt::format("{:056}", event.timestamp) : event.id;
        list.push_back({{"id", id}, {"timestamp", event.timestamp}, {"message", event.message}});
    }
    const Json message = {{"messageType", "DATA_MESSAGE"},
                          {"owner", caller.account},
                          {"logGroup", group},
                          {"logStream", stream},
                          {"subscriptionFilters", Json::array({filter["filterName"]})},
                          {"logEvents", std::move(list)}};
    const std::string data = base64_encode(gzip(to_text(message)));
    Caller service = caller;
    service.principal = "logs.amazonaws.com";
    if (arn->service == "lambda") {
        // A function that is fed its own log would never rest.
        if (group == fmt::format("/aws/lambda/{}", arn->resource_id())) return;
        const Json payload = {{"awslogs", {{"data", data}}}};
        Json input = {{"FunctionName", destination},
                      {"InvocationType", "Event"},
                      {"Payload", to_text(payload)}};
        cloud.spawn(hand_over(cloud, "lambda", "Invoke", std::move(input), service, cause));
    } else if (arn->service == "kinesis") {
        Json input = {{"StreamARN", destination}, {"PartitionKey", stream}, {"Data", data}};
        cloud.spawn(hand_over(cloud, "kinesis", "PutRecord", std::move(input), service, cause));
    }
}

}  // namespace skafu::logs
