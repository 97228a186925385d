#include "cloudformation/sam/api_policy.h"

#include <algorithm>

#include "cloudformation/sam/api_body.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr const char* kPolicy = "x-amazon-apigateway-policy";

Json& policy_of(Json& body) {
    if (!body.contains(kPolicy) || !body[kPolicy].is_object()) body[kPolicy] = Json::object();
    body[kPolicy]["Version"] = "2012-10-17";
    return body[kPolicy];
}

/// Adds statements that are not there yet.
void add_statements(Json& body, const Json& statements) {
    Json& policy = policy_of(body);
    Json list = Json::array();
    if (const Json* before = given(policy, "Statement")) {
        list = before->is_array() ? *before : Json::array({*before});
    }
    for (const Json& statement : statements) {
        if (std::find(list.begin(), list.end(), statement) == list.end()) list.push_back(statement);
    }
    policy["Statement"] = std::move(list);
}

Json statement(const char* effect, const Json& resources, Json principal) {
    return Json{{"Effect", effect},
                {"Action", "execute-api:Invoke"},
                {"Resource", resources},
                {"Principal", std::move(principal)}};
}

/// The ARNs of the methods of a path, below the API's own.
Json method_arns(Json& body, const std::string& path, const Json& stage) {
    Json list = Json::array();
    for (const Json* item : path_items(body, path)) {
        for (const auto& [name, method] : item->items()) {
            std::string verb = method_key(name) == kAnyMethod ? "*" : name;
            for (char& c : verb) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            list.push_back(sub("execute-api:/${__Stage__}/" + verb + permission_path(path),
                               Json{{"__Stage__", stage}}));
        }
    }
    return list;
}

void add_accounts(Json& body, const Json* accounts, const char* effect, const Json& resources) {
    if (!is_truthy(accounts)) return;
    if (!accounts->is_structured()) {
        throw SamProblem::document(
            fmt::format("Type of '{}' must be a list or dictionary", printed(*accounts)));
    }
    const Json list = accounts->is_array() ? *accounts : Json::array({*accounts});
    Json entry = statement(effect, resources, Json{{"AWS", list}});
    Json& policy = policy_of(body);
    const Json* before = given(policy, "Statement");
    if (before == nullptr) {
        policy["Statement"] = std::move(entry);
        return;
    }
    Json all = before->is_array() ? *before : Json::array({*before});
    all.push_back(std::move(entry));
    policy["Statement"] = std::move(all);
}

/// All may call, but not those that `condition` denies.
void add_denial(Json& body, Json condition, const Json& resources) {
    Json denial = statement("Deny", resources, "*");
    denial["Condition"] = std::move(condition);
    add_statements(body, Json::array({statement("Allow", resources, "*"), std::move(denial)}));
}

void add_addresses(Json& body, const Json* ranges, const char* operation, const Json& resources) {
    if (!is_truthy(ranges)) return;
    const Json list = ranges->is_array() ? *ranges : Json::array({*ranges});
    add_denial(body, Json{{operation, {{"aws:SourceIp", list}}}}, resources);
}

/// VPCs and VPC endpoints; `list` is "Whitelist" or "Blacklist".
void add_networks(Json& body, const Json& policy, const std::string& list, const char* operation,
                  const Json& resources) {
    Json networks = Json::array();
    Json endpoints = Json::array();
    if (const Json* texts = given(policy, "SourceVpc" + list)) {
        const bool plain =
            texts->is_array() && std::all_of(texts->begin(), texts->end(),
                                             [](const Json& text) { return text.is_string(); });
        if (!plain) {
            throw SamProblem::document(
                fmt::format("SourceVpc{0} must be a list of strings. Use IntrinsicVpc{0} instead "
                            "for values that use Intrinsic Functions",
                            list));
        }
        for (const Json& text : *texts) {
            const std::string name = text.get<std::string>();
            if (name.starts_with("vpce-")) endpoints.push_back(name);
            if (name.starts_with("vpc-")) networks.push_back(name);
        }
    }
    const auto append = [&](const std::string& name, Json& to) {
        const Json* more = given(policy, name);
        if (more == nullptr || !more->is_array()) return;
        for (const Json& item : *more) to.push_back(item);
    };
    append("IntrinsicVpc" + list, networks);
    append("IntrinsicVpce" + list, endpoints);
    Json condition = Json::object();
    if (!networks.empty()) condition["aws:SourceVpc"] = networks;
    if (!endpoints.empty()) condition["aws:SourceVpce"] = endpoints;
    if (condition.empty()) return;
    add_denial(body, Json{{operation, std::move(condition)}}, resources);
}

}  // namespace

void add_resource_policy(const Json& policy, const std::string& path, const Json& stage,
                         Json& body) {
    if (!policy.is_object()) {
        throw SamProblem::document("Resource Policy is not a valid dictionary.");
    }
    const Json resources = method_arns(body, path, stage);
    add_accounts(body, given(policy, "AwsAccountWhitelist"), "Allow", resources);
    add_accounts(body, given(policy, "AwsAccountBlacklist"), "Deny", resources);
    add_addresses(body, given(policy, "IpRangeWhitelist"), "NotIpAddress", resources);
    add_addresses(body, given(policy, "IpRangeBlacklist"), "IpAddress", resources);
    add_networks(body, policy, "Blacklist", "StringEquals", resources);
    add_networks(body, policy, "Whitelist", "StringNotEquals", resources);
    if (!body.contains(kPolicy)) body[kPolicy] = Json::object();
}

void add_custom_statements(const Json& policy, Json& body) {
    const Json* statements = given(policy, "CustomStatements");
    if (!is_truthy(statements)) return;
    Json& document = policy_of(body);
    if (given(document, "Statement") == nullptr) {
        document["Statement"] = *statements;
        return;
    }
    add_statements(body, statements->is_array() ? *statements : Json::array({*statements}));
}

}  // namespace skafu::cloudformation::sam
