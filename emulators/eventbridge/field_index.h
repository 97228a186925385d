#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "eventbridge/flat_table.h"
#include "eventbridge/pattern.h"

namespace skafu::eventbridge {

/// A conjunction that a value may satisfy. Where it asks other fields to equal one value, those
/// are its guards: most candidates fall at them, before anything of the conjunction is touched.
/// Small, because what thousands of rules ask should stay near the processor.
struct Candidate {
    static constexpr std::uint16_t kNoGuard = 0xFFFF;

    std::uint32_t conjunction : 30 = 0;
    std::uint32_t proved : 1 = 0;  // by the look-up and the guards alone
    std::uint32_t single : 1 = 0;  // ... and by one test more
    std::uint32_t rule = 0;
    std::uint32_t test = 0;  // the first that is left, if it is not proved
    std::array<std::uint32_t, 2> guard_symbols{};
    std::array<std::uint16_t, 2> guard_paths{kNoGuard, kNoGuard};
};
using Candidates = std::vector<Candidate>;

class CandidateList;

/// What was found for an event: stretches of candidates, and lists that are split by a guard and
/// wait for its values. They stay where they are until a rule changes.
struct Found {
    std::vector<std::pair<const Candidate*, const Candidate*>> stretches;
    std::vector<const CandidateList*> split;

    /// Candidates are looked at when the whole event was walked: until then they are on their way.
    void add(const Candidate* first, const Candidate* last) {
        if (first == last) return;
        __builtin_prefetch(first);
        stretches.emplace_back(first, last);
    }
    void clear() {
        stretches.clear();
        split.clear();
    }
};

/// The candidates of one value. When they become many, those that share a guard's field are set
/// apart by what they ask of it, so that only those that an event may satisfy are looked at.
class alignas(64) CandidateList {
  public:
    void add(const Candidate& candidate);
    void find(Found& found) const {
        found.add(all_.data(), all_.data() + plain_);
        if (split_path_ == Candidate::kNoGuard) return;
        __builtin_prefetch(symbols_.data());
        found.split.push_back(this);
    }
    std::uint16_t split_path() const { return split_path_; }
    /// Those set apart for a value of the guard's field.
    void find_split(std::uint32_t symbol, Found& found) const;

  private:
    void split();

    Candidates all_;                      // first those that are not split, then by symbol
    std::vector<std::uint32_t> symbols_;  // what each of the split ones asks of its guard
    std::uint32_t plain_ = 0;             // how many are not split
    std::uint32_t split_at_ = 12;
    std::uint16_t split_path_ = Candidate::kNoGuard;
};

/// Intervals of numbers, by the numbers that lie in them: a segment tree over their ends, of 16
/// branches, built again when it is asked after a change.
class RangeIndex {
  public:
    void add(const NumericRange& range, const Candidate& candidate);
    /// Appends the candidates of the intervals that hold `value`.
    void find(double value, Found& found);
    bool empty() const { return ranges_.empty(); }

  private:
    struct Entry {
        NumericRange range;
        Candidate candidate;
    };
    struct Level {
        std::vector<std::uint32_t> starts;  // of each node in its candidates, and the end
        Candidates candidates;
    };
    void build();

    std::vector<Entry> ranges_;
    std::vector<double> ends_;
    std::vector<Level> levels_;  // leaves first
    bool built_ = false;
};

/// Texts of several lengths that stand at one end of a value.
class AffixIndex {
  public:
    enum class End { front, back };
    explicit AffixIndex(End end) : end_(end) {}

    void add(std::string_view affix, const Candidate& candidate);
    void find(std::string_view value, Found& found) const;
    bool empty() const { return lengths_.empty(); }

  private:
    /// Which lengths may fit, a bit for each; the last bit stands for all from there on.
    using Lengths = std::uint64_t;
    static constexpr std::size_t kLastBit = 63;
    static constexpr std::size_t kPairs = 1024;

