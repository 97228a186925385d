#include "cognito/operations.h"
#include "cognito/password.h"
#include "core/log.h"

// What the user operations have in common: attributes, the user document, codes.

namespace skafu::cognito {
namespace {

const Json* schema_entry(const Json& pool, const std::string& name) {
    for (const Json& entry : pool.at("SchemaAttributes")) {
        if (string_member(entry, "Name") == name) return &entry;
    }
    return nullptr;
}

bool is_in(const Json& pool, std::string_view list, std::string_view name) {
    const Json* names = find_member(pool, list);
    if (!names || !names->is_array()) return false;
    return std::find(names->begin(), names->end(), Json(name)) != names->end();
}

bool is_email(std::string_view text) {
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos &&
           text.find_first_of(" \t\r\n") == std::string_view::npos;
}

bool signs_in_by(const Json& pool, std::string_view attribute) {
    return is_in(pool, "UsernameAttributes", attribute);
}

}  // namespace

Json attributes_from_list(const Json* list) {
    Json attributes = Json::object();
    if (!list || !list->is_array()) return attributes;
    for (const Json& one : *list) {
        attributes[string_member(one, "Name")] = string_member(one, "Value");
    }
    return attributes;
}

Json attribute_list(const Json& attributes) {
    Json list = Json::array();
    for (const auto& [name, value] : attributes.items()) {
        list.push_back({{"Name", name}, {"Value", value}});
    }
    return list;
}

void check_writable(const Json& pool, const Json& client, const Json& attributes) {
    const Json* allowed = find_member(client, "WriteAttributes");
    for (const auto& [name, value] : attributes.items()) {
        const bool verified = name == "email_verified" || name == "phone_number_verified";
        if (verified || !schema_entry(pool, name) ||
            (allowed && !is_in(client, "WriteAttributes", name))) {
            throw not_authorized("A client attempted to write unauthorized attribute");
        }
    }
}

void check_mutable(const Json& pool, const Json& attributes) {
    for (const auto& [name, value] : attributes.items()) {
        const Json* entry = schema_entry(pool, name);
        if (!entry || entry->value("Mutable", true)) continue;
        if (name == "sub") throw invalid_parameter("Cannot modify the non-mutable attribute sub");
        throw invalid_parameter("user." + name + ": Attribute cannot be updated.\n");
    }
}

void check_attributes(const Json& pool, const Json& attributes, Need need) {
    for (const auto& [name, value] : attributes.items()) {
        const Json* entry = schema_entry(pool, name);
        if (!entry) {
            throw invalid_parameter(fmt::format(
                "Attributes did not conform to the schema: Type for attribute {{{}}} could not be "
                "determined",
                name));
        }
        if (name == "email" && !is_email(value.is_string() ? value.get<std::string>() : "")) {
            throw invalid_parameter("Invalid email address format.");
        }
        const Json* limits = find_member(*entry, "StringAttributeConstraints");
        if (!limits) continue;
        const std::string longest = string_member(*limits, "MaxLength");
        const std::string given = value.is_string() ? value.get<std::string>() : "";
        if (!longest.empty() &&
            given.size() > static_cast<std::size_t>(std::atoi(longest.c_str()))) {
            throw invalid_parameter(fmt::format(
                "Attributes did not conform to the schema: {}: String must be no longer than {} "
                "characters\n",
                name, longest));
        }
    }
    if (need == Need::Given) return;
    for (const Json& entry : pool.at("SchemaAttributes")) {
        const std::string name = string_member(entry, "Name");
        const Json* is_required = find_member(entry, "Required");
        if (name == "sub" || !is_required || *is_required != true) continue;
        if (string_member(attributes, name).empty()) {
            throw invalid_parameter("Attributes did not conform to the schema: " + name +
                                    ": The attribute " + name + " is required\n");
        }
    }
}

Json shown_user(const Json& user, std::string_view list_name) {
    Json shown = {{"Username", user.at("Username")}};
    shown[std::string(list_name)] = attribute_list(user.at("Attributes"));
    copy_members(user, shown, {"UserCreateDate", "UserLastModifiedDate", "Enabled", "UserStatus"});
    return shown;
}

Json new_user(Store& store, const Json& pool, const std::string& username, Json attributes) {
    const std::string sub = store.cloud.entropy().uuid();
    Json all = {{"sub", sub}};
    std::string name = username;
    if (signs_in_by(pool, "email") && username.find('@') != std::string::npos) {
        attributes["email"] = username;
        name = sub;
    } else if (signs_in_by(pool, "phone_number") && username.starts_with('+')) {
        attributes["phone_number"] = username;
        name = sub;
    } else if (signs_in_by(pool, "email") || signs_in_by(pool, "phone_number")) {
        throw invalid_parameter(signs_in_by(pool, "email") ? "Username should be an email."
                                                           : "Username should be a phone number.");
    }
    for (const auto& [key, value] : attributes.items()) all[key] = value;
    return {{"Username", name},
            {"Attributes", std::move(all)},
            {"UserCreateDate", store.now()},
            {"UserLastModifiedDate", store.now()},
            {"Enabled", true},
            {"UserStatus", "UNCONFIRMED"},
            {"private", {{"groups", Json::array()}}}};
}

void refuse_known_user(Store& store, const Scope& scope, const Json& pool,
                       const std::string& username, const Json& attributes,
                       std::string_view message) {
    const std::string pool_id = string_member(pool, "Id");
    if (store.find_user(scope, pool_id, username)) {
        const bool by_email = signs_in_by(pool, "email") && username.find('@') != std::string::npos;
        throw error(
            "UsernameExistsException",
            by_email ? "An account with the given email already exists." : std::string(message));
    }
    for (const char* alias : {"email", "phone_number", "preferred_username"}) {
        const std::string value = string_member(attributes, alias);
        if (value.empty() || !is_in(pool, "AliasAttributes", alias)) continue;
        if (store.find_user(scope, pool_id, value)) {
            throw error("AliasExistsException",
                        fmt::format("An account with the {} already exists.", alias));
        }
    }
}

void set_password(Store& store, const Json& pool, Json& user, const std::string& password) {
    check_password(pool, password);
    user["private"].erase("temporaryUntil");
    user["private"]["password"] = protect_password(store.cloud.entropy(), string_member(pool, "Id"),
                                                   string_member(user, "Username"), password);
}

void set_temporary_password(Store& store, const Json& pool, Json& user,
                            const std::string& password) {
    set_password(store, pool, user, password);
    const Json& policy = pool.at("Policies").at("PasswordPolicy");
    const double days = policy.value("TemporaryPasswordValidityDays", 7.0);
    user["private"]["temporaryUntil"] = store.now() + days * 24 * 3600;
    user["UserStatus"] = "FORCE_CHANGE_PASSWORD";
}

bool auto_verifies(const Json& pool, std::string_view attribute) {
    return is_in(pool, "AutoVerifiedAttributes", attribute);
}

void send_code(Store& store, const std::string& pool_id, Json& user, const std::string& kind) {
    const std::string code = store.cloud.entropy().pick(6, "0123456789");
    user["private"][kind] = code;
    user["private"]["codeUntil"] = store.now() + 24 * 3600;
    log::info("Cognito: the code for {} in {} is {}", string_member(user, "Username"), pool_id,
              code);
}

}  // namespace skafu::cognito
