#include "eventbridge/field_index.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "eventbridge/letter_case.h"

namespace skafu::eventbridge {
namespace {

std::string_view bytes_of(const double& number) {
    return {reinterpret_cast<const char*>(&number), sizeof number};
}

/// The literal text of a wildcard pattern before its first star, and behind its last.
struct WildcardEnds {
    std::string head;
    std::string tail;
};

WildcardEnds wildcard_ends(std::string_view pattern) {
    WildcardEnds ends;
    bool starred = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '*') {
            starred = true;
            ends.tail.clear();
            continue;
        }
        if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
        if (!starred) ends.head += pattern[i];
        ends.tail += pattern[i];
    }
    return ends;
}

/// std::lower_bound without a branch that a processor would guess wrongly every other time.
template <class T>
std::size_t first_not_below(const std::vector<T>& ascending, T value) {
    const T* base = ascending.data();
    std::size_t left = ascending.size();
    while (left > 1) {
        const std::size_t half = left / 2;
        base += base[half - 1] < value ? half : 0;
        left -= half;
    }
    const auto at = static_cast<std::size_t>(base - ascending.data());
    return left == 1 && *base < value ? at + 1 : at;
}

constexpr std::size_t kBranches = 16;
constexpr std::size_t kDigitsOfV4 = 8;
constexpr std::size_t kDigitsOfV6 = 32;

}  // namespace

// --- CandidateList

void CandidateList::add(const Candidate& candidate) {
    if (split_path_ == Candidate::kNoGuard || candidate.guard_paths[0] != split_path_) {
        all_.insert(all_.begin() + plain_, candidate);
        ++plain_;
        if (split_path_ == Candidate::kNoGuard && plain_ >= split_at_) split();
        return;
    }
    const std::uint32_t symbol = candidate.guard_symbols[0];
    const auto at = std::upper_bound(symbols_.begin(), symbols_.end(), symbol) - symbols_.begin();
    symbols_.insert(symbols_.begin() + at, symbol);
    all_.insert(all_.begin() + plain_ + at, candidate);
}

/// Sets apart the candidates whose first guard is the commonest, if there is one.
void CandidateList::split() {
    std::map<std::uint16_t, std::size_t> counts;
    for (const Candidate& candidate : all_) ++counts[candidate.guard_paths[0]];
    counts.erase(Candidate::kNoGuard);
    const auto most =
        std::max_element(counts.begin(), counts.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == counts.end() || most->second * 2 < all_.size()) {
        split_at_ *= 2;
        return;
    }
    split_path_ = most->first;
    const Candidates before = std::move(all_);
    all_.clear();
    plain_ = 0;
    for (const Candidate& candidate : before) add(candidate);
}

void CandidateList::find_split(std::uint32_t symbol, Found& found) const {
    const std::size_t from = first_not_below(symbols_, symbol);
    std::size_t to = from;
    while (to < symbols_.size() && symbols_[to] == symbol) ++to;
    const Candidate* first = all_.data() + plain_;
    found.add(first + from, first + to);
}

// --- RangeIndex

void RangeIndex::add(const NumericRange& range, const Candidate& candidate) {
    ranges_.push_back({range, candidate});
    built_ = false;
}

/// Positions 2i+1 are the ends themselves, even ones the gaps between them.
void RangeIndex::build() {
    ends_.clear();
    for (const Entry& entry : ranges_) {
        if (std::isfinite(entry.range.low)) ends_.push_back(entry.range.low);
        if (std::isfinite(entry.range.high)) ends_.push_back(entry.range.high);
    }
    std::sort(ends_.begin(), ends_.end());
    ends_.erase(std::unique(ends_.begin(), ends_.end()), ends_.end());
    const std::size_t count = ends_.size() * 2 + 1;
    const auto index_of = [&](double end) {
        return static_cast<std::size_t>(std::lower_bound(ends_.begin(), ends_.end(), end) -
                                        ends_.begin());
    };
    std::vector<std::vector<Candidates>> nodes;  // by level
    for (std::size_t size = count;; size = (size + kBranches - 1) / kBranches) {
        nodes.emplace_back(size);
        if (size == 1) break;
    }
    for (const Entry& entry : ranges_) {
        const NumericRange& range = entry.range;
        std::size_t first = 0;
        if (std::isfinite(range.low)) first = index_of(range.low) * 2 + (range.low_open ? 2 : 1);
        std::size_t end = count;
        if (std::isfinite(range.high)) end = index_of(range.high) * 2 + (range.high_open ? 1 : 2);
        for (std::size_t level = 0; first < end; ++level, first /= kBranches, end /= kBranches) {
            const bool is_top = level + 1 == nodes.size();
            while (first < end && (is_top || first % kBranches != 0)) {
                nodes[level][first++].push_back(entry.candidate);
            }
            while (first < end && end % kBranches != 0) {
                nodes[level][--end].push_back(entry.candidate);
            }
        }
    }
    levels_.assign(nodes.size(), {});
    for (std::size_t level = 0; level < nodes.size(); ++level) {
        Level& made = levels_[level];
        for (const Candidates& node : nodes[level]) {
            made.starts.push_back(static_cast<std::uint32_t>(made.candidates.size()));
            made.candidates.insert(made.candidates.end(), node.begin(), node.end());
        }
        made.starts.push_back(static_cast<std::uint32_t>(made.candidates.size()));
    }
    built_ = true;
}

