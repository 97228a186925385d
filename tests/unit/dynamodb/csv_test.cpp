#include "dynamodb/csv.h"

#include <doctest/doctest.h>

using skafu::dynamodb::CsvReader;

namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(std::string_view text, char delimiter = ',') {
    CsvReader reader(text, delimiter);
    Rows rows;
    std::vector<std::string> fields;
    while (reader.next(fields)) rows.push_back(fields);
    CHECK(reader.position() == text.size());
    return rows;
}

}  // namespace

TEST_CASE("rows end with lines, fields with delimiters") {
    CHECK(rows_of("a,b\n1,2\r\n\n3,\n") == Rows{{"a", "b"}, {"1", "2"}, {"3", ""}});
    CHECK(rows_of("a;b,c", ';') == Rows{{"a", "b,c"}});
    CHECK(rows_of("") == Rows{});
    CHECK(rows_of("\r\n\n") == Rows{});
    CHECK(rows_of(",") == Rows{{"", ""}});
}

TEST_CASE("quotes hold delimiters, line ends and quotes") {
    CHECK(rows_of("\"a,b\",\"c\nd\",\"say \"\"hi\"\"\"\nx,\"\",y") ==
          Rows{{"a,b", "c\nd", "say \"hi\""}, {"x", "", "y"}});
    CHECK(rows_of("12\" wide,\"\"\"\"") == Rows{{"12\" wide", "\""}});
    CHECK(rows_of("\"never closed,\n") == Rows{{"never closed,\n"}});
}
