#include "apigateway/patch.h"

#include <array>

#include "core/aws_error.h"
#include "core/service.h"

namespace skafu::apigateway {
namespace {

constexpr std::array<std::string_view, 6> kOps = {"add",  "remove",  "move",
                                                  "test", "replace", "copy"};

std::string unescape(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '1' || token[i + 1] == '0'))
            out += token[++i] == '1' ? '/' : '~';
        else
            out += token[i];
    }
    return out;
}

}  // namespace

std::vector<std::string> PatchOperation::tokens() const {
    std::vector<std::string> tokens;
    std::string_view rest = path;
    while (!rest.empty()) {
        if (rest.front() == '/') rest.remove_prefix(1);
        const std::size_t end = std::min(rest.find('/'), rest.size());
        tokens.push_back(unescape(rest.substr(0, end)));
        rest.remove_prefix(end);
    }
    return tokens;
}

std::vector<PatchOperation> patch_operations(const Json& input, std::string_view input_name) {
    std::vector<PatchOperation> operations;
    std::vector<std::string> errors;
    const Json* list = find_member(input, "patchOperations");
    if (!list || !list->is_array()) return operations;
    for (const Json& entry : *list) {
        PatchOperation operation;
        operation.op = string_member(entry, "op");
        if (const Json* path = find_member(entry, "path"); path && path->is_string()) {
            operation.path = path->get<std::string>();
            operation.has_path = true;
        }
        if (const Json* value = find_member(entry, "value")) {
            operation.value = *value;
            if (!value->is_string() && !value->is_null()) operation.value = to_text(*value);
        }
        operations.push_back(std::move(operation));
        const std::string& op = operations.back().op;
        if (std::find(kOps.begin(), kOps.end(), op) != kOps.end()) continue;
        errors.push_back(fmt::format(
            "Value '{}' at '{}.patchOperations.{}.member.op' failed to satisfy constraint: Member "
            "must satisfy enum value set: [add, remove, move, test, replace, copy]",
            op, input_name, operations.size()));
    }
    if (errors.empty()) return operations;
    throw AwsError::validation(fmt::format("{} validation error{} detected: {}", errors.size(),
                                           errors.size() == 1 ? "" : "s", fmt::join(errors, "; ")));
}

void apply_plainly(Json& document, const PatchOperation& operation) {
    const std::vector<std::string> tokens = operation.tokens();
    if (tokens.empty()) return;
    Json* at = &document;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        Json& next = (*at)[tokens[i]];
        if (!next.is_object()) next = Json::object();
        at = &next;
    }
    if (operation.op == "remove")
        at->erase(tokens.back());
    else
        (*at)[tokens.back()] = operation.value;
}

}  // namespace skafu::apigateway
