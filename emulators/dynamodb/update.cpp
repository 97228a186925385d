#include "dynamodb/update.h"

#include <algorithm>
#include <optional>

#include "core/aws_error.h"
#include "dynamodb/condition.h"

namespace skafu::dynamodb {
namespace {

using Verb = UpdateAction::Kind;

[[noreturn]] void reject_path() {
    throw AwsError::validation(
        "The document path provided in the update expression is invalid for update");
}

[[noreturn]] void reject_operand() {
    throw AwsError::validation("An operand in the update expression has an incorrect data type");
}

[[noreturn]] void reject_missing() {
    throw AwsError::validation(
        "The provided expression refers to an attribute that does not exist in the item");
}

class Updater {
  public:
    Updater(const BoundExpression& bound, const Item& old, Item start, bool item_exists)
        : bound_(bound), old_(old), item_(std::move(start)), item_exists_(item_exists) {}

    Item run() {
        // Values are computed before anything changes; list removals go from the back.
        for (const UpdateAction& action : bound_->actions) {
            if (action.kind == Verb::kSet) values_.push_back(compute(action.value));
        }
        std::size_t next = 0;
        std::vector<std::pair<const UpdateAction*, Value*>> sets;
        for (const UpdateAction& action : bound_->actions) {
            if (action.kind == Verb::kSet) sets.emplace_back(&action, &values_[next++]);
        }
        // Elements set past the end of a list are appended in the order of their indexes.
        std::stable_sort(sets.begin(), sets.end(), [](const auto& a, const auto& b) {
            return last_index(a.first->path) < last_index(b.first->path);
        });
        for (const auto& [action, value] : sets) assign(action->path, std::move(*value));
        for (const UpdateAction& action : bound_->actions) {
            if (action.kind == Verb::kAdd) add(action);
            if (action.kind == Verb::kDelete) subtract(action);
        }
        remove_all();
        return std::move(item_);
    }

  private:
    static std::size_t last_index(const Path& path) {
        return path.back().kind == PathStep::Kind::kIndex ? path.back().index : 0;
    }

    Value compute(const Operand& operand) const {
        switch (operand.kind) {
            case Operand::Kind::kValue:
                return *bound_.values[operand.value];
            case Operand::Kind::kPath: {
                const Value* value = find_path(bound_, operand.path, old_);
                if (value == nullptr) reject_missing();
                return *value;
            }
            case Operand::Kind::kFunction:
                return compute_function(operand);
            default:
                break;
        }
        const Value left = compute(operand.arguments[0]);
        const Value right = compute(operand.arguments[1]);
        if (!left.is(Type::kNumber) || !right.is(Type::kNumber)) reject_operand();
        const Number& a = left.as<Number>();
        const Number& b = right.as<Number>();
        return Value(operand.kind == Operand::Kind::kPlus ? a + b : a - b);
    }

    Value compute_function(const Operand& call) const {
        if (call.function == "if_not_exists") {
            const Value* value = find_path(bound_, call.arguments[0].path, old_);
            return value != nullptr ? *value : compute(call.arguments[1]);
        }
        Value left = compute(call.arguments[0]);
        const Value right = compute(call.arguments[1]);
        List* list = left.get_if<List>();
        const List* tail = right.get_if<List>();
        if (list == nullptr || tail == nullptr) reject_operand();
        list->insert(list->end(), tail->begin(), tail->end());
        return left;
    }

    /// The container of a path's last step, or nullptr where the path does not lead there.
    Value* container_of(const Path& path) {
        const auto top = item_.find(bound_.top_name(path));
        if (top == item_.end()) return nullptr;
        Value* value = &top->second;
        for (std::size_t i = 1; i + 1 < path.size() && value != nullptr; ++i) {
            value = step_into(*value, path[i]);
        }
        if (value == nullptr) return nullptr;
        const bool fits = path.back().kind == PathStep::Kind::kIndex ? value->is(Type::kList)
                                                                     : value->is(Type::kMap);
        return fits ? value : nullptr;
    }

