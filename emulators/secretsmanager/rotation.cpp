#include "secretsmanager/rotation.h"

#include <charconv>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "secretsmanager/secret.h"

namespace skafu::secretsmanager {
namespace {

constexpr std::string_view kPending = "AWSPENDING";
constexpr std::string_view kSteps[] = {"createSecret", "setSecret", "testSecret", "finishSecret"};

AwsError invalid_request(std::string message) {
    return {"InvalidRequestException", std::move(message)};
}

/// The version that is pending and not current: a rotation that has not come to its end.
std::string unfinished_version(const Json& secret) {
    for (const auto& [id, version] : secret.at("versions").items()) {
        if (has_stage(version, kPending) && !has_stage(version, kCurrent)) return id;
    }
    return {};
}

/// Seconds between two rotations; nullopt where the rules name no rate.
std::optional<double> interval_of(const Json& rules) {
    constexpr double kDay = 86'400;
    if (const Json* days = find_member(rules, "AutomaticallyAfterDays")) {
        return days->get<double>() * kDay;
    }
    const std::string schedule = string_member(rules, "ScheduleExpression");
    if (!schedule.starts_with("rate(") || !schedule.ends_with(')')) return std::nullopt;
    const std::string_view rate = std::string_view(schedule).substr(5, schedule.size() - 6);
    int count = 0;
    const auto number = std::from_chars(rate.data(), rate.data() + rate.size(), count);
    if (number.ec != std::errc() || count <= 0) return std::nullopt;
    const std::string_view unit(number.ptr, rate.data() + rate.size());
    if (unit == " day" || unit == " days") return count * kDay;
    if (unit == " hour" || unit == " hours") return count * 3'600.0;
    return std::nullopt;
}

void set_next(Json& secret, double now) {
    Json& rotation = secret["rotation"];
    rotation.erase("next");
    const Json* rules = find_member(rotation, "rules");
    if (rules == nullptr) return;
    if (const std::optional<double> interval = interval_of(*rules)) {
        rotation["next"] = now + *interval;
    }
}

Json answer_of(const Json& secret, const std::string& version) {
    Json answer = {{"ARN", secret.at("ARN")}, {"Name", secret.at("Name")}};
    if (!version.empty()) answer["VersionId"] = version;
    return answer;
}

Scope scope_of(const Json& secret) {
    const std::optional<Arn> arn = Arn::parse(string_member(secret, "ARN"));
    return {arn->account, arn->region};
}

bool is_enabled(const Json& secret) {
    const Json* rotation = find_member(secret, "rotation");
    return rotation != nullptr && rotation->at("enabled") == true && !secret.contains("deleted");
}

}  // namespace

void check_rules(const Json& input) {
    const Json* rules = find_member(input, "RotationRules");
    if (rules == nullptr) return;
    const std::string schedule = string_member(*rules, "ScheduleExpression");
    if (schedule.empty()) return;
    if (find_member(*rules, "AutomaticallyAfterDays") != nullptr) {
        throw AwsError("InvalidParameterException",
                       "You can't specify both AutomaticallyAfterDays and ScheduleExpression.");
    }
    if (!schedule.starts_with("cron(") && !interval_of(*rules)) {
        throw AwsError("InvalidParameterException", "Invalid ScheduleExpression: " + schedule);
    }
}

void describe_rotation(const Json& secret, Json& out) {
    const Json* rotation = find_member(secret, "rotation");
    if (rotation == nullptr) return;
    out["RotationEnabled"] = rotation->at("enabled");
    out["RotationLambdaARN"] = rotation->at("function");
    if (const Json* rules = find_member(*rotation, "rules")) out["RotationRules"] = *rules;
    if (const Json* last = find_member(*rotation, "last")) out["LastRotatedDate"] = *last;
    const Json* next = find_member(*rotation, "next");
    if (next != nullptr && is_enabled(secret)) out["NextRotationDate"] = *next;
}

Rotation::Rotation(Cloud& cloud, Collection& secrets) : cloud_(cloud), secrets_(secrets) {
    arm();
}

std::string Rotation::function_for(const Json& secret, const Json& input) {
    std::string function = string_member(input, "RotationLambdaARN");
    if (const Json* rotation = find_member(secret, "rotation"); rotation && function.empty()) {
        function = string_member(*rotation, "function");
    }
    if (function.empty()) {
        throw invalid_request("No Lambda rotation function ARN is associated with this secret.");
    }
    return function;
}

Task<void> Rotation::check_function(Caller caller, ActivityId cause, std::string function) {
    Json input = {{"FunctionName", std::move(function)}};
    caller.principal = "secretsmanager.amazonaws.com";
    try {
        co_await cloud_.call_json("lambda", "GetFunction", std::move(input), caller, cause);
    } catch (const AwsError&) {
        throw AwsError("AccessDeniedException",
                       "Secrets Manager cannot invoke the specified Lambda function. Ensure that "
                       "the function policy grants access to the principal "
                       "secretsmanager.amazonaws.com.");
    }
}

Json Rotation::begin(Context& context, Json secret, const Json& input,
                     const std::string& function) {
    std::string token = string_member(input, "ClientRequestToken");
    if (token.empty()) token = cloud_.entropy().uuid();
    const std::string unfinished = unfinished_version(secret);
    if (secret["versions"].contains(token)) return answer_of(secret, token);  // sent again
    if (!unfinished.empty()) {
        throw invalid_request(
            "A previous rotation isn't complete. That rotation will be reattempted.");
    }
    Json& rotation = secret["rotation"];
    if (rotation.is_null()) rotation = Json::object();
    rotation["enabled"] = true;
    rotation["function"] = function;
    if (const Json* rules = find_member(input, "RotationRules")) rotation["rules"] = *rules;
    set_next(secret, now());
    const bool at_once = input.value("RotateImmediately", true);
    Json answer = answer_of(secret, at_once ? token : "");
    Round round = start(std::move(secret), token, context.activity.id());
    cloud_.spawn(at_once ? rotate(std::move(round)) : test(std::move(round)));
    return answer;
}

Json Rotation::cancel(Json secret) {
    function_for(secret, Json::object());
    secret["rotation"]["enabled"] = false;
    secret["rotation"].erase("next");
    Json answer = answer_of(secret, unfinished_version(secret));
    put(std::move(secret));
    return answer;
}

/// Keeps the secret with its pending version, which has no value until the function gives it one.
Rotation::Round Rotation::start(Json secret, const std::string& token, ActivityId cause) {
    const std::string name = string_member(secret, "Name");
    Round round{scope_of(secret), name, token,
                cloud_.journal().begin(ActivityKind::delivery, "rotation of " + name, cause)};
    if (!secret["versions"].contains(token)) {
        strip_stage(secret, kPending);
        secret["versions"][token] = {{"created", now()}, {"stages", Json::array({kPending})}};
    }
    put(std::move(secret));
    return round;
}

const Json* Rotation::find(const Round& round) const {
    const Json* secret = secrets_.find(round.scope, round.name);
    const bool goes_on =
        secret != nullptr && is_enabled(*secret) && secret->at("versions").contains(round.token);
    return goes_on ? secret : nullptr;
}

Task<std::string> Rotation::run_step(const Round& round, std::string_view step) {
    const Json* secret = find(round);
    if (secret == nullptr) co_return "The rotation was cancelled.";
    const Json event = {
        {"Step", step}, {"SecretId", secret->at("ARN")}, {"ClientRequestToken", round.token}};
    Json input = {{"FunctionName", secret->at("rotation").at("function")},
                  {"InvocationType", "RequestResponse"},
                  {"Payload", to_text(event)}};
    const Caller caller{round.scope.account, round.scope.region, "secretsmanager.amazonaws.com"};
    std::string failure;
    try {
        const Json answer = co_await cloud_.call_json("lambda", "Invoke", std::move(input), caller,
                                                      round.activity.id());
        if (find_member(answer, "FunctionError")) failure = string_member(answer, "Payload");
    } catch (const AwsError& error) {
        failure = error.message();
    }
    co_return failure;
}

Task<void> Rotation::rotate(Round round) {
    for (const std::string_view step : kSteps) {
        const std::string failure = co_await run_step(round, step);
        if (failure.empty()) continue;
        log::warn("Secrets Manager: {} of {} failed: {}", step, round.name, failure);
        round.activity.fail("RotationFailed", failure);
        co_return;
    }
    complete(round);
}

/// The function has moved AWSCURRENT; the label AWSPENDING is ours to take away.
void Rotation::complete(Round& round) {
    const Json* found = find(round);
    if (found == nullptr) return;
    Json secret = *found;
    Json& version = secret["versions"][round.token];
    if (!has_stage(version, kCurrent)) {
        log::warn("Secrets Manager: the rotation of {} left AWSCURRENT where it was", round.name);
        round.activity.fail("RotationFailed", "AWSCURRENT is not at the new version.");
        return;
    }
    strip_stage(secret, kPending);
    secret["rotation"]["last"] = now();
    secret["changed"] = now();
    set_next(secret, now());
    put(std::move(secret));
}

Task<void> Rotation::test(Round round) {
    const std::string failure = co_await run_step(round, "testSecret");
    if (!failure.empty()) {
        log::warn("Secrets Manager: testSecret of {} failed: {}", round.name, failure);
        round.activity.fail("RotationFailed", failure);
    }
    const Json* found = secrets_.find(round.scope, round.name);
    if (found == nullptr || unfinished_version(*found) != round.token) co_return;
    Json secret = *found;
    secret["versions"].erase(round.token);
    put(std::move(secret));
}

void Rotation::put(Json secret) {
    const Scope scope = scope_of(secret);
    const std::string name = string_member(secret, "Name");
    secrets_.put(scope, name, std::move(secret));
    arm();
}

void Rotation::arm() {
    std::optional<double> first;
    secrets_.for_each_scope([&](const Scope& scope) {
        secrets_.for_each(scope, [&](const std::string&, const Json& secret) {
            const Json* rotation = find_member(secret, "rotation");
            const Json* next = rotation ? find_member(*rotation, "next") : nullptr;
            if (next == nullptr || !is_enabled(secret)) return true;
            first = std::min(first.value_or(next->get<double>()), next->get<double>());
            return true;
        });
    });
    if (timer_ != 0) cloud_.clock().cancel(timer_);
    timer_ = 0;
    if (!first) return;
    timer_ = cloud_.clock().at(
        from_epoch_seconds(*first),
        [this] {
            timer_ = 0;
            rotate_due();
        },
        TimerKind::housekeeping);
}

void Rotation::rotate_due() {
    std::vector<Json> due;
    secrets_.for_each_scope([&](const Scope& scope) {
        secrets_.for_each(scope, [&](const std::string&, const Json& secret) {
            const Json* rotation = find_member(secret, "rotation");
            const Json* next = rotation ? find_member(*rotation, "next") : nullptr;
            if (next && is_enabled(secret) && next->get<double>() <= now()) due.push_back(secret);
            return true;
        });
    });
    for (Json& secret : due) {
        // One that failed is tried again for the version that it left.
        std::string token = unfinished_version(secret);
        if (token.empty()) token = cloud_.entropy().uuid();
        set_next(secret, now());
        Round round = start(std::move(secret), token, 0);
        cloud_.spawn(rotate(std::move(round)));
    }
    arm();
}

}  // namespace skafu::secretsmanager
