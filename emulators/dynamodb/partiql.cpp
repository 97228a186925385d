#include "dynamodb/partiql.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "core/aws_error.h"
#include "dynamodb/partiql_lexer.h"

namespace skafu::dynamodb {
namespace {

using Sort = PartiqlToken::Kind;

constexpr std::size_t kMaxStatement = 8192;
constexpr int kMaxPartiqlDepth = 100;

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

/// One comparison that a WHERE joins with AND: its expression text, and where it compares a
/// top-level attribute with a value, those.
struct Term {
    std::string text;
    std::string attribute;
    std::string op;  // "=", "<", ..., "BETWEEN", "begins_with"
    Json value;      // of "="
};

/// Parses a statement and writes the expression language's text as it goes; names and values are
/// put behind placeholders.
class Translator {
  public:
    Translator(std::string_view statement, const Json& parameters, const TableFinder& find_table)
        : tokens_(tokenize_partiql(statement)), parameters_(parameters), find_table_(find_table) {}

    PartiqlCall run() {
        PartiqlCall call;
        if (take_word("SELECT")) {
            call = select();
        } else if (take_word("INSERT")) {
            call = insert();
        } else if (take_word("UPDATE")) {
            call = update();
        } else if (take_word("DELETE")) {
            call = remove();
        } else if (take_word("EXISTS")) {
            call = exists();
        } else {
            reject();
        }
        if (is_sign(";")) ++at_;
        if (token().kind != Sort::kEnd) reject();
        if (next_parameter_ != parameters_.size()) {
            throw AwsError::validation(
                "Number of parameters in request and statement don't match.");
        }
        return call;
    }

    std::string find_name() {
        for (; token().kind != Sort::kEnd; ++at_) {
            const std::string word = token().kind == Sort::kWord ? upper(token().text) : "";
            if (word == "FROM" || word == "INTO" || word == "UPDATE") {
                ++at_;
                if (word == "FROM" || word == "INTO" || at_ == 1) return read_name();
            }
        }
        return "";
    }

  private:
    // ---- tokens ----

    [[noreturn]] void reject() const {
        throw AwsError::validation(
            "Statement wasn't well formed, can't be processed: Unexpected token '" +
            (token().kind == Sort::kEnd ? std::string("end of statement") : token().text) +
            "' at position " + std::to_string(token().at + 1));
    }
    const PartiqlToken& token() const { return tokens_[at_]; }
    bool is_sign(std::string_view sign) const {
        return token().kind == Sort::kSign && token().text == sign;
    }
    bool is_word(std::string_view word) const {
        return token().kind == Sort::kWord && upper(token().text) == word;
    }
    bool take_word(std::string_view word) {
        if (!is_word(word)) return false;
        ++at_;
        return true;
    }
    bool take_sign(std::string_view sign) {
        if (!is_sign(sign)) return false;
        ++at_;
        return true;
    }
    void expect_word(std::string_view word) {
        if (!take_word(word)) reject();
    }
    void expect_sign(std::string_view sign) {
        if (!take_sign(sign)) reject();
    }
    std::string read_name() {
        if (token().kind != Sort::kWord && token().kind != Sort::kQuoted) reject();
        return tokens_[at_++].text;
    }

    // ---- placeholders ----

    std::string name_placeholder(const std::string& name) {
        for (const auto& [placeholder, known] : names_.items()) {
            if (known == name) return placeholder;
        }
        const std::string placeholder = "#n" + std::to_string(names_.size());
        names_[placeholder] = name;
        return placeholder;
    }
    std::string value_placeholder(Json value) {
        const std::string placeholder = ":v" + std::to_string(values_.size());
        values_[placeholder] = std::move(value);
        return placeholder;
    }
    void put_placeholders(Json& input) {
        for (const std::string& name : dropped_names_) {
            if (!is_used(input, name)) names_.erase(name);
        }
        if (!names_.empty()) input["ExpressionAttributeNames"] = names_;
        if (!values_.empty()) input["ExpressionAttributeValues"] = values_;
    }

