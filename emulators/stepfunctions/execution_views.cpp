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

/// A child of a distributed Map belongs to the part of the machine that the label names.
std::string machine_arn_of(const Execution& execution) {
    const auto run = execution.run.lock();
    return run ? run->machine_arn + "/" + run->label : execution.machine->arn;
}

}  // namespace

Json summarise_execution(const Execution& execution) {
    Json result = {{"executionArn", execution.arn},
                   {"stateMachineArn", machine_arn_of(execution)},
                   {"name", execution.name},
                   {"status", to_string(execution.status)},
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

Json describe_execution(const Execution& execution) {
    Json result = summarise_execution(execution);
    result["input"] = *execution.input;
    result["inputDetails"] = included();
    if (execution.output) {
        result["output"] = *execution.output;
        result["outputDetails"] = included();
    }
    if (execution.error) result["error"] = *execution.error;
    if (execution.cause) result["cause"] = *execution.cause;
    if (!execution.trace_header.empty()) result["traceHeader"] = execution.trace_header;
    const bool redrivable = !execution.is_running() && execution.status != Status::succeeded;
    result["redriveStatus"] = redrivable ? "REDRIVABLE" : "NOT_REDRIVABLE";
    if (execution.is_running()) {
        result["redriveStatusReason"] = "Execution is RUNNING and cannot be redriven";
    } else if (!redrivable) {
        result["redriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven";
    }
    return result;
}

Json describe_machine_of(const Execution& execution) {
    const Machine& machine = *execution.machine;
    Json result = {{"stateMachineArn", machine_arn_of(execution)},
                   {"name", machine.name},
                   {"definition", machine.definition},
                   {"roleArn", machine.role_arn},
                   {"updateDate", epoch_seconds(execution.start)},
                   {"loggingConfiguration", machine.logging},
                   {"tracingConfiguration", {{"enabled", false}}},
                   {"encryptionConfiguration", {{"type", "AWS_OWNED_KEY"}}}};
    if (!machine.revision_id.empty()) result["revisionId"] = machine.revision_id;
    if (const auto run = execution.run.lock()) {
        result["mapRunArn"] = run->arn;
        result["label"] = run->label;
    }
    if (!machine.program->variable_references.empty()) {
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

std::string sync_answer(const Execution& execution) {
    std::string text;
    text.reserve(600 + execution.input->size() + (execution.output ? execution.output->size() : 0));
    text += R"({"executionArn":")" + execution.arn + R"(","stateMachineArn":")" +
            (execution.version_arn.empty() ? execution.machine->arn : execution.version_arn) +
            R"(","name":)";
    append_text(text, execution.name);
    fmt::format_to(
        std::back_inserter(text), R"(,"startDate":{:.3f},"stopDate":{:.3f},"status":"{}","input":)",
        epoch_seconds(execution.start), epoch_seconds(execution.stop), to_string(execution.status));
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
