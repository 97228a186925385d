#include "secretsmanager/random_password.h"

#include <vector>

#include "core/aws_error.h"

namespace skafu::secretsmanager {
namespace {

constexpr std::size_t kUsualLength = 32;
constexpr std::size_t kMostLength = 4096;

/// Templates may give numbers and truths as texts.
bool is_set(const Json& parameters, std::string_view name) {
    const Json* value = find_member(parameters, name);
    return value != nullptr && (*value == true || *value == "true");
}

std::size_t length_of(const Json& parameters) {
    const Json* given = find_member(parameters, "PasswordLength");
    if (given == nullptr || given->is_null()) return kUsualLength;
    const std::string text = given->is_string() ? given->get<std::string>() : to_text(*given);
    std::size_t length = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || length > kMostLength) break;
        length = length * 10 + static_cast<std::size_t>(c - '0');
    }
    if (length == 0 || length > kMostLength) {
        throw AwsError("InvalidParameterValueException", "Password length must be 1 to 4096.");
    }
    return length;
}

}  // namespace

std::string random_password(Entropy& entropy, const Json& parameters) {
    const std::string excluded = string_member(parameters, "ExcludeCharacters");
    std::vector<std::string> types;
    const auto add_type = [&](std::string_view characters) {
        std::string kept;
        for (const char c : characters) {
            if (excluded.find(c) == std::string::npos) kept += c;
        }
        if (!kept.empty()) types.push_back(std::move(kept));
    };
    if (!is_set(parameters, "ExcludeLowercase")) add_type("abcdefghijklmnopqrstuvwxyz");
    if (!is_set(parameters, "ExcludeUppercase")) add_type("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (!is_set(parameters, "ExcludeNumbers")) add_type("0123456789");
    if (!is_set(parameters, "ExcludePunctuation")) add_type("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
    if (is_set(parameters, "IncludeSpace")) add_type(" ");
    const std::size_t length = length_of(parameters);
    const Json* each = find_member(parameters, "RequireEachIncludedType");
    const bool require_each = each == nullptr || is_set(parameters, "RequireEachIncludedType");
    if (types.empty()) {
        throw AwsError("InvalidParameterException",
                       "The password cannot be made with the characters given.");
    }
    if (require_each && length < types.size()) {
        throw AwsError(
            "InvalidParameterException",
            fmt::format("Password length {} is too short based on the required types.", length));
    }
    std::string all;
    for (const std::string& type : types) all += type;
    std::string password = entropy.pick(length, all);
    if (!require_each) return password;
    // One of each type, each at a place of its own.
    std::vector<std::size_t> places(length);
    for (std::size_t i = 0; i < length; ++i) places[i] = i;
    for (std::size_t i = 0; i < types.size(); ++i) {
        std::swap(places[i], places[i + entropy.below(length - i)]);
        password[places[i]] = types[i][entropy.below(types[i].size())];
    }
    return password;
}

}  // namespace skafu::secretsmanager