    // ---- values ----

    bool is_value() const {
        return token().kind == Sort::kString || token().kind == Sort::kNumber ||
               token().kind == Sort::kParameter || is_sign("[") || is_sign("{") || is_sign("<<") ||
               is_word("TRUE") || is_word("FALSE") || is_word("NULL");
    }

    Json read_value() {
        if (++depth_ > kMaxPartiqlDepth) reject();
        Json value = read_value_inside();
        --depth_;
        return value;
    }

    Json read_value_inside() {
        switch (token().kind) {
            case Sort::kString:
                return {{"S", tokens_[at_++].text}};
            case Sort::kNumber:
                return {{"N", tokens_[at_++].text}};
            case Sort::kParameter:
                ++at_;
                if (next_parameter_ >= parameters_.size()) {
                    throw AwsError::validation(
                        "Number of parameters in request and statement don't match.");
                }
                return parameters_[next_parameter_++];
            default:
                break;
        }
        if (take_word("TRUE")) return {{"BOOL", true}};
        if (take_word("FALSE")) return {{"BOOL", false}};
        if (take_word("NULL")) return {{"NULL", true}};
        if (take_sign("[")) return {{"L", read_values("]")}};
        if (take_sign("<<")) return set_of(read_values(">>"));
        if (take_sign("{")) return {{"M", read_members()}};
        reject();
    }

    Json read_values(std::string_view end) {
        Json values = Json::array();
        if (take_sign(end)) return values;
        do values.push_back(read_value());
        while (take_sign(","));
        expect_sign(end);
        return values;
    }

    Json read_members() {
        Json members = Json::object();
        if (take_sign("}")) return members;
        do {
            if (token().kind != Sort::kString && token().kind != Sort::kQuoted) reject();
            const std::string name = tokens_[at_++].text;
            expect_sign(":");
            members[name] = read_value();
        } while (take_sign(","));
        expect_sign("}");
        return members;
    }

    static Json set_of(const Json& values) {
        Json members = Json::array();
        std::string type;
        for (const Json& value : values) {
            const std::string of = value.begin().key();
            if (!type.empty() && of != type) {
                throw AwsError::validation("All elements of a set must be of one type.");
            }
            type = of;
            members.push_back(*value.begin());
        }
        if (type != "S" && type != "N" && type != "B") {
            throw AwsError::validation("A set can only hold strings, numbers or binary values.");
        }
        return {{type + "S", std::move(members)}};
    }

    // ---- paths and conditions ----

    /// Reads a document path and gives its expression text; `top` gets the name of a path that
    /// is one attribute, else nothing.
    std::string read_path(std::string* top = nullptr) {
        const std::string first = read_name();
        std::string text = name_placeholder(first);
        bool nested = false;
        while (true) {
            if (take_sign(".")) {
                text += "." + name_placeholder(read_name());
            } else if (take_sign("[")) {
                if (token().kind == Sort::kNumber) {
                    text += "[" + tokens_[at_++].text + "]";
                } else if (token().kind == Sort::kString) {
                    text += "." + name_placeholder(tokens_[at_++].text);
                } else {
                    reject();
                }
                expect_sign("]");
            } else {
                break;
            }
            nested = true;
        }
        if (top != nullptr && !nested) *top = first;
        return text;
    }

    /// A value, a path, or size(path).
    std::string read_operand(std::string* attribute, Json* value) {
        if (is_value()) {
            Json read = read_value();
            if (value != nullptr) *value = read;
            return value_placeholder(std::move(read));
        }
        if (is_word("SIZE") && tokens_[at_ + 1].text == "(") {
            at_ += 2;
            const std::string path = read_path();
            expect_sign(")");
            return "size(" + path + ")";
        }
        return read_path(attribute);
    }

