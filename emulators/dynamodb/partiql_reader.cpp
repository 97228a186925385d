#include "dynamodb/partiql_reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "core/aws_error.h"
#include "dynamodb/number.h"

namespace skafu::dynamodb {
namespace {

using PartiqlKind = PartiqlToken::Kind;

constexpr int kMaxStatementDepth = 100;
/// A literal's scalars lie under fewer steps than this.
constexpr int kMaxLiteralSteps = 32;

/// Words that cannot be names without quotes.
constexpr std::array<std::string_view, 30> kKeywords = {
    "ALL",    "AND",   "AS",     "ASC",       "BETWEEN", "BY",     "DELETE", "DESC",
    "FALSE",  "FROM",  "IN",     "INSERT",    "INTO",    "IS",     "LIKE",   "MISSING",
    "NOT",    "NULL",  "OR",     "ORDER",     "REMOVE",  "SELECT", "SET",    "TRUE",
    "UPDATE", "VALUE", "VALUES", "RETURNING", "WHERE",   "EXISTS"};
constexpr std::array<std::string_view, 6> kOperators = {"AND", "OR", "IS", "IN", "LIKE", "BETWEEN"};

bool is_same_word(std::string_view text, std::string_view upper) {
    return std::equal(text.begin(), text.end(), upper.begin(), upper.end(), [](char a, char b) {
        return std::toupper(static_cast<unsigned char>(a)) == b;
    });
}

template <std::size_t Size>
bool is_one_of(std::string_view text, const std::array<std::string_view, Size>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return is_same_word(text, word); });
}

[[noreturn]] void reject_parameter_count() {
    throw AwsError::validation("Number of parameters in request and statement don't match.");
}

[[noreturn]] void reject_duplicates(const std::vector<std::string>& members, bool numbers) {
    std::string list;
    for (const std::string& member : members) list += (list.empty() ? "" : ", ") + member;
    throw AwsError::validation("One or more parameter values were invalid: Input collection [" +
                               list + "] contains duplicates" + (numbers ? "! under root" : "."));
}

}  // namespace

PartiqlReader::PartiqlReader(std::string_view statement, const Json& parameters)
    : tokens_(tokenize_partiql(statement)), parameters_(parameters) {}

PartiqlReader::Depth::Depth(PartiqlReader& reader) : reader_(reader) {
    if (++reader.depth_ > kMaxStatementDepth) reject_statement("Expression is nested too deeply");
}

bool PartiqlReader::is_sign(const PartiqlToken& token, std::string_view sign) {
    return token.kind == PartiqlKind::kSign && token.text == sign;
}

bool PartiqlReader::is_word(const PartiqlToken& token, std::string_view upper) {
    return token.kind == PartiqlKind::kWord && is_same_word(token.text, upper);
}

bool PartiqlReader::take_sign(std::string_view sign) {
    if (!is_sign(sign)) return false;
    advance();
    return true;
}

bool PartiqlReader::take_word(std::string_view upper) {
    if (!is_word(upper)) return false;
    advance();
    return true;
}

void PartiqlReader::expect_sign(std::string_view sign) {
    if (!take_sign(sign)) reject_term();
}

void PartiqlReader::expect_word(std::string_view upper) {
    if (!take_word(upper)) reject_term();
}

void PartiqlReader::reject_term() const {
    if (token().kind == PartiqlKind::kWord) {
        if (is_one_of(token().text, kOperators)) reject_statement("Unexpected operator");
        if (is_one_of(token().text, kKeywords)) reject_statement("Unexpected keyword");
    }
    reject_statement("Unexpected term");
}

void PartiqlReader::check_all_used() const {
    if (next_parameter_ != parameters_.size()) reject_parameter_count();
}

// ---- names and paths ----

bool PartiqlReader::is_name() const {
    return token().kind == PartiqlKind::kQuoted ||
           (token().kind == PartiqlKind::kWord && !is_one_of(token().text, kKeywords));
}

std::string PartiqlReader::read_name() {
    if (!is_name()) reject_term();
    advance();
    return previous().text;
}

PartiqlPath PartiqlReader::read_path() {
    PartiqlPath path;
    const auto add = [&path](std::string name) {
        // An empty name would pass for an index from here on.
        if (name.empty()) throw AwsError::validation("Path component cannot be an empty string");
        path.push_back({std::move(name), 0});
    };
    add(read_name());
    while (true) {
        if (take_sign(".")) {
            // "inner" is a join's word to the grammar, also here.
            if (!is_name() || is_word("INNER")) reject_statement("Invalid path dot component");
            add(read_name());
        } else if (take_sign("[")) {
            if (token().kind == PartiqlKind::kString) {
                add(token().text);
                advance();
            } else {
                path.push_back({"", read_index()});
            }
            expect_sign("]");
        } else {
            return path;
        }
    }
}

