#include "lambda/batch_answer.h"

#include <algorithm>

#include "core/json.h"
#include "core/text.h"

namespace skafu::lambda {

std::optional<std::set<std::string>> reported_failures(std::string_view answer,
                                                       const std::vector<std::string>& given) {
    std::set<std::string> failed;
    Json value;
    try {
        value = parse_json(answer);
    } catch (const JsonError&) {
        return std::nullopt;
    }
    if (value.is_null() || is_empty_text(value)) return failed;
    if (!value.is_object()) return std::nullopt;
    const Json* list = find_member(value, "batchItemFailures");
    if (list == nullptr || list->is_null()) return failed;
    if (!list->is_array()) return std::nullopt;
    for (const Json& each : *list) {
        const std::string id = string_member(each, "itemIdentifier");
        if (std::find(given.begin(), given.end(), id) == given.end()) return std::nullopt;
        failed.insert(id);
    }
    return failed;
}

}  // namespace skafu::lambda
