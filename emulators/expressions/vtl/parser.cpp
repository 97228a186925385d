#include "expressions/vtl/parser.h"

#include <array>

#include "expressions/vtl/vtl.h"

namespace skafu::vtl {
namespace {

constexpr std::size_t kMaxNesting = 200;

constexpr std::array<std::string_view, 10> kDirectives = {
    "set", "if", "else", "elseif", "end", "foreach", "macro", "define", "stop", "break"};

bool is_directive(std::string_view name) {
    return std::find(kDirectives.begin(), kDirectives.end(), name) != kDirectives.end();
}

bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool continues_name(char c) {
    return starts_name(c) || (c >= '0' && c <= '9') || c == '-';
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

}  // namespace

Parser::DepthGuard Parser::enter() {
    if (depth_ >= kMaxNesting) fail("The template is nested too deeply");
    return DepthGuard(depth_);
}

Block Parser::parse() {
    Block block;
    parse_block(block, Ends::AtText);
    return block;
}

void Parser::parse_block(Block& block, Ends ends) {
    const DepthGuard guard = enter();
    run_start_ = at_;
    while (at_ < text_.size()) {
        const std::size_t special = std::min(text_.find_first_of("$#\\", at_), text_.size());
        if (special > at_) {
            add_text(block, text_.substr(at_, special - at_));
            at_ = special;
            continue;
        }
        if (text_[at_] == '\\') {
            parse_backslashes(block);
        } else if (text_[at_] == '$') {
            const std::size_t start = at_;
            if (auto reference = try_reference()) {
                add_reference(block, 0, text_.substr(start, at_ - start), std::move(*reference));
            } else {
                add_text(block, text_.substr(at_++, 1));
            }
        } else {
            std::size_t end = 0;
            const std::string_view name = directive_at(at_, &end);
            if (name == "end" || name == "else" || name == "elseif") {
                if (ends == Ends::AtDirective) return;
                fail("#" + std::string(name) + " without a block");
            }
            if (!parse_directive(block)) add_text(block, text_.substr(at_++, 1));
        }
    }
    if (ends == Ends::AtDirective) fail("#end is missing");
}

bool Parser::parse_directive(Block& block) {
    if (skip_comment(block)) return true;
    std::size_t end = 0;
    const std::string_view name = directive_at(at_, &end);
    if (name.empty()) return false;
    if (!is_directive(name)) return parse_macro_call(block, name, end);
    const std::size_t open = blanks_from(end);
    const bool parenthesis = open < text_.size() && text_[open] == '(';
    if (name != "stop" && name != "break" && !parenthesis) return false;
    if (name == "set") drop_blanks_before_set(block);
    at_ = end;
    if (name == "set")
        parse_set(block);
    else if (name == "if")
        parse_if(block);
    else if (name == "foreach")
        parse_foreach(block);
    else if (name == "macro")
        parse_macro();
    else if (name == "define")
        parse_define(block);
    else {
        Node node;
        node.kind = name == "stop" ? Node::Kind::Stop : Node::Kind::Break;
        block.push_back(std::move(node));
    }
    run_start_ = at_;
    return true;
}

/// Blanks before #set go where nothing but blanks stands between it and what came before;
/// blanks that follow text or a newline stay.
void Parser::drop_blanks_before_set(Block& block) {
    std::size_t from = at_;
    while (from > run_start_ && is_blank(text_[from - 1])) --from;
    if (from != run_start_ || from == at_) return;
    std::string& text = block.back().text;
    text.resize(text.size() - (at_ - from));
}

void Parser::parse_backslashes(Block& block) {
    const std::size_t start = at_;
    std::size_t count = 0;
    while (peek(count) == '\\') ++count;
    at_ += count;
    if (peek() == '$') {
        const std::size_t dollar = at_;
        if (auto reference = try_reference()) {
            add_reference(block, count, text_.substr(dollar, at_ - dollar), std::move(*reference));
            return;
        }
    } else if (peek() == '#') {
        std::size_t end = 0;
        const std::string_view name = directive_at(at_, &end);
        if (is_directive(name) || script_.macro(name)) {
            add_text(block, text_.substr(start, count / 2));
            if (count % 2 == 0) return;
            add_text(block, text_.substr(at_, end - at_));
            at_ = end;
            return;
        }
    }
    add_text(block, text_.substr(start, count));
}

void Parser::parse_set(Block& block) {
    expect('(');
    blanks();
    auto target = try_reference();
    if (!target) fail("#set needs a reference");
    blanks();
    expect('=');
    Node node;
    node.kind = Node::Kind::Set;
    node.reference = std::move(*target);
    node.value = expression();
    expect(')');
    end_directive();
    block.push_back(std::move(node));
}

void Parser::parse_if(Block& block) {
    Node node;
    node.kind = Node::Kind::If;
    for (;;) {
        Branch branch;
        expect('(');
        branch.condition = expression();
        expect(')');
        end_directive();
        parse_block(branch.block, Ends::AtDirective);
        node.branches.push_back(std::move(branch));
        std::size_t end = 0;
        const std::string_view name = directive_at(at_, &end);
        at_ = end;
        if (name == "elseif") continue;
        if (name == "else") {
            end_directive();
            node.block = parse_body();
        } else {
            end_directive();
        }
        break;
    }
    block.push_back(std::move(node));
}

/// A block up to and including its #end.
Block Parser::parse_body() {
    Block block;
    parse_block(block, Ends::AtDirective);
    std::size_t end = 0;
    if (directive_at(at_, &end) != "end") fail("#end is missing");
    at_ = end;
    end_directive();
    return block;
}

void Parser::parse_foreach(Block& block) {
    expect('(');
    blanks();
    auto variable = try_reference();
    if (!variable || !variable->steps.empty()) fail("#foreach needs a variable");
    blanks();
    if (!take_word("in")) fail("#foreach needs 'in'");
    Node node;
    node.kind = Node::Kind::Foreach;
    node.reference = std::move(*variable);
    node.value = expression();
    expect(')');
    end_directive();
    node.block = parse_body();
    block.push_back(std::move(node));
}

void Parser::parse_macro() {
    expect('(');
    blanks();
    const std::size_t index = script_.macros.size();
    Macro& macro = script_.macros.emplace_back();
    macro.name = identifier();
    if (macro.name.empty()) fail("#macro needs a name");
    for (;;) {
        blanks();
        if (take(",")) continue;
        if (peek() != '$') break;
        const auto parameter = try_reference();
        if (!parameter || !parameter->steps.empty()) fail("A macro's parameter is a variable");
        macro.parameters.push_back(parameter->slot);
    }
    expect(')');
    end_directive();
    Block block = parse_body();
    script_.macros[index].block = std::move(block);
}

void Parser::parse_define(Block& block) {
    expect('(');
    blanks();
    auto variable = try_reference();
    if (!variable || !variable->steps.empty()) fail("#define needs a variable");
    expect(')');
    end_directive();
    Node node;
    node.kind = Node::Kind::Define;
    node.reference = std::move(*variable);
    node.block = parse_body();
    block.push_back(std::move(node));
}

bool Parser::parse_macro_call(Block& block, std::string_view name, std::size_t after_name) {
    if (!script_.macro(name)) return false;
    const std::size_t open = blanks_from(after_name);
    if (open >= text_.size() || text_[open] != '(') return false;
    Node node;
    node.kind = Node::Kind::MacroCall;
    node.name = name;
    at_ = open + 1;
    for (blanks(); peek() != ')'; blanks()) {
        if (take(",")) continue;
        node.arguments.push_back(expression());
    }
    expect(')');
    end_directive();
    block.push_back(std::move(node));
    run_start_ = at_;
    return true;
}

bool Parser::skip_comment(Block& block) {
    if (peek(1) == '#') {
        const std::size_t newline = text_.find('\n', at_);
        at_ = newline == std::string_view::npos ? text_.size() : newline + 1;
    } else if (peek(1) == '*') {
        const std::size_t end = text_.find("*#", at_ + 2);
        if (end == std::string_view::npos) fail("A comment is not closed");
        at_ = end + 2;
    } else if (peek(1) == '[' && peek(2) == '[') {
        const std::size_t end = text_.find("]]#", at_ + 3);
        if (end == std::string_view::npos) fail("#[[ is not closed");
        add_text(block, text_.substr(at_ + 3, end - at_ - 3));
        at_ = end + 3;
    } else {
        return false;
    }
    run_start_ = at_;
    return true;
}

/// The name behind the # at `at`, in braces or not; empty for none. `*end`: where it ends.
std::string_view Parser::directive_at(std::size_t at, std::size_t* end) const {
    const bool braces = at + 1 < text_.size() && text_[at + 1] == '{';
    const std::size_t from = at + (braces ? 2 : 1);
    std::size_t to = from;
    if (to >= text_.size() || !starts_name(text_[to])) return {};
    while (to < text_.size() && starts_name(text_[to])) ++to;
    // Digits belong to a macro's name; a dash does not, so that "#end-" ends.
    while (to < text_.size() && (starts_name(text_[to]) || (text_[to] >= '0' && text_[to] <= '9')))
        ++to;
    if (braces && (to >= text_.size() || text_[to] != '}')) return {};
    *end = to + (braces ? 1 : 0);
    return text_.substr(from, to - from);
}

/// Behind a directive, blanks up to and including a newline vanish.
void Parser::end_directive() {
    std::size_t at = blanks_from(at_);
    if (at < text_.size() && text_[at] == '\r') ++at;
    if (at < text_.size() && text_[at] == '\n') at_ = at + 1;
    run_start_ = at_;
}

void Parser::add_text(Block& block, std::string_view text) {
    if (block.empty() || block.back().kind != Node::Kind::Text) block.emplace_back();
    block.back().text += text;
}

void Parser::add_reference(Block& block, std::size_t backslashes, std::string_view source,
                           Reference reference) {
    Node node;
    node.kind = Node::Kind::Reference;
    node.backslashes = backslashes;
    node.text = source;
    // "$name-" reads as a variable "name-"; nobody means that.
    node.literal_when_null = reference.steps.empty() && source.ends_with('-');
    node.reference = std::move(reference);
    block.push_back(std::move(node));
    run_start_ = at_;
}

/// `$x`, `$!x`, `${x}`, `$!{x}` with all their steps, or nothing with at_ unmoved.
std::optional<Reference> Parser::try_reference() {
    const std::size_t start = at_;
    if (!take("$")) return std::nullopt;
    take("!");
    const bool braces = take("{");
    const std::string_view name = identifier();
    Reference reference;
    if (!name.empty()) {
        reference.slot = script_.slot(name);
        parse_steps(reference);
        if (!braces || take("}")) return reference;
    }
    at_ = start;
    return std::nullopt;
}

void Parser::parse_steps(Reference& reference) {
    for (;;) {
        if (peek() == '[') {
            if (!try_index(reference)) return;
        } else if (peek() == '.' && starts_name(peek(1))) {
            ++at_;
            Step step;
            step.name = identifier();
            if (peek() == '(') {
                ++at_;
                step.kind = Step::Kind::Method;
                step.arguments = arguments();
            }
            reference.steps.push_back(std::move(step));
        } else {
            return;
        }
    }
}

/// An index, unless what stands in the brackets is no expression: then they are text.
bool Parser::try_index(Reference& reference) {
    const std::size_t start = at_;
    try {
        const DepthGuard guard = enter();
        ++at_;
        Step step;
        step.kind = Step::Kind::Index;
        step.arguments.push_back(expression());
        expect(']');
        reference.steps.push_back(std::move(step));
        return true;
    } catch (const TemplateError&) {
        at_ = start;
        return false;
    }
}

std::string_view Parser::identifier() {
    const std::size_t start = at_;
    if (!starts_name(peek())) return {};
    while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
}

char Parser::peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
}

bool Parser::take(std::string_view symbol) {
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
}

bool Parser::take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word) || continues_name(peek(word.size()))) return false;
    at_ += word.size();
    return true;
}

void Parser::expect(char c) {
    blanks();
    if (peek() != c) fail("'" + std::string(1, c) + "' is missing");
    ++at_;
}

void Parser::blanks() {
    while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '\n' || text_[at_] == '\r'))
        ++at_;
}

std::size_t Parser::blanks_from(std::size_t at) const {
    while (at < text_.size() && is_blank(text_[at])) ++at;
    return at;
}

void Parser::fail(const std::string& why) const {
    const std::size_t at = std::min(at_, text_.size());
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<long>(at), '\n');
    throw TemplateError(why + " (line " + std::to_string(line) + ")");
}

std::size_t Script::slot(std::string_view name) {
    for (std::size_t i = 0; i < variables.size(); ++i) {
        if (variables[i] == name) return i;
    }
    variables.emplace_back(name);
    return variables.size() - 1;
}

const Macro* Script::macro(std::string_view name) const {
    for (const Macro& macro : macros) {
        if (macro.name == name) return &macro;
    }
    return nullptr;
}

}  // namespace skafu::vtl
