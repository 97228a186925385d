#include <algorithm>
#include <array>
#include <limits>

#include "core/aws_error.h"
#include "eventbridge/pattern.h"
#include "eventbridge/pattern_reader.h"
#include "eventbridge/wildcard.h"

namespace skafu::eventbridge {
namespace {

using Token = PatternReader::Token;

/// More combinations of $or branches than AWS takes.
constexpr std::size_t kMaxAlternatives = 1000;
constexpr const char* kTooComplex =
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character "
    "sequences after a wildcard character";
constexpr std::size_t kMaxWildcardPrefixes = 10;

/// What the rule engine has and keeps for later; none may be a field's name inside $or.
constexpr std::array kReservedNames = {"exactly",
                                       "equals-ignore-case",
                                       "prefix",
                                       "suffix",
                                       "anything-but",
                                       "exists",
                                       "wildcard",
                                       "numeric",
                                       "cidr",
                                       "=",
                                       "<",
                                       "<=",
                                       ">",
                                       ">=",
                                       "regex",
                                       "not-wildcard",
                                       "not-equals-ignore-case",
                                       "date-after",
                                       "date-on-or-after",
                                       "date-before",
                                       "date-on-or-before",
                                       "in-date-range",
                                       "ip-address-in-range",
                                       "ip-address-not-in-range"};

OwnedScalar string_value(std::string text) {
    return {ScalarKind::string, 0, std::move(text)};
}

Condition text_condition(Operator op, std::string text) {
    return {op, {string_value(std::move(text))}, {}, {}, false};
}

OwnedScalar own(const Scalar& scalar) {
    const bool by_value = scalar.kind == ScalarKind::number;  // in any spelling
    return {scalar.kind, scalar.number, by_value ? "" : std::string(scalar.text)};
}

bool asks_for_number(const Condition& condition) {
    if (condition.op == Operator::numeric_range) return true;
    const bool by_value =
        condition.op == Operator::equals || condition.op == Operator::anything_but;
    return by_value && condition.values[0].kind == ScalarKind::number;
}

bool asks_for_address(const Condition& condition) {
    return condition.op == Operator::cidr;
}

/// Marks what does not see all values because of what the field asks for besides.
void mark_mixed(Field& field) {
    std::vector<Condition>& any_of = field.any_of;
    if (!std::any_of(any_of.begin(), any_of.end(), asks_for_address)) return;
    const bool has_numbers = std::any_of(any_of.begin(), any_of.end(), asks_for_number);
    if (!has_numbers) {
        std::erase_if(any_of, [](const Condition& condition) {
            return condition.op == Operator::equals && address_digits(condition.values[0].text);
        });
    }
    for (Condition& condition : any_of) {
        const bool is_presence =
            condition.op == Operator::exists || condition.op == Operator::absent;
        condition.is_mixed = !is_presence && asks_for_address(condition) == has_numbers;
    }
}

/// Reads one pattern. Follows the order in which AWS's rule engine reads and refuses.
class PatternCompiler {
  public:
    explicit PatternCompiler(std::string_view text) : reader_(text) {}

    Pattern compile() {
        if (reader_.next() != Token::start_object) throw reader_.refuse("Filter is not an object");
        std::vector<Conjunction> alternatives(1);
        read_object("", alternatives, Inside::object);
        for (Conjunction& fields : alternatives) {
            for (Field& field : fields) mark_mixed(field);
            std::sort(fields.begin(), fields.end(),
                      [](const Field& a, const Field& b) { return a.path < b.path; });
        }
        return {std::move(alternatives)};
    }

  private:
    enum class Inside { object, or_branch };

    void read_object(const std::string& path, std::vector<Conjunction>& alternatives,
                     Inside inside) {
        bool empty = true;
        while (reader_.next() != Token::end_object) {
            empty = false;
            const std::string name = reader_.text();
            if (inside == Inside::or_branch && is_reserved(name)) {
                throw reader_.refuse(
                    name + " is Ruler reserved fieldName which cannot be used inside $or.");
            }
            if (name == "$or") {
                read_or(path, alternatives);
                continue;
            }
            const std::string inner = path.empty() ? name : path + "." + name;
            switch (reader_.next()) {
                case Token::start_object:
                    read_object(inner, alternatives, inside);
                    break;
                case Token::start_array:
                    put(alternatives, inner, read_leaf());
                    break;
                default:
                    throw reader_.refuse("\"" + name + "\" must be an object or an array");
            }
        }
        if (empty) throw reader_.refuse("Empty objects are not allowed");
    }

