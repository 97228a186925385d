#include "secretsmanager/secret_filter.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/split.h"
#include "core/text.h"

namespace skafu::secretsmanager {
namespace {

/// What a key looks at.
std::vector<std::string> subjects_of(const Json& secret, const std::string& key) {
    std::vector<std::string> subjects;
    const bool all = key == "all";
    if (all || key == "name") subjects.push_back(string_member(secret, "Name"));
    if (all || key == "description") subjects.push_back(string_member(secret, "Description"));
    const Json* tags = find_member(secret, "Tags");
    if (tags == nullptr || !tags->is_array()) return subjects;
    for (const Json& tag : *tags) {
        if (all || key == "tag-key") subjects.push_back(string_member(tag, "Key"));
        if (all || key == "tag-value") subjects.push_back(string_member(tag, "Value"));
    }
    return subjects;
}

/// Each word of the value is somewhere.
bool has_words(const std::vector<std::string>& subjects, const std::string& value) {
    const std::vector<std::string_view> words = split_entries(value, ' ');
    return std::all_of(words.begin(), words.end(), [&](std::string_view word) {
        const std::string wanted = lower_case(std::string(word));
        return std::any_of(subjects.begin(), subjects.end(), [&](const std::string& subject) {
            return lower_case(subject).find(wanted) != std::string::npos;
        });
    });
}

bool has_prefix(const std::vector<std::string>& subjects, const std::string& value, bool any_case) {
    const std::string wanted = any_case ? lower_case(value) : value;
    return std::any_of(subjects.begin(), subjects.end(), [&](const std::string& subject) {
        return (any_case ? lower_case(subject) : subject).starts_with(wanted);
    });
}

bool passes_one(const Json& secret, const Json& filter) {
    const std::string key = string_member(filter, "Key");
    const std::vector<std::string> subjects = subjects_of(secret, key);
    const Json* values = find_member(filter, "Values");
    if (values == nullptr) return true;
    return std::any_of(values->begin(), values->end(), [&](const Json& given) {
        std::string value = given.get<std::string>();
        const bool contrary = value.starts_with('!');
        if (contrary) value.erase(0, 1);
        const bool found = key == "all" ? has_words(subjects, value)
                                        : has_prefix(subjects, value, key == "description");
        return found != contrary;
    });
}

}  // namespace

Shape filters_shape() {
    using namespace shape;
    return list(
        structure({optional("Key", enumeration({"description", "name", "tag-key", "tag-value",
                                                "primary-region", "owning-service", "all"})),
                   optional("Values", list(string(0, 512), 1, 10))}),
        0, 10);
}

bool passes(const Json& secret, const Json* filters) {
    if (filters == nullptr || !filters->is_array()) return true;
    return std::all_of(filters->begin(), filters->end(),
                       [&](const Json& filter) { return passes_one(secret, filter); });
}

}  // namespace skafu::secretsmanager
