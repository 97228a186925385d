#pragma once

#include "core/cloud.h"

namespace skafu::server {

/// Throws AwsError where a body has members other than `known`: a misspelt one must not be taken
/// for one that is absent.
void check_members(const Json& body, std::initializer_list<std::string_view> known);

/// POST /_skafu/await: answers when a condition holds, or after `patience` of real time with 408
/// and what is still running. `wish.until` is one of
///   "idle"                      nothing that was caused is still running
///   {"queue", "count"}          the queue (name, URL or ARN) holds at least `count` visible
///   messages,
///                               or none where `count` is 0
///   {"execution", "status"}     the execution (ARN) has reached the status
///   {"correlationId"}           nothing of that correlation id is still running
/// With `wish.advance` the clock runs ahead to the next timer whenever nothing else goes on.
/// Patience also ends once `stopping` says that the house is about to close.
Task<HttpResponse> answer_await(Cloud& cloud, Json wish, Duration patience, Caller caller,
                                std::function<bool()> stopping);

}  // namespace skafu::server
