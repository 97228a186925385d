#include "eventbridge/rule_matcher.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "eventbridge/field_index.h"

namespace skafu::eventbridge {
namespace {

using Kind = EventTape::Kind;

constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr std::size_t kSmall = 64;

/// What a field must satisfy; rules that ask the same share one, and its answer for an event is
/// found once.
struct FieldTest {
    std::uint64_t event = 0;  // that `passed` is about
    bool passed = false;
    bool may_be_absent = false;
    std::uint32_t path = 0;
    std::vector<std::uint32_t> symbols;  // of the equals conditions
    std::vector<Condition> others;
};

/// One way in which a rule matches. In `steps`, from `first` on, stand the tests that its look-up
/// and its guards do not prove, then all of its tests by path, as array consistency wants them.
struct CompiledConjunction {
    std::uint64_t event = 0;  // that tested it last
    std::uint32_t first = 0;
    std::uint16_t to_verify = 0;
    std::uint16_t fields = 0;
};

/// A step of a path; the children are its next steps.
struct PathNode {
    FlatTable names;
    std::vector<std::uint32_t> children;
    std::uint32_t path = kNone;
};

/// A value of the event at a path that some rule asks for.
struct EventValue {
    Scalar scalar;
    std::uint64_t hash = 0;  // of a string's text, where it is looked up
    std::uint32_t path = 0;
    std::uint32_t symbol = kNone;
    std::uint32_t membership = 0;  // 0 = in no array of objects
    std::uint32_t next = kNone;    // the next value of the same path
};

/// Which element of which array a value lies in, and the same for the array around it.
struct Membership {
    std::uint32_t array = 0;
    std::uint32_t element = 0;
    std::uint32_t outer = 0;
};

/// The values of a path in the event at hand.
struct PathValues {
    std::uint64_t event = 0;
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
};

}  // namespace

/// Each conjunction is found by the one of its fields that tells rules apart best (the one of
/// which the rules ask the most different things); its other fields are then tested directly.
struct RuleMatcher::State {
    std::map<std::uint32_t, Pattern> rules;

    std::vector<PathNode> nodes{PathNode{}};
    std::vector<FieldIndex> indexes;  // by path
    std::vector<FieldTest> tests;
    std::unordered_map<std::string, std::uint32_t> test_numbers;
    std::vector<std::uint32_t> steps;  // of all conjunctions
    std::vector<CompiledConjunction> conjunctions;
    std::vector<bool> alive;  // of each conjunction, whether its rule is still there
    std::map<std::uint32_t, std::vector<std::uint32_t>> of_rule;
    CandidateList always;  // conjunctions that no value finds: all may be absent
    std::size_t dead = 0;
    std::size_t arranged = 0;  // conjunctions when the fields were last chosen

    // Of the event at hand.
    std::uint64_t event = 0;
    std::vector<PathValues> values_of;
    std::vector<std::uint32_t> first_symbols;  // of each path's first value; kNone where none is
    std::vector<std::uint32_t> paths;          // with values
    bool has_lists = false;                    // some path has several values
    std::vector<EventValue> values;
    std::vector<Membership> memberships;
    Found candidates;
    std::vector<const Candidate*> guarded;  // candidates that passed their guards
    std::vector<std::uint32_t> found;

    std::uint32_t path_of(std::string_view path);
    std::uint32_t child(std::uint32_t node, std::string_view name) const;
    void compile(std::uint32_t rule, const Pattern& pattern);
    std::uint32_t test_of(const Field& field);
    void arrange(std::uint32_t rule, const Conjunction& source);
    std::vector<std::size_t> guards_of(const std::vector<std::uint32_t>& fields,
                                       const Conjunction& source, std::size_t looked_up) const;
    void rebuild();

