#include "stepfunctions/executions.h"

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "stepfunctions/execution_log.h"
#include "stepfunctions/execution_metrics.h"
#include "stepfunctions/execution_store.h"
#include "stepfunctions/execution_views.h"
#include "stepfunctions/json_fault.h"
#include "stepfunctions/snapshot.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::size_t kStandardKept = 20'000;
constexpr std::size_t kExpressKept = 1'000;
constexpr std::size_t kMaxInput = 262'144;

AwsError does_not_exist(const std::string& arn) {
    return AwsError("ExecutionDoesNotExist", "Execution Does Not Exist: '" + arn + "'");
}

void check_input(const std::string& input, Json& parsed) {
    const std::string opening = "Invalid State Machine Execution Input: '";
    if (input.size() > kMaxInput) {
        throw AwsError::validation(
            "1 validation error detected: Value at 'input' failed to satisfy constraint: Member "
            "must have length less than or equal to 262144");
    }
    if (input.find_first_not_of(" \t\r\n") == std::string::npos) {
        throw AwsError("InvalidExecutionInput", opening + "Invalid execution input.'");
    }
    try {
        parsed = parse_json(input);
    } catch (const JsonError& error) {
        throw AwsError("InvalidExecutionInput",
                       opening + describe_json_fault(input, error.offset()) + "'");
    }
}

/// The id by which people search: at the top of the input, or of an event's detail.
std::string correlation_in(const Json& input) {
    std::string id = string_member(input, "correlationId");
    if (!id.empty()) return id;
    const Json* detail = find_member(input, "detail");
    return detail == nullptr ? std::string() : string_member(*detail, "correlationId");
}

/// Whose executions it is listed with: the machine's, or a Map Run's.
std::string list_of(const Execution& execution) {
    const auto run = execution.run.lock();
    return run ? run->arn : execution.machine->arn;
}

/// How many Map Runs it lies in.
std::size_t depth_of(const Execution& execution) {
    std::size_t depth = 0;
    for (auto run = execution.run.lock(); run; ++depth) {
        const auto parent = run->parent.lock();
        run = parent ? parent->run.lock() : nullptr;
    }
    return depth;
}

}  // namespace

Executions::Executions(Cloud& cloud, Machines& machines)
    : cloud_(cloud),
      machines_(machines),
      store_(std::make_unique<ExecutionStore>(cloud)),
      log_(std::make_unique<ExecutionLog>(cloud)),
      metrics_(std::make_unique<ExecutionMetrics>(cloud)),
      interpreter_(cloud, hooks()) {}

Executions::~Executions() = default;

InterpreterHooks Executions::hooks() {
    InterpreterHooks hooks;
    hooks.on_event = [this](Execution& execution, const HistoryEvent& event) {
        const bool is_logged =
            execution.machine->logging.is_object() && !execution.machine->logging.empty();
        if (is_logged && event.id > 0) {
            log_->write(execution, event);
        }
    };
    hooks.on_rest = [this](Execution& execution) { store_->save(execution); };
    hooks.on_end = [this](Execution& execution) {
        if (execution.is_child()) return;
        const std::string& machine_arn = execution.machine->arn;
        const bool is_last = execution.is_orphan && !is_running(machine_arn);
        if (is_last && !machines_.exists(machine_arn)) machines_.remove(machine_arn);
        metrics_->ended(execution);
        if (!execution.is_express()) announce(execution);
    };
    hooks.on_redrive = [this](Execution& execution) {
        if (execution.is_child()) return;
        metrics_->redriven(execution);
        announce(execution);
    };
    hooks.on_task = [this](const Execution& execution, const PendingTask& task, TaskStage stage) {
        metrics_->task(execution, task, stage);
    };
    hooks.on_activity_task = [this](const std::string& arn) {
        if (on_activity_task_) on_activity_task_(arn);
    };
    hooks.activity_exists = [this](const std::string& arn) {
        return !activity_exists_ || activity_exists_(arn);
    };
    hooks.find_execution = [this](const std::string& arn) { return find(arn); };
    hooks.on_map_run = [this](const std::shared_ptr<MapRun>& run) {
        runs_[run->arn] = run;
        store_->save(*run);
    };
    if (store_->is_active()) {
        hooks.on_map_input = [this](const MapRun& run, std::size_t slot, const Json& input) {
            store_->save_input(run, slot, input);
        };
    }
    hooks.on_child_execution = [this](const std::shared_ptr<Execution>& child) { keep(child); };
    return hooks;
}

