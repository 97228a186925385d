#include "eventbridge/field_index.h"

#include <algorithm>
#include <cmath>

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

void append(const Candidates& list, Found& found) {
    if (!list.empty()) found.push_back(&list);
}

}  // namespace

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
    tree_.assign(count * 2, {});
    const auto index_of = [&](double end) {
        return static_cast<std::size_t>(std::lower_bound(ends_.begin(), ends_.end(), end) -
                                        ends_.begin());
    };
    for (const Entry& entry : ranges_) {
        const NumericRange& range = entry.range;
        std::size_t first = 0;
        if (std::isfinite(range.low)) first = index_of(range.low) * 2 + (range.low_open ? 2 : 1);
        std::size_t last = count - 1;
        if (std::isfinite(range.high)) last = index_of(range.high) * 2 + (range.high_open ? 0 : 1);
        if (first > last) continue;
        for (std::size_t l = first + count, r = last + 1 + count; l < r; l /= 2, r /= 2) {
            if (l % 2 == 1) tree_[l++].push_back(entry.candidate);
            if (r % 2 == 1) tree_[--r].push_back(entry.candidate);
        }
    }
    built_ = true;
}

void RangeIndex::find(double value, Found& found) {
    if (!built_) build();
    const auto end = std::lower_bound(ends_.begin(), ends_.end(), value);
    std::size_t position = static_cast<std::size_t>(end - ends_.begin()) * 2;
    if (end != ends_.end() && *end == value) ++position;
    for (std::size_t at = position + tree_.size() / 2; at >= 1; at /= 2) append(tree_[at], found);
}

// --- AffixIndex

void AffixIndex::add(std::string_view affix, const Candidate& candidate) {
    auto length = std::lower_bound(
        lengths_.begin(), lengths_.end(), affix.size(),
        [](const Length& entry, std::size_t wanted) { return entry.length < wanted; });
    if (length == lengths_.end() || length->length != affix.size()) {
        length = lengths_.insert(length, Length{affix.size(), {}, {}, {}, {}});
    }
    length->first.set(static_cast<unsigned char>(affix.front()));
    length->last.set(static_cast<unsigned char>(affix.back()));
    const std::uint32_t number = length->affixes.add(affix);
    if (number == length->candidates.size()) length->candidates.emplace_back();
    length->candidates[number].push_back(candidate);
}

void AffixIndex::find(std::string_view value, Found& found) const {
    for (const Length& entry : lengths_) {
        if (entry.length > value.size()) return;
        const std::size_t from = end_ == End::front ? 0 : value.size() - entry.length;
        const std::string_view part = value.substr(from, entry.length);
        if (!entry.first.test(static_cast<unsigned char>(part.front())) ||
            !entry.last.test(static_cast<unsigned char>(part.back()))) {
            continue;
        }
        const std::uint32_t number = entry.affixes.find(part);
        if (number != FlatTable::kNone) append(entry.candidates[number], found);
    }
}

// --- FieldIndex

std::uint32_t FieldIndex::new_symbol() {
    by_symbol_.emplace_back();
    return static_cast<std::uint32_t>(by_symbol_.size() - 1);
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

std::uint32_t FieldIndex::symbol_of(const Scalar& value) const {
    const auto find = [](const FlatTable& table, const std::vector<std::uint32_t>& symbols,
                         std::string_view text) {
        const std::uint32_t number = table.find(text);
        return number == FlatTable::kNone ? kNoSymbol : symbols[number];
    };
    switch (value.kind) {
        case ScalarKind::string:
            return find(texts_, text_symbols_, value.text);
        case ScalarKind::number:
            return find(numbers_, number_symbols_, bytes_of(value.number));
        case ScalarKind::opaque_number:
            return find(opaque_, opaque_symbols_, value.text);
        case ScalarKind::boolean_true:
        case ScalarKind::boolean_false:
        case ScalarKind::null:
            break;
    }
    return literals_[static_cast<std::size_t>(value.kind) -
                     static_cast<std::size_t>(ScalarKind::boolean_true)];
}

bool FieldIndex::can_index(const std::vector<Condition>& any_of) {
    return std::all_of(any_of.begin(), any_of.end(), [](const Condition& condition) {
        switch (condition.op) {
            case Operator::equals:
            case Operator::equals_ignore_case:
            case Operator::numeric_range:
                return true;
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
        return condition.op != Operator::wildcard && condition.op != Operator::equals_ignore_case;
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
        asked_[static_cast<std::size_t>(condition.op)].insert(hash);
    }
}

void FieldIndex::index(const std::vector<Condition>& any_of, const Candidate& candidate) {
    for (const Condition& condition : any_of) {
        switch (condition.op) {
            case Operator::equals:
                by_symbol_[add_symbol(condition.values[0])].push_back(candidate);
                break;
            case Operator::prefix:
                prefixes_.add(condition.values[0].text, candidate);
                break;
            case Operator::suffix:
                suffixes_.add(condition.values[0].text, candidate);
                break;
            case Operator::equals_ignore_case: {
                const std::uint32_t number = folded_.add(fold_case(condition.values[0].text));
                if (number == by_folded_.size()) by_folded_.emplace_back();
                by_folded_[number].push_back(candidate);
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

void FieldIndex::find(const Scalar& value, std::uint32_t symbol, Found& found) {
    if (symbol != kNoSymbol) append(by_symbol_[symbol], found);
    if (value.kind == ScalarKind::string) {
        if (!prefixes_.empty()) prefixes_.find(value.text, found);
        if (!suffixes_.empty()) suffixes_.find(value.text, found);
        if (!folded_.empty()) {
            const std::uint32_t number = folded_.find(fold_case(value.text));
            if (number != FlatTable::kNone) append(by_folded_[number], found);
        }
    } else if (value.kind == ScalarKind::number && !ranges_.empty()) {
        ranges_.find(value.number, found);
    }
}

}  // namespace skafu::eventbridge
