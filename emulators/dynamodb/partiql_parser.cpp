#include <algorithm>
#include <array>
#include <cctype>

#include "core/aws_error.h"
#include "dynamodb/partiql_reader.h"

namespace skafu::dynamodb {
namespace {

using PartiqlKind = PartiqlToken::Kind;

constexpr std::size_t kMaxMembersOfIn = 100;

std::string in_case(std::string_view text, int (*convert)(int)) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(convert(static_cast<unsigned char>(c)));
    return out;
}

bool is_condition_function(std::string_view name) {
    return name == "begins_with" || name == "contains" || name == "attribute_type" ||
           name == "attribute_exists" || name == "attribute_not_exists";
}

/// The attribute type that a type name after IS stands for, or nothing.
std::string_view attribute_type_of(std::string_view upper) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kTypes = {{
        {"NULL", "NULL"}, {"BOOL", "BOOL"},  {"BOOLEAN", "BOOL"}, {"STRING", "S"},
        {"SYMBOL", "S"},  {"VARCHAR", "S"},  {"CHAR", "S"},       {"INT", "N"},
        {"INTEGER", "N"}, {"SMALLINT", "N"}, {"INT4", "N"},       {"INT8", "N"},
        {"DECIMAL", "N"}, {"NUMERIC", "N"},  {"FLOAT", "N"},      {"REAL", "N"},
        {"LIST", "L"},    {"STRUCT", "M"},   {"TUPLE", "M"},      {"BLOB", "B"},
    }};
    for (const auto& [name, type] : kTypes) {
        if (name == upper) return type;
    }
    return {};
}

PartiqlOperand value_operand(Json value) {
    PartiqlOperand operand;
    operand.kind = PartiqlOperand::Kind::kValue;
    operand.value = std::move(value);
    return operand;
}

PartiqlCondition negated(PartiqlCondition condition) {
    PartiqlCondition negation;
    negation.kind = PartiqlCondition::Kind::kNot;
    negation.children.push_back(std::move(condition));
    return negation;
}

/// A condition that calls a function of two operands, or of one.
PartiqlCondition call_condition(std::string function, PartiqlOperand first,
                                std::optional<PartiqlOperand> second = {}) {
    PartiqlCondition call;
    call.kind = PartiqlCondition::Kind::kCall;
    call.text = std::move(function);
    call.operands.push_back(std::move(first));
    if (second) call.operands.push_back(std::move(*second));
    return call;
}

// ---- WHERE ----

class ConditionParser {
  public:
    explicit ConditionParser(PartiqlReader& reader) : in_(reader) {}

    /// OR of ANDs.
    PartiqlCondition parse() {
        const PartiqlReader::Depth guard(in_);
        return parse_joined("OR", PartiqlCondition::Kind::kOr, [this] {
            return parse_joined("AND", PartiqlCondition::Kind::kAnd,
                                [this] { return parse_negation(); });
        });
    }

    PartiqlOperand parse_operand() {
        if (in_.is_literal()) return value_operand(in_.read_literal());
        if (in_.is_sign("(")) {
            const PartiqlReader::Depth guard(in_);
            in_.advance();
            PartiqlOperand operand = parse_operand();
            in_.expect_sign(")");
            return operand;
        }
        if (in_.token().kind == PartiqlKind::kWord && PartiqlReader::is_sign(in_.next(), "(")) {
            return parse_call();
        }
        if (!in_.is_name()) reject_operand();
        PartiqlOperand operand;
        operand.path = in_.read_path();
        return operand;
    }

  private:
    template <class Part>
    PartiqlCondition parse_joined(std::string_view word, PartiqlCondition::Kind kind, Part part) {
        PartiqlCondition first = part();
        if (!in_.is_word(word)) return first;
        PartiqlCondition joined;
        joined.kind = kind;
        joined.children.push_back(std::move(first));
        while (in_.take_word(word)) joined.children.push_back(part());
        return joined;
    }

