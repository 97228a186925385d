#include "stepfunctions/item_reader.h"

#include <set>

namespace skafu::stepfunctions {
namespace {

Json items_from_csv(const ReaderPart& reader, const std::string& body, std::size_t max_items) {
    const std::size_t header_rows = reader.headers_given ? 0 : 1;
    const std::size_t most =
        max_items > SIZE_MAX - header_rows ? max_items : max_items + header_rows;
    auto rows = parse_csv(body, reader.delimiter.front(), most);
    std::vector<std::string> headers = reader.headers;
    std::size_t first = 0;
    if (!reader.headers_given && !rows.empty()) {
        headers = rows.front();
        first = 1;
    }
    const std::set<std::string> distinct(headers.begin(), headers.end());
    if (distinct.size() != headers.size()) {
        throw reader_failure("CSV headers cannot contain duplicates.");
    }
    Json items = Json::array();
    for (std::size_t row = first; row < rows.size() && items.size() < max_items; ++row) {
        Json item = Json::object();
        for (std::size_t i = 0; i < headers.size(); ++i) {
            item[headers[i]] = i < rows[row].size() ? rows[row][i] : std::string();
        }
        items.push_back(std::move(item));
    }
    return items;
}

MapItems items_from_json(const ReaderPart& reader, const std::string& body, std::size_t max_items) {
    MapItems items;
    Json& document = items.list;
    try {
        document = parse_json(body);
        if (!reader.items_pointer.empty()) {
            const Json* selected = find_pointer(document, reader.items_pointer);
            if (selected == nullptr) {
                throw reader_failure("ItemsPointer " + reader.items_pointer + " selects nothing.");
            }
            document = Json(*selected);
        }
    } catch (const JsonError&) {
        throw reader_failure("Attempting to map over non-iterable node.");
    }
    if (document.is_object()) {
        document = entries_of(std::move(document));
        items.has_keys = true;
    }
    if (!document.is_array()) throw reader_failure("Attempting to map over non-iterable node.");
    auto& list = document.get_ref<Json::array_t&>();
    if (list.size() > max_items) list.resize(max_items);
    return items;
}

Json items_from_lines(const std::string& body, std::size_t max_items) {
    Json items = Json::array();
    std::size_t at = 0;
    while (at < body.size() && items.size() < max_items) {
        const std::size_t end = std::min(body.find('\n', at), body.size());
        const std::string_view line = std::string_view(body).substr(at, end - at);
        at = end + 1;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        try {
            items.push_back(parse_json(line));
        } catch (const JsonError&) {
            throw reader_failure("A line of the file is not valid JSON.");
        }
    }
    return items;
}

}  // namespace

Failure reader_failure(std::string cause) {
    Failure failure;
    failure.error = "States.ItemReaderFailed";
    failure.cause = std::move(cause);
    return failure;
}

std::vector<std::vector<std::string>> parse_csv(std::string_view text, char delimiter,
                                                std::size_t max_rows) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row;
    std::string cell;
    bool quoted = false;
    bool any = false;
    const auto end_row = [&] {
        row.push_back(std::move(cell));
        cell.clear();
        if (any) rows.push_back(std::move(row));
        row.clear();
        any = false;
    };
    for (std::size_t i = 0; i < text.size() && rows.size() < max_rows; ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
                cell += '"';
                ++i;
            } else if (c == '"') {
                quoted = false;
            } else {
                cell += c;
            }
        } else if (c == '"') {
            quoted = true;
            any = true;
        } else if (c == delimiter) {
            row.push_back(std::move(cell));
            cell.clear();
            any = true;
        } else if (c == '\n') {
            end_row();
        } else if (c != '\r') {
            cell += c;
            any = true;
        }
    }
    if (rows.size() < max_rows) end_row();
    return rows;
}

MapItems items_from_file(const ReaderPart& reader, const std::string& body, std::size_t max_items) {
    MapItems items;
    if (reader.input_type == "CSV") {
        items.list = items_from_csv(reader, body, max_items);
    } else if (reader.input_type == "JSONL") {
        items.list = items_from_lines(body, max_items);
    } else {
        items = items_from_json(reader, body, max_items);
    }
    return items;
}

}  // namespace skafu::stepfunctions
