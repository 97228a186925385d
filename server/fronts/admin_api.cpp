#include "fronts/admin_api.h"

#include <set>

#include "core/account.h"
#include "core/aws_error.h"
#include "core/data_reset.h"
#include "fronts/await.h"

namespace skafu::server {
namespace {

/// As far as a clock may be moved at once: beyond it dates have more than four digits.
constexpr double kMostSeconds = 1e10;

/// "30" and 30 are seconds; "500ms", "30s", "5m", "24h", "7d" say their unit.
Duration parse_duration(const Json& value, std::string_view member) {
    double seconds = -1;
    if (value.is_number()) seconds = value.get<double>();
    if (value.is_string()) {
        const std::string text = value.get<std::string>();
        std::size_t used = 0;
        double number = 0;
        try {
            number = std::stod(text, &used);
        } catch (const std::exception&) {
            used = 0;
        }
        const std::string unit = text.substr(used);
        const double factor = unit == "ms"                  ? 0.001
                              : unit.empty() || unit == "s" ? 1
                              : unit == "m"                 ? 60
                              : unit == "h"                 ? 3600
                              : unit == "d"                 ? 86400
                                                            : 0;
        if (used > 0 && factor > 0) seconds = number * factor;
    }
    if (seconds >= 0 && seconds <= kMostSeconds) {
        return Duration(static_cast<std::int64_t>(seconds * 1e6));
    }
    throw AwsError::validation(fmt::format(
        "{} must be seconds or a text such as \"500ms\", \"30s\", \"5m\", \"24h\"", member));
}

Json health(Cloud& cloud) {
    Json services = Json::object();
    for (const std::unique_ptr<Service>& service : cloud.services()) {
        services[service->name] = "running";
    }
    return services;
}

Json clock_state(Cloud& cloud) {
    const TimePoint next = cloud.clock().next_due();
    return {{"now", iso8601_millis(cloud.clock().now())},
            {"frozen", cloud.clock().frozen()},
            {"nextTimer", next == TimePoint::max() ? Json() : Json(iso8601_millis(next))}};
}

/// A member that switches something on. Throws AwsError for what is no boolean.
bool flag(const Json& body, std::string_view name) {
    const Json* member = find_member(body, name);
    if (member == nullptr || member->is_null()) return false;
    if (!member->is_boolean()) {
        throw AwsError::validation(fmt::format("{} must be true or false", name));
    }
    return member->get<bool>();
}

std::string text(const Json& body, std::string_view name) {
    const Json* member = find_member(body, name);
    if (member == nullptr || member->is_null()) return {};
    if (!member->is_string()) throw AwsError::validation(fmt::format("{} must be a text", name));
    return member->get<std::string>();
}

/// PUT /_skafu/clock {freeze | unfreeze: true, set: time, advance: duration, runToNext: true}
Task<HttpResponse> put_clock(Cloud& cloud, AdminRequest request) {
    const Json body = request.body();
    check_members(body, {"freeze", "unfreeze", "set", "advance", "runToNext"});
    Clock& clock = cloud.clock();
    if (flag(body, "freeze")) clock.freeze();
    if (const Json* time = find_member(body, "set")) {
        if (!time->is_string()) throw AwsError::validation("set must be an ISO 8601 time");
        try {
            clock.set(parse_iso8601(time->get<std::string>()));
        } catch (const std::invalid_argument& error) {
            throw AwsError::validation(error.what());
        }
    }
    if (const Json* by = find_member(body, "advance")) {
        co_await clock.advance(parse_duration(*by, "advance"));
    }
    if (flag(body, "runToNext")) co_await clock.run_to_next();
    if (flag(body, "unfreeze")) clock.unfreeze();
    co_return json_response(clock_state(cloud));
}

/// The regions whose resources an account may have here: AWS's own, and the two that callers get
/// without naming one.
std::set<std::string> regions_of(Cloud& cloud, const Caller& caller) {
    std::set<std::string> regions = {
        "af-south-1",     "ap-east-1",    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
        "ap-south-1",     "ap-south-2",   "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
        "ap-southeast-4", "ca-central-1", "ca-west-1",      "eu-central-1",   "eu-central-2",
        "eu-north-1",     "eu-south-1",   "eu-south-2",     "eu-west-1",      "eu-west-2",
        "eu-west-3",      "il-central-1", "me-central-1",   "me-south-1",     "sa-east-1",
        "us-east-1",      "us-east-2",    "us-west-1",      "us-west-2"};
    regions.insert(cloud.settings().region);
    regions.insert(caller.region);
    return regions;
}

/// POST /_skafu/reset {data?: true, account?, region?}: everything, or with `data` only what the
/// resources hold; of all accounts, of one, or of one region of it.
Json reset(Cloud& cloud, const AdminRequest& request) {
    const Json body = request.body();
    check_members(body, {"data", "account", "region"});
    const bool only_data = flag(body, "data");
    const auto empty = [&](const Scope* scope) {
        if (only_data) {
            reset_data(cloud, scope);
        } else {
            cloud.reset(scope);
        }
    };
    const std::string account = text(body, "account");
    const std::string region = text(body, "region");
    if (!account.empty() && !is_account_id(account)) {
        throw AwsError::validation("account must be the 12 digits of an account");
    }
    Json answer = {{"reset", only_data ? "data" : "everything"}};
    if (account.empty() && !region.empty()) {
        throw AwsError::validation("region goes with account");
    }
    if (account.empty()) {
        empty(nullptr);
        return answer;
    }
    answer["account"] = account;
    std::set<std::string> regions = regions_of(cloud, request.caller);
    if (!region.empty()) {
        regions = {region};
        answer["region"] = region;
    }
    for (const std::string& each : regions) {
        const Scope scope{account, each};
        empty(&scope);
    }
    return answer;
}

Json journal(Cloud& cloud, const AdminRequest& request) {
    const auto id = request.query.find("correlationId");
    if (id != request.query.end()) {
        return {{"correlationId", id->second}, {"activities", cloud.journal().trees(id->second)}};
    }
    std::size_t limit = 200;
    if (const auto given = request.query.find("limit"); given != request.query.end()) {
        limit = static_cast<std::size_t>(std::atoi(given->second.c_str()));
    }
    return {{"activities", cloud.journal().recent(limit)}};
}

Json coverage(Cloud& cloud) {
    Json services = Json::object();
    for (const std::unique_ptr<Service>& service : cloud.services()) {
        Json operations = Json::array();
        for (const Operation* operation : service->operations()) {
            if (!operation->internal) operations.push_back(operation->name);
        }
        services[service->name] = std::move(operations);
    }
    return services;
}

}  // namespace

void register_admin_api(Cloud& cloud, std::function<bool()> stopping) {
    AdminRoutes& admin = cloud.admin();
    const auto health_answer = [&cloud](const AdminRequest&) {
        return Json{{"status", "running"},
                    {"version", SKAFU_VERSION},
                    {"edition", "skafu-local"},
                    {"services", health(cloud)}};
    };
    for (const char* path : {"/_skafu/health", "/_localstack/health"}) {
        admin.add_json("GET", path, health_answer);
        admin.add_json("HEAD", path, health_answer);
    }
    admin.add_json("GET", "/_skafu/clock",
                   [&cloud](const AdminRequest&) { return clock_state(cloud); });
    admin.add("PUT", "/_skafu/clock",
              [&cloud](AdminRequest request) { return put_clock(cloud, std::move(request)); });
    admin.add_json("POST", "/_skafu/reset",
                   [&cloud](const AdminRequest& request) { return reset(cloud, request); });
    admin.add_json("GET", "/_skafu/journal",
                   [&cloud](const AdminRequest& request) { return journal(cloud, request); });
    admin.add_json("GET", "/_skafu/coverage",
                   [&cloud](const AdminRequest&) { return coverage(cloud); });
    admin.add("POST", "/_skafu/await", [&cloud, stopping](AdminRequest request) {
        const Json body = request.body();
        check_members(body, {"until", "timeout", "advance"});
        flag(body, "advance");
        const Json* timeout = find_member(body, "timeout");
        const Duration patience = timeout == nullptr ? Duration(std::chrono::seconds(30))
                                                     : parse_duration(*timeout, "timeout");
        return answer_await(cloud, body, patience, request.caller, stopping);
    });
}

}  // namespace skafu::server