void Executions::set_activity_hooks(std::function<void(const std::string&)> on_task,
                                    std::function<bool(const std::string&)> exists) {
    on_activity_task_ = std::move(on_task);
    activity_exists_ = std::move(exists);
}

std::shared_ptr<Execution> Executions::existing(const std::string& arn, const Start& start) const {
    const auto found = by_arn_.find(arn);
    if (found == by_arn_.end()) return nullptr;
    const std::shared_ptr<Execution>& execution = found->second;
    if (execution->is_running() && *execution->input == start.input) return execution;
    throw AwsError("ExecutionAlreadyExists", "Execution Already Exists: '" + arn + "'");
}

std::shared_ptr<Execution> Executions::start(const Start& start, ActivityId cause) {
    const Machines::Choice choice = machines_.choose(start.machine_arn);
    const Machine& machine = *choice.machine;
    const bool is_express = machine.type == MachineType::express;
    if (start.is_synchronous && !is_express) {
        throw AwsError("StateMachineTypeNotSupported",
                       "This operation is not supported by this type of state machine");
    }
    Json parsed;
    check_input(start.input, parsed);
    auto execution = std::make_shared<Execution>();
    execution->name = start.name.empty() ? cloud_.entropy().uuid() : start.name;
    if (!start.name.empty()) check_name(start.name);
    const Scope scope = machine.owner.scope();
    execution->arn = is_express ? fmt::format("arn:aws:states:{}:{}:express:{}:{}:{}", scope.region,
                                              scope.account, machine.name, execution->name,
                                              cloud_.entropy().uuid())
                                : fmt::format("arn:aws:states:{}:{}:execution:{}:{}", scope.region,
                                              scope.account, machine.name, execution->name);
    if (!is_express && !start.name.empty()) {
        if (auto same = existing(execution->arn, start)) return same;
    }
    if (const std::size_t mark = start.machine_arn.find('#'); mark != std::string::npos) {
        execution->test_case = start.machine_arn.substr(mark + 1);
        if (!interpreter_.mocks().has_test_case(machine.name, execution->test_case)) {
            throw AwsError::validation("Invalid Test Case: '" + execution->test_case +
                                       "' of the state machine " + machine.name +
                                       " is not in the mock file");
        }
    }
    execution->machine = choice.machine;
    execution->version_arn = choice.version_arn;
    execution->alias_arn = choice.alias_arn;
    execution->is_synchronous = start.is_synchronous;
    execution->caller = machine.owner;
    execution->trace_header = start.trace_header;
    execution->input = std::make_shared<const std::string>(start.input);
    execution->states = &machine.program->root;
    execution->start = cloud_.clock().now();
    execution->activity = cloud_.journal().begin(ActivityKind::execution, execution->arn, cause);
    if (const std::string id = correlation_in(parsed); !id.empty()) {
        execution->activity.correlate(id);
    }
    keep(execution);
    metrics_->started(*execution);
    if (!is_express) announce(*execution);
    interpreter_.start(execution, std::move(parsed));
    return execution;
}

bool Executions::is_running(const std::string& machine_arn) const {
    const auto found = by_machine_.find(machine_arn);
    return found != by_machine_.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [](const auto& execution) { return execution->is_running(); });
}

void Executions::machine_deleted(const std::string& machine_arn) {
    for (const std::shared_ptr<Execution>& execution : of_machine(machine_arn)) {
        execution->is_orphan = execution->is_running();
    }
}

TimePoint Executions::redrive(const std::string& arn, const std::string& client_token,
                              ActivityId cause) {
    constexpr std::size_t kTokens = 10;
    constexpr std::chrono::minutes kTokenLife(15);
    const std::shared_ptr<Execution> execution = get(arn);
    const TimePoint now = cloud_.clock().now();
    for (const auto& [token, date] : execution->redrive_tokens) {
        if (token == client_token && now - date < kTokenLife) return date;
    }
    std::string obstacle = redrive_obstacle(*execution, now);
    if (obstacle.empty() && execution->is_child()) {
        obstacle = "Execution can only be redriven by its Map Run";
    }
    if (!obstacle.empty()) {
        throw AwsError("ExecutionNotRedrivable", "Execution Not Redrivable: '" + obstacle + "'");
    }
    if (!client_token.empty()) execution->redrive_tokens.emplace_back(client_token, now);
    if (execution->redrive_tokens.size() > kTokens) execution->redrive_tokens.pop_front();
    execution->activity = cloud_.journal().begin(ActivityKind::execution, arn, cause);
    interpreter_.redrive(execution);
    return execution->redrive_date;
}