    PartiqlCondition parse_negation() {
        const PartiqlReader::Depth guard(in_);
        if (in_.take_word("NOT")) return negated(parse_negation());
        return parse_comparison();
    }

    /// What stands where an operand should, after an operator or at the beginning.
    [[noreturn]] void reject_operand() const {
        const PartiqlToken& before = in_.previous();
        const bool infix =
            PartiqlReader::is_word(before, "AND") || PartiqlReader::is_word(before, "OR") ||
            (before.kind == PartiqlKind::kSign &&
             std::string_view("= <> != < <= > >= + -").find(before.text) != std::string_view::npos);
        if (in_.at_end() && infix) {
            reject_statement("Missing right-hand side expression of infix operator");
        }
        in_.reject_term();
    }

    /// A function's arguments; condition functions give a call that parse_primary makes a
    /// condition.
    PartiqlOperand parse_call() {
        const PartiqlReader::Depth guard(in_);
        const PartiqlToken name = in_.token();
        PartiqlOperand call;
        call.kind = PartiqlOperand::Kind::kCall;
        call.function = in_case(name.text, std::tolower);
        if (!is_condition_function(call.function) && call.function != "size") {
            throw AwsError::validation("Unrecognized function: " + call.function + " at " +
                                       name.position());
        }
        in_.advance();
        in_.advance();
        if (!in_.take_sign(")")) {
            do call.arguments.push_back(parse_operand());
            while (in_.take_sign(","));
            in_.expect_sign(")");
        }
        check_call(call);
        return call;
    }

    static void check_call(const PartiqlOperand& call) {
        const std::size_t wanted = call.function == "size" || call.function == "attribute_exists" ||
                                           call.function == "attribute_not_exists"
                                       ? 1
                                       : 2;
        if (call.arguments.size() != wanted) {
            throw AwsError::validation(
                "Incorrect number of operands for operator or function; operator or function: " +
                call.function + ", number of operands: " + std::to_string(call.arguments.size()));
        }
    }

    PartiqlCondition parse_primary() {
        if (in_.is_sign("(")) {
            in_.advance();
            PartiqlCondition inner = parse();
            in_.expect_sign(")");
            return inner;
        }
        PartiqlOperand operand = parse_operand();
        if (operand.kind == PartiqlOperand::Kind::kCall && operand.function != "size") {
            PartiqlCondition call;
            call.kind = PartiqlCondition::Kind::kCall;
            call.text = std::move(operand.function);
            call.operands = std::move(operand.arguments);
            return call;
        }
        PartiqlCondition bare;
        bare.operands.push_back(std::move(operand));
        return bare;
    }

    PartiqlCondition parse_comparison() {
        PartiqlCondition left = parse_primary();
        if (left.kind != PartiqlCondition::Kind::kBare) return parse_truth_test(std::move(left));
        PartiqlOperand operand = std::move(left.operands.front());
        if (in_.take_word("IS")) return parse_is(std::move(operand));
        if (in_.take_word("NOT")) {
            if (!in_.is_word("BETWEEN") && !in_.is_word("IN")) in_.reject_term();
            return negated(parse_range(std::move(operand)));
        }
        if (in_.is_word("BETWEEN") || in_.is_word("IN")) return parse_range(std::move(operand));
        if (is_comparator()) {
            PartiqlCondition comparison;
            comparison.kind = PartiqlCondition::Kind::kCompare;
            comparison.text = in_.token().text == "!=" ? "<>" : in_.token().text;
            in_.advance();
            comparison.operands.push_back(std::move(operand));
            comparison.operands.push_back(parse_operand());
            return comparison;
        }
        left.operands.front() = std::move(operand);
        return left;
    }

    bool is_comparator() const {
        static constexpr std::array<std::string_view, 7> kSigns = {"=",  "<>", "!=", "<",
                                                                   "<=", ">",  ">="};
        return in_.token().kind == PartiqlKind::kSign &&
               std::find(kSigns.begin(), kSigns.end(), in_.token().text) != kSigns.end();
    }