    static bool is_reserved(const std::string& name) {
        return std::find(kReservedNames.begin(), kReservedNames.end(), name) !=
               kReservedNames.end();
    }

    void read_or(const std::string& path, std::vector<Conjunction>& alternatives) {
        if (reader_.next() != Token::start_array) {
            throw reader_.refuse("It must be an Array followed with $or.");
        }
        std::vector<Conjunction> combined;
        std::size_t branches = 0;
        for (Token token = reader_.next(); token != Token::end_array; token = reader_.next()) {
            if (token != Token::start_object) {
                throw reader_.refuse("Only JSON object is allowed in array of $or relationship.");
            }
            ++branches;
            std::vector<Conjunction> branch = alternatives;
            read_object(path, branch, Inside::or_branch);
            if (combined.size() + branch.size() > kMaxAlternatives) throw PatternError(kTooComplex);
            std::move(branch.begin(), branch.end(), std::back_inserter(combined));
        }
        if (branches < 2) {
            throw reader_.refuse("There must have at least 2 Objects in $or relationship.");
        }
        alternatives = std::move(combined);
    }

    /// A path that comes again replaces what was asked of it before.
    static void put(std::vector<Conjunction>& alternatives, const std::string& path,
                    const std::vector<Condition>& any_of) {
        for (Conjunction& fields : alternatives) {
            const auto same = std::find_if(fields.begin(), fields.end(),
                                           [&](const Field& field) { return field.path == path; });
            if (same == fields.end()) {
                fields.push_back({path, any_of});
            } else {
                same->any_of = any_of;
            }
        }
    }

    std::vector<Condition> read_leaf() {
        std::vector<Condition> conditions;
        for (Token token = reader_.next(); token != Token::end_array; token = reader_.next()) {
            if (token == Token::start_object) {
                conditions.push_back(read_match());
            } else {
                conditions.push_back(equality(read_scalar(token)));
            }
        }
        if (conditions.empty()) throw reader_.refuse("Empty arrays are not allowed");
        return conditions;
    }

    /// Text that is an address equals it in any spelling.
    static Condition equality(OwnedScalar value) {
        Condition condition;
        if (value.kind == ScalarKind::string) {
            if (std::optional<std::string> digits = address_digits(value.text)) {
                condition.op = Operator::cidr;
                condition.addresses = {*digits, *digits};
            }
        }
        condition.values.push_back(std::move(value));
        return condition;
    }

    OwnedScalar read_scalar(Token token) {
        switch (token) {
            case Token::string:
                return string_value(reader_.text());
            case Token::number:
                return own(number_scalar(number_text()));
            case Token::boolean_true:
                return {ScalarKind::boolean_true, 0, {}};
            case Token::boolean_false:
                return {ScalarKind::boolean_false, 0, {}};
            case Token::null:
                return {ScalarKind::null, 0, {}};
            default:
                throw reader_.refuse("Match value must be String, number, true, false, or null");
        }
    }

    /// Keeps the spelling alive for as long as a scalar may look at it.
    const std::string& number_text() { return number_text_ = reader_.text(); }

    Condition read_match() {
        if (reader_.next() != Token::field_name) {
            throw reader_.refuse("Match expression name not found");
        }
        const std::string name = reader_.text();
        if (name == "anything-but") return read_anything_but();
        Condition condition;
        if (name == "exactly") {
            condition = text_condition(Operator::equals,
                                       read_string("exact match pattern must be a string"));
        } else if (name == "prefix") {
            condition = read_affix(Operator::prefix, Operator::prefix_ignore_case, "prefix");
        } else if (name == "suffix") {
            condition = read_affix(Operator::suffix, Operator::suffix_ignore_case, "suffix");
        } else if (name == "equals-ignore-case") {
            condition =
                text_condition(Operator::equals_ignore_case,
                               read_string("equals-ignore-case match pattern must be a string"));
        } else if (name == "wildcard") {
            condition = text_condition(Operator::wildcard,
                                       read_string("wildcard match pattern must be a string"));
            check_wildcard(condition.values[0].text);
        } else if (name == "numeric") {
            return read_numeric();
        } else if (name == "cidr") {
            condition.op = Operator::cidr;
            condition.values.push_back(
                string_value(read_string("prefix match pattern must be a string")));
            condition.addresses = parse_cidr(condition.values[0].text);
        } else if (name == "exists") {
            condition.op = read_exists();
        } else {
            throw reader_.refuse("Unrecognized match type " + name);
        }
        require_end_of_match("Only one key allowed in match expression");
        return condition;
    }