    std::string read_function(Term& term) {
        std::string name = token().text;
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        at_ += 2;
        std::string text = name + "(" + read_operand(&term.attribute, nullptr);
        while (take_sign(",")) text += ", " + read_operand(nullptr, &term.value);
        expect_sign(")");
        term.op = name;
        return text + ")";
    }

    bool is_function() const {
        if (token().kind != Sort::kWord || tokens_[at_ + 1].text != "(") return false;
        const std::string name = upper(token().text);
        return name == "BEGINS_WITH" || name == "CONTAINS" || name == "ATTRIBUTE_TYPE" ||
               name == "ATTRIBUTE_EXISTS" || name == "ATTRIBUTE_NOT_EXISTS";
    }

    Term read_term() {
        Term term;
        if (is_function()) {
            term.text = read_function(term);
            return term;
        }
        const std::string left = read_operand(&term.attribute, nullptr);
        if (take_word("IS")) {
            const bool negated = take_word("NOT");
            if (take_word("MISSING")) {
                term.text = (negated ? "attribute_exists(" : "attribute_not_exists(") + left + ")";
            } else if (take_word("NULL")) {
                const std::string type = value_placeholder({{"S", "NULL"}});
                term.text = "attribute_type(" + left + ", " + type + ")";
                if (negated) term.text = "NOT " + term.text;
            } else {
                reject();
            }
            return term;
        }
        const bool negated = take_word("NOT");
        if (take_word("BETWEEN")) {
            term.op = "BETWEEN";
            const std::string low = read_operand(nullptr, nullptr);
            expect_word("AND");
            term.text = left + " BETWEEN " + low + " AND " + read_operand(nullptr, nullptr);
        } else if (take_word("IN")) {
            term.text = left + " IN (" + read_in_list() + ")";
        } else if (!negated && token().kind == Sort::kSign) {
            std::string op = token().text;
            if (op == "!=") op = "<>";
            if (op != "=" && op != "<>" && op != "<" && op != "<=" && op != ">" && op != ">=") {
                reject();
            }
            ++at_;
            term.op = op;
            term.text = left + " " + op + " " + read_operand(nullptr, &term.value);
        } else {
            reject();
        }
        if (negated) {
            term.text = "NOT " + term.text;
            term.op.clear();
        }
        return term;
    }

    std::string read_in_list() {
        const bool round = take_sign("(");
        if (!round) expect_sign("[");
        std::string list;
        do {
            if (!list.empty()) list += ", ";
            list += read_operand(nullptr, nullptr);
        } while (take_sign(","));
        expect_sign(round ? ")" : "]");
        return list;
    }

    /// OR of ANDs, as text.
    std::string read_condition() {
        if (++depth_ > kMaxPartiqlDepth) reject();
        std::string text = join(read_conjunction());
        while (take_word("OR")) text += " OR " + join(read_conjunction());
        --depth_;
        return text;
    }

    std::vector<Term> read_conjunction() {
        std::vector<Term> terms;
        do terms.push_back(read_negation());
        while (take_word("AND"));
        return terms;
    }

    Term read_negation() {
        if (take_word("NOT")) {
            if (++depth_ > kMaxPartiqlDepth) reject();
            Term term;
            term.text = "NOT " + read_negation().text;
            --depth_;
            return term;
        }
        if (take_sign("(")) {
            Term term;
            std::string inner = read_condition();
            expect_sign(")");
            const bool wrapped = inner.starts_with("(") && matching_end(inner);
            term.text = wrapped ? inner : "(" + inner + ")";
            return term;
        }
        return read_term();
    }

    /// Whether the text's first parenthesis is closed by its last character.
    static bool matching_end(const std::string& text) {
        int open = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '(') ++open;
            if (text[i] == ')' && --open == 0) return i + 1 == text.size();
        }
        return false;
    }