    /// "attribute_exists(a) = false": a condition may be compared with true and false.
    PartiqlCondition parse_truth_test(PartiqlCondition condition) {
        if (!is_comparator()) return condition;
        const std::string sign = in_.token().text;
        const bool truth = PartiqlReader::is_word(in_.next(), "TRUE");
        if (!truth && !PartiqlReader::is_word(in_.next(), "FALSE")) return condition;
        if (sign != "=" && sign != "<>" && sign != "!=") {
            throw AwsError::validation(
                "Incorrect operand type for operator or function; operator or function: " + sign +
                ", operand type: BOOL");
        }
        in_.advance();
        in_.advance();
        return truth == (sign == "=") ? std::move(condition) : negated(std::move(condition));
    }

    PartiqlCondition parse_is(PartiqlOperand operand) {
        const bool is_not = in_.take_word("NOT");
        if (in_.take_word("MISSING")) {
            return call_condition(is_not ? "attribute_exists" : "attribute_not_exists",
                                  std::move(operand));
        }
        const std::string_view type =
            in_.token().kind == PartiqlKind::kWord
                ? attribute_type_of(in_case(in_.token().text, std::toupper))
                : std::string_view();
        if (type.empty()) reject_statement("Expected type name");
        in_.advance();
        PartiqlCondition test = call_condition("attribute_type", std::move(operand),
                                               value_operand({{"S", std::string(type)}}));
        return is_not ? negated(std::move(test)) : std::move(test);
    }

    /// BETWEEN or IN.
    PartiqlCondition parse_range(PartiqlOperand operand) {
        PartiqlCondition range;
        range.operands.push_back(std::move(operand));
        if (in_.take_word("BETWEEN")) {
            range.kind = PartiqlCondition::Kind::kBetween;
            range.operands.push_back(parse_operand());
            in_.expect_word("AND");
            range.operands.push_back(parse_operand());
            return range;
        }
        in_.expect_word("IN");
        range.kind = PartiqlCondition::Kind::kIn;
        const bool round = in_.take_sign("(");
        if (!round) in_.expect_sign("[");
        do range.operands.push_back(parse_operand());
        while (in_.take_sign(","));
        in_.expect_sign(round ? ")" : "]");
        if (range.operands.size() - 1 > kMaxMembersOfIn) {
            throw AwsError::validation(
                "The IN operator is provided with too many operands; number of operands: " +
                std::to_string(range.operands.size() - 1));
        }
        return range;
    }

    PartiqlReader& in_;
};

// ---- statements ----

class StatementParser {
  public:
    StatementParser(std::string_view statement, const Json& parameters)
        : in_(statement, parameters) {}

    PartiqlStatement parse() {
        parse_kind();
        in_.take_sign(";");
        if (!in_.at_end()) reject_statement("Unexpected token after expression");
        in_.check_all_used();
        return std::move(out_);
    }

  private:
    void parse_kind() {
        if (in_.take_word("SELECT")) {
            parse_select();
        } else if (in_.take_word("INSERT")) {
            parse_insert();
        } else if (in_.take_word("UPDATE")) {
            out_.kind = PartiqlStatement::Kind::kUpdate;
            parse_table();
            if (!in_.is_word("SET") && !in_.is_word("REMOVE")) {
                reject_alias();
                reject_statement("Expected data manipulation");
            }
            parse_changes();
            parse_where();
            parse_returning();
        } else if (in_.take_word("DELETE")) {
            out_.kind = PartiqlStatement::Kind::kDelete;
            in_.expect_word("FROM");
            parse_table();
            reject_alias();
            parse_where();
            parse_returning();
        } else if (in_.take_word("FROM")) {
            // The other order of an UPDATE.
            out_.kind = PartiqlStatement::Kind::kUpdate;
            parse_table();
            parse_where();
            parse_changes();
            parse_returning();
        } else if (in_.is_word("EXISTS") && PartiqlReader::is_sign(in_.next(), "(")) {
            in_.advance();
            in_.advance();
            in_.expect_word("SELECT");
            parse_select();
            in_.expect_sign(")");
            out_.kind = PartiqlStatement::Kind::kExists;
        } else {
            reject_statement("Expected data manipulation");
        }
    }