void Executions::keep(const std::shared_ptr<Execution>& execution) {
    by_arn_[execution->arn] = execution;
    if (execution->is_express()) {
        express_.push_back(execution);
    } else {
        standard_.push_back(execution);
        by_machine_[list_of(*execution)].push_front(execution);
    }
    forget_old();
}

void Executions::forget_old() {
    while (express_.size() > kExpressKept) {
        by_arn_.erase(express_.front()->arn);
        express_.pop_front();
    }
    while (standard_.size() > kStandardKept && !standard_.front()->is_running()) {
        const std::shared_ptr<Execution> old = standard_.front();
        by_arn_.erase(old->arn);
        auto& list = by_machine_[list_of(*old)];
        if (!list.empty() && list.back() == old) list.pop_back();
        standard_.pop_front();
    }
}

void Executions::announce(const Execution& execution) {
    Json detail = {
        {"executionArn", execution.arn},
        {"stateMachineArn", execution.machine->arn},
        {"name", execution.name},
        {"status", to_string(execution.status)},
        {"startDate", epoch_millis(execution.start)},
        {"stopDate", execution.is_running() ? Json() : Json(epoch_millis(execution.stop))},
        {"input", *execution.input},
        {"output", execution.output ? Json(*execution.output) : Json()},
        {"inputDetails", {{"included", true}}},
        {"outputDetails", execution.output ? Json{{"included", true}} : Json()},
        {"error", execution.error ? Json(*execution.error) : Json()},
        {"cause", execution.cause ? Json(*execution.cause) : Json()},
        {"stateMachineVersionArn",
         execution.version_arn.empty() ? Json() : Json(execution.version_arn)},
        {"stateMachineAliasArn", execution.alias_arn.empty() ? Json() : Json(execution.alias_arn)},
        {"redriveCount", execution.redrive_count},
        {"redriveDate",
         execution.redrive_count == 0 ? Json() : Json(epoch_millis(execution.redrive_date))},
        {"redriveStatusReason", Json()}};
    add_redrive_status(detail, execution, cloud_.clock().now());
    cloud_.emit_event(execution.machine->owner, "aws.states",
                      "Step Functions Execution Status Change", std::move(detail),
                      Json::array({execution.arn}), execution.activity.id());
}

std::shared_ptr<Execution> Executions::find(const std::string& arn) const {
    const auto found = by_arn_.find(arn);
    return found == by_arn_.end() ? nullptr : found->second;
}

std::shared_ptr<Execution> Executions::get(const std::string& arn) const {
    check_arn(arn);
    const std::optional<Arn> parsed = Arn::parse(arn);
    const std::string type = parsed ? parsed->resource.substr(0, parsed->resource.find(':')) : "";
    if (type != "execution") {
        throw AwsError("InvalidArn",
                       "Invalid Arn: 'Resource type not valid in this context: " + type + "'");
    }
    std::shared_ptr<Execution> execution = find(arn);
    if (execution == nullptr) throw does_not_exist(arn);
    return execution;
}

std::vector<std::shared_ptr<Execution>> Executions::of_machine(const std::string& arn) const {
    const auto found = by_machine_.find(arn);
    if (found == by_machine_.end()) return {};
    return {found->second.begin(), found->second.end()};
}

std::vector<std::shared_ptr<Execution>> Executions::recent(std::size_t limit) const {
    std::vector<std::shared_ptr<Execution>> list;
    for (const auto* kept : {&standard_, &express_}) {
        for (auto at = kept->rbegin(); at != kept->rend() && list.size() < limit; ++at) {
            list.push_back(*at);
        }
    }
    std::sort(list.begin(), list.end(),
              [](const auto& a, const auto& b) { return a->start > b->start; });
    return list;
}

