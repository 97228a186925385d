#include "logs/insights.h"

#include <set>

#include "core/aws_error.h"
#include "core/clock.h"
#include "logs/insights_stats.h"

namespace skafu::logs {

/// One step of the pipeline.
struct InsightsQuery::Stage {
    enum class Kind { fields, display, filter, stats, sort, limit, parse, dedup };
    Kind kind = Kind::fields;
    std::vector<Column> columns;                     ///< fields, display, stats, dedup
    std::vector<Column> groups;                      ///< stats
    Expression expression;                           ///< filter; the subject of parse
    std::vector<std::pair<Expression, bool>> order;  ///< sort; true: descending
    std::size_t limit = 0;
    std::shared_ptr<re2::RE2> regex;  ///< parse
    std::vector<std::string> names;   ///< parse: of the groups
};

namespace {

using Stage = InsightsQuery::Stage;

Column parse_column(InsightsLexer& lexer) {
    Column column;
    column.expression = parse_expression(lexer);
    column.name = column.expression.kind == Expression::Kind::field ? column.expression.name
                                                                    : column.expression.text;
    if (lexer.take_word("as")) column.name = lexer.name();
    return column;
}

std::vector<Column> parse_columns(InsightsLexer& lexer) {
    std::vector<Column> columns;
    do {
        columns.push_back(parse_column(lexer));
    } while (lexer.take(","));
    return columns;
}

void parse_sort(InsightsLexer& lexer, Stage& stage) {
    do {
        Expression by = parse_expression(lexer);
        const bool descending = lexer.take_word("desc");
        if (!descending) lexer.take_word("asc");
        stage.order.emplace_back(std::move(by), descending);
    } while (lexer.take(","));
}

/// `parse @message "user=*, id=*" as user, id` or `parse @message /(?<user>\w+)/`
void parse_parse(InsightsLexer& lexer, Stage& stage) {
    stage.expression.kind = Expression::Kind::field;
    stage.expression.name = "@message";
    const char next = lexer.peek();
    if (next != '"' && next != '\'' && next != '/') stage.expression.name = lexer.name();
    if (lexer.peek() == '/') {
        stage.regex = compile_regex(lexer, lexer.regex());
        for (const auto& [index, name] : stage.regex->CapturingGroupNames()) {
            stage.names.push_back(name);
        }
        return;
    }
    const std::string glob = lexer.quoted();
    std::string pattern = "(?s)";
    std::size_t from = 0;
    for (std::size_t star; (star = glob.find('*', from)) != std::string::npos; from = star + 1) {
        pattern += re2::RE2::QuoteMeta(glob.substr(from, star - from));
        pattern += star + 1 == glob.size() ? "(.*)" : "(.*?)";
    }
    pattern += re2::RE2::QuoteMeta(glob.substr(from));
    stage.regex = compile_regex(lexer, pattern);
    if (!lexer.take_word("as")) lexer.fail("as");
    do {
        stage.names.push_back(lexer.name());
    } while (lexer.take(","));
}

std::unique_ptr<Stage> parse_stage(InsightsLexer& lexer) {
    auto stage = std::make_unique<Stage>();
    if (lexer.take_word("fields")) {
        stage->columns = parse_columns(lexer);
    } else if (lexer.take_word("display")) {
        stage->kind = Stage::Kind::display;
        stage->columns = parse_columns(lexer);
    } else if (lexer.take_word("filter") || lexer.take_word("where")) {
        stage->kind = Stage::Kind::filter;
        stage->expression = parse_expression(lexer);
    } else if (lexer.take_word("stats")) {
        stage->kind = Stage::Kind::stats;
        stage->columns = parse_columns(lexer);
        if (lexer.take_word("by")) stage->groups = parse_columns(lexer);
    } else if (lexer.take_word("sort") || lexer.take_word("order by")) {
        stage->kind = Stage::Kind::sort;
        parse_sort(lexer, *stage);
    } else if (lexer.take_word("limit") || lexer.take_word("head")) {
        stage->kind = Stage::Kind::limit;
        stage->limit = lexer.number().get<std::size_t>();
    } else if (lexer.take_word("parse")) {
        stage->kind = Stage::Kind::parse;
        parse_parse(lexer, *stage);
    } else if (lexer.take_word("dedup")) {
        stage->kind = Stage::Kind::dedup;
        stage->columns = parse_columns(lexer);
    } else {
        lexer.fail("fields, parse, filter, stats, sort, limit, display or dedup");
    }
    return stage;
}

// ---- Rows --------------------------------------------------------------------------------------

void flatten(const std::string& prefix, const Json& value, Row& row) {
    if (value.is_object()) {
        for (const auto& [name, member] : value.items()) {
            flatten(prefix.empty() ? name : prefix + "." + name, member, row);
        }
    } else if (value.is_array()) {
        std::size_t index = 0;
        for (const Json& each : value) flatten(fmt::format("{}.{}", prefix, index++), each, row);
    } else if (!prefix.empty()) {
        row[prefix] = value;
    }
}

/// Fields that are discovered in the log lines of functions.
void discover_lambda(const std::string& message, Row& row) {
    static const re2::RE2 line(R"(^(START|END|REPORT) RequestId: (\S+))");
    std::string type;
    std::string request;
    if (!re2::RE2::PartialMatch(message, line, &type, &request)) return;
    row["@type"] = type;
    row["@requestId"] = request;
    if (type != "REPORT") return;
    static const re2::RE2 figure(R"(([A-Z][A-Za-z ]+): ([0-9.]+) (ms|MB))");
    re2::StringPiece rest(message);
    std::string name;
    std::string number;
    std::string unit;
    while (re2::RE2::FindAndConsume(&rest, figure, &name, &number, &unit)) {
        std::string field = "@";
        for (const char c : name) {
            if (c != ' ') field.push_back(c);
        }
        field[1] = static_cast<char>(std::tolower(static_cast<unsigned char>(field[1])));
        const double factor = unit == "MB" ? 1e6 : 1;
        row[field] = std::stod(number) * factor;
    }
}

Row row_of(const InsightsEvent& event) {
    Row row = {{"@timestamp", event.timestamp},
               {"@message", event.message},
               {"@ingestionTime", event.ingestion},
               {"@logStream", event.stream},
               {"@log", event.log},
               {"@ptr", event.pointer}};
    const std::size_t first = event.message.find_first_not_of(" \t\n");
    if (first != std::string::npos && event.message[first] == '{') {
        try {
            flatten("", parse_json(event.message), row);
        } catch (const JsonError&) {
            // an ordinary line that begins with a brace
        }
    } else {
        discover_lambda(event.message, row);
    }
    return row;
}

bool comes_before(const Row& a, const Row& b,
                  const std::vector<std::pair<Expression, bool>>& order) {
    for (const auto& [by, descending] : order) {
        const Json left = by.value(a);
        const Json right = by.value(b);
        if (left == right) continue;
        if (left.is_null() || right.is_null()) return !left.is_null();
        const std::optional<double> x = number_of(left);
        const std::optional<double> y = number_of(right);
        const bool less = x && y ? *x < *y : shown(left) < shown(right);
        return less != descending;
    }
    return false;
}

std::vector<Row> run_stats(const Stage& stage, const std::vector<Row>& rows) {
    std::map<std::string, std::pair<Row, std::vector<const Row*>>> groups;
    for (const Row& row : rows) {
        Row group = Row::object();
        for (const Column& column : stage.groups) group[column.name] = column.expression.value(row);
        const std::string key = to_text(group);
        auto& found =
            groups.try_emplace(key, std::move(group), std::vector<const Row*>()).first->second;
        found.second.push_back(&row);
    }
    if (stage.groups.empty() && groups.empty()) groups[""].first = Row::object();
    std::vector<Row> results;
    for (auto& [key, group] : groups) {
        for (const Column& column : stage.columns) {
            group.first[column.name] = aggregate(column.expression, group.second);
        }
        results.push_back(std::move(group.first));
    }
    return results;
}

void run_parse(const Stage& stage, Row& row) {
    const Json subject = stage.expression.value(row);
    if (subject.is_null()) return;
    const std::string text = shown(subject);
    const int count = stage.regex->NumberOfCapturingGroups() + 1;
    std::vector<re2::StringPiece> groups(static_cast<std::size_t>(count));
    if (!stage.regex->Match(text, 0, text.size(), re2::RE2::UNANCHORED, groups.data(), count))
        return;
    const auto& named = stage.regex->CapturingGroupNames();
    for (std::size_t i = 1; i < groups.size(); ++i) {
        const auto found = named.find(static_cast<int>(i));
        const std::string name = found != named.end()      ? found->second
                                 : i <= stage.names.size() ? stage.names[i - 1]
                                                           : "";
        if (!name.empty()) row[name] = std::string(groups[i].data(), groups[i].size());
    }
}

void run_dedup(const Stage& stage, std::vector<Row>& rows) {
    std::set<std::string> seen;
    std::erase_if(rows, [&](const Row& row) {
        std::string key;
        for (const Column& column : stage.columns)
            key += to_text(column.expression.value(row)) + "\n";
        return !seen.insert(key).second;
    });
}

void run_stage(const Stage& stage, std::vector<Row>& rows) {
    switch (stage.kind) {
        case Stage::Kind::fields:
        case Stage::Kind::display:
            for (Row& row : rows) {
                for (const Column& column : stage.columns) {
                    if (column.expression.kind == Expression::Kind::field &&
                        column.expression.name == column.name) {
                        continue;
                    }
                    row[column.name] = column.expression.value(row);
                }
            }
            return;
        case Stage::Kind::filter:
            std::erase_if(rows, [&](const Row& row) { return !stage.expression.holds(row); });
            return;
        case Stage::Kind::stats:
            rows = run_stats(stage, rows);
            return;
        case Stage::Kind::sort:
            std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
                return comes_before(a, b, stage.order);
            });
            return;
        case Stage::Kind::limit:
            if (rows.size() > stage.limit) rows.resize(stage.limit);
            return;
        case Stage::Kind::parse:
            for (Row& row : rows) run_parse(stage, row);
            return;
        case Stage::Kind::dedup:
            run_dedup(stage, rows);
            return;
    }
}

