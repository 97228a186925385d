#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "eventbridge/flat_table.h"
#include "eventbridge/pattern.h"

namespace skafu::eventbridge {

/// A conjunction that a value may satisfy. Where it asks another field to equal one value, that
/// is its guard: most candidates fall at it, before anything of the conjunction is touched.
struct Candidate {
    static constexpr std::uint32_t kNoGuard = 0xFFFFFFFF;
    std::uint32_t conjunction = 0;
    std::uint32_t guard_path = kNoGuard;
    std::uint32_t guard_symbol = 0;
};
using Candidates = std::vector<Candidate>;
/// Lists of candidates that were found; they stay where they are until a rule changes.
using Found = std::vector<const Candidates*>;

/// Intervals of numbers, by the numbers that lie in them: a segment tree over their ends, built
/// again when it is asked after a change.
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
    void build();

    std::vector<Entry> ranges_;
    std::vector<double> ends_;
    std::vector<Candidates> tree_;
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
    struct Length {
        std::size_t length;
        std::bitset<256> first;  // bytes with which affixes begin: most values fail here
        std::bitset<256> last;
        FlatTable affixes;
        std::vector<Candidates> candidates;
    };
    End end_;
    std::vector<Length> lengths_;  // ascending
};

/// What rules ask of one field, arranged so that a value finds the conjunctions it may satisfy.
class FieldIndex {
  public:
    static constexpr std::uint32_t kNoSymbol = FlatTable::kNone;

    /// The number of a value that some rule compares with; equal values have equal numbers.
    std::uint32_t add_symbol(const OwnedScalar& value);
    std::uint32_t symbol_of(const Scalar& value) const;

    /// Whether every one of the conditions can be looked up by value.
    static bool can_index(const std::vector<Condition>& any_of);
    /// Whether a lookup by these conditions proves them (and is not just a hint).
    static bool is_exact(const std::vector<Condition>& any_of);

    /// Notes that rules ask this.
    void note(const std::vector<Condition>& any_of);
    /// How many different things of the same kind rules ask: the more, the fewer a value meets.
    std::size_t spread(const Condition& condition) const {
        return asked_[static_cast<std::size_t>(condition.op)].size();
    }

    /// Makes a conjunction be found by its conditions on this field.
    void index(const std::vector<Condition>& any_of, const Candidate& candidate);
    /// Makes a conjunction be found by any value of this field.
    void index_presence(const Candidate& candidate) { present_.push_back(candidate); }

    /// Appends the conjunctions that a value may satisfy.
    void find(const Scalar& value, std::uint32_t symbol, Found& found);
    const Candidates& present() const { return present_; }

  private:
    std::uint32_t new_symbol();

    FlatTable texts_;
    FlatTable numbers_;  // a double's bytes
    FlatTable opaque_;
    std::vector<std::uint32_t> text_symbols_;
    std::vector<std::uint32_t> number_symbols_;
    std::vector<std::uint32_t> opaque_symbols_;
    std::uint32_t literals_[3] = {kNoSymbol, kNoSymbol, kNoSymbol};
    std::vector<Candidates> by_symbol_;

    AffixIndex prefixes_{AffixIndex::End::front};
    AffixIndex suffixes_{AffixIndex::End::back};
    FlatTable folded_;
    std::vector<Candidates> by_folded_;
    RangeIndex ranges_;
    Candidates present_;
    std::array<std::unordered_set<std::uint64_t>, 16> asked_;  // by operator
};

}  // namespace skafu::eventbridge
