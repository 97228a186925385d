#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/partiql_lexer.h"
#include "dynamodb/partiql_statement.h"

namespace skafu::dynamodb {

/// A statement's tokens and parameters, read from left to right: what all parts of the parser
/// share.
class PartiqlReader {
  public:
    PartiqlReader(std::string_view statement, const Json& parameters);

    const PartiqlToken& token() const { return tokens_[at_]; }
    const PartiqlToken& previous() const { return tokens_[at_ == 0 ? 0 : at_ - 1]; }
    const PartiqlToken& next() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
    void advance() { ++at_; }
    bool at_end() const { return token().kind == PartiqlToken::Kind::kEnd; }

    bool is_sign(std::string_view sign) const { return is_sign(token(), sign); }
    bool is_word(std::string_view upper) const { return is_word(token(), upper); }
    static bool is_sign(const PartiqlToken& token, std::string_view sign);
    static bool is_word(const PartiqlToken& token, std::string_view upper);
    bool take_sign(std::string_view sign);
    bool take_word(std::string_view upper);
    /// Takes it or reports the token that stands there instead.
    void expect_sign(std::string_view sign);
    void expect_word(std::string_view upper);

    /// Whether a name stands here that is not one of the language's own words.
    bool is_name() const;
    std::string read_name();
    /// A document path from its first name on.
    PartiqlPath read_path();

    /// Whether a value can begin here: a literal, a parameter, a sign before a number.
    bool is_literal() const;
    /// Reads a value; parameters may stand only where it is no part of a collection.
    Json read_literal();
    /// The item of an INSERT: a parameter, or a map whose attributes are values of their own.
    Json read_item();

    /// Reports what stands where a term should begin.
    [[noreturn]] void reject_term() const;
    /// Throws when parameters are left over.
    void check_all_used() const;

    /// Guards against statements nested so deep that they would exhaust the stack.
    class Depth {
      public:
        explicit Depth(PartiqlReader& reader);
        ~Depth() { --reader_.depth_; }
        Depth(const Depth&) = delete;
        Depth& operator=(const Depth&) = delete;

      private:
        PartiqlReader& reader_;
    };

  private:
    Json read_value(const std::string& under, int depth);
    Json read_number(const std::string& under);
    Json read_parameter();
    Json read_list(const std::string& under, int depth);
    Json read_bag(const std::string& under);
    Json read_map(const std::string& under, int depth);
    std::string read_member_name();
    std::size_t read_index();

    std::vector<PartiqlToken> tokens_;
    std::size_t at_ = 0;
    const Json& parameters_;
    std::size_t next_parameter_ = 0;
    int depth_ = 0;
};

}  // namespace skafu::dynamodb