bool is_time(const std::string& column) {
    return column == "@timestamp" || column == "@ingestionTime" || column.starts_with("bin(");
}

/// "2026-01-31 12:00:00.000"
std::string shown_time(const Json& value) {
    const std::optional<double> millis = number_of(value);
    if (!millis) return shown(value);
    std::string text = iso8601_millis(from_epoch_seconds(*millis / 1000));
    text[10] = ' ';
    text.pop_back();
    return text;
}

}  // namespace

InsightsQuery::InsightsQuery(std::string_view text) {
    InsightsLexer lexer(text);
    do {
        if (!lexer.at_end()) stages_.push_back(parse_stage(lexer));
    } while (lexer.take("|"));
    if (!lexer.at_end()) lexer.fail("|");
}

InsightsQuery::~InsightsQuery() = default;

InsightsQuery::Result InsightsQuery::run(const std::vector<InsightsEvent>& events,
                                         std::size_t limit) const {
    std::vector<Row> rows;
    rows.reserve(events.size());
    for (const InsightsEvent& event : events) rows.push_back(row_of(event));
    // Without a sort, the newest come first.
    std::reverse(rows.begin(), rows.end());
    std::vector<Column> columns;
    bool has_stats = false;
    Result result;
    result.matched = rows.size();
    for (const std::unique_ptr<Stage>& stage : stages_) {
        run_stage(*stage, rows);
        if (stage->kind == Stage::Kind::filter && !has_stats) result.matched = rows.size();
        if (stage->kind == Stage::Kind::display || stage->kind == Stage::Kind::stats)
            columns.clear();
        if (stage->kind == Stage::Kind::stats) {
            has_stats = true;
            columns = stage->groups;
        }
        if (stage->kind == Stage::Kind::fields || stage->kind == Stage::Kind::display ||
            stage->kind == Stage::Kind::stats) {
            columns.insert(columns.end(), stage->columns.begin(), stage->columns.end());
        }
    }
    if (columns.empty()) {
        for (const char* name : {"@timestamp", "@message"}) columns.push_back({Expression(), name});
    }
    if (rows.size() > limit) rows.resize(limit);
    for (const Row& row : rows) {
        Json cells = Json::array();
        for (const Column& column : columns) {
            const Json* value = find_member(row, column.name);
            if (value == nullptr || value->is_null()) continue;
            const bool time = is_time(column.name) || is_time(column.expression.text);
            cells.push_back(
                {{"field", column.name}, {"value", time ? shown_time(*value) : shown(*value)}});
        }
        if (!has_stats) cells.push_back({{"field", "@ptr"}, {"value", row["@ptr"]}});
        result.rows.push_back(std::move(cells));
    }
    return result;
}

}  // namespace skafu::logs
