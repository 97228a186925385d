#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::sqs {

/// Amazon SQS, API version 2012-11-05. Wherever a QueueUrl is asked for, the queue's ARN does as
/// well, which spares other emulators to make URLs. SendMessage, SendMessageBatch, DeleteMessage
/// and DeleteMessageBatch are synchronous (Cloud::call_now). With `"WithCauses": true` in the
/// input of ReceiveMessage, each message carries `Cause`, the activity that sent it.
void register_sqs(Cloud& cloud);

}  // namespace skafu::sqs
