#pragma once

#include <string>
#include <string_view>

#include "core/cloud.h"
#include "logs/store.h"

namespace skafu::logs {

/// The service's state, and what its operations share.
class LogService {
  public:
    explicit LogService(Cloud& cloud);

    Cloud& cloud() { return cloud_; }
    LogStore& store() { return store_; }
    std::int64_t now_millis() const;

    /// The group's document. Throws AwsError ResourceNotFoundException.
    const Json& group(const Scope& scope, std::string_view name) const;
    /// The stream's document. Throws AwsError ResourceNotFoundException.
    const Json& stream(const Scope& scope, std::string_view group, std::string_view name) const;
    /// The oldest timestamp that the group's retention still shows.
    std::int64_t horizon(const Json& group) const;

    /// Stores a batch, and hands it to the group's subscription filters.
    void append(Context& context, const std::string& group, const std::string& stream,
                const std::vector<LogEvent>& events);
    /// Drops what is past its retention, now and every hour from now on.
    void expire();
    void clear_streams(const Scope* scope);
    void clear(const Scope* scope);

  private:
    void deliver(Context& context, const std::string& group, const std::string& stream,
                 const std::vector<LogEvent>& events);

    Cloud& cloud_;
    LogStore store_;
    Clock::TimerId expiry_ = 0;
};

/// The log group that an input names by logGroupName or logGroupIdentifier (a name or an ARN).
std::string group_name(const Json& input);
std::string group_arn(const Caller& caller, std::string_view name);

/// Throws AwsError InvalidParameterException.
[[noreturn]] void invalid_parameter(std::string message);

// Rows of the table, by subject.
void add_group_operations(Service& service, LogService& logs);
void add_stream_operations(Service& service, LogService& logs);
void add_event_operations(Service& service, LogService& logs);
void add_filter_operations(Service& service, LogService& logs);
void add_query_operations(Service& service, LogService& logs);
namespace resources {
void add_types(Cloud& cloud);
}

}  // namespace skafu::logs