    void parse_select() {
        if (!in_.take_sign("*")) {
            do parse_column();
            while (in_.take_sign(","));
        }
        in_.expect_word("FROM");
        if (in_.token().kind != PartiqlKind::kQuoted && !in_.is_name()) in_.reject_term();
        parse_table();
        reject_alias();
        parse_where();
        parse_order();
    }

    void parse_column() {
        if (in_.token().kind == PartiqlKind::kWord && PartiqlReader::is_sign(in_.next(), "(")) {
            throw AwsError::validation("Unexpected path component at " + in_.token().position());
        }
        out_.columns.push_back(in_.read_path());
    }

    /// A table's name, and an index's after a dot.
    void parse_table() {
        std::vector<std::string> parts;
        do {
            if (!in_.is_name()) reject_statement("Expected identifier for simple path");
            parts.push_back(in_.read_name());
        } while (in_.take_sign("."));
        if (std::any_of(parts.begin(), parts.end(),
                        [](const auto& part) { return part.empty(); })) {
            throw AwsError::validation("Path component cannot be an empty string");
        }
        if (parts.size() > 2) {
            throw AwsError::validation(
                "A path may contain at most 2 components in the FROM clause");
        }
        out_.table = std::move(parts.front());
        if (parts.size() > 1) out_.index = std::move(parts.back());
    }

    void reject_alias() const {
        if (in_.is_name() || in_.is_word("AS")) {
            throw AwsError::validation("Aliasing is not supported");
        }
    }

    void parse_where() {
        if (!in_.take_word("WHERE")) return;
        PartiqlCondition where = ConditionParser(in_).parse();
        check_no_bare(where);
        out_.where = std::move(where);
    }

    /// An operand alone is no condition.
    void check_no_bare(const PartiqlCondition& condition) const {
        if (condition.kind == PartiqlCondition::Kind::kBare) in_.reject_term();
        for (const PartiqlCondition& child : condition.children) check_no_bare(child);
    }

    void parse_order() {
        if (!in_.take_word("ORDER")) return;
        in_.expect_word("BY");
        do {
            const PartiqlPath path = in_.read_path();
            const bool descending = in_.take_word("DESC");
            if (!descending) in_.take_word("ASC");
            out_.order.emplace_back(path.front().name, descending);
        } while (in_.take_sign(","));
    }

    void parse_insert() {
        out_.kind = PartiqlStatement::Kind::kInsert;
        in_.expect_word("INTO");
        parse_table();
        if (in_.is_name()) reject_statement("Unexpected token after expression");
        if (!in_.take_word("VALUE")) reject_statement("Unexpected keyword");
        out_.item = in_.read_item();
    }

    void parse_changes() {
        while (in_.is_word("SET") || in_.is_word("REMOVE")) {
            const bool set = in_.is_word("SET");
            in_.advance();
            do out_.changes.push_back(set ? parse_assignment() : parse_removal());
            while (in_.take_sign(","));
        }
        if (out_.changes.empty()) reject_statement("Expected data manipulation");
    }

    PartiqlChange parse_removal() {
        PartiqlChange change;
        change.kind = PartiqlChange::Kind::kRemove;
        change.path = in_.read_path();
        return change;
    }

    PartiqlChange parse_assignment() {
        PartiqlChange change;
        change.path = in_.read_path();
        in_.expect_sign("=");
        const std::string function = in_.token().kind == PartiqlKind::kWord
                                         ? in_case(in_.token().text, std::toupper)
                                         : std::string();
        if (function == "SET_ADD" || function == "SET_DELETE") {
            parse_set_change(change, function);
        } else {
            change.value = parse_sum();
        }
        return change;
    }

