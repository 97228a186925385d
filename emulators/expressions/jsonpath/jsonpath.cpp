#include "expressions/jsonpath/jsonpath.h"

#include <deque>

#include "expressions/jsonpath/functions.h"
#include "expressions/jsonpath/parser.h"
#include "expressions/jsonpath/step.h"

namespace skafu::jsonpath {
namespace {

const Json* child(const Json& value, const Step& step) {
    if (step.kind == Step::Kind::Name) return find_member(value, step.name);
    if (!value.is_array()) return nullptr;
    const std::int64_t at = effective_index(step.indexes.front(), value.size());
    return at < 0 ? nullptr : &value[static_cast<std::size_t>(at)];
}

/// Walks an arbitrary path and gathers pointers into the document.
class Walk {
  public:
    Walk(const std::vector<Step>& steps, std::size_t count, const Json& document)
        : steps_(steps), count_(count), document_(document) {}

    void from(const Json& value, std::size_t at) {
        if (++visited_ > kMaxVisited) throw JsonPathMiss("The path selects too many values");
        if (at == count_) {
            found_.push_back(&value);
            return;
        }
        const Step& step = steps_[at];
        switch (step.kind) {
            case Step::Kind::Name:
            case Step::Kind::Index:
                if (const Json* next = child(value, step)) from(*next, at + 1);
                return;
            case Step::Kind::Names:
                names(step, value, at);
                return;
            case Step::Kind::Indexes:
                indexes(step, value, at);
                return;
            case Step::Kind::Slice:
                slice(step, value, at);
                return;
            case Step::Kind::Wildcard:
                for_each_child(value, [&](const Json& next) { from(next, at + 1); });
                return;
            case Step::Kind::Filter:
                filter(step, value, at);
                return;
            case Step::Kind::Descend:
                descend(value, at);
                return;
            case Step::Kind::Function:
                return;
        }
    }

    const std::vector<const Json*>& found() const { return found_; }

  private:
    template <class Visit>
    static void for_each_child(const Json& value, Visit visit) {
        if (!value.is_structured()) return;
        for (const Json& next : value) visit(next);
    }

    /// Several names at the end make one object; before the end they branch.
    void names(const Step& step, const Json& value, std::size_t at) {
        if (!value.is_object()) return;
        if (at + 1 < count_) {
            for (const std::string& name : step.names) {
                if (const Json* next = find_member(value, name)) from(*next, at + 1);
            }
            return;
        }
        Json merged = Json::object();
        for (const std::string& name : step.names) {
            if (const Json* member = find_member(value, name)) merged[name] = *member;
        }
        made_.push_back(std::move(merged));
        found_.push_back(&made_.back());
    }

    void indexes(const Step& step, const Json& value, std::size_t at) {
        if (!value.is_array()) return;
        for (const std::int64_t index : step.indexes) {
            const std::int64_t effective = effective_index(index, value.size());
            if (effective >= 0) from(value[static_cast<std::size_t>(effective)], at + 1);
        }
    }

    void slice(const Step& step, const Json& value, std::size_t at) {
        if (!value.is_array()) return;
        const auto size = static_cast<std::int64_t>(value.size());
        const auto bound = [size](std::int64_t index) {
            return std::clamp<std::int64_t>(index < 0 ? index + size : index, 0, size);
        };
        const std::int64_t end = bound(step.to.value_or(size));
        for (std::int64_t i = bound(step.from.value_or(0)); i < end; i += step.stride) {
            from(value[static_cast<std::size_t>(i)], at + 1);
        }
    }

    void filter(const Step& step, const Json& value, std::size_t at) {
        if (value.is_object()) {
            if (passes(*step.filter, value, document_)) from(value, at + 1);
            return;
        }
        for_each_child(value, [&](const Json& next) {
            if (passes(*step.filter, next, document_)) from(next, at + 1);
        });
    }

    void descend(const Json& value, std::size_t at) {
        const bool to_filter = at + 1 < count_ && steps_[at + 1].kind == Step::Kind::Filter;
        if (!to_filter || value.is_array()) from(value, at + 1);
        for_each_child(value, [&](const Json& next) { descend(next, at); });
    }