    std::string read_string(const char* otherwise) {
        if (reader_.next() != Token::string) throw reader_.refuse(otherwise);
        return reader_.text();
    }

    void require_end_of_match(const char* otherwise) {
        if (reader_.next() != Token::end_object) throw reader_.refuse(otherwise);
    }

    Operator read_exists() {
        switch (reader_.next()) {
            case Token::boolean_true:
                return Operator::exists;
            case Token::boolean_false:
                return Operator::absent;
            default:
                throw reader_.refuse("exists match pattern must be either true or false.");
        }
    }

    /// prefix and suffix: a string, or an object that asks to ignore case.
    Condition read_affix(Operator plain, Operator ignoring_case, const std::string& name) {
        const Token token = reader_.next();
        if (token == Token::string) return text_condition(plain, reader_.text());
        if (token != Token::start_object) {
            throw reader_.refuse(name + " match pattern must be a string");
        }
        if (reader_.next() != Token::field_name) {
            throw reader_.refuse((name == "prefix" ? "Prefix" : "Suffix") +
                                 std::string(" expression name not found"));
        }
        const std::string inner = reader_.text();
        if (inner != "equals-ignore-case") {
            throw reader_.refuse("Unsupported " + name + " pattern: " + inner);
        }
        Condition condition = text_condition(
            ignoring_case, read_string("equals-ignore-case match pattern must be a string"));
        require_end_of_match("Only one key allowed in match expression");
        return condition;
    }

    void check_wildcard(const std::string& text) {
        const auto position = [](std::size_t at) { return std::to_string(at + 1); };
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\\') {
                const bool known =
                    i + 1 < text.size() && (text[i + 1] == '*' || text[i + 1] == '\\');
                if (!known) {
                    throw reader_.refuse("Invalid escape character at pos " + position(i));
                }
                ++i;
            } else if (text[i] == '*' && i + 1 < text.size() && text[i + 1] == '*') {
                throw reader_.refuse("Consecutive wildcard characters at pos " + position(i));
            }
        }
        if (worst_case_prefixes(text) >= kMaxWildcardPrefixes) throw PatternError(kTooComplex);
    }

    // --- anything-but

    Condition read_anything_but() {
        Condition condition;
        condition.op = Operator::anything_but;
        switch (const Token token = reader_.next()) {
            case Token::start_array:
                condition.values = read_plain_list();
                break;
            case Token::start_object:
                condition = read_anything_but_object();
                break;
            case Token::string:
            case Token::number:
                condition.values.push_back(read_excluded(token));
                break;
            default:
                throw reader_.refuse(
                    "Value of anything-but must be an array or single string/number value.");
        }
        require_end_of_match("Too many elements in numeric expression");
        return condition;
    }

    OwnedScalar read_excluded(Token token) {
        OwnedScalar value = read_scalar(token);
        if (value.kind == ScalarKind::opaque_number) throw cannot_compare(value.text);
        return value;
    }

    static PatternError cannot_compare(const std::string& number) {
        return PatternError("Cannot compare number : " + number);
    }

    /// AWS adds the place again to whatever it refuses within a list of anything-but.
    template <class ReadElement>
    void read_list(ReadElement read_element) {
        try {
            for (Token token = reader_.next(); token != Token::end_array; token = reader_.next()) {
                read_element(token);
            }
        } catch (const PatternError& error) {
            throw reader_.refuse(error.what());
        }
    }

    std::vector<OwnedScalar> read_plain_list() {
        std::vector<OwnedScalar> values;
        bool has_string = false;
        bool has_number = false;
        read_list([&](Token token) {
            has_string = has_string || token == Token::string;
            has_number = has_number || token == Token::number;
            if (token != Token::string && token != Token::number) {
                throw reader_.refuse(
                    "Inside anything but list, start|null|boolean is not supported.");
            }
            values.push_back(read_excluded(token));
        });
        if (has_string == has_number) {
            throw reader_.refuse(
                "Inside anything but list, either all values are number or string, mixed type is "
                "not supported");
        }
        return values;
    }