    bool has_symbol(std::uint16_t path, std::uint32_t symbol) const;
    bool passes(const Candidate& candidate) const;
    void begin_event();
    void look_up();
    void resolve_split();
    void take_guarded();
    void walk_object(EventTape& tape, std::size_t at, std::uint32_t node, std::uint32_t membership);
    void walk_value(EventTape& tape, std::size_t at, std::uint32_t node, std::uint32_t membership);
    void take_leaf(EventTape& tape, const EventTape::Entry& entry, std::uint32_t path,
                   std::uint32_t membership);
    std::uint32_t first_value(std::uint32_t path) const {
        return values_of[path].event == event ? values_of[path].first : kNone;
    }
    bool holds_for(const FieldTest& field, const EventValue& value) const;
    bool passes(FieldTest& test) const;
    bool verify(const CompiledConjunction& conjunction);
    bool pick(const CompiledConjunction& conjunction, std::size_t next,
              std::vector<std::uint32_t>& picked);
    bool consistent(std::uint32_t a, std::uint32_t b) const;
};

// --- compiling

std::uint32_t RuleMatcher::State::path_of(std::string_view path) {
    std::uint32_t node = 0;
    while (true) {
        const std::size_t dot = path.find('.');
        const std::string_view name = path.substr(0, dot);
        const std::uint32_t number = nodes[node].names.add(name);
        if (number == nodes[node].children.size()) {
            nodes[node].children.push_back(static_cast<std::uint32_t>(nodes.size()));
            nodes.emplace_back();
        }
        node = nodes[node].children[number];
        if (dot == std::string_view::npos) break;
        path.remove_prefix(dot + 1);
    }
    if (nodes[node].path == kNone) {
        nodes[node].path = static_cast<std::uint32_t>(indexes.size());
        indexes.emplace_back();
        values_of.emplace_back();
        first_symbols.push_back(kNone);
    }
    return nodes[node].path;
}

/// The test that a field asks for, new or shared.
std::uint32_t RuleMatcher::State::test_of(const Field& field) {
    FieldTest test;
    test.path = path_of(field.path);
    std::string key = std::to_string(test.path);
    const auto add = [&key](std::string_view part) {
        key += '\0';
        key += std::to_string(part.size());
        key += ':';
        key += part;
    };
    FieldIndex& index = indexes[test.path];
    for (const Condition& condition : field.any_of) {
        add(std::to_string(static_cast<int>(condition.op)));
        for (const OwnedScalar& value : condition.values) {
            add(std::to_string(static_cast<int>(value.kind)));
            add(value.text);
            add({reinterpret_cast<const char*>(&value.number), sizeof value.number});
        }
        const NumericRange& range = condition.range;
        add({reinterpret_cast<const char*>(&range.low), sizeof range.low});
        add({reinterpret_cast<const char*>(&range.high), sizeof range.high});
        add(std::string{range.low_open ? '(' : '[', range.high_open ? ')' : ']'});
        if (const std::optional<OwnedScalar> value = FieldIndex::exact_value(condition)) {
            test.symbols.push_back(index.add_symbol(*value));
        } else if (condition.op == Operator::absent) {
            test.may_be_absent = true;
        } else {
            test.others.push_back(condition);
        }
    }
    const auto number = static_cast<std::uint32_t>(tests.size());
    const auto [known, is_new] = test_numbers.emplace(std::move(key), number);
    if (is_new) tests.push_back(std::move(test));
    return known->second;
}

void RuleMatcher::State::compile(std::uint32_t rule, const Pattern& pattern) {
    for (const Conjunction& source : pattern.alternatives) arrange(rule, source);
}

/// Adds a conjunction, and chooses the field by which it is found.
void RuleMatcher::State::arrange(std::uint32_t rule, const Conjunction& source) {
    std::vector<std::uint32_t> fields;
    std::size_t best = source.size();
    double best_spread = 0;
    std::size_t any_present = source.size();
    for (std::size_t i = 0; i < source.size(); ++i) {
        const std::uint32_t test = test_of(source[i]);
        fields.push_back(test);
        if (!tests[test].may_be_absent) any_present = i;
        if (!FieldIndex::can_index(source[i].any_of)) continue;
        FieldIndex& index = indexes[tests[test].path];
        index.note(source[i].any_of);
        std::size_t least = index.spread(source[i].any_of[0]);
        for (const Condition& condition : source[i].any_of) {
            least = std::min(least, index.spread(condition));
        }
        const double spread =
            static_cast<double>(least) / static_cast<double>(source[i].any_of.size());
        if (spread > best_spread) {
            best_spread = spread;
            best = i;
        }
    }
    const bool is_indexed = best < source.size();
    const std::size_t looked_up = is_indexed ? best : any_present;
    const std::vector<std::size_t> guards = guards_of(fields, source, looked_up);
    CompiledConjunction conjunction;
    conjunction.first = static_cast<std::uint32_t>(steps.size());
    conjunction.fields = static_cast<std::uint16_t>(fields.size());
    for (const bool quick : {true, false}) {  // what is quick to test comes first
        for (std::size_t i = 0; i < source.size(); ++i) {
            const bool is_proved = (i == best && FieldIndex::is_exact(source[i].any_of)) ||
                                   std::find(guards.begin(), guards.end(), i) != guards.end();
            if (is_proved || tests[fields[i]].others.empty() != quick) continue;
            steps.push_back(fields[i]);
            ++conjunction.to_verify;
        }
    }
    steps.insert(steps.end(), fields.begin(), fields.end());
    Candidate candidate;
    const auto number = static_cast<std::uint32_t>(conjunctions.size());
    candidate.conjunction = number;
    candidate.proved = conjunction.to_verify == 0;
    candidate.single = conjunction.to_verify == 1;
    if (!candidate.proved) candidate.test = steps[conjunction.first];
    candidate.rule = rule;
    for (std::size_t i = 0; i < guards.size(); ++i) {
        const FieldTest& test = tests[fields[guards[i]]];
        candidate.guard_paths[i] = static_cast<std::uint16_t>(test.path);
        candidate.guard_symbols[i] = test.symbols[0];
    }
    conjunctions.push_back(conjunction);
    alive.push_back(true);
    of_rule[rule].push_back(number);
    if (is_indexed) {
        indexes[tests[fields[best]].path].index(source[best].any_of, candidate);
    } else if (any_present < source.size()) {
        indexes[tests[fields[any_present]].path].index_presence(candidate);
    } else {
        always.add(candidate);
    }
}

/// The fields that guard a conjunction: those that must equal one value, the one that tells rules
/// apart best first.
std::vector<std::size_t> RuleMatcher::State::guards_of(const std::vector<std::uint32_t>& fields,
                                                       const Conjunction& source,
                                                       std::size_t looked_up) const {
    std::vector<std::size_t> guards;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const FieldTest& test = tests[fields[i]];
        const bool is_single = test.symbols.size() == 1 && test.others.empty();
        const bool has_room = test.path < Candidate::kNoGuard;
        if (i != looked_up && is_single && has_room && !test.may_be_absent) guards.push_back(i);
    }
    std::stable_sort(guards.begin(), guards.end(), [&](std::size_t a, std::size_t b) {
        return indexes[tests[fields[a]].path].spread(source[a].any_of[0]) >
               indexes[tests[fields[b]].path].spread(source[b].any_of[0]);
    });
    guards.resize(std::min(guards.size(), Candidate().guard_paths.size()));
    return guards;
}

