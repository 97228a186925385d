#include <cmath>

#include "stepfunctions/state_compiler.h"

namespace skafu::stepfunctions {
namespace {

/// Whether there is a member "….$" whose value is a path somewhere in it.
bool mentions_path(const Json& value) {
    if (value.is_array()) return std::any_of(value.begin(), value.end(), mentions_path);
    if (!value.is_object()) return false;
    for (const auto& [key, member] : value.items()) {
        const bool is_path =
            member.is_string() && member.get_ref<const std::string&>().starts_with("$");
        if ((key.ends_with(".$") && is_path) || mentions_path(member)) return true;
    }
    return false;
}

bool is_numeric_text(const Json& value) {
    if (!value.is_string()) return false;
    const std::string& text = value.get_ref<const std::string&>();
    return !text.empty() && text.size() < 16 &&
           text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

PathPointer StateCompiler::path(const Json& value, const std::string& location) {
    try {
        if (value.is_string()) {
            return std::make_shared<const jsonpath::JsonPath>(jsonpath::JsonPath::compile(
                value.get_ref<const std::string&>(), jsonpath::Dialect::States));
        }
    } catch (const jsonpath::JsonPathError&) {
    }
    diagnostics_.error("Value is not a valid JSONPath", location);
    return nullptr;
}

DataPath StateCompiler::data_path(const Place& at, const char* field) {
    DataPath result;
    const Json* value = find_member(at.json, field);
    if (value == nullptr || *value == "$") return result;
    if (value->is_null()) {
        result.kind = DataPath::Kind::Nothing;
        return result;
    }
    result.path = path(*value, at.location + "/" + field);
    if (result.path) result.kind = DataPath::Kind::Path;
    const bool is_result_path = std::string_view(field) == "ResultPath";
    const bool is_reference = result.path && result.path->is_reference() &&
                              result.path->root() == jsonpath::Root::Document;
    if (is_result_path && result.path && !is_reference) {
        diagnostics_.error("Value is not a Reference Path", at.location + "/" + field);
    }
    return result;
}

std::optional<Template> StateCompiler::payload(const Place& at, const char* field) {
    const Json* value = find_member(at.json, field);
    if (value == nullptr) return std::nullopt;
    return Template::compile(*value, at.state.language, at.location + "/" + field, diagnostics_);
}

Setting StateCompiler::setting(const Json& json, const std::string& field,
                               const std::string& location, QueryLanguage language) {
    Setting result;
    if (language == QueryLanguage::jsonpath) check_not_both(json, field, location);
    if (const Json* by_path = find_member(json, field + "Path");
        by_path != nullptr && language == QueryLanguage::jsonpath) {
        result.path = path(*by_path, location + "/" + field + "Path");
        return result;
    }
    const Json* value = find_member(json, field);
    if (value == nullptr) return result;
    if (language == QueryLanguage::jsonata && value->is_string()) {
        if (const auto text = expression_in(value->get_ref<const std::string&>())) {
            result.expression = compile_query(*text, location + "/" + field, diagnostics_);
            return result;
        }
    }
    result.constant = *value;
    if (field == "Timestamp") return result;
    if (value->is_number()) {
        check_limits(field, *value, location);
        return result;
    }
    if (is_numeric_text(*value) && tolerance_ == Tolerance::template_) {
        result.constant = std::stoll(value->get<std::string>());
        refuse(fmt::format("{} is the text {}; AWS wants a number there", field, to_text(*value)),
               location + "/" + field, "NUMBER_AS_TEXT");
        return result;
    }
    diagnostics_.error("Expected value of type [INTEGER]", location + "/" + field);
    if (value->is_string() && value->get_ref<const std::string&>().starts_with("$")) {
        diagnostics_.warning(
            "NO_PATH", "Field value looks like a path, but field name does not end with 'Path'.",
            location + "/" + field);
    }
    return result;
}

void StateCompiler::check_limits(const std::string& field, const Json& value,
                                 const std::string& location) {
    const std::string at = location + "/" + field;
    const double number = value.get<double>();
    const bool may_be_fraction = field == "BackoffRate" || field == "ToleratedFailurePercentage";
    if (!may_be_fraction && number != std::floor(number)) {
        refuse("Expected value of type [INTEGER]", at);
        return;
    }
    // What is wrong with MaxItems fails the Map Run (States.ItemReaderFailed).
    if (field == "MaxItems" || field == "MaxItemsPerBatch" || field == "MaxInputBytesPerBatch") {
        return;
    }
    const bool is_time = field.ends_with("Seconds");
    const int least = (is_time && field != "Seconds") || field == "BackoffRate" ? 1 : 0;
    if (number < least) {
        diagnostics_.error(fmt::format("Minimum value is {}", least), at);
        return;
    }
    // AWS docs, "Wait workflow state", "Task workflow state", "Retrying after an error"
    constexpr int kMost = 99'999'999;
    constexpr int kMostDelay = 31'622'399;
    const int most = field == "MaxDelaySeconds" ? kMostDelay : kMost;
    if ((is_time || field == "MaxAttempts") && number > most) {
        refuse(fmt::format("Maximum value is {}", most), at);
    }
}

std::optional<double> StateCompiler::number(const Json& json, const char* field,
                                            const std::string& location) {
    const Setting value = setting(json, field, location, QueryLanguage::jsonpath);
    if (!value.constant || !value.constant->is_number()) return std::nullopt;
    return value.constant->get<double>();
}

TextSetting StateCompiler::text_setting(const Place& at, const std::string& field) {
    TextSetting result;
    if (!at.state.is_jsonata()) check_not_both(at.json, field, at.location);
    const Json* by_path = find_member(at.json, field + "Path");
    if (by_path != nullptr && by_path->is_string() && !at.state.is_jsonata()) {
        result.path_text = by_path->get<std::string>();
        try {
            result.path = PathOrCall::compile(result.path_text);
        } catch (const std::runtime_error&) {
            diagnostics_.error("The value for the field '" + field +
                                   "Path' must be a valid JSONPath or a valid intrinsic function "
                                   "call",
                               at.location);
        }
        return result;
    }
    const Json* value = find_member(at.json, field);
    if (value == nullptr || value->is_null()) return result;
    if (!value->is_string()) {
        diagnostics_.error("Expected value of type [STRING]", at.location + "/" + field);
        return result;
    }
    const std::string& text = value->get_ref<const std::string&>();
    const auto expression = at.state.is_jsonata() ? expression_in(text) : std::nullopt;
    if (!expression) {
        result.constant = text;
        return result;
    }
    result.expression = compile_query(*expression, at.location + "/" + field, diagnostics_);
    return result;
}

std::optional<Integration> StateCompiler::integration(const Json& resource,
                                                      const std::string& location) {
    const std::string text = resource.is_string() ? resource.get<std::string>() : to_text(resource);
    std::optional<Integration> result = parse_integration(text, cloud_);
    if (!result) {
        diagnostics_.error("The resource provided " + text +
                               " is not recognized. The value is not a valid resource ARN, or the "
                               "resource is not available in this region.",
                           location, nearest_resource(text, cloud_));
        return std::nullopt;
    }
    if (type_ != MachineType::express) return result;
    if (result->kind == Integration::Kind::activity) {
        diagnostics_.error("Express state machine does not support Activity ARN", location);
    } else if (result->is_nested_execution()) {
        diagnostics_.error("Express state machine does not support '.sync' service integration",
                           location);
    } else if (result->waits_for_token()) {
        // The blank before "at" stands twice in AWS's text.
        diagnostics_.error(
            "Express state machine does not support '.waitForTaskToken' service integration ",
            location);
    }
    return result;
}

void StateCompiler::pass(const Place& at) {
    const Json* result = find_member(at.json, "Result");
    if (result == nullptr) return;
    at.state.result = *result;
    if (mentions_path(*result)) {
        diagnostics_.warning("PASS_RESULT_IS_STATIC",
                             "The Result of a Pass state is static: paths in it are not replaced.",
                             at.location + "/Result");
    }
}

void StateCompiler::task(const Place& at) {
    at.state.task = std::make_unique<TaskPart>();
    TaskPart& part = *at.state.task;
    const Json* resource = find_member(at.json, "Resource");
    if (resource == nullptr) {
        diagnostics_.error("These fields are required: [Resource]", at.location);
        return;
    }
    if (auto found = integration(*resource, at.location + "/Resource")) {
        part.integration = std::move(*found);
    }
    part.timeout = setting(at.json, "TimeoutSeconds", at.location, at.state.language);
    part.heartbeat = setting(at.json, "HeartbeatSeconds", at.location, at.state.language);
    const auto seconds = [](const Setting& setting, double otherwise) {
        const bool is_known = setting.constant && setting.constant->is_number();
        return is_known ? setting.constant->get<double>() : otherwise;
    };
    if (seconds(part.heartbeat, -HUGE_VAL) >= seconds(part.timeout, HUGE_VAL)) {
        refuse("HeartbeatSeconds must be smaller than TimeoutSeconds", at.location);
    }
    if (const Json* credentials = find_member(at.json, "Credentials")) {
        const std::string location = at.location + "/Credentials";
        const char* key = find_member(*credentials, "RoleArn") != nullptr ? "RoleArn" : "RoleArn.$";
        const Json* role = find_member(*credentials, key);
        if (role == nullptr) {
            diagnostics_.error("The field 'RoleArn' is required but was missing", location);
            return;
        }
        const Json wrapped = {{key, *role}};
        part.role_arn = Template::compile(wrapped, at.state.language, location, diagnostics_);
    }
}

void StateCompiler::choice(const Place& at) {
    at.state.choice = std::make_unique<ChoicePart>();
    const Json* choices = find_member(at.json, "Choices");
    if (choices == nullptr || !choices->is_array()) {
        diagnostics_.error("These fields are required: [Choices]", at.location);
        return;
    }
    if (choices->empty()) diagnostics_.error("Value cannot be empty", at.location + "/Choices");
    for (std::size_t i = 0; i < choices->size(); ++i) {
        const Json& json = (*choices)[i];
        const std::string location = fmt::format("{}/Choices[{}]", at.location, i);
        ChoiceRule rule = compile_rule(json, at.state.language, location, tolerance_, diagnostics_);
        rule.next_name = string_member(json, "Next");
        if (rule.next_name.empty()) {
            diagnostics_.error("The field 'Next' is required but was missing", location);
        }
        if (at.state.is_jsonata()) {
            check_known(json, {"Condition", "Next", "Assign", "Output", "Comment"}, location);
        }
        if (const Json* assign = find_member(json, "Assign")) {
            check_assign(*assign, location + "/Assign", at.state.language);
            rule.assign =
                Template::compile(*assign, at.state.language, location + "/Assign", diagnostics_);
        }
        if (const Json* output = find_member(json, "Output")) {
            rule.output =
                Template::compile(*output, at.state.language, location + "/Output", diagnostics_);
        }
        at.state.choice->rules.push_back(std::move(rule));
    }
    at.state.choice->default_name = string_member(at.json, "Default");
}

void StateCompiler::wait(const Place& at) {
    at.state.wait = std::make_unique<WaitPart>();
    WaitPart& part = *at.state.wait;
    part.seconds = setting(at.json, "Seconds", at.location, at.state.language);
    part.timestamp = setting(at.json, "Timestamp", at.location, at.state.language);
    if (part.timestamp.constant) {
        const Json& text = *part.timestamp.constant;
        if (!text.is_string() || !parse_timestamp(text.get_ref<const std::string&>())) {
            diagnostics_.error("String does not match RFC3339 timestamp",
                               at.location + "/Timestamp");
        }
    }
    if (part.seconds.given() == part.timestamp.given()) {
        diagnostics_.error(
            "Exactly one of these fields is required: [Seconds, SecondsPath, Timestamp, "
            "TimestampPath]",
            at.location);
    }
}

void StateCompiler::fail(const Place& at) {
    at.state.fail = std::make_unique<FailPart>();
    at.state.fail->error = text_setting(at, "Error");
    at.state.fail->cause = text_setting(at, "Cause");
}

void StateCompiler::parallel(const Place& at) {
    const Json* branches = find_member(at.json, "Branches");
    if (branches == nullptr || !branches->is_array()) {
        diagnostics_.error("These fields are required: [Branches]", at.location);
        return;
    }
    if (branches->empty()) diagnostics_.error("Value cannot be empty", at.location + "/Branches");
    for (std::size_t i = 0; i < branches->size(); ++i) {
        at.state.branches.push_back(list(
            (*branches)[i], fmt::format("{}/Branches[{}]", at.location, i), machine_language_));
    }
}

}  // namespace skafu::stepfunctions