void RangeIndex::find(double value, Found& found) {
    if (!built_) build();
    const std::size_t end = first_not_below(ends_, value);
    std::size_t position = end * 2;
    if (end != ends_.size() && ends_[end] == value) ++position;
    std::size_t at = position;
    for (const Level& level : levels_) {
        __builtin_prefetch(&level.starts[at]);
        at /= kBranches;
    }
    for (const Level& level : levels_) {
        const Candidate* candidates = level.candidates.data();
        const std::uint32_t from = level.starts[position];
        const std::uint32_t to = level.starts[position + 1];
        found.add(candidates + from, candidates + to);
        position /= kBranches;
    }
}

// --- AffixIndex

void AffixIndex::add(std::string_view affix, const Candidate& candidate) {
    auto length = std::find_if(lengths_.begin(), lengths_.end(),
                               [&](const Length& entry) { return entry.length == affix.size(); });
    if (length == lengths_.end()) {
        length = lengths_.insert(lengths_.end(), Length{affix.size(), {}, {}});
    }
    if (by_pair_.empty()) {
        by_pair_.resize(kPairs);
        by_byte_.resize(256);
    }
    const auto number = static_cast<std::size_t>(length - lengths_.begin());
    const Lengths bit = Lengths{1} << std::min(number, kLastBit);
    (affix.size() == 1 ? by_byte_[edge(affix, 0)] : by_pair_[pair_of(affix)]) |= bit;
    const std::uint32_t known = length->affixes.add(affix);
    if (known == length->candidates.size()) length->candidates.emplace_back();
    length->candidates[known].add(candidate);
}

void AffixIndex::find(const Length& length, std::string_view value, Found& found) const {
    if (length.length > value.size()) return;
    const std::size_t from = end_ == End::front ? 0 : value.size() - length.length;
    const std::uint32_t number = length.affixes.find(value.substr(from, length.length));
    if (number != FlatTable::kNone) length.candidates[number].find(found);
}

void AffixIndex::find(std::string_view value, Found& found) const {
    if (value.empty()) return;
    Lengths lengths = by_byte_[edge(value, 0)];
    if (value.size() > 1) lengths |= by_pair_[pair_of(value)];
    for (; lengths != 0; lengths &= lengths - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(lengths));
        find(lengths_[bit], value, found);
        if (bit != kLastBit) continue;
        for (std::size_t i = bit + 1; i < lengths_.size(); ++i) find(lengths_[i], value, found);
    }
}

// --- FieldIndex

std::uint32_t FieldIndex::new_symbol() {
    by_value_.emplace_back();
    return static_cast<std::uint32_t>(by_value_.size() - 1);
}

std::uint32_t FieldIndex::add_symbol(const OwnedScalar& value) {
    const auto add = [this](FlatTable& table, std::vector<std::uint32_t>& symbols,
                            std::string_view text) {
        const std::uint32_t number = table.add(text);
        if (number == symbols.size()) symbols.push_back(new_symbol());
        return symbols[number];
    };
    switch (value.kind) {
        case ScalarKind::string:
            return add(texts_, text_symbols_, value.text);
        case ScalarKind::number:
            return add(numbers_, number_symbols_, bytes_of(value.number));
        case ScalarKind::opaque_number:
            return add(opaque_, opaque_symbols_, value.text);
        case ScalarKind::boolean_true:
        case ScalarKind::boolean_false:
        case ScalarKind::null:
            break;
    }
    std::uint32_t& symbol = literals_[static_cast<std::size_t>(value.kind) -
                                      static_cast<std::size_t>(ScalarKind::boolean_true)];
    if (symbol == kNoSymbol) symbol = new_symbol();
    return symbol;
}

std::uint32_t FieldIndex::symbol_of(const Scalar& value, std::uint64_t hash) const {
    const auto symbol = [](std::uint32_t number, const std::vector<std::uint32_t>& symbols) {
        return number == FlatTable::kNone ? kNoSymbol : symbols[number];
    };
    switch (value.kind) {
        case ScalarKind::string:
            return symbol(texts_.find(value.text, hash), text_symbols_);
        case ScalarKind::number:
            return symbol(numbers_.find(bytes_of(value.number)), number_symbols_);
        case ScalarKind::opaque_number:
            return symbol(opaque_.find(value.text), opaque_symbols_);
        case ScalarKind::boolean_true:
        case ScalarKind::boolean_false:
        case ScalarKind::null:
            break;
    }
    return literals_[static_cast<std::size_t>(value.kind) -
                     static_cast<std::size_t>(ScalarKind::boolean_true)];
}