    static std::string join(const std::vector<Term>& terms) {
        std::string text;
        for (const Term& term : terms) text += (text.empty() ? "" : " AND ") + term.text;
        return text;
    }

    /// A WHERE: its terms where it is a conjunction, else one term.
    std::vector<Term> read_where() {
        std::vector<Term> terms = read_conjunction();
        if (!is_word("OR")) return terms;
        Term whole;
        whole.text = join(terms);
        while (take_word("OR")) whole.text += " OR " + join(read_conjunction());
        return {whole};
    }

    // ---- statements ----

    PartiqlCall select() {
        std::string projection;
        if (!take_sign("*")) {
            do projection += (projection.empty() ? "" : ", ") + read_path();
            while (take_sign(","));
        }
        expect_word("FROM");
        const std::string name = read_name();
        std::string index;
        if (take_sign(".")) index = read_name();
        PartiqlCall call;
        call.input = {{"TableName", name}};
        if (!index.empty()) call.input["IndexName"] = index;
        if (!projection.empty()) call.input["ProjectionExpression"] = projection;
        std::vector<Term> terms;
        if (take_word("WHERE")) terms = read_where();
        const Table& table = find_table_(name);
        const Index* found = index.empty() ? nullptr : table.find_index(index);
        if (!index.empty() && found == nullptr) {
            throw AwsError::validation("The table does not have the specified index: " + index);
        }
        split_terms(call, found == nullptr ? table.keys() : found->keys, terms);
        if (found == nullptr) read_key_lookup(call, table, terms);
        read_order(call);
        put_placeholders(call.input);
        return call;
    }

    /// Puts equality on the hash key and one comparison of the range key into a key condition,
    /// the rest into the filter; without the former it is a scan.
    static void split_terms(PartiqlCall& call, const KeySchema& keys,
                            const std::vector<Term>& terms) {
        std::vector<bool> used(terms.size(), false);
        std::string condition;
        const auto take = [&](const std::string& attribute, bool only_equal) {
            for (std::size_t i = 0; i < terms.size(); ++i) {
                const Term& term = terms[i];
                const bool fits = only_equal ? term.op == "="
                                             : !term.op.empty() && term.op != "<>" &&
                                                   term.op != "contains" &&
                                                   !term.op.starts_with("attribute");
                if (used[i] || term.attribute != attribute || !fits) continue;
                used[i] = true;
                condition += (condition.empty() ? "" : " AND ") + term.text;
                return true;
            }
            return false;
        };
        bool is_query = true;
        for (const KeyAttribute& attribute : keys.hash) {
            is_query = is_query && take(attribute.name, true);
        }
        if (is_query) {
            for (const KeyAttribute& attribute : keys.range) {
                if (!take(attribute.name, false)) break;
            }
        }
        std::vector<Term> rest;
        for (std::size_t i = 0; i < terms.size(); ++i) {
            if (!is_query || !used[i]) rest.push_back(terms[i]);
        }
        call.operation = is_query ? "Query" : "Scan";
        if (is_query) call.input["KeyConditionExpression"] = condition;
        if (!rest.empty()) call.input["FilterExpression"] = join(rest);
    }

    /// Recognizes terms that name one item by its whole key, and nothing else.
    static void read_key_lookup(PartiqlCall& call, const Table& table,
                                const std::vector<Term>& terms) {
        Json key = Json::object();
        for (const Term& term : terms) {
            if (term.op == "=" && table.keys().has(term.attribute))
                key[term.attribute] = term.value;
        }
        call.is_key_lookup = key.size() == table.keys().size() && terms.size() == key.size();
        if (call.is_key_lookup) call.key = std::move(key);
    }

    void read_order(PartiqlCall& call) {
        if (!take_word("ORDER")) return;
        expect_word("BY");
        if (call.operation != "Query") {
            throw AwsError::validation(
                "Must have at least one non-optional hash key condition in "
                "WHERE clause when using ORDER BY clause.");
        }
        do {
            read_name();
            if (take_word("DESC")) {
                call.input["ScanIndexForward"] = false;
            } else {
                take_word("ASC");
            }
        } while (take_sign(","));
    }

