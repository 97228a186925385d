#include "core/journal.h"

#include <unordered_set>

namespace skafu {
namespace {

/// The memory that an old record's texts have is there for those of a new one.
template <class Record>
void reuse_texts(Record& from, Record& to) {
    constexpr std::size_t kUsual = 256;
    for (std::string Record::*text : {&Record::name, &Record::correlation, &Record::outcome}) {
        if ((from.*text).capacity() > kUsual) continue;
        to.*text = std::move(from.*text);
        (to.*text).clear();
    }
}

}  // namespace

std::string_view to_string(ActivityKind kind) {
    switch (kind) {
        case ActivityKind::request:
            return "request";
        case ActivityKind::call:
            return "call";
        case ActivityKind::delivery:
            return "delivery";
        case ActivityKind::execution:
            return "execution";
        case ActivityKind::state:
            return "state";
        case ActivityKind::invocation:
            return "invocation";
        case ActivityKind::timer:
            return "timer";
        case ActivityKind::deployment:
            return "deployment";
    }
    return "";
}

Activity::Activity(Activity&& other) noexcept
    : journal_(std::exchange(other.journal_, nullptr)), id_(other.id_) {}

Activity& Activity::operator=(Activity&& other) noexcept {
    if (this == &other) return *this;
    finish();
    journal_ = std::exchange(other.journal_, nullptr);
    id_ = other.id_;
    return *this;
}

Activity::~Activity() {
    finish();
}

void Activity::finish() {
    if (journal_ != nullptr) std::exchange(journal_, nullptr)->end(id_);
}

void Activity::correlate(std::string_view correlation_id) {
    Journal::Record* record = journal_ == nullptr ? nullptr : journal_->find(id_);
    if (record != nullptr) record->correlation = correlation_id;
}

void Activity::fail(std::string_view code, std::string_view message) {
    Journal::Record* record = journal_ == nullptr ? nullptr : journal_->find(id_);
    if (record == nullptr) return;
    record->failed = true;
    record->outcome = fmt::format("{}: {}", code, message);
}

void Activity::note(std::string_view what) {
    Journal::Record* record = journal_ == nullptr ? nullptr : journal_->find(id_);
    if (record != nullptr) record->outcome = what;
}

Journal::Journal(boost::asio::io_context& io, Clock& clock, std::size_t capacity)
    : clock_(clock), capacity_(capacity), idle_(io) {}

Journal::Record* Journal::find(ActivityId id) {
    if (records_.empty() || id < records_.front().id || id > last_id_) return nullptr;
    return &records_[id - records_.front().id];
}

const Journal::Record* Journal::find(ActivityId id) const {
    return const_cast<Journal*>(this)->find(id);
}

Journal::Record& Journal::append(ActivityKind kind, ActivityId cause, Counting counting) {
    const Record* parent = find(cause);
    const ActivityId root = parent == nullptr ? 0 : parent->root;
    Record fresh;
    if (records_.size() >= capacity_) {
        Record& oldest = records_.front();
        if (oldest.open) forgotten_open_.emplace(oldest.id, oldest.counting);
        reuse_texts(oldest, fresh);
        records_.pop_front();
    }
    Record& record = records_.emplace_back(std::move(fresh));
    record.id = ++last_id_;
    record.cause = cause;
    record.root = root == 0 ? (cause == 0 ? record.id : cause) : root;
    record.kind = kind;
    record.counting = counting;
    record.started = clock_.now();
    if (counting == Counting::work) ++open_work_;
    return record;
}

Activity Journal::begin(ActivityKind kind, std::string_view name, ActivityId cause,
                        Counting counting) {
    Record& record = append(kind, cause, counting);
    record.name = name;
    return Activity(*this, record.id);
}

Activity Journal::begin_call(std::string_view service, std::string_view operation, ActivityId cause,
                             Counting counting) {
    Record& record = append(ActivityKind::call, cause, counting);
    record.service = service;
    record.operation = operation;
    return Activity(*this, record.id);
}

void Journal::end(ActivityId id) {
    Counting counting = Counting::work;
    if (Record* record = find(id); record != nullptr) {
        counting = record->counting;
        record->open = false;
        record->ended = clock_.now();
    } else if (const auto found = forgotten_open_.find(id); found != forgotten_open_.end()) {
        counting = found->second;
        forgotten_open_.erase(found);
    } else {
        return;
    }
    if (counting == Counting::work && --open_work_ == 0) idle_.notify_all();
}

Json Journal::describe(const Record& record) const {
    Json json = Json::object();
    json["id"] = record.id;
    if (record.cause != 0) json["cause"] = record.cause;
    json["kind"] = to_string(record.kind);
    json["name"] = record.service.empty() ? record.name
                                          : fmt::format("{}:{}", record.service, record.operation);
    json["started"] = iso8601_millis(record.started);
    if (record.open) {
        json["open"] = true;
    } else {
        json["milliseconds"] =
            static_cast<double>((record.ended - record.started).count()) / 1000.0;
    }
    if (!record.correlation.empty()) json["correlationId"] = record.correlation;
    if (record.failed) json["failed"] = true;
    if (!record.outcome.empty()) json["outcome"] = record.outcome;
    return json;
}

Json Journal::open_activities(std::size_t limit) const {
    Json list = Json::array();
    for (const Record& record : records_) {
        if (!record.open || record.counting != Counting::work) continue;
        if (list.size() >= limit) break;
        Json shown = describe(record);
        Json because = Json::array();  // its causes, the first one first
        for (const Record* up = find(record.cause); up != nullptr; up = find(up->cause)) {
            because.insert(because.begin(), describe(*up).at("name"));
        }
        if (!because.empty()) shown["because"] = std::move(because);
        list.push_back(std::move(shown));
    }
    return list;
}

Json Journal::recent(std::size_t limit) const {
    Json list = Json::array();
    const std::size_t from = records_.size() > limit ? records_.size() - limit : 0;
    for (std::size_t i = from; i < records_.size(); ++i) list.push_back(describe(records_[i]));
    return list;
}

Json Journal::trees(std::string_view correlation_id) const {
    std::unordered_set<ActivityId> roots;
    for (const Record& record : records_) {
        if (record.correlation == correlation_id) roots.insert(record.root);
    }
    // Children come after their causes, so one pass from the end builds the trees bottom up.
    std::unordered_map<ActivityId, Json> children;
    Json trees = Json::array();
    for (auto record = records_.rbegin(); record != records_.rend(); ++record) {
        if (!roots.contains(record->root)) continue;
        Json node = describe(*record);
        if (const auto own = children.find(record->id); own != children.end()) {
            std::reverse(own->second.begin(), own->second.end());
            node["caused"] = std::move(own->second);
            children.erase(own);
        }
        const bool is_top = record->cause == 0 || find(record->cause) == nullptr;
        Json& siblings =
            is_top ? trees : children.try_emplace(record->cause, Json::array()).first->second;
        siblings.push_back(std::move(node));
    }
    std::reverse(trees.begin(), trees.end());
    return trees;
}

std::size_t Journal::open_work(std::string_view correlation_id) const {
    std::unordered_set<ActivityId> roots;
    for (const Record& record : records_) {
        if (record.correlation == correlation_id) roots.insert(record.root);
    }
    return static_cast<std::size_t>(
        std::count_if(records_.begin(), records_.end(), [&roots](const Record& record) {
            return record.open && record.counting == Counting::work && roots.contains(record.root);
        }));
}

std::string Journal::correlation_of(ActivityId id) const {
    for (const Record* record = find(id); record != nullptr; record = find(record->cause)) {
        if (!record->correlation.empty()) return record->correlation;
        if (record->cause == 0) break;
    }
    return {};
}

void Journal::clear() {
    std::erase_if(records_, [](const Record& record) { return !record.open; });
    if (records_.empty()) return;
    // Ids must ascend without gaps: what stays open is forgotten as a record, not as open work.
    for (const Record& record : records_) forgotten_open_.emplace(record.id, record.counting);
    records_.clear();
}

}  // namespace skafu
