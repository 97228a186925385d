#include "stepfunctions/expression.h"

#include <algorithm>
#include <set>

#include "stepfunctions/failure.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
// All executions share one thread, whose other work is to go on within a quarter of a second, and
// state data is at most 256 KiB. The time is that of all expressions of a state together; a machine
// that is slow has the longer one for what does not do much.
constexpr std::chrono::milliseconds kTime(1000);
constexpr std::chrono::milliseconds kBusyTime(200);
constexpr std::size_t kMemory = 64U * 1024U * 1024U;

std::string_view trim(std::string_view text) {
    const std::size_t from = text.find_first_not_of(kBlanks);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

/// Whether the text may look at $states.context: by that name, or at $states as a whole.
bool may_need_context(std::string_view text) {
    if (text.find("context") != std::string_view::npos) return true;
    constexpr std::string_view kStates = "$states";
    for (std::size_t at = text.find(kStates); at != std::string_view::npos;
         at = text.find(kStates, at + 1)) {
        const std::size_t after = at + kStates.size();
        if (after >= text.size() || text[after] != '.') return true;
        if (after + 1 < text.size() && !std::isalpha(static_cast<unsigned char>(text[after + 1]))) {
            return true;
        }
    }
    return false;
}

std::string opening(std::string_view text, std::string_view field) {
    return fmt::format("The JSONata expression '{}' specified for the field '{}' ", text, field);
}

std::uint64_t left_of(std::chrono::milliseconds time, Duration used) {
    const auto left = time - std::chrono::duration_cast<std::chrono::milliseconds>(used);
    return left.count() > 0 ? static_cast<std::uint64_t>(left.count()) : 0;
}

bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

QueryExpression::QueryExpression(std::string text, jsonata::Expression expression)
    : text_(std::move(text)),
      expression_(std::move(expression)),
      needs_context_(may_need_context(text_)) {}

QueryExpression QueryExpression::compile(std::string_view text) {
    return {std::string(text),
            jsonata::Expression::compile(text, jsonata::Dialect::step_functions)};
}

Json QueryExpression::evaluate(const StateScope& scope, std::string_view field) const {
    jsonata::Bindings bindings;
    jsonata::Bindings::Members states{{"input", &scope.input()}};
    if (needs_context_) states.emplace_back("context", &scope.context());
    if (scope.result() != nullptr) states.emplace_back("result", scope.result());
    if (scope.error_output() != nullptr) states.emplace_back("errorOutput", scope.error_output());
    bindings.bind_object("states", std::move(states));
    for (const Variables* level = &scope.variables(); level != nullptr; level = level->outer) {
        for (const auto& [name, value] : level->own) {
            if (scope.variables().find(name) == &value) bindings.bind(name, value);
        }
    }
    jsonata::Options options;
    const Duration used = scope.work_time();
    options.limits.milliseconds = left_of(kTime, used);
    options.limits.busy_milliseconds = left_of(kBusyTime, used);
    options.limits.memory = kMemory;
    options.now_millis = epoch_millis(scope.cloud().clock().now());
    options.random = [&scope] { return scope.cloud().entropy().unit(); };
    options.uuid = [&scope] { return scope.cloud().entropy().uuid(); };
    const std::string where(field);
    try {
        std::optional<Json> value = expression_.evaluate(nullptr, bindings, options);
        if (value) return std::move(*value);
    } catch (const jsonata::FunctionResult&) {
        throw evaluation_failure(opening(text_, field) + "returned an unsupported result type.",
                                 where);
    } catch (const jsonata::JsonataError& error) {
        throw evaluation_failure(
            opening(text_, field) + "threw an error during evaluation. " + error.what(), where);
    }
    throw evaluation_failure(opening(text_, field) + "returned nothing (undefined).", where);
}

std::shared_ptr<const QueryExpression> compile_query(std::string_view text,
                                                     const std::string& location,
                                                     Diagnostics& diagnostics) {
    const auto report = [&](const char* code, std::string message) {
        Diagnostic fault;
        fault.code = code;
        fault.message = std::move(message);
        fault.location = location;
        diagnostics.add(std::move(fault));
    };
    constexpr const char* kUnsupported = "UNSUPPORTED_JSONATA_EXPRESSION";
    try {
        auto query = std::make_shared<const QueryExpression>(QueryExpression::compile(text));
        const jsonata::Expression::References read = query->references();
        if (read.root) report(kUnsupported, "Reference to '$$' is not supported.");
        for (const std::string& name : read.names) {
            report(kUnsupported,
                   fmt::format("Reference to '{}' at the top level is not supported.", name));
        }
        const bool in_catcher = location.find("/Catch[") != std::string::npos;
        for (const std::string& path : read.paths) {
            if (path != "states.errorOutput" || in_catcher) continue;
            report(kUnsupported, "Field '$states.errorOutput' does not exist.");
        }
        return query;
    } catch (const jsonata::JsonataError& error) {
        report("INVALID_JSONATA_EXPRESSION", error.message());
        return nullptr;
    }
}

std::optional<std::string_view> expression_in(std::string_view text) {
    if (text.size() < 4 || !text.starts_with("{%") || !text.ends_with("%}")) return std::nullopt;
    return trim(text.substr(2, text.size() - 4));
}

std::vector<std::string> variables_in(std::string_view expression) {
    std::set<std::string> names;
    char quote = '\0';
    for (std::size_t i = 0; i < expression.size(); ++i) {
        const char c = expression[i];
        if (quote != '\0') {
            if (c == '\\')
                ++i;
            else if (c == quote)
                quote = '\0';
            continue;
        }
        if (c == '\'' || c == '"') quote = c;
        if (c != '$') continue;
        std::size_t end = i + 1;
        while (end < expression.size() && is_name_character(expression[end])) ++end;
        const std::string_view name = expression.substr(i + 1, end - i - 1);
        const std::size_t blanks = expression.find_first_not_of(kBlanks, end);
        const std::string_view after = expression.substr(std::min(blanks, expression.size()));
        const bool is_call = after.starts_with('(');
        const bool is_local = after.starts_with(":=");
        if (!name.empty() && name != "states" && !is_call && !is_local) names.emplace(name);
        i = end - 1;
    }
    return {names.begin(), names.end()};
}

}  // namespace skafu::stepfunctions
