#pragma once

#include "core/service.h"
#include "sqs/queues.h"

namespace skafu::sqs {

/// The rows of the table, by theme. `queues` must outlive the service.
void add_queue_operations(Service& service, Queues& queues);
void add_send_operations(Service& service, Queues& queues);
void add_receive_operations(Service& service, Queues& queues);
void add_move_operations(Service& service, Queues& queues);

namespace resources {
/// CloudFormation's AWS::SQS types.
void add_types(Cloud& cloud);
}  // namespace resources

/// The member QueueUrl of an input; throws MissingParameter.
std::string_view queue_url_of(const Json& input);

/// Checks the entries of a batch by SQS's rules for all batches and gives them; `what` is the
/// name of one entry in SQS's texts ("SendMessageBatchRequestEntry").
const Json& checked_entries(const Json& input, std::string_view what);

}  // namespace skafu::sqs