    PartiqlCall insert() {
        expect_word("INTO");
        const std::string name = read_name();
        expect_word("VALUE");
        const Json value = read_value();
        const Json* item = find_member(value, "M");
        if (item == nullptr) reject();
        const Table& table = find_table_(name);
        PartiqlCall call;
        call.kind = PartiqlCall::Kind::kInsert;
        call.operation = "PutItem";
        call.input = {
            {"TableName", name},
            {"Item", *item},
            {"ConditionExpression",
             "attribute_not_exists(" + name_placeholder(table.keys().hash.front().name) + ")"}};
        put_placeholders(call.input);
        return call;
    }

    struct Sections {
        std::string set;
        std::string remove;
        std::string add;
        std::string drop;
    };

    static void append(std::string& section, const std::string& action) {
        if (!section.empty()) section += ", ";
        section += action;
    }

    std::string read_sum() {
        std::string text = read_set_operand();
        if (is_sign("+") || is_sign("-")) {
            text += " " + token().text + " ";
            ++at_;
            text += read_set_operand();
        }
        return text;
    }

    std::string read_set_operand() {
        const std::string name = token().kind == Sort::kWord ? upper(token().text) : "";
        if ((name == "LIST_APPEND" || name == "IF_NOT_EXISTS") && tokens_[at_ + 1].text == "(") {
            at_ += 2;
            std::string text = name == "LIST_APPEND" ? "list_append(" : "if_not_exists(";
            text += read_set_operand();
            expect_sign(",");
            text += ", " + read_set_operand();
            expect_sign(")");
            return text + ")";
        }
        return read_operand(nullptr, nullptr);
    }

    void read_assignment(Sections& sections) {
        const std::string path = read_path();
        expect_sign("=");
        const std::string name = token().kind == Sort::kWord ? upper(token().text) : "";
        if ((name != "SET_ADD" && name != "SET_DELETE") || tokens_[at_ + 1].text != "(") {
            append(sections.set, path + " = " + read_sum());
            return;
        }
        at_ += 2;
        read_path();
        expect_sign(",");
        const std::string value = value_placeholder(read_value());
        expect_sign(")");
        append(name == "SET_ADD" ? sections.add : sections.drop, path + " " + value);
    }

    PartiqlCall update() {
        const std::string name = read_name();
        Sections sections;
        while (is_word("SET") || is_word("REMOVE")) {
            if (take_word("SET")) {
                do read_assignment(sections);
                while (take_sign(","));
            } else {
                ++at_;
                do append(sections.remove, read_path());
                while (take_sign(","));
            }
        }
        std::string expression;
        for (const auto& [keyword, actions] :
             {std::pair("SET ", &sections.set), std::pair("REMOVE ", &sections.remove),
              std::pair("ADD ", &sections.add), std::pair("DELETE ", &sections.drop)}) {
            if (!actions->empty())
                expression += (expression.empty() ? "" : " ") + (keyword + *actions);
        }
        if (expression.empty()) reject();
        PartiqlCall call = write_where(name, "UpdateItem");
        call.kind = PartiqlCall::Kind::kUpdate;
        call.input["UpdateExpression"] = expression;
        put_placeholders(call.input);
        return call;
    }

    PartiqlCall remove() {
        expect_word("FROM");
        PartiqlCall call = write_where(read_name(), "DeleteItem");
        call.kind = PartiqlCall::Kind::kDelete;
        put_placeholders(call.input);
        return call;
    }

