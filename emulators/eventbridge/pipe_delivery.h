#pragma once

#include <set>
#include <string>

#include "core/cloud.h"

namespace skafu::eventbridge {

/// Throws AwsError ValidationException for an enrichment or a target that we cannot serve, and for
/// batches larger than they take.
void check_pipe_delivery(const Json& pipe);

/// The largest batch that a pipe hands on: what its source asks for (by default `usual`), or what
/// its enrichment and target take ("Batching behavior" in the user guide).
int batch_size(const Json& pipe, int usual);

/// The records of a batch, by identifier, that a function wants again.
using FailedRecords = std::set<std::string>;

/// Enriches a batch and hands it to the target. Throws AwsError where one of them refuses it.
Task<FailedRecords> deliver_batch(Cloud& cloud, Scope scope, Json pipe, Json records,
                                  ActivityId cause);

}  // namespace skafu::eventbridge