std::shared_ptr<MapRun> Executions::find_run(const std::string& arn) const {
    const auto found = runs_.find(arn);
    return found == runs_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<MapRun>> Executions::runs_of(const std::string& execution_arn) const {
    std::vector<std::shared_ptr<MapRun>> list;
    for (const auto& [arn, run] : runs_) {
        if (run->execution_arn == execution_arn) list.push_back(run);
    }
    std::sort(list.begin(), list.end(),
              [](const auto& a, const auto& b) { return a->start > b->start; });
    return list;
}

void Executions::restore_runs() {
    store_->load_runs([&](const Json& document, std::vector<ExecutionStore::RunInput> inputs) {
        auto run = std::make_shared<MapRun>();
        try {
            run->machine = machines_.restore(document["machine"]);
            map_run_from_json(*run, document);
        } catch (const std::exception& error) {
            log::error("states: the Map Run {} cannot go on: {}",
                       string_member(document, "mapRunArn"), error.what());
            return;
        }
        run->restored_inputs.resize(run->children.size());
        run->items_in.resize(run->children.size(), 1);
        for (ExecutionStore::RunInput& input : inputs) {
            if (input.slot >= run->children.size()) continue;
            run->restored_inputs[input.slot] = std::move(input.input);
            run->items_in[input.slot] = input.items;
        }
        runs_[run->arn] = std::move(run);
    });
}

/// Puts a child where its run knows it. One that a redrive replaced is left aside.
void Executions::restore_child(const std::shared_ptr<Execution>& child, const Json& document) {
    const std::shared_ptr<MapRun> run = child->run.lock();
    if (child->run_slot >= run->children.size()) return;
    std::shared_ptr<Execution>& known = run->children[child->run_slot];
    if (known && known->run_redrive > child->run_redrive) return;
    known = child;
    run->items_in[child->run_slot] = document.value("items", std::size_t{1});
    child->awaits_redrive = run->status == Status::running && !child->is_running() &&
                            child->status != Status::succeeded &&
                            child->run_redrive < run->redrive_count;
}

void Executions::restore() {
    restore_runs();
    std::vector<std::shared_ptr<Execution>> running;
    const auto run_of = [this](const std::string& arn) { return find_run(arn); };
    store_->load([&](const Json& document, std::vector<HistoryEvent> events) {
        try {
            auto execution = std::make_shared<Execution>();
            if (const Json* run_arn = find_member(document, "run")) {
                const std::shared_ptr<MapRun> run = find_run(run_arn->get<std::string>());
                if (!run) return;
                execution->run = run;
                execution->machine = run->machine;
                execution->states = run->processor;
            } else {
                execution->machine = machines_.restore(document["machine"]);
                execution->states = &execution->machine->program->root;
            }
            execution->caller = execution->machine->owner;
            execution_from_json(*execution, document, run_of);
            if (execution->is_child()) restore_child(execution, document);
            execution->history = std::move(events);
            execution->is_orphan = !machines_.exists(execution->machine->arn);
            keep(execution);
            if (!execution->is_running()) return;
            execution->activity =
                cloud_.journal().begin(ActivityKind::execution, execution->arn, 0);
            running.push_back(std::move(execution));
        } catch (const std::exception& error) {
            log::error("states: execution {} cannot go on: {}", string_member(document, "arn"),
                       error.what());
        }
    });
    for (const auto& [arn, run] : runs_) run->recount();
    // A Map waits for its children before one of them can end.
    std::stable_sort(running.begin(), running.end(),
                     [](const auto& a, const auto& b) { return depth_of(*a) < depth_of(*b); });
    for (const std::shared_ptr<Execution>& execution : running) {
        if (!execution->is_express()) {
            interpreter_.resume(execution);
            continue;
        }
        execution->start = cloud_.clock().now();
        execution->last_event = 0;
        interpreter_.start(execution, parse_json(*execution->input));
    }
}

void Executions::clear(const Scope* scope) {
    const auto concerns = [scope](const Execution& execution) {
        return scope == nullptr || execution.machine->owner.scope() == *scope;
    };
    std::vector<std::shared_ptr<Execution>> gone;
    for (const auto& [arn, execution] : by_arn_) {
        if (concerns(*execution)) gone.push_back(execution);
    }
    for (const std::shared_ptr<Execution>& execution : gone) {
        interpreter_.forget(execution);
        by_arn_.erase(execution->arn);
        by_machine_.erase(list_of(*execution));
    }
    std::erase_if(standard_, [&](const auto& execution) { return concerns(*execution); });
    std::erase_if(express_, [&](const auto& execution) { return concerns(*execution); });
    std::erase_if(runs_, [scope](const auto& run) {
        return scope == nullptr || run.second->machine->owner.scope() == *scope;
    });
    metrics_->clear();
    store_->clear(scope);
}

}  // namespace skafu::stepfunctions
