#include "dynamodb/streams.h"

#include "dynamodb/item_codec.h"

namespace skafu::dynamodb {
namespace {

constexpr std::int64_t kRetentionMillis = 24LL * 3600 * 1000;
constexpr std::int64_t kTrimEveryMillis = 60LL * 1000;
/// Sequence numbers start at the milliseconds since 2020, so that they rise even after a restart
/// with all records gone.
constexpr std::int64_t kSequenceEpochMillis = 1577836800000LL;
constexpr std::string_view kSequencePrefix = "100000000";
constexpr std::size_t kSequenceDigits = 15;

void append_keys(std::string& out, const Table& table, const Item& item) {
    out.push_back('{');
    bool first = true;
    for (const auto* attributes : {&table.keys().hash, &table.keys().range}) {
        for (const KeyAttribute& attribute : *attributes) {
            if (!first) out.push_back(',');
            first = false;
            append_json_string(out, attribute.name);
            out.push_back(':');
            append_value(out, *find_attribute(item, attribute.name));
        }
    }
    out.push_back('}');
}

std::size_t keys_size(const Table& table, const Item& item) {
    std::size_t size = 0;
    for (const auto* attributes : {&table.keys().hash, &table.keys().range}) {
        for (const KeyAttribute& attribute : *attributes) {
            size += attribute.name.size() + value_size(*find_attribute(item, attribute.name));
        }
    }
    return size;
}

std::string_view view_name(StreamView view) {
    static constexpr std::string_view kNames[] = {"KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE",
                                                  "NEW_AND_OLD_IMAGES"};
    return kNames[static_cast<std::size_t>(view)];
}

}  // namespace

std::string sequence_text(std::int64_t sequence) {
    std::string digits = std::to_string(sequence);
    if (digits.size() < kSequenceDigits) digits.insert(0, kSequenceDigits - digits.size(), '0');
    return std::string(kSequencePrefix) + digits;
}

std::int64_t parse_sequence(std::string_view text) {
    if (!text.starts_with(kSequencePrefix)) return -1;
    text.remove_prefix(kSequencePrefix.size());
    if (text.size() != kSequenceDigits) return -1;
    std::int64_t sequence = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return -1;
        sequence = sequence * 10 + (c - '0');
    }
    return sequence;
}

Streams::Streams(Cloud& cloud, Store& store)
    : cloud_(cloud),
      store_(store),
      streams_(cloud.database(), "dynamodb", "stream"),
      written_(cloud.io()) {
    cloud.database().on_rollback([this] { next_.clear(); });
}

std::int64_t Streams::next_sequence(std::uint32_t number) {
    const auto found = next_.find(number);
    if (found != next_.end()) return found->second;
    const std::int64_t by_time = epoch_millis(cloud_.clock().now()) - kSequenceEpochMillis;
    const std::int64_t next = std::max(store_.last_sequence(number), by_time) + 1;
    next_.emplace(number, next);
    return next;
}

