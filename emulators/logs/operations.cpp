#include "core/data_reset.h"
#include "logs/log_service.h"
#include "logs/logs.h"

namespace skafu::logs {

void register_logs(Cloud& cloud) {
    LogService& logs = cloud.own(std::make_unique<LogService>(cloud));
    Service service;
    service.name = "logs";
    service.protocols = {Protocol::json_1_1};
    service.target_prefix = "Logs_20140328";
    service.sdk_names = {"cloudwatchlogs"};
    service.validation_code = "InvalidParameterException";
    service.reset = [&logs](const Scope* scope) { logs.clear(scope); };
    add_data_reset(service, [&logs](const Scope* scope) { logs.clear_streams(scope); });
    service.describe = [&logs](Service& service) {
        add_group_operations(service, logs);
        add_stream_operations(service, logs);
        add_event_operations(service, logs);
        add_filter_operations(service, logs);
        add_query_operations(service, logs);
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
    logs.expire();
}

}  // namespace skafu::logs