std::size_t PartiqlReader::read_index() {
    constexpr std::size_t kMost = 2147483647;
    const PartiqlToken first = token();
    const bool negative = take_sign("-");
    if (token().kind != PartiqlKind::kNumber) reject_term();
    const std::string digits = token().text;
    if (digits.find_first_not_of("0123456789") != std::string::npos) reject_term();
    advance();
    const std::size_t value = digits.size() > 10 ? kMost + 1 : std::stoull(digits);
    if (value > kMost || (negative && value > 0)) {
        throw AwsError::validation("List index is not within the allowable range; index: [" +
                                   std::string(negative ? "-" : "") + digits + "] at " +
                                   first.position());
    }
    return value;
}

// ---- values ----

bool PartiqlReader::is_literal() const {
    if (is_sign("-") || is_sign("+")) return true;
    return token().kind == PartiqlKind::kString || token().kind == PartiqlKind::kNumber ||
           token().kind == PartiqlKind::kParameter || is_sign("[") || is_sign("{") ||
           is_sign("<<") || is_word("TRUE") || is_word("FALSE") || is_word("NULL");
}

Json PartiqlReader::read_literal() {
    if (token().kind == PartiqlKind::kParameter) return read_parameter();
    return read_value("root", 0);
}

Json PartiqlReader::read_item() {
    if (token().kind == PartiqlKind::kParameter) {
        Json value = read_parameter();
        const Json* members = find_member(value, "M");
        if (members == nullptr) reject_statement("Expected a tuple in VALUE");
        return *members;
    }
    expect_sign("{");
    Json item = Json::object();
    if (take_sign("}")) return item;
    do {
        const std::string name = read_member_name();
        item[name] = read_literal();
    } while (take_sign(","));
    expect_sign("}");
    return item;
}

Json PartiqlReader::read_parameter() {
    advance();
    if (next_parameter_ >= parameters_.size()) reject_parameter_count();
    return parameters_[next_parameter_++];
}

Json PartiqlReader::read_number(const std::string& under) {
    bool negative = false;
    for (; is_sign("-") || is_sign("+"); advance()) negative ^= is_sign("-");
    if (token().kind != PartiqlKind::kNumber) reject_term();
    const std::string text = (negative ? "-" : "") + token().text;
    advance();
    try {
        Number::parse(text);
    } catch (const AwsError& error) {
        throw AwsError::validation(error.message() + " under " + under);
    }
    return {{"N", text}};
}

Json PartiqlReader::read_value(const std::string& under, int depth) {
    if (depth >= kMaxLiteralSteps) {
        throw AwsError::validation("Nesting Levels have exceeded supported limits under " + under);
    }
    const PartiqlToken& here = token();
    if (here.kind == PartiqlKind::kNumber || is_sign("-") || is_sign("+"))
        return read_number(under);
    const bool is_call = here.kind == PartiqlKind::kWord && is_sign(next(), "(");
    if (here.kind == PartiqlKind::kParameter || is_call) {
        throw AwsError::validation(
            "Unsupported data type: " + (is_call ? here.text : std::string("Parameter")) +
            " under key " + under + " at " + here.position());
    }
    if (here.kind == PartiqlKind::kString) {
        advance();
        return {{"S", previous().text}};
    }
    if (take_word("TRUE")) return {{"BOOL", true}};
    if (take_word("FALSE")) return {{"BOOL", false}};
    if (take_word("NULL")) return {{"NULL", true}};
    if (take_sign("[")) return read_list(under, depth);
    if (take_sign("<<")) return read_bag(under);
    if (take_sign("{")) return read_map(under, depth);
    reject_term();
}

Json PartiqlReader::read_list(const std::string& under, int depth) {
    Json values = Json::array();
    if (!take_sign("]")) {
        do {
            values.push_back(
                read_value(under + "[" + std::to_string(values.size()) + "]", depth + 1));
        } while (take_sign(","));
        expect_sign("]");
    }
    return {{"L", std::move(values)}};
}

Json PartiqlReader::read_map(const std::string& under, int depth) {
    Json members = Json::object();
    if (!take_sign("}")) {
        do {
            const std::string name = read_member_name();
            members[name] = read_value(under + "." + name, depth + 1);
        } while (take_sign(","));
        expect_sign("}");
    }
    return {{"M", std::move(members)}};
}

std::string PartiqlReader::read_member_name() {
    if (token().kind != PartiqlKind::kString && token().kind != PartiqlKind::kQuoted) reject_term();
    advance();
    std::string name = previous().text;
    expect_sign(":");
    return name;
}

Json PartiqlReader::read_bag(const std::string& under) {
    if (take_sign(">>")) throw AwsError::validation("Empty bags are not supported");
    std::string type;
    std::vector<std::string> members;
    std::set<std::string> distinct;
    do {
        const Json value = read_value(under, 1);
        const std::string of = value.begin().key();
        if ((of != "S" && of != "N") || (!type.empty() && of != type)) {
            throw AwsError::validation(
                "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in "
                "bags");
        }
        type = of;
        members.push_back(value.begin()->get<std::string>());
        distinct.insert(type == "N" ? Number::parse(members.back()).text() : members.back());
    } while (take_sign(","));
    expect_sign(">>");
    if (distinct.size() != members.size()) reject_duplicates(members, type == "N");
    return {{type + "S", members}};
}

}  // namespace skafu::dynamodb
