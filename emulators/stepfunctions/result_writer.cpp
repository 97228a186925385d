#include "core/coroutine_warnings.h"
#include "stepfunctions/interpreter.h"
#include "stepfunctions/map_run.h"

namespace skafu::stepfunctions {
namespace {

Json describe_result(const Execution& child) {
    Json entry = {{"ExecutionArn", child.arn},
                  {"Input", *child.input},
                  {"InputDetails", {{"Included", true}}},
                  {"Name", child.name}};
    if (child.output) {
        entry["Output"] = *child.output;
        entry["OutputDetails"] = {{"Included", true}};
    }
    if (child.error) entry["Error"] = *child.error;
    if (child.cause) entry["Cause"] = *child.cause;
    entry["RedriveCount"] = 0;
    entry["RedriveStatus"] = "NOT_REDRIVABLE";
    entry["StartDate"] = iso8601_millis(child.start);
    entry["StateMachineArn"] = child.machine->arn;
    entry["Status"] = to_string(child.status);
    entry["StopDate"] = iso8601_millis(child.stop);
    return entry;
}

}  // namespace

Task<void> Interpreter::write_results(Interpreter& self, std::weak_ptr<Execution> execution,
                                      std::uint64_t thread_id, std::uint64_t, Json parameters,
                                      Json) {
    const Shared owner = execution.lock();
    Thread* thread = self.find_thread(owner, thread_id);
    if (thread == nullptr) co_return;
    const std::shared_ptr<MapRun> run = thread->join->run;
    const Integration integration = thread->state().map->writer->integration;
    const std::string bucket = string_member(parameters, "Bucket");
    std::string prefix = string_member(parameters, "Prefix");
    if (!prefix.empty() && !prefix.ends_with("/")) prefix += "/";
    prefix += run->arn.substr(run->arn.rfind(':') + 1) + "/";
    Json files = {
        {"FAILED", Json::array()}, {"PENDING", Json::array()}, {"SUCCEEDED", Json::array()}};
    Json succeeded = Json::array();
    Json failed = Json::array();
    for (const Shared& child : run->children) {
        if (!child) continue;
        Json& list = child->status == Status::succeeded ? succeeded : failed;
        list.push_back(describe_result(*child));
    }
    std::optional<Failure> failure;
    const std::string request_id = self.cloud_.entropy().uuid();
    try {
        const std::vector<std::string> names{"SUCCEEDED", "FAILED"};
        for (const std::string& name : names) {
            const Json& list = name == "FAILED" ? failed : succeeded;
            if (list.empty()) continue;
            const std::string text = to_text(list);
            const std::string key = prefix + name + "_0.json";
            Json input = {{"Bucket", bucket}, {"Key", key}, {"Body", text}};
            co_await self.cloud_.call_json("s3", "PutObject", std::move(input), owner->caller,
                                           owner->activity.id());
            files[name].push_back({{"Key", key}, {"Size", text.size()}});
        }
        const Json manifest = {
            {"DestinationBucket", bucket}, {"MapRunArn", run->arn}, {"ResultFiles", files}};
        Json input = {
            {"Bucket", bucket}, {"Key", prefix + "manifest.json"}, {"Body", to_text(manifest)}};
        co_await self.cloud_.call_json("s3", "PutObject", std::move(input), owner->caller,
                                       owner->activity.id());
    } catch (const AwsError& error) {
        failure = to_failure(integration, error, request_id);
        failure->error = "States.ResultWriterFailed";
    }
    thread = self.find_thread(owner, thread_id);
    if (thread == nullptr || !thread->join || thread->join->run != run) co_return;
    if (failure) {
        if (self.fail_state(*thread, std::move(*failure)) == Step::next) {
            owner->ready.push_back(thread_id);
        }
    } else {
        // The state's result is an object here, not the list of results.
        thread->join.reset();
        HistoryEvent& event = self.add_event(*owner, thread->last_event, "MapStateSucceeded");
        if (self.hooks_.on_event) self.hooks_.on_event(*owner, event);
        thread->phase = Thread::Phase::working;
        Json result = {
            {"MapRunArn", run->arn},
            {"ResultWriterDetails", {{"Bucket", bucket}, {"Key", prefix + "manifest.json"}}}};
        Step step = Step::rest;
        try {
            step = self.finish(*thread, std::move(result));
        } catch (Failure& late) {
            step = self.fail_state(*thread, std::move(late));
        }
        if (step == Step::next) owner->ready.push_back(thread_id);
    }
    self.drive(*owner);
}

}  // namespace skafu::stepfunctions
