#include "lambda/event_sources.h"

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"

namespace skafu::lambda {

namespace {

constexpr std::chrono::seconds kRetryAfterFault{60};

}  // namespace

Poller::Poller(Cloud& cloud, LambdaStore& store, Functions& functions, Invoker& invoker,
               Scope scope, Json mapping)
    : cloud_(cloud),
      store_(store),
      functions_(functions),
      invoker_(invoker),
      scope_(std::move(scope)),
      mapping_(std::move(mapping)),
      filter_(mapping_.value("FilterCriteria", Json())),
      tasks_(cloud.io()) {}

void Poller::start() {
    tasks_.spawn(run());
}

void Poller::stop() {
    stopped_ = true;
    if (waiting_) tasks_.cancel();
}

std::int64_t Poller::setting(std::string_view name, std::int64_t fallback) const {
    const Json* value = find_member(mapping_, name);
    return value == nullptr || !value->is_number() ? fallback : value->get<std::int64_t>();
}

bool Poller::reports_failures() const {
    const Json types = mapping_.value("FunctionResponseTypes", Json::array());
    return std::find(types.begin(), types.end(), "ReportBatchItemFailures") != types.end();
}

Caller Poller::caller() const {
    Caller caller;
    caller.account = scope_.account;
    caller.region = scope_.region;
    caller.principal = "lambda.amazonaws.com";
    return caller;
}

Task<void> Poller::run() {
    while (!stopped_) {
        std::string fault;
        try {
            co_await poll();
        } catch (const AwsError& error) {
            fault = error.what();
        }
        if (stopped_) co_return;
        log::warn("event source {}: {}", source_arn(), fault);
        waiting_ = true;
        co_await cloud_.clock().sleep_for(kRetryAfterFault, TimerKind::housekeeping);
        waiting_ = false;
    }
}

Task<Json> Poller::waiting_call(std::string_view service, std::string_view operation, Json input) {
    waiting_ = true;
    Caller as = caller();
    try {
        Json output =
            co_await cloud_.call_json(service, operation, std::move(input), std::move(as), 0);
        waiting_ = false;
        co_return output;
    } catch (...) {
        waiting_ = false;
        throw;
    }
}

Task<BatchResult> Poller::send(Json records, ActivityId cause) {
    BatchResult result;
    std::shared_ptr<const FunctionSpec> spec;
    FunctionName name;
    try {
        name = FunctionName::parse(scope_, string_member(mapping_, "FunctionArn"), "");
        spec = functions_.spec(name);
    } catch (const AwsError& error) {
        result.outcome.error = error.code();
        co_return result;
    }
    InvocationRequest request;
    const Json event = {{"Records", std::move(records)}};
    request.payload = to_text(event);
    request.invoked_arn = name.qualified_arn();
    request.request_id = cloud_.entropy().uuid();
    request.cause = cause;
    result.request_id = request.request_id;
    result.outcome = co_await invoker_.invoke(spec, std::move(request));
    result.invoked = true;
    co_return result;
}

EventSources::EventSources(Cloud& cloud, LambdaStore& store, Functions& functions, Invoker& invoker)
    : cloud_(cloud), store_(store), functions_(functions), invoker_(invoker) {
    cloud.on_shutdown([this] { stop_all(nullptr); });
}

void EventSources::apply(const Scope& scope, const std::string& uuid) {
    std::erase_if(retiring_, [](const auto& poller) { return poller->done(); });
    const auto key = std::make_pair(scope, uuid);
    if (const auto running = pollers_.find(key); running != pollers_.end()) {
        running->second->stop();
        retiring_.push_back(std::move(running->second));
        pollers_.erase(running);
    }
    const Json* mapping = store_.mappings.find(scope, uuid);
    if (mapping == nullptr || string_member(*mapping, "State") != "Enabled") return;
    const std::optional<Arn> source = Arn::parse(string_member(*mapping, "EventSourceArn"));
    if (!source) return;
    std::unique_ptr<Poller> poller;
    if (source->service == "sqs") {
        poller = make_sqs_poller(cloud_, store_, functions_, invoker_, scope, *mapping);
    } else if (source->service == "dynamodb") {
        poller = make_stream_poller(cloud_, store_, functions_, invoker_, scope, *mapping);
    } else {
        log::warn("event source mapping {}: sources of {} are not emulated", uuid, source->service);
        return;
    }
    poller->start();
    pollers_.emplace(key, std::move(poller));
}

void EventSources::resume() {
    store_.mappings.for_each_scope([this](const Scope& scope) {
        std::vector<std::string> uuids;
        store_.mappings.for_each(scope, [&](const std::string& uuid, const Json&) {
            uuids.push_back(uuid);
            return true;
        });
        for (const std::string& uuid : uuids) apply(scope, uuid);
    });
}

void EventSources::stop_all(const Scope* scope) {
    for (auto at = pollers_.begin(); at != pollers_.end();) {
        if (scope != nullptr && at->first.first != *scope) {
            ++at;
            continue;
        }
        at->second->stop();
        retiring_.push_back(std::move(at->second));
        at = pollers_.erase(at);
    }
}

}  // namespace skafu::lambda