void RuleMatcher::State::rebuild() {
    nodes.assign(1, PathNode{});
    indexes.clear();
    values_of.clear();
    first_symbols.clear();
    paths.clear();
    conjunctions.clear();
    alive.clear();
    of_rule.clear();
    always = CandidateList();
    tests.clear();
    test_numbers.clear();
    steps.clear();
    dead = 0;
    // First what the rules ask, then by which field each is found.
    for (const auto& [rule, pattern] : rules) {
        for (const Conjunction& source : pattern.alternatives) {
            for (const Field& field : source) {
                if (!FieldIndex::can_index(field.any_of)) continue;
                const std::uint32_t path = path_of(field.path);
                indexes[path].note(field.any_of);
            }
        }
    }
    for (const auto& [rule, pattern] : rules) compile(rule, pattern);
    arranged = conjunctions.size();
}

// --- matching

void RuleMatcher::State::begin_event() {
    ++event;
    values.clear();
    for (const std::uint32_t path : paths) first_symbols[path] = kNone;
    paths.clear();
    has_lists = false;
    memberships.assign(1, Membership{});
    candidates.clear();
    always.find(candidates);
    found.clear();
}

std::uint32_t RuleMatcher::State::child(std::uint32_t node, std::string_view name) const {
    while (true) {
        const std::uint32_t whole = nodes[node].names.find(name);
        if (whole != kNone) return nodes[node].children[whole];
        const std::size_t dot = name.find('.');
        if (dot == std::string_view::npos) return kNone;
        const std::uint32_t first = nodes[node].names.find(name.substr(0, dot));
        if (first == kNone) return kNone;
        node = nodes[node].children[first];
        name.remove_prefix(dot + 1);
    }
}

void RuleMatcher::State::walk_object(EventTape& tape, std::size_t at, std::uint32_t node,
                                     std::uint32_t membership) {
    const std::uint32_t end = tape[at].next;
    for (std::size_t key = at + 1; key < end; key = tape[key + 1].next) {
        const std::string_view name = tape.text(tape[key]);
        if (name.empty()) continue;
        const std::uint32_t next = child(node, name);
        if (next != kNone) walk_value(tape, key + 1, next, membership);
    }
}