    Value* step_into(Value& value, const PathStep& step) {
        if (step.kind == PathStep::Kind::kIndex) {
            List* list = value.get_if<List>();
            if (list == nullptr || step.index >= list->size()) return nullptr;
            return &(*list)[step.index];
        }
        Map* map = value.get_if<Map>();
        if (map == nullptr) return nullptr;
        const auto found = map->find(bound_.step_name(step));
        return found == map->end() ? nullptr : &found->second;
    }

    void assign(const Path& path, Value value) {
        if (path.size() == 1) {
            item_[std::string(bound_.top_name(path))] = std::move(value);
            return;
        }
        Value* container = container_of(path);
        if (container == nullptr) reject_path();
        if (path.back().kind != PathStep::Kind::kIndex) {
            container->as<Map>()[std::string(bound_.step_name(path.back()))] = std::move(value);
            return;
        }
        List& list = container->as<List>();
        if (path.back().index < list.size()) {
            list[path.back().index] = std::move(value);
        } else {
            list.push_back(std::move(value));
        }
    }

    void add(const UpdateAction& action) {
        const Value& operand = *bound_.values[action.value.value];
        const Value* present = find_path(bound_, action.path, old_);
        if (present == nullptr) {
            assign(action.path, operand);
        } else if (operand.is(Type::kNumber)) {
            if (!present->is(Type::kNumber)) reject_operand();
            assign(action.path, Value(present->as<Number>() + operand.as<Number>()));
        } else {
            if (present->type() != operand.type()) reject_operand();
            assign(action.path, set_union(*present, operand));
        }
    }

    void subtract(const UpdateAction& action) {
        const Value& operand = *bound_.values[action.value.value];
        const Value* present = find_path(bound_, action.path, old_);
        if (present == nullptr) {
            if (action.path.size() > 1 && item_exists_ && container_of(action.path) == nullptr) {
                reject_path();
            }
            return;
        }
        if (present->type() != operand.type()) reject_operand();
        Value rest = set_difference(*present, operand);
        if (set_size(rest) == 0) {
            emptied_.push_back(&action.path);
        } else {
            assign(action.path, std::move(rest));
        }
    }

    /// Removes by the old item's list indexes: those of one list go from the highest down.
    void remove_all() {
        std::vector<const Path*> paths = emptied_;
        for (const UpdateAction& action : bound_->actions) {
            if (action.kind == Verb::kRemove) paths.push_back(&action.path);
        }
        // Deeper paths first, so that no index moves under a path that is still to come.
        std::stable_sort(paths.begin(), paths.end(), [](const Path* a, const Path* b) {
            if (a->size() != b->size()) return a->size() > b->size();
            return last_index(*a) > last_index(*b);
        });
        for (const Path* path : paths) remove(*path);
    }

    void remove(const Path& path) {
        if (path.size() == 1) {
            item_.erase(std::string(bound_.top_name(path)));
            return;
        }
        Value* container = container_of(path);
        if (container == nullptr) {
            if (item_exists_) reject_path();
            return;
        }
        if (path.back().kind != PathStep::Kind::kIndex) {
            container->as<Map>().erase(std::string(bound_.step_name(path.back())));
            return;
        }
        List& list = container->as<List>();
        if (path.back().index < list.size()) {
            list.erase(list.begin() + static_cast<std::ptrdiff_t>(path.back().index));
        }
    }

    const BoundExpression& bound_;
    const Item& old_;
    Item item_;
    bool item_exists_;
    std::vector<Value> values_;
    std::vector<const Path*> emptied_;
};

}  // namespace

Item apply_update(const BoundExpression& update, const Item& old, const Item& start,
                  bool item_exists) {
    return Updater(update, old, start, item_exists).run();
}

bool update_creates(const BoundExpression& update) {
    return std::any_of(update->actions.begin(), update->actions.end(),
                       [](const UpdateAction& action) {
                           return action.kind == Verb::kSet || action.kind == Verb::kAdd;
                       });
}

}  // namespace skafu::dynamodb
