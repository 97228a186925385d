#include "expressions/jsonpath/functions.h"

#include <cmath>

#include "core/text.h"

namespace skafu::jsonpath {
namespace {

Json argument(const std::variant<Json, JsonPath>& from, const Json& document) {
    if (const Json* literal = std::get_if<Json>(&from)) return *literal;
    Json value;
    if (!std::get<JsonPath>(from).try_read(document, value)) return nullptr;
    return value;
}

std::vector<double> numbers_in(const Step& step, const Json& value, const Json& document) {
    std::vector<double> numbers;
    const auto add = [&](const Json& from) {
        if (from.is_number()) numbers.push_back(from.get<double>());
    };
    if (value.is_array()) std::for_each(value.begin(), value.end(), add);
    for (const auto& extra : step.arguments) {
        const Json more = argument(extra, document);
        if (more.is_array())
            std::for_each(more.begin(), more.end(), add);
        else
            add(more);
    }
    return numbers;
}

bool aggregate(Function function, const std::vector<double>& numbers, Json& result) {
    if (numbers.empty()) return false;
    double sum = 0;
    for (const double number : numbers) sum += number;
    const double count = static_cast<double>(numbers.size());
    switch (function) {
        case Function::Min:
            result = *std::min_element(numbers.begin(), numbers.end());
            break;
        case Function::Max:
            result = *std::max_element(numbers.begin(), numbers.end());
            break;
        case Function::Sum:
            result = sum;
            break;
        case Function::Avg:
            result = sum / count;
            break;
        default: {
            double squares = 0;
            for (const double number : numbers)
                squares += (number - sum / count) * (number - sum / count);
            result = std::sqrt(squares / count);
        }
    }
    return true;
}

bool element(const Json& value, std::int64_t index, Json& result) {
    if (!value.is_array()) return false;
    const std::int64_t at = effective_index(index, value.size());
    if (at < 0) return false;
    result = value[static_cast<std::size_t>(at)];
    return true;
}

Json concatenated(const Step& step, const Json& value, const Json& document) {
    std::string text;
    if (value.is_array()) {
        for (const Json& part : value) {
            if (part.is_string()) text += part.get_ref<const std::string&>();
        }
    }
    for (const auto& extra : step.arguments) {
        const Json part = argument(extra, document);
        if (!part.is_array())
            text += plain_text(part);
        else
            for (const Json& item : part) text += plain_text(item);
    }
    return text;
}

}  // namespace

bool apply(const Step& step, const Json& value, const Json& document, Json& result) {
    switch (step.function) {
        case Function::Length: {
            const bool from_argument = !step.arguments.empty();
            const Json of = from_argument ? argument(step.arguments.front(), document) : value;
            if (!of.is_array() && !of.is_object()) return false;
            result = of.size();
            return true;
        }
        case Function::Keys:
            if (!value.is_object()) return false;
            result = Json::array();
            for (const auto& [key, member] : value.items()) result.push_back(key);
            return true;
        case Function::First:
            return element(value, 0, result);
        case Function::Last:
            return element(value, -1, result);
        case Function::Index: {
            if (step.arguments.empty()) return false;
            const Json at = argument(step.arguments.front(), document);
            return at.is_number_integer() && element(value, at.get<std::int64_t>(), result);
        }
        case Function::Concat:
            result = concatenated(step, value, document);
            return true;
        case Function::Append:
            if (!value.is_array()) return false;
            result = value;
            for (const auto& extra : step.arguments) result.push_back(argument(extra, document));
            return true;
        default:
            return aggregate(step.function, numbers_in(step, value, document), result);
    }
}

}  // namespace skafu::jsonpath