    /// WHERE and RETURNING of UPDATE and DELETE: the key, and the rest as condition.
    PartiqlCall write_where(const std::string& name, const char* operation) {
        const Table& table = find_table_(name);
        expect_word("WHERE");
        PartiqlCall call;
        call.operation = operation;
        call.input = {{"TableName", name}};
        Json key = Json::object();
        std::string condition;
        if (std::string_view(operation) == "UpdateItem") {
            condition =
                "attribute_exists(" + name_placeholder(table.keys().hash.front().name) + ")";
        }
        for (const Term& term : read_where()) {
            if (term.op == "=" && table.keys().has(term.attribute) && !term.value.is_null()) {
                key[term.attribute] = term.value;
                drop_value(term);
            } else {
                condition += (condition.empty() ? "" : " AND ") + term.text;
            }
        }
        if (key.size() != table.keys().size()) {
            throw AwsError::validation(
                "Where clause does not contain a mandatory equality on all "
                "key attributes");
        }
        call.input["Key"] = std::move(key);
        if (!condition.empty()) call.input["ConditionExpression"] = condition;
        read_returning(call);
        return call;
    }

    /// A key's value and name need no placeholders: forget them where nothing else uses them.
    void drop_value(const Term& term) {
        const std::size_t at = term.text.rfind(':');
        if (at != std::string::npos) values_.erase(term.text.substr(at));
        const std::string name = term.text.substr(0, term.text.find(' '));
        dropped_names_.push_back(name);
    }

    /// Whether an expression of the input has the placeholder, not only one that begins like it.
    static bool is_used(const Json& input, const std::string& placeholder) {
        for (const char* member : {"ConditionExpression", "UpdateExpression"}) {
            const std::string text = string_member(input, member) + " ";
            for (std::size_t at = text.find(placeholder); at != std::string::npos;
                 at = text.find(placeholder, at + 1)) {
                if (!std::isdigit(static_cast<unsigned char>(text[at + placeholder.size()]))) {
                    return true;
                }
            }
        }
        return false;
    }

    void read_returning(PartiqlCall& call) {
        if (!take_word("RETURNING")) return;
        const bool all = take_word("ALL");
        if (!all) expect_word("MODIFIED");
        const bool old = take_word("OLD");
        if (!old) expect_word("NEW");
        expect_sign("*");
        call.input["ReturnValues"] = std::string(all ? "ALL_" : "UPDATED_") + (old ? "OLD" : "NEW");
    }

    /// EXISTS(SELECT ...): a condition check of a transaction.
    PartiqlCall exists() {
        expect_sign("(");
        expect_word("SELECT");
        expect_sign("*");
        expect_word("FROM");
        PartiqlCall call = write_where(read_name(), "ConditionCheck");
        expect_sign(")");
        call.kind = PartiqlCall::Kind::kExists;
        if (!call.input.contains("ConditionExpression")) {
            const std::string name = call.input.at("TableName").get<std::string>();
            call.input["ConditionExpression"] =
                "attribute_exists(" + name_placeholder(find_table_(name).keys().hash.front().name) +
                ")";
        }
        put_placeholders(call.input);
        return call;
    }

    std::vector<PartiqlToken> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
    const Json& parameters_;
    std::size_t next_parameter_ = 0;
    const TableFinder& find_table_;
    Json names_ = Json::object();
    Json values_ = Json::object();
    std::vector<std::string> dropped_names_;
};

}  // namespace

PartiqlCall translate_partiql(std::string_view statement, const Json& parameters,
                              const TableFinder& find_table) {
    if (statement.empty() || statement.size() > kMaxStatement) {
        throw AwsError::validation(
            "1 validation error detected: Value at 'statement' failed to satisfy constraint: "
            "Member must have length " +
            std::string(statement.empty() ? "greater than or equal to 1"
                                          : "less than or equal to 8192"));
    }
    return Translator(statement, parameters, find_table).run();
}

std::string partiql_table_name(std::string_view statement) {
    const Json none = Json::array();
    const TableFinder no_finder;
    return Translator(statement, none, no_finder).find_name();
}

}  // namespace skafu::dynamodb