void RuleMatcher::State::walk_value(EventTape& tape, std::size_t at, std::uint32_t node,
                                    std::uint32_t membership) {
    const EventTape::Entry entry = tape[at];
    if (entry.kind == Kind::object) {
        if (!nodes[node].children.empty()) walk_object(tape, at, node, membership);
        return;
    }
    if (entry.kind == Kind::array) {
        for (std::size_t element = at + 1; element < entry.next; element = tape[element].next) {
            const Kind kind = tape[element].kind;
            if (kind != Kind::object && kind != Kind::array) {
                walk_value(tape, element, node, membership);
                continue;
            }
            memberships.push_back(
                {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(element), membership});
            walk_value(tape, element, node, static_cast<std::uint32_t>(memberships.size() - 1));
        }
        return;
    }
    if (nodes[node].path != kNone) take_leaf(tape, entry, nodes[node].path, membership);
}

void RuleMatcher::State::take_leaf(EventTape& tape, const EventTape::Entry& entry,
                                   std::uint32_t path, std::uint32_t membership) {
    const auto number = static_cast<std::uint32_t>(values.size());
    EventValue& value = values.emplace_back();
    value.scalar = tape.scalar(entry);
    value.path = path;
    value.membership = membership;
    if (value.scalar.kind == ScalarKind::string) {
        value.hash = indexes[path].prefetch_text(value.scalar.text);
    }
    PathValues& list = values_of[path];
    if (list.event != event) {
        list = {event, number, number};
        paths.push_back(path);
    } else {
        has_lists = true;
        values[list.last].next = number;
        list.last = number;
    }
}

/// Finds the candidates of all values. Each step of the way is taken for all of them before the
/// next, so that what they need from memory comes at the same time.
void RuleMatcher::State::look_up() {
    for (EventValue& value : values) {
        const FieldIndex& index = indexes[value.path];
        value.symbol = index.symbol_of(value.scalar, value.hash);
        if (value.symbol != kNone) index.prefetch_symbol(value.symbol);
    }
    for (const std::uint32_t path : paths) {
        first_symbols[path] = values[values_of[path].first].symbol;
        indexes[path].present().find(candidates);
    }
    for (const EventValue& value : values) {
        indexes[value.path].find(value.scalar, value.symbol, candidates);
    }
    resolve_split();
}

bool RuleMatcher::State::holds_for(const FieldTest& field, const EventValue& value) const {
    if (value.symbol != kNone) {
        for (const std::uint32_t symbol : field.symbols) {
            if (symbol == value.symbol) return true;
        }
    }
    for (const Condition& condition : field.others) {
        if (holds(condition, value.scalar)) return true;
    }
    return false;
}

bool RuleMatcher::State::consistent(std::uint32_t a, std::uint32_t b) const {
    for (std::uint32_t one = a; one != 0; one = memberships[one].outer) {
        for (std::uint32_t other = b; other != 0; other = memberships[other].outer) {
            if (memberships[one].array == memberships[other].array &&
                memberships[one].element != memberships[other].element) {
                return false;
            }
        }
    }
    return true;
}

/// The full test where arrays of objects are at play: a value for each field, all consistent.
bool RuleMatcher::State::pick(const CompiledConjunction& conjunction, std::size_t next,
                              std::vector<std::uint32_t>& picked) {
    if (next == conjunction.fields) return true;
    const FieldTest& field = tests[steps[conjunction.first + conjunction.to_verify + next]];
    bool present = false;
    for (std::uint32_t at = first_value(field.path); at != kNone; at = values[at].next) {
        const EventValue& value = values[at];
        const bool fits = std::all_of(picked.begin(), picked.end(), [&](std::uint32_t other) {
            return consistent(other, value.membership);
        });
        if (!fits) continue;
        present = true;
        if (!holds_for(field, value)) continue;
        picked.push_back(value.membership);
        if (pick(conjunction, next + 1, picked)) return true;
        picked.pop_back();
    }
    return !present && field.may_be_absent && pick(conjunction, next + 1, picked);
}

/// Whether a value of the path has that symbol.
bool RuleMatcher::State::has_symbol(std::uint16_t path, std::uint32_t symbol) const {
    for (std::uint32_t at = first_value(path); at != kNone; at = values[at].next) {
        if (values[at].symbol == symbol) return true;
    }
    return false;
}

bool RuleMatcher::State::passes(const Candidate& candidate) const {
    for (std::size_t i = 0; i < candidate.guard_paths.size(); ++i) {
        const std::uint16_t path = candidate.guard_paths[i];
        if (path == Candidate::kNoGuard) return true;
        const std::uint32_t symbol = candidate.guard_symbols[i];
        if (first_symbols[path] == symbol) continue;
        if (!has_lists || !has_symbol(path, symbol)) return false;
    }
    return true;
}

