#include "stepfunctions/execution_views.h"

#include "stepfunctions/map_run.h"

namespace skafu::stepfunctions {
namespace {

const Json& included() {
    static const Json kIncluded = {{"included", true}};
    return kIncluded;
}

/// The text as a JSON string. It is valid UTF-8: it was parsed, or is what to_text gave.
void append_text(std::string& to, std::string_view text) {
    to += '"';
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        to.append(text, from, i - from);
        from = i + 1;
        switch (c) {
            case '"':
                to += "\\\"";
                break;
            case '\\':
                to += "\\\\";
                break;
            case '\n':
                to += "\\n";
                break;
            case '\t':
                to += "\\t";
                break;
            case '\r':
                to += "\\r";
                break;
            default:
                fmt::format_to(std::back_inserter(to), "\\u{:04x}", c);
        }
    }
    to.append(text, from);
    to += '"';
}

void append_data(std::string& text, const Execution& execution) {
    text += R"(,"input":)";
    append_text(text, *execution.input);
    text += R"(,"inputDetails":{"included":true})";
    if (execution.output) {
        text += R"(,"output":)";
        append_text(text, *execution.output);
    }
    text += R"(,"outputDetails":{"included":true})";
    if (execution.error) {
        text += R"(,"error":)";
        append_text(text, *execution.error);
    }
    if (execution.cause) {
        text += R"(,"cause":)";
        append_text(text, *execution.cause);
    }
}

/// A child of a distributed Map belongs to the part of the machine that the label names.
std::string machine_arn_of(const Execution& execution) {
    const auto run = execution.run.lock();
    return run ? run->machine->arn + "/" + run->label : execution.machine->arn;
}

}  // namespace

Json summarise_execution(const Execution& execution) {
    Json result = {{"executionArn", execution.arn},
                   {"stateMachineArn", machine_arn_of(execution)},
                   {"name", execution.name},
                   {"status", execution.status_name()},
                   {"startDate", epoch_seconds(execution.start)},
                   {"redriveCount", execution.redrive_count}};
    if (!execution.is_running()) result["stopDate"] = epoch_seconds(execution.stop);
    if (!execution.version_arn.empty()) result["stateMachineVersionArn"] = execution.version_arn;
    if (!execution.alias_arn.empty()) result["stateMachineAliasArn"] = execution.alias_arn;
    if (const auto run = execution.run.lock()) {
        result["mapRunArn"] = run->arn;
        result["itemCount"] = run->items_in[execution.run_slot];
    }
    if (execution.redrive_count > 0) result["redriveDate"] = epoch_seconds(execution.redrive_date);
    return result;
}

std::string redrive_obstacle(const Execution& execution, TimePoint now) {
    constexpr std::size_t kMostEvents = 24'999;
    constexpr std::chrono::hours kRedrivable(14 * 24);
    constexpr std::chrono::hours kLongest(365 * 24);
    if (execution.is_running() || execution.status == Status::succeeded) {
        return fmt::format("Execution is {} and cannot be redriven", to_string(execution.status));
    }
    if (execution.history.size() >= kMostEvents) return "Execution history event limit exceeded";
    if (now - execution.start > kLongest) return "Execution has exceeded the max execution time";
    if (now - execution.stop > kRedrivable) return "Execution redrivable period exceeded";
    return {};
}

void add_redrive_status(Json& to, const Execution& execution, TimePoint now) {
    const std::string obstacle = redrive_obstacle(execution, now);
    if (!obstacle.empty()) {
        to["redriveStatus"] = "NOT_REDRIVABLE";
        to["redriveStatusReason"] = obstacle;
        return;
    }
    to["redriveStatus"] = execution.run.expired() ? "REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN";
}

Json describe_execution(const Execution& execution, TimePoint now, IncludedData data) {
    Json result = summarise_execution(execution);
    if (!execution.trace_header.empty()) result["traceHeader"] = execution.trace_header;
    add_redrive_status(result, execution, now);
    if (data == IncludedData::metadata_only) return result;
    result["input"] = *execution.input;
    result["inputDetails"] = included();
    if (execution.output) {
        result["output"] = *execution.output;
        result["outputDetails"] = included();
    }
    if (execution.error) result["error"] = *execution.error;
    if (execution.cause) result["cause"] = *execution.cause;
    return result;
}

Json describe_machine_of(const Execution& execution, IncludedData data) {
    const bool has_all = data == IncludedData::all;
    const Machine& machine = *execution.machine;
    Json result = {{"stateMachineArn", machine_arn_of(execution)},
                   {"name", machine.name},
                   {"definition", has_all ? machine.definition : "{}"},
                   {"roleArn", machine.role_arn},
                   {"updateDate", epoch_seconds(execution.start)},
                   {"loggingConfiguration", machine.logging},
                   {"tracingConfiguration",
                    machine.tracing.is_object() ? machine.tracing : Json{{"enabled", false}}},
                   {"encryptionConfiguration", machine.encryption}};
    if (!machine.revision_id.empty()) result["revisionId"] = machine.revision_id;
    if (const auto run = execution.run.lock()) {
        result["mapRunArn"] = run->arn;
        result["label"] = run->label;
    }
    if (has_all && !machine.program->variable_references.empty()) {
        result["variableReferences"] = machine.program->variable_references;
    }
    return result;
}

std::int64_t billed_milliseconds(const Execution& execution) {
    constexpr std::int64_t kBillingStep = 100;
    const auto millis =
        std::chrono::duration_cast<std::chrono::milliseconds>(execution.stop - execution.start)
            .count();
    return std::max<std::int64_t>(1, (millis + kBillingStep - 1) / kBillingStep) * kBillingStep;
}

std::string sync_answer(const Execution& execution, IncludedData data) {
    std::string text;
    text.reserve(600 + execution.input->size() + (execution.output ? execution.output->size() : 0));
    text += R"({"executionArn":")" + execution.arn + R"(","stateMachineArn":")" +
            (execution.version_arn.empty() ? execution.machine->arn : execution.version_arn) +
            R"(","name":)";
    append_text(text, execution.name);
    fmt::format_to(
        std::back_inserter(text), R"(,"startDate":{:.3f},"stopDate":{:.3f},"status":"{}")",
        epoch_seconds(execution.start), epoch_seconds(execution.stop), to_string(execution.status));
    if (data == IncludedData::all) append_data(text, execution);
    if (!execution.trace_header.empty()) {
        text += R"(,"traceHeader":)";
        append_text(text, execution.trace_header);
    }
    fmt::format_to(
        std::back_inserter(text),
        R"(,"billingDetails":{{"billedMemoryUsedInMB":{},"billedDurationInMilliseconds":{}}}}})",
        kBilledMegabytes, billed_milliseconds(execution));
    return text;
}

}  // namespace skafu::stepfunctions
