#include "sqs/operations.h"

#include <set>

#include "core/cloud.h"
#include "core/data_reset.h"
#include "core/long_polls.h"
#include "sqs/errors.h"
#include "sqs/sqs.h"

namespace skafu::sqs {

std::string_view queue_url_of(const Json& input) {
    const Json* url = find_member(input, "QueueUrl");
    if (url == nullptr || !url->is_string()) throw missing_parameter("QueueUrl");
    return url->get_ref<const std::string&>();
}

const Json& checked_entries(const Json& input, std::string_view what) {
    const Json* entries = find_member(input, "Entries");
    if (entries == nullptr || !entries->is_array() || entries->empty()) {
        throw AwsError("EmptyBatchRequest",
                       fmt::format("There should be at least one {} in the request.", what));
    }
    if (entries->size() > 10) {
        throw AwsError(
            "TooManyEntriesInBatchRequest",
            fmt::format("Maximum number of entries per request are 10. You have sent {}.",
                        entries->size()));
    }
    std::set<std::string_view> ids;
    for (const Json& entry : *entries) {
        const Json* id = find_member(entry, "Id");
        if (id == nullptr || !id->is_string()) throw missing_parameter(fmt::format("{}.Id", what));
        const std::string_view text = id->get_ref<const std::string&>();
        const bool valid =
            !text.empty() && text.size() <= 80 && std::all_of(text.begin(), text.end(), [](char c) {
                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '_' || c == '-';
            });
        if (!valid) {
            throw AwsError("InvalidBatchEntryId",
                           "A batch entry id can only contain alphanumeric characters, hyphens and "
                           "underscores. It can be at most 80 letters long.");
        }
        if (!ids.insert(text).second) {
            throw AwsError("BatchEntryIdsNotDistinct", fmt::format("Id {} repeated.", text));
        }
    }
    return *entries;
}

void register_sqs(Cloud& cloud) {
    Queues& queues = cloud.own(std::make_unique<Queues>(cloud));
    Service service;
    service.name = "sqs";
    service.protocols = {Protocol::json_1_0, Protocol::query};
    service.target_prefix = "AmazonSQS";
    service.api_version = "2012-11-05";
    service.xml_namespace = "http://queue.amazonaws.com/doc/2012-11-05/";
    service.error_namespace = "com.amazonaws.sqs";
    service.sdk_names = {"sqs"};
    service.query_codes = query_error_codes();
    service.reset = [&queues](const Scope* scope) { queues.reset(scope); };
    add_data_reset(service, [&queues](const Scope* scope) { queues.purge(scope); });
    add_long_polls(service, [&queues] { queues.end_waits(); });
    service.describe = [&queues](Service& service) {
        add_queue_operations(service, queues);
        add_send_operations(service, queues);
        add_receive_operations(service, queues);
        add_move_operations(service, queues);
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
}

}  // namespace skafu::sqs