/// Adds what the lists that are split by a guard hold for its values in this event.
void RuleMatcher::State::resolve_split() {
    for (const CandidateList* list : candidates.split) {
        for (std::uint32_t at = first_value(list->split_path()); at != kNone;
             at = values[at].next) {
            if (values[at].symbol != kNone) list->find_split(values[at].symbol, candidates);
        }
    }
}

/// Takes the candidates that pass their guards, and finds the rules of those that this proves;
/// what the others stand for is on its way meanwhile.
void RuleMatcher::State::take_guarded() {
    guarded.clear();
    const bool is_flat = memberships.size() == 1;
    for (const auto& [first, last] : candidates.stretches) {
        for (const Candidate* candidate = first; candidate != last; ++candidate) {
            if (!passes(*candidate) || !alive[candidate->conjunction]) continue;
            if (candidate->proved && is_flat) {
                found.push_back(candidate->rule);
                continue;
            }
            __builtin_prefetch(&tests[candidate->test], 1);
            guarded.push_back(candidate);
        }
    }
}

/// Whether some value of the field satisfies the test, or none has to. Inside arrays of objects a
/// field that may be absent gets the benefit of the doubt, until pick() decides.
bool RuleMatcher::State::passes(FieldTest& test) const {
    if (test.event == event) return test.passed;
    test.event = event;
    bool any = false;
    bool in_array = false;
    for (std::uint32_t at = first_value(test.path); at != kNone; at = values[at].next) {
        any = true;
        in_array = in_array || values[at].membership != 0;
        if (holds_for(test, values[at])) return test.passed = true;
    }
    return test.passed = test.may_be_absent && (!any || in_array);
}

bool RuleMatcher::State::verify(const CompiledConjunction& conjunction) {
    for (std::uint32_t i = 0; i < conjunction.to_verify; ++i) {
        if (!passes(tests[steps[conjunction.first + i]])) return false;
    }
    if (memberships.size() <= 1) return true;
    std::vector<std::uint32_t> picked;
    return pick(conjunction, 0, picked);
}

// --- RuleMatcher

RuleMatcher::RuleMatcher() : state_(std::make_unique<State>()) {}
RuleMatcher::~RuleMatcher() = default;
RuleMatcher::RuleMatcher(RuleMatcher&&) noexcept = default;
RuleMatcher& RuleMatcher::operator=(RuleMatcher&&) noexcept = default;

void RuleMatcher::put(std::uint32_t rule, Pattern pattern) {
    erase(rule);
    State& state = *state_;
    const Pattern& kept = state.rules[rule] = std::move(pattern);
    state.compile(rule, kept);
    if (state.conjunctions.size() > kSmall && state.conjunctions.size() > state.arranged * 2) {
        state.rebuild();
    }
}

void RuleMatcher::erase(std::uint32_t rule) {
    State& state = *state_;
    const auto conjunctions = state.of_rule.find(rule);
    if (conjunctions == state.of_rule.end()) return;
    for (const std::uint32_t number : conjunctions->second) {
        state.alive[number] = false;
        ++state.dead;
    }
    state.of_rule.erase(conjunctions);
    state.rules.erase(rule);
    if (state.dead > kSmall && state.dead * 2 > state.conjunctions.size()) state.rebuild();
}

const std::vector<std::uint32_t>& RuleMatcher::match(EventTape& tape) {
    State& state = *state_;
    state.begin_event();
    tape.forget_decoded();
    if (!tape.is_object()) return state.found;
    state.walk_object(tape, 0, 0, 0);
    state.look_up();
    state.take_guarded();
    const bool is_flat = state.memberships.size() == 1;
    for (const Candidate* candidate : state.guarded) {
        __builtin_prefetch(state.tests[candidate->test].others.data());
    }
    for (const Candidate* candidate : state.guarded) {
        if (!candidate->proved && !state.passes(state.tests[candidate->test])) continue;
        if (candidate->single && is_flat) {
            state.found.push_back(candidate->rule);
            continue;
        }
        CompiledConjunction& conjunction = state.conjunctions[candidate->conjunction];
        if (conjunction.event == state.event) continue;
        conjunction.event = state.event;
        if (state.verify(conjunction)) state.found.push_back(candidate->rule);
    }
    std::sort(state.found.begin(), state.found.end());
    state.found.erase(std::unique(state.found.begin(), state.found.end()), state.found.end());
    return state.found;
}

}  // namespace skafu::eventbridge