    struct Length {
        std::size_t length;
        FlatTable affixes;
        std::vector<CandidateList> candidates;
    };
    unsigned char edge(std::string_view text, std::size_t inwards) const {
        return static_cast<unsigned char>(
            text[end_ == End::front ? inwards : text.size() - 1 - inwards]);
    }
    /// Where the lengths stand for the two bytes at the end of a text.
    std::size_t pair_of(std::string_view text) const {
        return (edge(text, 0) * 37U + edge(text, 1) * 101U) % kPairs;
    }
    void find(const Length& length, std::string_view value, Found& found) const;

    End end_;
    std::vector<Length> lengths_;
    std::vector<Lengths> by_pair_;  // most values fail here
    std::vector<Lengths> by_byte_;  // affixes of one byte
};

/// What rules ask of one field, arranged so that a value finds the conjunctions it may satisfy.
class FieldIndex {
  public:
    static constexpr std::uint32_t kNoSymbol = FlatTable::kNone;

    /// The number of a value that some rule compares with; equal values have equal numbers.
    std::uint32_t add_symbol(const OwnedScalar& value);
    /// `hash` is what prefetch_text() gave for a string's text.
    std::uint32_t symbol_of(const Scalar& value, std::uint64_t hash) const;
    /// Fetch what symbol_of() and find() will look at first.
    std::uint64_t prefetch_text(std::string_view text) const {
        if (texts_.empty()) return 0;
        const std::uint64_t hash = text_hash(text);
        texts_.prefetch(hash);
        return hash;
    }
    void prefetch_symbol(std::uint32_t symbol) const { __builtin_prefetch(&by_value_[symbol]); }

    /// The one value that a condition asks for; nullopt where it asks for more.
    static std::optional<OwnedScalar> exact_value(const Condition& condition);
    /// Whether every one of the conditions can be looked up by value.
    static bool can_index(const std::vector<Condition>& any_of);
    /// Whether a lookup by these conditions proves them (and is not just a hint).
    static bool is_exact(const std::vector<Condition>& any_of);

    /// Notes that rules ask this.
    void note(const std::vector<Condition>& any_of);
    /// How many different things of the same kind rules ask: the more, the fewer a value meets.
    std::size_t spread(const Condition& condition) const {
        return asked_[static_cast<std::size_t>(kind_of(condition))].size();
    }

    /// Makes a conjunction be found by its conditions on this field.
    void index(const std::vector<Condition>& any_of, const Candidate& candidate);
    /// Makes a conjunction be found by any value of this field.
    void index_presence(const Candidate& candidate) { present_.add(candidate); }

    /// Appends the conjunctions that a value may satisfy.
    void find(const Scalar& value, std::uint32_t symbol, Found& found);
    const CandidateList& present() const { return present_; }

  private:
    /// The operator that does the same, for those that are spelled in several ways.
    static Operator kind_of(const Condition& condition);
    std::uint32_t new_symbol();
    void find_address(const Scalar& value, Found& found) const;

    FlatTable texts_;
    FlatTable numbers_;  // a double's bytes
    FlatTable opaque_;
    std::vector<std::uint32_t> text_symbols_;
    std::vector<std::uint32_t> number_symbols_;
    std::vector<std::uint32_t> opaque_symbols_;
    std::uint32_t literals_[3] = {kNoSymbol, kNoSymbol, kNoSymbol};
    std::vector<CandidateList> by_value_;

    AffixIndex prefixes_{AffixIndex::End::front};
    AffixIndex suffixes_{AffixIndex::End::back};
    FlatTable folded_;
    std::vector<CandidateList> by_folded_;
    FlatTable addresses_;  // the digits of single ones
    std::vector<CandidateList> by_address_;
    RangeIndex ranges_;
    CandidateList present_;
    std::array<std::unordered_set<std::uint64_t>, 16> asked_;  // by operator
};

}  // namespace skafu::eventbridge
