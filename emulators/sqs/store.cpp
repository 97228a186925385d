#include "sqs/store.h"

namespace skafu::sqs {
namespace {

constexpr std::string_view kSchema =
    "CREATE TABLE sqs_messages(sequence INTEGER PRIMARY KEY, queue INTEGER NOT NULL,"
    " id TEXT NOT NULL, body TEXT NOT NULL, extra TEXT, sender TEXT, sent INTEGER NOT NULL,"
    " visible INTEGER NOT NULL, first_received INTEGER NOT NULL, received INTEGER NOT NULL)";

/// What most messages have not, in one column; empty where a message has none of it.
std::string extra_of(const Message& m) {
    if (m.content->attributes.empty() && m.content->trace_header.empty() && m.group.empty() &&
        m.content->deduplication_id.empty() && m.content->dead_letter_source.empty()) {
        return {};
    }
    return to_text(
        Json::array({m.content->attributes, m.content->attributes_md5, m.content->trace_header,
                     m.group, m.content->deduplication_id, m.content->dead_letter_source}));
}

void apply_extra(Message& m, std::string_view text) {
    if (text.empty()) return;
    const Json extra = parse_json(text);
    std::string* const fields[] = {&m.content->attributes,       &m.content->attributes_md5,
                                   &m.content->trace_header,     &m.group,
                                   &m.content->deduplication_id, &m.content->dead_letter_source};
    for (std::size_t i = 0; i < std::size(fields); ++i) *fields[i] = extra.at(i).get<std::string>();
}

/// Of a row of the table.
void read_content(Message& m, Statement& row) {
    m.content->id = row.text(2);
    m.content->body = row.text(3);
    apply_extra(m, row.text(4));
    m.content->sender = row.text(5);
}

std::int64_t row_id(std::uint64_t sequence) {
    return static_cast<std::int64_t>(sequence);
}

}  // namespace

Store::Store(Database& database) : database_(database) {
    database_.migrate("sqs", {kSchema});
    insert_ = database_.prepare(
        "INSERT INTO sqs_messages VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    update_ = database_.prepare(
        "UPDATE sqs_messages SET visible = ?2, first_received = ?3, received = ?4"
        " WHERE sequence = ?1");
    select_ = database_.prepare("SELECT * FROM sqs_messages WHERE sequence = ?1");
    delete_ = database_.prepare("DELETE FROM sqs_messages WHERE sequence = ?1");
}

std::unique_ptr<MessageContent> Store::content(std::uint64_t sequence) {
    select_.bind(1, row_id(sequence));
    if (!select_.step()) throw std::runtime_error("a message of SQS is not in the database");
    Message m;
    read_content(m, select_);
    select_.reset();
    return std::move(m.content);
}

void Store::load(const std::function<void(Message)>& visit) {
    if (database_.untouched()) return;
    Statement all = database_.prepare("SELECT * FROM sqs_messages ORDER BY sequence");
    while (all.step()) {
        Message m;
        m.sequence = static_cast<std::uint64_t>(all.integer(0));
        m.queue = static_cast<std::uint32_t>(all.integer(1));
        read_content(m, all);
        m.sent_ms = all.integer(6);
        m.visible_ms = all.integer(7);
        m.first_received_ms = all.integer(8);
        m.receive_count = static_cast<std::uint32_t>(all.integer(9));
        last_sequence_ = std::max(last_sequence_, m.sequence);
        visit(std::move(m));
    }
}

void Store::inserted(const Message& m) {
    database_.write();
    const std::string extra = extra_of(m);
    insert_.bind(1, row_id(m.sequence)).bind(2, std::int64_t{m.queue}).bind(3, m.content->id);
    insert_.bind(4, m.content->body)
        .bind(6, m.content->sender)
        .bind(7, m.sent_ms)
        .bind(8, m.visible_ms);
    insert_.bind(9, m.first_received_ms).bind(10, std::int64_t{m.receive_count});
    extra.empty() ? insert_.bind_null(5) : insert_.bind(5, extra);
    insert_.run();
}

void Store::updated(const Message& m) {
    database_.write();
    update_.bind(1, row_id(m.sequence)).bind(2, m.visible_ms).bind(3, m.first_received_ms);
    update_.bind(4, std::int64_t{m.receive_count}).run();
}

void Store::removed(std::uint64_t sequence) {
    database_.write();
    delete_.bind(1, row_id(sequence)).run();
}

}  // namespace skafu::sqs
