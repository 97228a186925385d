#include "fronts/admin_api.h"

#include "core/aws_error.h"
#include "fronts/await.h"

namespace skafu::server {
namespace {

/// "30" and 30 are seconds; "500ms", "30s", "5m", "24h", "7d" say their unit.
Duration parse_duration(const Json& value, std::string_view member) {
    if (value.is_number()) return Duration(static_cast<std::int64_t>(value.get<double>() * 1e6));
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
        const double seconds = unit == "ms"                  ? 0.001
                               : unit.empty() || unit == "s" ? 1
                               : unit == "m"                 ? 60
                               : unit == "h"                 ? 3600
                               : unit == "d"                 ? 86400
                                                             : 0;
        if (used > 0 && seconds > 0) {
            return Duration(static_cast<std::int64_t>(number * seconds * 1e6));
        }
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

/// PUT /_skafu/clock {freeze | unfreeze: true, set: time, advance: duration, runToNext: true}
Task<HttpResponse> put_clock(Cloud& cloud, AdminRequest request) {
    const Json body = request.body();
    Clock& clock = cloud.clock();
    if (body.value("freeze", false)) clock.freeze();
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
    if (body.value("runToNext", false)) co_await clock.run_to_next();
    if (body.value("unfreeze", false)) clock.unfreeze();
    co_return json_response(clock_state(cloud));
}

/// POST /_skafu/reset {account?, region?}: data of one scope, or of everything.
Json reset(Cloud& cloud, const AdminRequest& request) {
    const Json body = request.body();
    const Json* account = find_member(body, "account");
    if (account == nullptr) {
        cloud.reset(nullptr);
        return {{"reset", "everything"}};
    }
    const Scope scope{account->get<std::string>(),
                      string_member(body, "region", cloud.settings().region)};
    cloud.reset(&scope);
    return {{"reset", scope.account + "/" + scope.region}};
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

void register_admin_api(Cloud& cloud) {
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
    admin.add("POST", "/_skafu/await", [&cloud](AdminRequest request) {
        const Json body = request.body();
        const Json* timeout = find_member(body, "timeout");
        const Duration patience = timeout == nullptr ? Duration(std::chrono::seconds(30))
                                                     : parse_duration(*timeout, "timeout");
        return answer_await(cloud, body, patience, request.caller);
    });
}

}  // namespace skafu::server