    /// "a = set_add(a, <<...>>)": the attribute itself, and a set.
    void parse_set_change(PartiqlChange& change, const std::string& function) {
        const PartiqlToken name = in_.token();
        in_.advance();
        in_.expect_sign("(");
        const PartiqlToken first = in_.token();
        std::vector<PartiqlOperand> arguments;
        if (!in_.take_sign(")")) {
            do arguments.push_back(ConditionParser(in_).parse_operand());
            while (in_.take_sign(","));
            in_.expect_sign(")");
        }
        if (arguments.size() != 2) {
            throw AwsError::validation(function + " must have exactly two arguments at " +
                                       name.position());
        }
        if (arguments[0].kind != PartiqlOperand::Kind::kPath || arguments[0].path != change.path) {
            throw AwsError::validation("The first argument to " + function +
                                       " must equal the assignment value at " + name.position());
        }
        const Json& set = arguments[1].value;
        const std::string type = set.is_object() && !set.empty() ? set.begin().key() : "";
        if (type != "SS" && type != "NS" && type != "BS") {
            throw AwsError::validation("The second argument to " + function +
                                       " must be a value with type SET at " + first.position());
        }
        change.kind =
            function == "SET_ADD" ? PartiqlChange::Kind::kSetAdd : PartiqlChange::Kind::kSetDelete;
        change.value = std::move(arguments[1]);
    }

    PartiqlOperand parse_sum() {
        PartiqlOperand left = parse_set_operand();
        if (!in_.is_sign("+") && !in_.is_sign("-")) return left;
        PartiqlOperand sum;
        sum.kind = in_.is_sign("+") ? PartiqlOperand::Kind::kPlus : PartiqlOperand::Kind::kMinus;
        in_.advance();
        sum.arguments.push_back(std::move(left));
        sum.arguments.push_back(parse_set_operand());
        return sum;
    }

    PartiqlOperand parse_set_operand() {
        const PartiqlReader::Depth guard(in_);
        const std::string name = in_.token().kind == PartiqlKind::kWord
                                     ? in_case(in_.token().text, std::tolower)
                                     : std::string();
        if ((name != "list_append" && name != "if_not_exists") ||
            !PartiqlReader::is_sign(in_.next(), "(")) {
            return ConditionParser(in_).parse_operand();
        }
        in_.advance();
        in_.advance();
        PartiqlOperand call;
        call.kind = PartiqlOperand::Kind::kCall;
        call.function = name;
        do call.arguments.push_back(parse_set_operand());
        while (in_.take_sign(","));
        in_.expect_sign(")");
        return call;
    }

    void parse_returning() {
        if (!in_.take_word("RETURNING")) return;
        PartiqlReturning returning;
        returning.all = in_.take_word("ALL");
        if (!returning.all) in_.expect_word("MODIFIED");
        returning.old = in_.take_word("OLD");
        if (!returning.old) in_.expect_word("NEW");
        in_.expect_sign("*");
        if (out_.kind == PartiqlStatement::Kind::kDelete && (!returning.all || !returning.old)) {
            throw AwsError::validation(
                "Invalid returning clause: " + returning.text() +
                ". Only RETURNING ALL OLD * is allowed in DELETE statements.");
        }
        out_.returning = returning;
    }

    PartiqlReader in_;
    PartiqlStatement out_;
};

}  // namespace

std::string PartiqlReturning::text() const {
    return std::string("RETURNING ") + (all ? "ALL " : "MODIFIED ") + (old ? "OLD *" : "NEW *");
}

PartiqlStatement parse_partiql(std::string_view statement, const Json& parameters) {
    return StatementParser(statement, parameters).parse();
}

}  // namespace skafu::dynamodb