void Streams::record(const Table& table, const Change& change) {
    const std::uint32_t number = table.stream();
    const std::int64_t sequence = next_sequence(number);
    const std::int64_t now = epoch_millis(cloud_.clock().now());
    const Item& either = change.new_item != nullptr ? *change.new_item : *change.old_item;
    const StreamView view = table.stream_view();
    std::size_t size = keys_size(table, either);

    std::string& out = buffer_;
    out.clear();
    out.append("{\"eventID\":\"").append(cloud_.entropy().hex(32));
    out.append("\",\"eventName\":\"");
    out.append(change.old_item == nullptr   ? "INSERT"
               : change.new_item == nullptr ? "REMOVE"
                                            : "MODIFY");
    out.append("\",\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\",\"awsRegion\":\"");
    out.append(table.scope().region);
    out.append("\",\"dynamodb\":{\"ApproximateCreationDateTime\":");
    out.append(std::to_string(now / 1000));
    out.append(",\"Keys\":");
    append_keys(out, table, either);
    if (change.new_item != nullptr &&
        (view == StreamView::kNewImage || view == StreamView::kNewAndOldImages)) {
        out.append(",\"NewImage\":").append(change.new_text);
        size += change.new_size;
    }
    if (change.old_item != nullptr &&
        (view == StreamView::kOldImage || view == StreamView::kNewAndOldImages)) {
        out.append(",\"OldImage\":").append(change.old_text);
        size += change.old_size;
    }
    out.append(",\"SequenceNumber\":\"").append(sequence_text(sequence));
    out.append("\",\"SizeBytes\":").append(std::to_string(size));
    out.append(",\"StreamViewType\":\"").append(view_name(view)).append("\"}");
    if (change.origin == Origin::kExpiry) {
        // The API spells the members with capitals, functions receive them without: both are given.
        out.append(
            ",\"userIdentity\":{\"Type\":\"Service\",\"PrincipalId\":"
            "\"dynamodb.amazonaws.com\",\"type\":\"Service\",\"principalId\":"
            "\"dynamodb.amazonaws.com\"}");
    }
    out.push_back('}');
    store_.append_record(number, sequence, now, out);
    next_[number] = sequence + 1;
    trim();
    written_.notify_all();
}

std::int64_t Streams::oldest_kept() const {
    return epoch_millis(cloud_.clock().now()) - kRetentionMillis;
}

std::int64_t Streams::last_trimmed(std::uint32_t number) {
    return store_.last_sequence(number, store_.first_sequence_since(number, oldest_kept()));
}

void Streams::forget_closed() {
    const std::int64_t limit = oldest_kept();
    std::vector<std::pair<Scope, std::string>> old;
    streams_.for_each_scope([&](const Scope& scope) {
        streams_.for_each(scope, [&](const std::string& arn, const Json& stream) {
            const Json* closed = find_member(stream, "closed");
            if (closed != nullptr && closed->get<std::int64_t>() < limit)
                old.emplace_back(scope, arn);
            return true;
        });
    });
    for (const auto& [scope, arn] : old) {
        const Json* stream = streams_.find(scope, arn);
        store_.begin_write();
        store_.drop_stream(stream->at("number").get<std::uint32_t>());
        streams_.erase(scope, arn);
    }
}

void Streams::trim() {
    const TimePoint now = cloud_.clock().now();
    const std::int64_t millis = epoch_millis(now);
    if (millis - epoch_millis(trimmed_) < kTrimEveryMillis) return;
    trimmed_ = now;
    for (const auto& [number, next] : next_) store_.trim_records(number, millis - kRetentionMillis);
}

Json Streams::open(const Table& table, std::uint32_t number, std::string_view view) {
    const TimePoint now = cloud_.clock().now();
    std::string label = iso8601_millis(now);
    label.pop_back();
    // Two streams of one table in one millisecond still get labels of their own.
    while (streams_.find(table.scope(), table.arn() + "/stream/" + label) != nullptr) {
        label += "0";
    }
    const Json stream = {{"number", number}, {"label", label}, {"view", view}};
    Json document = {{"number", number},
                     {"table", table.name()},
                     {"label", label},
                     {"view", view},
                     {"created", epoch_millis(now)},
                     {"first", next_sequence(number)},
                     {"KeySchema", table.document().at("KeySchema")}};
    streams_.put(table.scope(), table.arn() + "/stream/" + label, std::move(document));
    return stream;
}

void Streams::close(const Table& table) {
    const std::string arn = table.stream_arn();
    const Json* stream = streams_.find(table.scope(), arn);
    if (stream == nullptr) return;
    Json document = *stream;
    document["ended"] = next_sequence(table.stream());
    document["closed"] = epoch_millis(cloud_.clock().now());
    streams_.put(table.scope(), arn, std::move(document));
    written_.notify_all();
}

const Json* Streams::find(const Scope& scope, std::string_view arn) const {
    return streams_.find(scope, arn);
}

void Streams::reset(const Scope* scope) {
    streams_.clear(scope);
    next_.clear();
    written_.notify_all();
}

}  // namespace skafu::dynamodb
