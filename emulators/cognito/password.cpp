#include "cognito/password.h"

#include "cognito/errors.h"
#include "cognito/srp.h"
#include "core/base64.h"
#include "core/digest.h"

namespace skafu::cognito {
namespace {

constexpr std::string_view kSymbols = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ";

AwsError refused(const std::string& why) {
    return error("InvalidPasswordException", "Password did not conform with policy: " + why);
}

bool has_any(const std::string& text, int (*is_kind)(int)) {
    return std::any_of(text.begin(), text.end(),
                       [&](char c) { return is_kind(static_cast<unsigned char>(c)) != 0; });
}

bool wants(const Json& policy, std::string_view name) {
    const Json* value = find_member(policy, name);
    return value && value->is_boolean() && value->get<bool>();
}

}  // namespace

void check_password(const Json& pool, const std::string& password) {
    if (password.starts_with(' ') || password.ends_with(' ')) {
        throw invalid_parameter(
            "1 validation error detected: Value at 'password' failed to satisfy constraint: Member "
            "must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$");
    }
    const Json& policy = pool.at("Policies").at("PasswordPolicy");
    const Json* minimum = find_member(policy, "MinimumLength");
    const std::size_t length = minimum && minimum->is_number() ? minimum->get<std::size_t>() : 6;
    if (password.size() < length) throw refused("Password not long enough");
    if (wants(policy, "RequireUppercase") && !has_any(password, std::isupper)) {
        throw refused("Password must have uppercase characters");
    }
    if (wants(policy, "RequireLowercase") && !has_any(password, std::islower)) {
        throw refused("Password must have lowercase characters");
    }
    if (wants(policy, "RequireNumbers") && !has_any(password, std::isdigit)) {
        throw refused("Password must have numeric characters");
    }
    if (wants(policy, "RequireSymbols") && password.find_first_of(kSymbols) == std::string::npos) {
        throw refused("Password must have symbol characters");
    }
}

std::string make_password(Entropy& entropy) {
    return "Aa1!" + entropy.lower_alphanumeric(12);
}

Json protect_password(Entropy& entropy, const std::string& pool_id, const std::string& username,
                      const std::string& password) {
    const std::string salt = entropy.hex(32);
    const srp::Verifier verifier = srp::make_verifier(entropy, pool_id, username, password);
    return {{"salt", salt},
            {"digest", digest::hex(digest::hmac_sha256(salt, password))},
            {"srpSalt", verifier.salt},
            {"srpVerifier", verifier.verifier}};
}

bool password_matches(const Json& user, const std::string& password) {
    const Json* kept = find_member(user.at("private"), "password");
    if (!kept) return false;
    const std::string given =
        digest::hex(digest::hmac_sha256(string_member(*kept, "salt"), password));
    return given == string_member(*kept, "digest");
}

std::string secret_hash(const std::string& secret, const std::string& username,
                        const std::string& client_id) {
    return base64_encode(digest::hmac_sha256(secret, username + client_id));
}

}  // namespace skafu::cognito
