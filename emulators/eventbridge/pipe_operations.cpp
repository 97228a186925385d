#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/pipes.h"
#include "eventbridge/rest_rows.h"

namespace skafu::eventbridge {
namespace {

constexpr const char* kGiven[] = {"Name",
                                  "Description",
                                  "Source",
                                  "SourceParameters",
                                  "Enrichment",
                                  "EnrichmentParameters",
                                  "Target",
                                  "TargetParameters",
                                  "RoleArn",
                                  "Tags",
                                  "LogConfiguration",
                                  "DesiredState"};

const Json& require_pipe(Pipes& pipes, const Context& context, const Json& input) {
    const std::string name = string_member(input, "Name");
    const Json* pipe = pipes.documents().find(context.caller.scope(), name);
    if (pipe != nullptr) return *pipe;
    throw AwsError("NotFoundException", fmt::format("Pipe {} does not exist.", name), 404);
}

Json pipe_summary(const Json& pipe, const char* state) {
    Json answer = Json::object();
    for (const char* name : {"Arn", "Name", "DesiredState", "CreationTime", "LastModifiedTime"}) {
        answer[name] = pipe[name];
    }
    answer["CurrentState"] = state;
    return answer;
}

const char* state_of(const Json& pipe) {
    return string_member(pipe, "DesiredState") == "STOPPED" ? "STOPPED" : "RUNNING";
}

Json store(Pipes& pipes, Context& context, Json pipe, const char* state) {
    const std::string name = string_member(pipe, "Name");
    pipe["LastModifiedTime"] = epoch_seconds(context.cloud.clock().now());
    Json answer = pipe_summary(pipe, state);
    pipes.documents().put(context.caller.scope(), name, std::move(pipe));
    pipes.follow(context.caller.scope(), name);
    return answer;
}

Json create_pipe(Pipes& pipes, Context& context, const Json& input) {
    const std::string name = string_member(input, "Name");
    if (pipes.documents().find(context.caller.scope(), name) != nullptr) {
        throw AwsError("ConflictException", fmt::format("Pipe {} already exists.", name), 409);
    }
    Json pipe = Json::object();
    for (const char* member : kGiven) {
        if (const Json* value = find_member(input, member)) pipe[member] = *value;
    }
    if (!pipe.contains("DesiredState")) pipe["DesiredState"] = "RUNNING";
    pipe["Arn"] = make_arn("pipes", context.caller.region, context.caller.account, "pipe/" + name);
    pipes.check(pipe);
    pipe["CreationTime"] = epoch_seconds(context.cloud.clock().now());
    return store(pipes, context, std::move(pipe), "CREATING");
}

Json update_pipe(Pipes& pipes, Context& context, const Json& input) {
    Json pipe = require_pipe(pipes, context, input);
    for (const char* member : kGiven) {
        if (const Json* value = find_member(input, member)) pipe[member] = *value;
    }
    if (string_member(pipe, "Enrichment").empty()) pipe.erase("Enrichment");
    pipes.check(pipe);
    return store(pipes, context, std::move(pipe), "UPDATING");
}

Json describe_pipe(Pipes& pipes, Context& context, const Json& input) {
    Json pipe = require_pipe(pipes, context, input);
    pipe["CurrentState"] = state_of(pipe);
    return pipe;
}

Json delete_pipe(Pipes& pipes, Context& context, const Json& input) {
    Json answer = pipe_summary(require_pipe(pipes, context, input), "DELETING");
    const std::string name = string_member(input, "Name");
    pipes.documents().erase(context.caller.scope(), name);
    pipes.follow(context.caller.scope(), name);
    return answer;
}

Json start_pipe(Pipes& pipes, Context& context, const Json& input) {
    Json pipe = require_pipe(pipes, context, input);
    pipe["DesiredState"] = "RUNNING";
    return store(pipes, context, std::move(pipe), "STARTING");
}

Json stop_pipe(Pipes& pipes, Context& context, const Json& input) {
    Json pipe = require_pipe(pipes, context, input);
    pipe["DesiredState"] = "STOPPED";
    return store(pipes, context, std::move(pipe), "STOPPING");
}

Json list_pipes(Pipes& pipes, Context& context, const Json& input) {
    const auto is_wanted = [&](const Json& pipe) {
        const std::string desired = string_member(input, "DesiredState");
        const std::string current = string_member(input, "CurrentState");
        return string_member(pipe, "Name").starts_with(string_member(input, "NamePrefix")) &&
               string_member(pipe, "Source").starts_with(string_member(input, "SourcePrefix")) &&
               string_member(pipe, "Target").starts_with(string_member(input, "TargetPrefix")) &&
               (desired.empty() || string_member(pipe, "DesiredState") == desired) &&
               (current.empty() || state_of(pipe) == current);
    };
    Json all = Json::array();
    pipes.documents().for_each(context.caller.scope(), [&](const std::string&, const Json& pipe) {
        if (!is_wanted(pipe)) return true;
        Json one = pipe_summary(pipe, state_of(pipe));
        for (const char* member : {"Source", "Target", "Enrichment"}) {
            if (pipe.contains(member)) one[member] = pipe[member];
        }
        all.push_back(std::move(one));
        return true;
    });
    return page(input, "Pipes", std::move(all));
}

// --- tags

/// The pipe that an ARN names, its tags changed, stored again. Throws NotFoundException.
Json change_pipe_tags(Pipes& pipes, Context& context, const Json& input,
                      const std::function<void(Json& tags)>& change) {
    const std::string text = string_member(input, "resourceArn");
    const std::optional<Arn> arn = Arn::parse(text);
    const std::string name = arn ? std::string(arn->resource_id()) : "";
    const Json* found = pipes.documents().find(context.caller.scope(), name);
    if (found == nullptr) {
        throw AwsError("NotFoundException", fmt::format("Resource {} does not exist.", text), 404);
    }
    Json pipe = *found;
    Json tags = pipe.value("Tags", Json::object());
    change(tags);
    Json answer = {{"tags", tags}};
    pipe["Tags"] = std::move(tags);
    pipes.documents().put(context.caller.scope(), name, std::move(pipe));
    return answer;
}

Json tag_pipe(Pipes& pipes, Context& context, const Json& input) {
    change_pipe_tags(pipes, context, input, [&](Json& tags) {
        for (const auto& [name, value] : input["tags"].items()) tags[name] = value;
    });
    return Json::object();
}

Json untag_pipe(Pipes& pipes, Context& context, const Json& input) {
    change_pipe_tags(pipes, context, input, [&](Json& tags) {
        for (const Json& name : input["tagKeys"]) tags.erase(name.get<std::string>());
    });
    return Json::object();
}

Json list_pipe_tags(Pipes& pipes, Context& context, const Json& input) {
    return change_pipe_tags(pipes, context, input, [](Json&) {});
}

Task<ResourceState> create_pipe_resource(Cloud& cloud, ResourceRequest request) {
    Json input = request.properties;
    if (!input.contains("Name")) input["Name"] = request.generated_name.substr(0, 64);
    const std::string name = string_member(input, "Name");
    Json made = co_await cloud.call_json("pipes", "CreatePipe", std::move(input), request.caller,
                                         request.cause);
    ResourceState state;
    state.physical_id = name;
    state.attributes = {{"Arn", made["Arn"]}, {"CurrentState", "RUNNING"}};
    co_return state;
}

Task<void> remove_pipe_resource(Cloud& cloud, ResourceRequest request) {
    Json input = {{"Name", request.physical_id}};
    co_await cloud.call_json("pipes", "DeletePipe", std::move(input), request.caller,
                             request.cause);
}

/// What a pipe reads, and how, as far as its kinds of source are emulated; only a new pipe must
/// say where it begins.
Shape source_shape(bool is_new) {
    using namespace shape;
    const Shape filters = structure(
        {optional("Filters", list(structure({optional("Pattern", string(0, 4096))}), 0, 5))});
    const Shape::Member batch = optional("BatchSize", integer(1, 10000));
    const Shape::Member window = optional("MaximumBatchingWindowInSeconds", integer(0, 300));
    const Shape position = enumeration({"TRIM_HORIZON", "LATEST"});
    const Shape stream = structure(
        {batch, window,
         is_new ? required("StartingPosition", position) : optional("StartingPosition", position),
         optional("DeadLetterConfig", dead_letter_shape()),
         optional("OnPartialBatchItemFailure", enumeration({"AUTOMATIC_BISECT"})),
         optional("MaximumRecordAgeInSeconds", integer(-1, 604800)),
         optional("MaximumRetryAttempts", integer(-1, 10000)),
         optional("ParallelizationFactor", integer(1, 10))});
    return structure({optional("FilterCriteria", filters),
                      optional("DynamoDBStreamParameters", stream),
                      optional("SqsQueueParameters", structure({batch, window}))});
}

Shape http_parameters_shape() {
    using namespace shape;
    const auto by_name = [] { return map(string(0, 512), sensitive(string(0, 512))); };
    return structure({optional("PathParameterValues", list(sensitive(string()))),
                      optional("HeaderParameters", by_name()),
                      optional("QueryStringParameters", by_name())});
}

Shape enrichment_shape() {
    using namespace shape;
    return structure({optional("InputTemplate", sensitive(string(0, 8192))),
                      optional("HttpParameters", http_parameters_shape())});
}

/// How a target is called, as far as its kinds are emulated.
Shape target_parameters_shape() {
    using namespace shape;
    const Shape invocation = structure(
        {optional("InvocationType", enumeration({"REQUEST_RESPONSE", "FIRE_AND_FORGET"}))});
    const Shape queue = structure({optional("MessageGroupId", sensitive(string(0, 100))),
                                   optional("MessageDeduplicationId", sensitive(string(0, 100)))});
    const Shape bus = structure({optional("Source", sensitive(string(1, 256))),
                                 optional("DetailType", sensitive(string(1, 128))),
                                 optional("Resources", list(string(1, 1600), 0, 10)),
                                 optional("Time", string(1, 256))});
    return structure({optional("InputTemplate", sensitive(string(0, 8192))),
                      optional("HttpParameters", http_parameters_shape()),
                      optional("LambdaFunctionParameters", invocation),
                      optional("StepFunctionStateMachineParameters", invocation),
                      optional("SqsQueueParameters", queue),
                      optional("EventBridgeEventBusParameters", bus)});
}

void add_pipe_operations(Service& service, Pipes& pipes) {
    using namespace shape;
    const Shape name = name_shape();
    const Shape named = structure({required("Name", name)});
    const Shape arn = string(1, 1600,
                             "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-]+):([a-z]{2,4}((-gov)|(-de)|("
                             "-iso([a-z]?)))?-[a-z]+(-\\d{1})?)?:(\\d{12})?:(.+)");
    const Shape role =
        string(1, 1600, "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z0-9+=,.@\\-_/]+");
    const Shape::Member description = optional("Description", string(0, 512));
    const Shape::Member enrichment = optional("Enrichment", string(0, 1600));
    const Shape::Member enriching = optional("EnrichmentParameters", enrichment_shape());
    const Shape::Member targeting = optional("TargetParameters", target_parameters_shape());
    const Shape::Member desired = optional("DesiredState", enumeration({"RUNNING", "STOPPED"}));
    const Shape::Member resource = required("resourceArn", string(1, 1600));
    const Shape tags = map(string(1, 128), string(0, 256), 1, 50);
    const Shape listing = structure(
        {optional("NamePrefix", name), optional("SourcePrefix", string(1, 1600)),
         optional("TargetPrefix", string(1, 1600)), desired,
         optional("CurrentState",
                  enumeration({"RUNNING", "STOPPED", "CREATING", "UPDATING", "DELETING", "STARTING",
                               "STOPPING", "CREATE_FAILED", "UPDATE_FAILED", "START_FAILED",
                               "STOP_FAILED", "DELETE_FAILED", "CREATE_ROLLBACK_FAILED",
                               "DELETE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"})),
         optional("NextToken", string(1, 2048)), optional("Limit", integer(1, 100))});
    RestRows<Pipes>::Query list_query;
    for (const char* member : {"NamePrefix", "SourcePrefix", "TargetPrefix", "DesiredState",
                               "CurrentState", "NextToken", "Limit"}) {
        list_query.emplace_back(member, member);
    }
    const char* one = "/v1/pipes/{Name}";
    const char* tags_uri = "/tags/{resourceArn+}";
    const RestRows<Pipes> rows(service, pipes);
    rows.add(
        {"CreatePipe", structure({required("Name", name), description, required("Source", arn),
                                  optional("SourceParameters", source_shape(true)), enrichment,
                                  enriching, targeting, required("Target", arn),
                                  required("RoleArn", role), desired, optional("Tags", tags)})},
        "POST", one, create_pipe);
    rows.add({"UpdatePipe",
              structure({required("Name", name), description,
                         optional("SourceParameters", source_shape(false)), enrichment, enriching,
                         targeting, optional("Target", arn), required("RoleArn", role), desired})},
             "PUT", one, update_pipe);
    rows.add({"DescribePipe", named}, "GET", one, describe_pipe);
    rows.add({"DeletePipe", named}, "DELETE", one, delete_pipe);
    rows.add({"StartPipe", named}, "POST", "/v1/pipes/{Name}/start", start_pipe);
    rows.add({"StopPipe", named}, "POST", "/v1/pipes/{Name}/stop", stop_pipe);
    rows.add({"ListPipes", listing}, "GET", "/v1/pipes", list_pipes, list_query);
    rows.add({"TagResource", structure({resource, required("tags", tags)})}, "POST", tags_uri,
             tag_pipe);
    rows.add(
        {"UntagResource", structure({resource, required("tagKeys", list(string(1, 128), 0, 50))})},
        "DELETE", tags_uri, untag_pipe, {{"tagKeys", "tagKeys"}});
    rows.add({"ListTagsForResource", structure({resource})}, "GET", tags_uri, list_pipe_tags);
}

}  // namespace

void register_pipes(Cloud& cloud) {
    Pipes& pipes = cloud.own(std::make_unique<Pipes>(cloud));
    Service service = rest_service("pipes", "2015-10-07");
    service.reset = [&pipes](const Scope* scope) { pipes.reset(scope); };
    service.describe = [&pipes](Service& service) { add_pipe_operations(service, pipes); };
    cloud.add_service(std::move(service));
    cloud.resource_types().add(
        {"AWS::Pipes::Pipe", create_pipe_resource, {}, remove_pipe_resource, {}});
}

}  // namespace skafu::eventbridge
