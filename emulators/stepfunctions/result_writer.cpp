#include "stepfunctions/interpreter.h"
#include "stepfunctions/map_run.h"

namespace skafu::stepfunctions {
namespace {

/// A child execution with all that is known of it, as the result files tell it.
Json describe_result(const Execution& child, const MapRun& run) {
    const bool is_success = child.status == Status::succeeded;
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
    entry["RedriveCount"] = child.redrive_count;
    entry["RedriveStatus"] = is_success ? "NOT_REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN";
    if (is_success) {
        entry["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven";
    }
    entry["StartDate"] = iso8601_millis(child.start);
    entry["StateMachineArn"] = run.machine->arn + "/" + run.label;
    entry["Status"] = to_string(child.status);
    entry["StopDate"] = iso8601_millis(child.stop);
    return entry;
}

/// A file of JSON lines, or of one list.
std::string file_text(const Json& results, bool as_lines) {
    if (!as_lines) return to_text(results);
    std::string text;
    for (const Json& result : results) text += to_text(result) + "\n";
    return text;
}

struct ResultFile {
    std::string name;  ///< SUCCEEDED, FAILED, PENDING
    Json results;
};

std::vector<ResultFile> result_files(const MapRun& run, const std::string& transformation,
                                     const std::vector<Json>& waiting) {
    std::vector<ResultFile> files{
        {"FAILED", Json::array()}, {"PENDING", Json::array()}, {"SUCCEEDED", Json::array()}};
    for (const std::shared_ptr<Execution>& child : run.children) {
        if (!child || child->is_running()) continue;
        const bool is_success = child->status == Status::succeeded;
        Json& list = is_success ? files[2].results : files[0].results;
        add_transformed(list, *child, run, is_success ? transformation : "NONE");
    }
    for (const Json& input : waiting) {
        files[1].results.push_back({{"Input", to_text(input)},
                                    {"InputDetails", {{"Included", true}}},
                                    {"Status", "PENDING"}});
    }
    return files;
}

}  // namespace

void add_transformed(Json& list, const Execution& child, const MapRun& run,
                     const std::string& transformation) {
    if (transformation.empty() || transformation == "NONE") {
        list.push_back(describe_result(child, run));
        return;
    }
    Json output = parse_json(*child.output);
    if (transformation == "FLATTEN" && output.is_array()) {
        for (Json& item : output) list.push_back(std::move(item));
    } else {
        list.push_back(std::move(output));
    }
}

Task<void> Interpreter::write_results(Interpreter& self, std::weak_ptr<Execution> execution,
                                      std::uint64_t thread_id, Json parameters,
                                      std::optional<Failure> run_failure) {
    const Shared owner = execution.lock();
    Thread* thread = self.find_thread(owner, thread_id);
    if (thread == nullptr) co_return;
    const std::shared_ptr<MapRun> run = thread->join->run;
    const WriterPart& writer = *thread->state().map->writer;
    const bool as_lines = writer.output_type == "JSONL";
    const std::string bucket = string_member(parameters, "Bucket");
    std::string prefix = string_member(parameters, "Prefix");
    if (!prefix.empty() && !prefix.ends_with("/")) prefix += "/";
    prefix += run->arn.substr(run->arn.rfind(':') + 1) + "/";
    std::vector<Json> waiting;
    for (std::size_t i = 0; i < thread->join->total; ++i) {
        if (!run->children[i]) waiting.push_back(thread->join->items[i]);
    }
    std::optional<Failure> failure;
    const std::string request_id = self.cloud_.entropy().uuid();
    try {
        Json listed = Json::object();
        for (const ResultFile& file : result_files(*run, writer.transformation, waiting)) {
            listed[file.name] = Json::array();
            if (file.results.empty()) continue;
            const std::string text = file_text(file.results, as_lines);
            const std::string key = prefix + file.name + "_0.json";
            Json input = {{"Bucket", bucket}, {"Key", key}, {"Body", text}};
            co_await self.cloud_.call_json("s3", "PutObject", std::move(input), owner->caller,
                                           owner->activity.id());
            listed[file.name].push_back({{"Key", key}, {"Size", text.size()}});
        }
        const Json manifest = {{"DestinationBucket", bucket},
                               {"MapRunArn", run->arn},
                               {"ResultFiles", std::move(listed)}};
        Json input = {
            {"Bucket", bucket}, {"Key", prefix + "manifest.json"}, {"Body", to_text(manifest)}};
        co_await self.cloud_.call_json("s3", "PutObject", std::move(input), owner->caller,
                                       owner->activity.id());
    } catch (const AwsError& error) {
        failure = to_failure(writer.integration, error, request_id);
        failure->error = "States.ResultWriterFailed";
    }
    thread = self.find_thread(owner, thread_id);
    if (thread == nullptr || !thread->join || thread->join->run != run) co_return;
    if (run_failure || failure) {
        self.end_run(*thread, run_failure ? std::move(run_failure) : std::move(failure));
    } else {
        self.end_run(*thread, std::nullopt);
        Json result = {
            {"MapRunArn", run->arn},
            {"ResultWriterDetails", {{"Bucket", bucket}, {"Key", prefix + "manifest.json"}}}};
        thread->join->whole_result = std::move(result);
    }
    self.drive(*owner);
}

}  // namespace skafu::stepfunctions
