#include <algorithm>
#include <cstdio>

#include "cli/interrupt.h"
#include "cli/line_reader.h"
#include "cli/progress_bar.h"
#include "cli/table_access.h"
#include "cli/tables.h"
#include "dynamodb/csv.h"
#include "dynamodb/json_cursor.h"

namespace skafu::server {
namespace {

constexpr std::size_t kItemsPerBatch = 25;
constexpr std::size_t kBatchesAtOnce = 8;
/// Far below the 16 MB that a request may have, escapes included.
constexpr std::size_t kMostBatchBytes = 8 * 1024 * 1024;
constexpr std::size_t kMostBytesAtOnce = 16 * 1024 * 1024;
constexpr int kMostRounds = 50;
constexpr std::size_t kMostRowBytes = 1024 * 1024;

/// Reads files of items and puts them into a table, several batches at once.
class Importer {
  public:
    Importer(TableClient& client, const TableOptions& options)
        : client_(client),
          table_(to_text(Json(options.table))),
          key_types_(describe_table(client, options).key_types) {}

    void import(const std::string& file) {
        file_ = file;
        is_csv_ = file.ends_with(".csv") || file.ends_with(".csv.gz");
        names_.clear();
        LineReader in(file);
        std::string line;
        while (in.next(line)) {
            if (interrupted()) {
                send();
                throw std::runtime_error(fmt::format(
                    "interrupted at line {} of {}: {} items are in the table, and importing again "
                    "does them no harm",
                    in.line_number(), file, imported_));
            }
            if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
            const std::uint64_t number = in.line_number();
            if (is_csv_) join_row(in, line);
            add(number, line);
            bar_.show(in.share_read(), imported_);
        }
        send();
    }

    std::uint64_t imported() const { return imported_; }
    void end_progress() { bar_.clear(); }

  private:
    struct Entry {
        std::uint64_t line = 0;
        std::string item;
    };
    struct Batch {
        std::vector<Entry> entries;
        std::size_t bytes = 0;
    };

    /// A row goes on over the lines that lie within its quotes.
    static void join_row(LineReader& in, std::string& row) {
        const auto quotes = [](const std::string& text) {
            return std::count(text.begin(), text.end(), '"') % 2;
        };
        std::string more;
        for (auto open = quotes(row); open != 0 && row.size() < kMostRowBytes && in.next(more);) {
            row.append("\n").append(more);
            open ^= quotes(more);
        }
    }

    /// The item of a row; "" of the first, which has the names.
    std::string item_of_csv(std::string_view row) {
        constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
        if (names_.empty() && row.starts_with(kByteOrderMark)) {
            row.remove_prefix(kByteOrderMark.size());
        }
        std::vector<std::string> fields;
        dynamodb::CsvReader(row, ',').next(fields);
        if (!names_.empty()) return item_of_row(names_, fields, key_types_);
        names_ = std::move(fields);
        return {};
    }

    void add(std::uint64_t number, const std::string& line) {
        Entry entry{number, {}};
        try {
            entry.item = is_csv_ ? item_of_csv(line) : item_of_line(line, key_types_);
            if (entry.item.empty()) return;
        } catch (const BadLine& bad) {
            send();
            refuse(number, bad.what());
        }
        if (batches_.empty() || batches_.back().entries.size() == kItemsPerBatch ||
            batches_.back().bytes + entry.item.size() > kMostBatchBytes) {
            if (batches_.size() == kBatchesAtOnce || bytes_ > kMostBytesAtOnce) send();
            batches_.emplace_back();
        }
        bytes_ += entry.item.size();
        batches_.back().bytes += entry.item.size();
        batches_.back().entries.push_back(std::move(entry));
    }

    [[noreturn]] void refuse(std::uint64_t line, const std::string& why) const {
        throw std::runtime_error(
            fmt::format("{}:{}: {} ({} items are in the table)", file_, line, why, imported_));
    }

    std::string body_of(const Batch& batch) const {
        std::string body = fmt::format("{{\"RequestItems\":{{{}:[", table_);
        body.reserve(batch.bytes + 40 * batch.entries.size() + 100);
        for (const Entry& entry : batch.entries) {
            if (body.back() != '[') body.push_back(',');
            body.append("{\"PutRequest\":{\"Item\":").append(entry.item).append("}}");
        }
        body.append("]}}");
        return body;
    }

    void send() {
        std::vector<std::string> bodies;
        for (const Batch& batch : batches_) bodies.push_back(body_of(batch));
        const std::vector<TableClient::Answer> answers = client_.call("BatchWriteItem", bodies);
        bodies.clear();
        // All that went well is counted before what did not is told.
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (answers[i].error) continue;
            imported_ += batches_[i].entries.size();
            std::string left = unprocessed(answers[i].body);
            if (!left.empty()) bodies.push_back(std::move(left));
        }
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (answers[i].error) send_one_by_one(batches_[i], *answers[i].error);
        }
        send_rest(std::move(bodies));
        batches_.clear();
        bytes_ = 0;
    }

    /// What a batch was refused for is one of its items, or that two of them have the same key.
    void send_one_by_one(const Batch& batch, const AwsError& refusal) {
        if (refusal.code() != "ValidationException") {
            throw std::runtime_error(fmt::format("{}: {} ({} items are in the table)",
                                                 refusal.code(), refusal.message(), imported_));
        }
        for (const Entry& entry : batch.entries) {
            const std::string body =
                fmt::format("{{\"TableName\":{},\"Item\":{}}}", table_, entry.item);
            const TableClient::Answer answer = std::move(client_.call("PutItem", {body}).front());
            if (answer.error) refuse(entry.line, answer.error->message());
            ++imported_;
        }
    }

    /// A throttled table takes a part of a batch and gives back the rest.
    void send_rest(std::vector<std::string> bodies) {
        for (int round = 0; !bodies.empty(); ++round) {
            if (round == kMostRounds) {
                throw std::runtime_error("the table takes no more items: it is throttled");
            }
            client_.wait_before_retry(round);
            std::vector<std::string> next;
            for (const TableClient::Answer& answer : client_.call("BatchWriteItem", bodies)) {
                if (answer.error) throw std::runtime_error(answer.error->message());
                std::string left = unprocessed(answer.body);
                if (!left.empty()) next.push_back(std::move(left));
            }
            bodies = std::move(next);
        }
    }

    /// The body that asks again for what an answer leaves unprocessed; "" if that is nothing.
    static std::string unprocessed(std::string_view answer) {
        dynamodb::JsonCursor cursor(answer);
        std::string_view name;
        cursor.enter_object();
        while (cursor.next_member(name)) {
            const bool is_it = name == "UnprocessedItems";
            const std::string_view text = cursor.skip();
            if (is_it && text.find('"') != std::string_view::npos) {
                return fmt::format("{{\"RequestItems\":{}}}", text);
            }
        }
        return {};
    }

    TableClient& client_;
    std::string table_;  // as JSON text
    std::map<std::string, char> key_types_;
    ProgressBar bar_{"items"};
    std::string file_;
    bool is_csv_ = false;
    std::vector<std::string> names_;  // of the columns
    std::vector<Batch> batches_;
    std::size_t bytes_ = 0;
    std::uint64_t imported_ = 0;
};

}  // namespace

int import_table(const ImportOptions& options) {
    const std::unique_ptr<TableClient> client = open_tables(options);
    Importer importer(*client, options);
    catch_interrupts();
    for (const std::string& file : options.files) importer.import(file);
    importer.end_progress();
    fmt::print(stderr, "{} items imported into {}\n", importer.imported(), options.table);
    return 0;
}

}  // namespace skafu::server