    Condition read_anything_but_object() {
        if (reader_.next() != Token::field_name) {
            throw reader_.refuse("Anything-But expression name not found");
        }
        const std::string name = reader_.text();
        Condition condition;
        const char* wanted = "prefix/suffix match pattern must be a string";
        if (name == "prefix") {
            condition.op = Operator::anything_but_prefix;
        } else if (name == "suffix") {
            condition.op = Operator::anything_but_suffix;
        } else if (name == "equals-ignore-case") {
            condition.op = Operator::anything_but_ignore_case;
            wanted =
                "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not "
                "supported.";
        } else if (name == "wildcard") {
            condition.op = Operator::anything_but_wildcard;
            wanted = "wildcard match pattern must be a string";
        } else {
            throw reader_.refuse("Unsupported anything-but pattern: " + name);
        }
        const bool is_affix = name == "prefix" || name == "suffix";
        const auto read_one = [&](Token token) {
            if (token != Token::string) throw reader_.refuse(wanted);
            std::string text = reader_.text();
            if (is_affix && text.empty()) throw reader_.refuse("Null prefix/suffix not allowed");
            condition.values.push_back(string_value(std::move(text)));
        };
        const Token token = reader_.next();
        if (token == Token::start_array) {
            read_list(read_one);
        } else if (token == Token::start_object) {
            throw reader_.refuse(
                "Value of anything-but must be an array or single string/number value.");
        } else {
            read_one(token);
        }
        if (condition.op == Operator::anything_but_wildcard) {
            for (const OwnedScalar& value : condition.values) check_wildcard(value.text);
        }
        require_end_of_match("Too many elements in numeric expression");
        return condition;
    }

    // --- numeric

    Condition read_numeric() {
        if (reader_.next() != Token::start_array) {
            throw reader_.refuse("Value of numeric must be an array.");
        }
        if (reader_.next() != Token::string) {
            throw reader_.refuse("Invalid member in numeric match: " + reader_.text());
        }
        const std::string op = reader_.text();
        reader_.next();
        Condition condition;
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        condition.op = Operator::numeric_range;
        condition.range = {-kInfinity, kInfinity, true, true};
        if (op == "=") {
            const std::string value = take_number("equals");
            require_end_of_list("Too many elements in numeric expression");
            condition.op = Operator::equals;
            condition.values.push_back({ScalarKind::number, comparable(value), {}});
        } else if (op == "<" || op == "<=") {
            const std::string top = take_number(op);
            require_end_of_list("Too many elements in numeric expression");
            condition.range.high = comparable(top);
            condition.range.high_open = op == "<";
        } else if (op == ">" || op == ">=") {
            read_lower_bound(op, condition.range);
        } else {
            throw reader_.refuse("Unrecognized numeric range operator: " + op);
        }
        require_end_of_match("Too many elements in numeric expression");
        return condition;
    }

    void read_lower_bound(const std::string& op, NumericRange& range) {
        const std::string bottom = take_number(op);
        range.low_open = op == ">";
        const Token token = reader_.next();
        if (token == Token::end_array) {
            range.low = comparable(bottom);
            return;
        }
        if (token != Token::string) {
            throw reader_.refuse("Bad value in numeric range: " + reader_.text());
        }
        const std::string upper = reader_.text();
        if (upper != "<" && upper != "<=") {
            throw reader_.refuse("Bad numeric range operator: " + upper);
        }
        reader_.next();
        const std::string top = take_number(upper);
        require_end_of_list("Too many terms in numeric range expression");
        range.low = comparable(bottom);
        range.high = comparable(top);
        range.high_open = upper == "<";
        if (range.low >= range.high) throw reader_.refuse("Bottom must be less than top");
    }

    std::string take_number(const std::string& op) {
        if (reader_.token() != Token::number) {
            throw reader_.refuse("Value of " + op + " must be numeric");
        }
        return reader_.text();
    }

    double comparable(const std::string& text) {
        const Scalar value = number_scalar(text);
        if (value.kind != ScalarKind::number) {
            throw reader_.refuse(cannot_compare(text).what());
        }
        return value.number;
    }

    void require_end_of_list(const char* otherwise) {
        if (reader_.next() != Token::end_array) throw reader_.refuse(otherwise);
    }

    PatternReader reader_;
    std::string number_text_;
};

}  // namespace

Pattern parse_pattern(std::string_view text) {
    try {
        return PatternCompiler(text).compile();
    } catch (const PatternError& error) {
        throw AwsError("InvalidEventPatternException",
                       std::string("Event pattern is not valid. Reason: ") + error.what());
    }
}

}  // namespace skafu::eventbridge
