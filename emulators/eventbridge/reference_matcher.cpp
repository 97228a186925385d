#include "eventbridge/reference_matcher.h"

namespace skafu::eventbridge {
namespace {

using Kind = EventTape::Kind;
using Elements = std::vector<std::pair<std::size_t, std::size_t>>;

/// Walks the event and notes each leaf under its dotted path.
class LeafCollector {
  public:
    LeafCollector(EventTape& event, std::vector<EventLeaf>& leaves)
        : event_(event), leaves_(leaves) {}

    void collect(std::size_t at, const std::string& path) {
        const EventTape::Entry entry = event_[at];
        if (entry.kind == Kind::object) {
            for (std::size_t key = at + 1; key < entry.next; key = event_[key + 1].next) {
                const std::string name(event_.text(event_[key]));
                if (name.empty()) continue;  // the rule engine never reaches a nameless field
                collect(key + 1, path.empty() ? name : path + "." + name);
            }
        } else if (entry.kind == Kind::array) {
            for (std::size_t element = at + 1; element < entry.next;
                 element = event_[element].next) {
                const Kind kind = event_[element].kind;
                const bool holds_fields = kind == Kind::object || kind == Kind::array;
                if (holds_fields) elements_.emplace_back(at, element);
                collect(element, path);
                if (holds_fields) elements_.pop_back();
            }
        } else {
            const Scalar value = event_.scalar(entry);
            leaves_.push_back(
                {path, {value.kind, value.number, std::string(value.text)}, elements_});
        }
    }

  private:
    EventTape& event_;
    std::vector<EventLeaf>& leaves_;
    Elements elements_;
};

/// Two leaves of one array must lie in the same element of it.
bool consistent(const Elements& a, const Elements& b) {
    for (const auto& [array, element] : a) {
        for (const auto& [other_array, other_element] : b) {
            if (array == other_array && element != other_element) return false;
        }
    }
    return true;
}

bool any_holds(const std::vector<Condition>& conditions, const Scalar& value) {
    for (const Condition& condition : conditions) {
        if (holds(condition, value)) return true;
    }
    return false;
}

bool may_be_absent(const std::vector<Condition>& conditions) {
    for (const Condition& condition : conditions) {
        if (condition.op == Operator::absent) return true;
    }
    return false;
}

bool fits_all(const EventLeaf& leaf, const std::vector<const EventLeaf*>& picked) {
    for (const EventLeaf* other : picked) {
        if (!consistent(leaf.elements, other->elements)) return false;
    }
    return true;
}

/// Picks a leaf for each field from `next` on that fits those picked so far. A field is absent
/// where no leaf of it fits what the fields before it (by name) picked.
bool pick(const Conjunction& fields, std::size_t next, const std::vector<EventLeaf>& leaves,
          std::vector<const EventLeaf*>& picked) {
    if (next == fields.size()) return true;
    bool present = false;
    for (const EventLeaf& leaf : leaves) {
        if (leaf.path != fields[next].path || !fits_all(leaf, picked)) continue;
        present = true;
        if (!any_holds(fields[next].any_of, leaf.value.view())) continue;
        picked.push_back(&leaf);
        if (pick(fields, next + 1, leaves, picked)) return true;
        picked.pop_back();
    }
    return !present && may_be_absent(fields[next].any_of) && pick(fields, next + 1, leaves, picked);
}

}  // namespace

std::vector<EventLeaf> event_leaves(EventTape& event) {
    std::vector<EventLeaf> leaves;
    if (event.is_object()) LeafCollector(event, leaves).collect(0, "");
    return leaves;
}

bool matches(const Pattern& pattern, const std::vector<EventLeaf>& leaves) {
    for (const Conjunction& fields : pattern.alternatives) {
        std::vector<const EventLeaf*> picked;
        if (pick(fields, 0, leaves, picked)) return true;
    }
    return false;
}

}  // namespace skafu::eventbridge
