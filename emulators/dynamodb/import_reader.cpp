#include "dynamodb/import_reader.h"

#include <map>

#include "core/aws_error.h"
#include "core/base64.h"
#include "core/utf8.h"
#include "dynamodb/csv.h"
#include "dynamodb/request.h"

namespace skafu::dynamodb {
namespace {

/// Lines of {"Item": {...}}, as an export writes them.
class JsonLines : public ImportReader {
  public:
    explicit JsonLines(std::string_view text) : rest_(text) {}

    bool next(Entry& entry) override {
        entry = Entry();
        std::string_view line;
        do {
            if (rest_.empty()) return false;
            const std::size_t end = rest_.find('\n');
            line = rest_.substr(0, end);
            rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
        } while (line.find_first_not_of(" \t\r") == std::string_view::npos);
        entry.bytes = line.size();
        try {
            ItemRequest request = parse_item_request(line, kPutApi);
            if (!request.has_item()) throw AwsError::validation("The line has no Item");
            entry.item = std::move(request.whole_item());
        } catch (const AwsError& error) {
            entry.fault = error.message();
        }
        return true;
    }

  private:
    std::string_view rest_;
};

class CsvRows : public ImportReader {
  public:
    CsvRows(const Json& options, const Table& table, std::string_view text)
        : reader_(without_mark(text), string_member(options, "Delimiter", ",").front()) {
        const Json* given = find_member(options, "HeaderList");
        if (given != nullptr && given->is_array()) {
            names_ = given->get<std::vector<std::string>>();
        } else {
            reader_.next(names_);
        }
        note_types(table.keys());
        for (const Index& index : table.indexes()) note_types(index.keys);
    }

    bool next(Entry& entry) override {
        entry = Entry();
        const std::size_t before = reader_.position();
        if (!reader_.next(fields_)) return false;
        entry.bytes = reader_.position() - before;
        try {
            entry.item = item();
        } catch (const AwsError& error) {
            entry.fault = error.message();
        }
        return true;
    }

  private:
    /// Spreadsheets put a byte order mark before the first name.
    static std::string_view without_mark(std::string_view text) {
        constexpr std::string_view kMark = "\xEF\xBB\xBF";
        return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
    }

    void note_types(const KeySchema& keys) {
        for (const auto* attributes : {&keys.hash, &keys.range}) {
            for (const KeyAttribute& attribute : *attributes) {
                types_[attribute.name] = attribute.type;
            }
        }
    }

    Item item() const {
        if (fields_.size() != names_.size()) {
            throw AwsError::validation("The row has " + std::to_string(fields_.size()) +
                                       " columns, the header has " + std::to_string(names_.size()));
        }
        Item item;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            item.emplace(names_[i], value(names_[i], fields_[i]));
        }
        return item;
    }

    Value value(const std::string& name, const std::string& field) const {
        if (!is_utf8(name) || !is_utf8(field)) {
            throw AwsError::validation("The row is not valid UTF-8");
        }
        const auto found = types_.find(name);
        const Type type = found == types_.end() ? Type::kString : found->second;
        if (type == Type::kNumber) return Value(Number::parse(field));
        if (type != Type::kBinary) return Value(field);
        std::optional<std::string> bytes = base64_decode(field);
        if (!bytes) throw AwsError::validation("The value of " + name + " is not base64");
        return Value(Binary{std::move(*bytes)});
    }

    CsvReader reader_;
    std::vector<std::string> names_;
    std::vector<std::string> fields_;
    std::map<std::string, Type, std::less<>> types_;  // of key attributes
};

}  // namespace

std::unique_ptr<ImportReader> make_import_reader(const Json& description, const Table& table,
                                                 std::string_view text) {
    if (string_member(description, "InputFormat") != "CSV") {
        return std::make_unique<JsonLines>(text);
    }
    const Json* options = find_member(description, "InputFormatOptions");
    const Json* csv = options == nullptr ? nullptr : find_member(*options, "Csv");
    return std::make_unique<CsvRows>(csv == nullptr ? Json::object() : *csv, table, text);
}

}  // namespace skafu::dynamodb