std::optional<OwnedScalar> FieldIndex::exact_value(const Condition& condition) {
    if (condition.op == Operator::equals) return condition.values[0];
    const NumericRange& range = condition.range;
    const bool is_one_number = condition.op == Operator::numeric_range && range.low == range.high &&
                               !range.low_open && !range.high_open;
    if (!is_one_number) return std::nullopt;
    return OwnedScalar{ScalarKind::number, range.low + 0.0, {}};  // -0 is 0
}

Operator FieldIndex::kind_of(const Condition& condition) {
    return exact_value(condition) ? Operator::equals : condition.op;
}

bool FieldIndex::can_index(const std::vector<Condition>& any_of) {
    return std::all_of(any_of.begin(), any_of.end(), [](const Condition& condition) {
        switch (condition.op) {
            case Operator::equals:
            case Operator::equals_ignore_case:
            case Operator::numeric_range:
                return true;
            case Operator::cidr:
                return condition.addresses.first == condition.addresses.last;
            case Operator::prefix:
            case Operator::suffix:
                return !condition.values[0].text.empty();
            case Operator::wildcard: {
                const WildcardEnds ends = wildcard_ends(condition.values[0].text);
                return !ends.head.empty() || !ends.tail.empty();
            }
            default:
                return false;
        }
    });
}

bool FieldIndex::is_exact(const std::vector<Condition>& any_of) {
    return std::all_of(any_of.begin(), any_of.end(), [](const Condition& condition) {
        if (condition.op == Operator::equals) return true;
        return condition.op != Operator::wildcard && condition.op != Operator::equals_ignore_case &&
               !condition.is_mixed;
    });
}

void FieldIndex::note(const std::vector<Condition>& any_of) {
    for (const Condition& condition : any_of) {
        std::uint64_t hash = text_hash(bytes_of(condition.range.low)) * 31 +
                             text_hash(bytes_of(condition.range.high));
        for (const OwnedScalar& value : condition.values) {
            std::string_view text = value.text;
            std::string end;
            if (condition.op == Operator::wildcard) {  // by what it is looked up with
                const WildcardEnds ends = wildcard_ends(value.text);
                end = ends.head.size() >= ends.tail.size() ? ends.head : ends.tail;
                text = end;
            }
            hash = hash * 31 + text_hash(text) + text_hash(bytes_of(value.number));
        }
        asked_[static_cast<std::size_t>(kind_of(condition))].insert(hash);
    }
}

void FieldIndex::index(const std::vector<Condition>& any_of, const Candidate& candidate) {
    for (const Condition& condition : any_of) {
        if (const std::optional<OwnedScalar> value = exact_value(condition)) {
            by_value_[add_symbol(*value)].add(candidate);
            continue;
        }
        switch (condition.op) {
            case Operator::cidr: {
                const std::uint32_t number = addresses_.add(condition.addresses.first);
                if (number == by_address_.size()) by_address_.emplace_back();
                by_address_[number].add(candidate);
                break;
            }
            case Operator::prefix:
                prefixes_.add(condition.values[0].text, candidate);
                break;
            case Operator::suffix:
                suffixes_.add(condition.values[0].text, candidate);
                break;
            case Operator::equals_ignore_case: {
                const std::uint32_t number = folded_.add(fold_case(condition.values[0].text));
                if (number == by_folded_.size()) by_folded_.emplace_back();
                by_folded_[number].add(candidate);
                break;
            }
            case Operator::wildcard: {
                const WildcardEnds ends = wildcard_ends(condition.values[0].text);
                if (ends.head.size() >= ends.tail.size()) {
                    prefixes_.add(ends.head, candidate);
                } else {
                    suffixes_.add(ends.tail, candidate);
                }
                break;
            }
            case Operator::numeric_range:
                ranges_.add(condition.range, candidate);
                break;
            default:
                break;
        }
    }
}

/// What AddressBlock::contains says of single addresses: they match what begins with their digits.
void FieldIndex::find_address(const Scalar& value, Found& found) const {
    std::optional<std::string> digits;
    std::string_view text = value.text;
    if (value.kind == ScalarKind::string) {
        digits = address_digits(value.text);
        text = digits ? std::string_view(*digits) : std::string_view();
    }
    for (const std::size_t length : {kDigitsOfV4, kDigitsOfV6}) {
        if (text.size() < length) return;
        const std::uint32_t number = addresses_.find(text.substr(0, length));
        if (number != FlatTable::kNone) by_address_[number].find(found);
    }
}

void FieldIndex::find(const Scalar& value, std::uint32_t symbol, Found& found) {
    if (symbol != kNoSymbol) by_value_[symbol].find(found);
    if (!addresses_.empty()) find_address(value, found);
    if (value.kind == ScalarKind::string) {
        if (!prefixes_.empty()) prefixes_.find(value.text, found);
        if (!suffixes_.empty()) suffixes_.find(value.text, found);
        if (!folded_.empty()) {
            const std::uint32_t number = folded_.find(fold_case(value.text));
            if (number != FlatTable::kNone) by_folded_[number].find(found);
        }
    } else if (value.kind == ScalarKind::number && !ranges_.empty()) {
        ranges_.find(value.number, found);
    }
}

}  // namespace skafu::eventbridge
