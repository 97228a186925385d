#include <algorithm>
#include <charconv>
#include <optional>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/base64.h"
#include "dynamodb/operations.h"
#include "dynamodb/request.h"
#include "dynamodb/table_settings.h"

namespace skafu::dynamodb {
namespace {

constexpr std::int64_t kMaxRecords = 1000;
constexpr std::size_t kMaxReplyBytes = 1024 * 1024;
constexpr std::size_t kMaxStreams = 100;
constexpr Duration kPollPause = std::chrono::milliseconds(250);  // Lambda polls a shard so often
constexpr std::int64_t kIteratorMillis = 15LL * 60 * 1000;

std::string text_member(const Json& input, std::string_view name, std::string_view path) {
    const Json* member = find_member(input, name);
    if (member == nullptr || member->is_null()) reject_missing_member(path);
    if (!member->is_string()) {
        throw AwsError::serialization("NUMBER_VALUE cannot be converted to String");
    }
    return member->get<std::string>();
}

std::int64_t limit_member(const Json& input, std::int64_t most) {
    const Json* member = find_member(input, "Limit");
    if (member == nullptr || member->is_null()) return most;
    if (!member->is_number_integer()) {
        throw AwsError::serialization("STRING_VALUE cannot be converted to Integer");
    }
    const auto limit = member->get<std::int64_t>();
    if (limit < 1) {
        reject_constraint(std::to_string(limit), "limit",
                          "Member must have value greater than or equal to 1");
    }
    if (limit > most) {
        reject_constraint(std::to_string(limit), "limit",
                          "Member must have value less than or equal to " + std::to_string(most));
    }
    return limit;
}

/// The scope that a stream ARN names; throws for what is no such ARN.
Scope scope_of(const std::string& text) {
    const auto arn = Arn::parse(text);
    if (!arn || arn->service != "dynamodb" || !arn->resource.starts_with("table/") ||
        arn->resource.find("/stream/") == std::string::npos) {
        reject_constraint(text, "streamArn",
                          "Member must satisfy the pattern of a DynamoDB stream ARN: Invalid "
                          "StreamArn");
    }
    return {arn->account, arn->region};
}

const Json& stream_named(Engine& engine, const std::string& arn) {
    const Json* known = engine.streams().find(scope_of(arn), arn);
    if (known != nullptr && find_member(*known, "closed") != nullptr) {
        engine.streams().forget_closed();
    }
    const Json* stream = engine.streams().find(scope_of(arn), arn);
    if (stream == nullptr) {
        throw AwsError::not_found("Requested resource not found: Stream: " + arn + " not found");
    }
    return *stream;
}

bool is_closed(const Json& stream) {
    return find_member(stream, "ended") != nullptr;
}

Json list_streams(Engine& engine, Context& context, const Json& input) {
    const auto limit =
        static_cast<std::size_t>(limit_member(input, static_cast<std::int64_t>(kMaxStreams)));
    const Json* table = find_member(input, "TableName");
    const std::string wanted =
        table == nullptr || table->is_null() ? std::string() : table_name_of(input);
    const std::string after = string_member(input, "ExclusiveStartStreamArn");
    const Scope scope = context.caller.scope();
    if (!after.empty()) {
        scope_of(after);
        if (engine.streams().find(scope, after) == nullptr) {
            throw AwsError::validation("Invalid ExclusiveStartStreamArn: " + after);
        }
    }
    engine.streams().forget_closed();
    Json streams = Json::array();
    bool more = false;
    engine.streams().streams().for_each(
        scope,
        [&](const std::string& arn, const Json& stream) {
            const std::string table = string_member(stream, "table");
            if (arn == after || (!wanted.empty() && table != wanted)) return true;
            if (streams.size() == limit) {
                more = true;
                return false;
            }
            streams.push_back({{"StreamArn", arn},
                               {"TableName", table},
                               {"StreamLabel", string_member(stream, "label")}});
            return true;
        },
        after);
    Json out = Json::object();
    if (more) out["LastEvaluatedStreamArn"] = streams.back().at("StreamArn");
    out["Streams"] = std::move(streams);
    return out;
}

/// ShardFilter asks for the children of a shard; ours have none.
bool asks_for_children(const Json& input) {
    const Json* filter = find_member(input, "ShardFilter");
    return filter != nullptr && filter->is_object();
}

Json describe_stream(Engine& engine, Context&, const Json& input) {
    const std::string arn = string_member(input, "StreamArn");
    const bool children = asks_for_children(input);
    const Json& stream = stream_named(engine, arn);
    const bool closed = is_closed(stream);
    Json range = {
        {"StartingSequenceNumber", sequence_text(stream.at("first").get<std::int64_t>())}};
    if (closed) {
        range["EndingSequenceNumber"] = sequence_text(stream.at("ended").get<std::int64_t>());
    }
    Json shards = Json::array();
    const bool passed = string_member(input, "ExclusiveStartShardId") == kShardId;
    if (!children && !passed) {
        shards.push_back({{"ShardId", kShardId}, {"SequenceNumberRange", std::move(range)}});
    }
    return {{"StreamDescription",
             {{"StreamArn", arn},
              {"StreamLabel", string_member(stream, "label")},
              {"StreamStatus", closed ? "DISABLED" : "ENABLED"},
              {"StreamViewType", string_member(stream, "view")},
              {"CreationRequestDateTime", stream.at("created").get<double>() / 1000},
              {"TableName", string_member(stream, "table")},
              {"KeySchema", stream.at("KeySchema")},
              {"Shards", std::move(shards)}}}};
}

/// Those who read for a function or a pipe keep their place for as long as they like, and go on
/// with what is left.
bool keeps_its_place(const Context& context) {
    return context.caller.principal.ends_with(".amazonaws.com");
}

[[noreturn]] void reject_trimmed() {
    throw AwsError("TrimmedDataAccessException",
                   "The data you are trying to access has been trimmed.");
}

/// A place in a stream, and since when somebody holds it.
struct Iterator {
    std::string arn;
    std::int64_t from = 0;
    std::int64_t made = 0;  ///< milliseconds since 1970
};

std::string make_iterator(Engine& engine, const std::string& arn, std::int64_t sequence) {
    const std::int64_t now = epoch_millis(engine.cloud().clock().now());
    return arn + "|1|" + base64_encode(std::to_string(sequence) + ":" + std::to_string(now));
}

/// The first record that an iterator made AT_ or AFTER_SEQUENCE_NUMBER gives.
std::int64_t sequence_start(Engine& engine, std::uint32_t number, const std::string& type,
                            const Json& given) {
    const std::int64_t at = given.is_string() ? parse_sequence(given.get<std::string>()) : -1;
    if (at < 0) throw AwsError::validation("Invalid SequenceNumber");
    if (at <= engine.streams().last_trimmed(number)) reject_trimmed();
    return type == "AT_SEQUENCE_NUMBER" ? at : at + 1;
}

Json get_shard_iterator(Engine& engine, Context&, const Json& input) {
    const std::string arn = string_member(input, "StreamArn");
    const std::string shard = string_member(input, "ShardId");
    const std::string type = string_member(input, "ShardIteratorType");
    const Json& stream = stream_named(engine, arn);
    if (shard != kShardId) {
        throw AwsError::not_found("Requested resource not found: Shard does not exist");
    }
    const Json* given = find_member(input, "SequenceNumber");
    const bool has_sequence = given != nullptr && !given->is_null();
    const bool by_sequence = type == "AT_SEQUENCE_NUMBER" || type == "AFTER_SEQUENCE_NUMBER";
    if (by_sequence != has_sequence) {
        throw AwsError::validation(
            by_sequence ? "SequenceNumber is required for ShardIteratorType " + type
                        : "SequenceNumber must not be given for ShardIteratorType " + type);
    }
    const auto number = stream.at("number").get<std::uint32_t>();
    std::int64_t from = stream.at("first").get<std::int64_t>();
    if (by_sequence) {
        from = std::max(from, sequence_start(engine, number, type, *given));
    } else if (type == "LATEST") {
        const Json* ended = find_member(stream, "ended");
        from =
            ended != nullptr ? ended->get<std::int64_t>() : engine.streams().next_sequence(number);
    } else {
        from = std::max(from, engine.streams().last_trimmed(number) + 1);
    }
    return {{"ShardIterator", make_iterator(engine, arn, from)}};
}

/// Reads an iterator; nothing where it is none of ours.
std::optional<Iterator> read_iterator(const std::string& text) {
    const std::size_t bar = text.find('|');
    const std::size_t second = bar == std::string::npos ? bar : text.find('|', bar + 1);
    if (second == std::string::npos) return std::nullopt;
    const std::string place = base64_decode(text.substr(second + 1)).value_or("");
    Iterator iterator{text.substr(0, bar)};
    const char* const end = place.data() + place.size();
    const auto sequence = std::from_chars(place.data(), end, iterator.from);
    if (sequence.ec != std::errc() || iterator.from < 0) return std::nullopt;
    if (sequence.ptr == end) return iterator;  // kept by an older version
    const auto made = std::from_chars(sequence.ptr + 1, end, iterator.made);
    const bool whole = *sequence.ptr == ':' && made.ec == std::errc() && made.ptr == end;
    return whole ? std::optional(iterator) : std::nullopt;
}

Iterator parse_iterator(const std::string& text) {
    if (const auto iterator = read_iterator(text)) return *iterator;
    throw AwsError::validation("Invalid ShardIterator: " + text.substr(0, 100));
}

void check_age(Engine& engine, const Iterator& iterator) {
    const std::int64_t now = epoch_millis(engine.cloud().clock().now());
    if (now - iterator.made <= kIteratorMillis) return;
    throw AwsError("ExpiredIteratorException",
                   "The provided iterator exceeds the maximum age allowed.");
}

/// Appends the records from `from` on and gives the sequence number to go on from.
std::int64_t append_records(std::string& out, Engine& engine, std::uint32_t number,
                            std::int64_t from, std::int64_t limit, bool pass_trimmed) {
    const std::int64_t oldest = engine.streams().oldest_kept();
    Store::Records records = engine.store().records(number, from, limit);
    Store::Record record;
    bool first = true;
    while (out.size() < kMaxReplyBytes && records.next(record)) {
        from = record.sequence + 1;
        if (record.at < oldest && !pass_trimmed) reject_trimmed();
        if (record.at < oldest) continue;
        if (!first) out.push_back(',');
        first = false;
        out.append(record.text);
    }
    return from;
}

std::string get_records(Engine& engine, const Context& context, const Json& input) {
    const std::string text = text_member(input, "ShardIterator", "shardIterator");
    const std::int64_t limit = limit_member(input, kMaxRecords);
    const Iterator iterator = parse_iterator(text);
    const Json& stream = stream_named(engine, iterator.arn);
    const bool keeps = keeps_its_place(context);
    if (!keeps) check_age(engine, iterator);
    std::string out = "{\"Records\":[";
    const std::int64_t next = append_records(out, engine, stream.at("number").get<std::uint32_t>(),
                                             iterator.from, limit, keeps);
    out.push_back(']');
    const Json* ended = find_member(stream, "ended");
    if (ended == nullptr || next < ended->get<std::int64_t>()) {
        out.append(",\"NextShardIterator\":");
        append_json_string(out, make_iterator(engine, iterator.arn, next));
    }
    out.push_back('}');
    return out;
}

/// Whether reading from a sequence number on would give records now.
bool has_records(Engine& engine, std::uint32_t number, std::int64_t from) {
    const std::int64_t last = engine.store().last_sequence(number);
    if (last < from) return false;
    Store::Records records = engine.store().records(number, last, 1);
    Store::Record record;
    return records.next(record) && record.at >= engine.streams().oldest_kept();
}

/// Ours: waits until a stream has records at an iterator, or is closed, or `TimeoutSeconds` have
/// passed. Event source mappings use it instead of polling. A stream that lives elsewhere tells us
/// nothing: its readers ask again after a pause.
Task<Json> wait_for_records(Engine& engine, Json input) {
    const std::string text = text_member(input, "ShardIterator", "shardIterator");
    const std::optional<Iterator> iterator = read_iterator(text);
    const Json* timeout = find_member(input, "TimeoutSeconds");
    const double seconds = timeout != nullptr && timeout->is_number() ? timeout->get<double>() : 60;
    Clock& clock = engine.cloud().clock();
    const TimePoint due = clock.now() + Duration(static_cast<std::int64_t>(seconds * 1'000'000));
    while (true) {
        const Json* stream =
            iterator ? engine.streams().find(scope_of(iterator->arn), iterator->arn) : nullptr;
        if (stream == nullptr) co_await clock.sleep_for(kPollPause, TimerKind::housekeeping);
        if (stream == nullptr || is_closed(*stream)) co_return Json{{"Ready", true}};
        const auto number = stream->at("number").get<std::uint32_t>();
        if (has_records(engine, number, iterator->from)) co_return Json{{"Ready", true}};
        Event& written = engine.streams().written();
        const bool notified = co_await written.wait_until(clock, due, TimerKind::housekeeping);
        if (!notified) co_return Json{{"Ready", false}};
    }
}

}  // namespace

void add_stream_operations(Service& service, Engine& engine) {
    using Handler = Json (*)(Engine&, Context&, const Json&);
    const auto add = [&](const char* name, Handler handler) {
        add_operation(service, name, [&engine, handler](Context& context, const Json& input) {
            return handler(engine, context, input);
        });
    };
    add("ListStreams", list_streams);
    add("DescribeStream", describe_stream);
    add("GetShardIterator", get_shard_iterator);
    Operation records;
    records.name = "GetRecords";
    records.validates_itself = true;
    service.add_raw(std::move(records), [&engine](Context& context, Document input) {
        return Document::from_text(get_records(engine, context, input.value()));
    });
    Operation wait;
    wait.name = "WaitForRecords";
    wait.internal = true;
    wait.counting = Counting::passive;
    service.add_async(std::move(wait), [&engine](Context&, Json input) {
        return wait_for_records(engine, std::move(input));
    });
}

}  // namespace skafu::dynamodb