    const std::vector<Step>& steps_;
    std::size_t count_;
    const Json& document_;
    std::size_t visited_ = 0;
    std::vector<const Json*> found_;
    std::deque<Json> made_;
};

Json array_of(const std::vector<const Json*>& values) {
    Json list = Json::array();
    list.get_ref<Json::array_t&>().reserve(values.size());
    for (const Json* value : values) list.push_back(*value);
    return list;
}

std::string canonical_step(const Step& step) {
    switch (step.kind) {
        case Step::Kind::Name:
            return "['" + step.name + "']";
        case Step::Kind::Names:
            return fmt::format("['{}']", fmt::join(step.names, "','"));
        case Step::Kind::Index:
        case Step::Kind::Indexes:
            return fmt::format("[{}]", fmt::join(step.indexes, ","));
        case Step::Kind::Slice:
            return "[" + (step.from ? std::to_string(*step.from) : "") + ":" +
                   (step.to ? std::to_string(*step.to) : "") + "]";
        case Step::Kind::Wildcard:
            return "[*]";
        case Step::Kind::Filter:
            return "[?]";
        case Step::Kind::Descend:
            return "..";
        case Step::Kind::Function:
            return "." + step.name + "()";
    }
    return {};
}

}  // namespace

std::int64_t effective_index(std::int64_t index, std::size_t size) {
    const auto count = static_cast<std::int64_t>(size);
    const std::int64_t at = index < 0 ? index + count : index;
    return at >= 0 && at < count ? at : -1;
}

JsonPath JsonPath::compile(std::string_view text, Dialect dialect) {
    return Parser(text, dialect).path();
}

const Json* JsonPath::find(const Json& document) const {
    if (!reference_) return nullptr;
    const Json* at = &document;
    for (const Step& step : *steps_) {
        at = child(*at, step);
        if (at == nullptr) return nullptr;
    }
    return at;
}

Json* JsonPath::find(Json& document) const {
    return const_cast<Json*>(find(std::as_const(document)));
}

bool JsonPath::try_read(const Json& document, Json& result) const {
    if (reference_) {
        const Json* found = find(document);
        if (found == nullptr) return false;
        result = *found;
        return true;
    }
    const bool is_function = steps_->back().kind == Step::Kind::Function;
    Walk walk(*steps_, steps_->size() - (is_function ? 1 : 0), document);
    walk.from(document, 0);
    if (!is_function && !definite_) {
        result = array_of(walk.found());
        return true;
    }
    if (!is_function) {
        if (walk.found().empty()) return false;
        result = *walk.found().front();
        return true;
    }
    bool definite_before = true;
    for (const Step& step : *steps_) {
        if (step.kind == Step::Kind::Function) break;
        if (step.kind != Step::Kind::Name && step.kind != Step::Kind::Index)
            definite_before = false;
    }
    if (!definite_before) return apply(steps_->back(), array_of(walk.found()), document, result);
    if (walk.found().empty()) return false;
    return apply(steps_->back(), *walk.found().front(), document, result);
}

Json JsonPath::read(const Json& document) const {
    Json result;
    if (!try_read(document, result)) throw JsonPathMiss(explain_miss(document));
    return result;
}

std::string JsonPath::explain_miss(const Json& document) const {
    const Json* at = &document;
    std::string path = "$";
    for (std::size_t i = 0; i + 1 < steps_->size(); ++i) {
        const Step& step = (*steps_)[i];
        if (step.kind != Step::Kind::Name && step.kind != Step::Kind::Index) break;
        path += canonical_step(step);
        if (step.kind == Step::Kind::Index) {
            at = child(*at, step);
            if (at == nullptr) break;
            continue;
        }
        at = child(*at, step);
        if (at == nullptr) return "Missing property in path " + path;
    }
    return "No results for path: " + canonical();
}

std::string JsonPath::canonical() const {
    std::string path = "$";
    for (const Step& step : *steps_) path += canonical_step(step);
    return path;
}

bool set_at(Json& document, const JsonPath& path, Json value) {
    if (!path.is_reference()) return false;
    // A dry run first: nothing may change where the path cannot be followed.
    const Json* seen = &document;
    for (const Step& step : path.steps()) {
        const bool by_name = step.kind == Step::Kind::Name;
        if (seen == nullptr) {
            if (!by_name) return false;
            continue;
        }
        if (by_name ? !seen->is_object() : !seen->is_array()) return false;
        seen = child(*seen, step);
        if (seen == nullptr && !by_name) return false;
    }
    Json* at = &document;
    for (const Step& step : path.steps()) {
        if (step.kind == Step::Kind::Name) {
            if (at->is_null()) *at = Json::object();
            at = &(*at)[step.name];
        } else {
            at =
                &(*at)[static_cast<std::size_t>(effective_index(step.indexes.front(), at->size()))];
        }
    }
    *at = std::move(value);
    return true;
}

}  // namespace skafu::jsonpath
