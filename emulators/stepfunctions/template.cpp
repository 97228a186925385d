#include "stepfunctions/template.h"

#include "stepfunctions/failure.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::size_t kMaxNesting = 200;

Json read_named(const jsonpath::JsonPath& path, const StateScope& scope, const std::string& key) {
    const Json& root = scope.root_of(path);
    Json value;
    if (path.try_read(root, value)) return value;
    throw runtime_failure("The JSONPath '" + path.text() + "' specified for the field '" + key +
                          "' could not be found in the input '" + to_text(root) + "'");
}

Json call(const intrinsics::Call& function, StateScope& scope) {
    try {
        return function.evaluate(scope);
    } catch (const intrinsics::Failure& failed) {
        Failure failure = runtime_failure(failed.what());
        failure.error = failed.error();
        throw failure;
    }
}

void visit_variable(const jsonpath::JsonPath& path,
                    const std::function<void(const std::string&)>& visit) {
    if (path.root() == jsonpath::Root::Variable) visit(path.variable());
}

}  // namespace

Template Template::dynamic_member(const std::string& key, const Json& value,
                                  const std::string& location, Diagnostics& diagnostics) {
    Template part;
    part.key_ = key;
    std::string hint;
    try {
        if (value.is_string()) {
            const std::string& text = value.get_ref<const std::string&>();
            if (intrinsics::looks_like_call(text)) {
                part.kind_ = Kind::Call;
                part.call_ =
                    std::make_shared<const intrinsics::Call>(intrinsics::Call::compile(text));
            } else {
                part.kind_ = Kind::Path;
                part.path_ = std::make_shared<const jsonpath::JsonPath>(
                    jsonpath::JsonPath::compile(text, jsonpath::Dialect::States));
            }
            return part;
        }
    } catch (const jsonpath::JsonPathError&) {
        part.kind_ = Kind::Constant;
    } catch (const intrinsics::SyntaxError& error) {
        part.kind_ = Kind::Constant;
        if (!error.hint().empty()) hint = "Did you mean '" + error.hint() + "'?";
    }
    diagnostics.error("The value for the field '" + key +
                          "' must be a valid JSONPath or a valid intrinsic function call",
                      location, hint);
    return part;
}

Template Template::compile(const Json& value, QueryLanguage language, const std::string& location,
                           Diagnostics& diagnostics) {
    Template result;
    if (std::count(location.begin(), location.end(), '/') > static_cast<int>(kMaxNesting)) {
        diagnostics.error("The value is nested too deeply", location.substr(0, 80));
        return result;
    }
    if (value.is_object()) {
        result.kind_ = Kind::Object;
        for (const auto& [key, member] : value.items()) {
            if (language == QueryLanguage::jsonpath && key.ends_with(".$")) {
                result.members_.emplace_back(key.substr(0, key.size() - 2),
                                             dynamic_member(key, member, location, diagnostics));
            } else {
                result.members_.emplace_back(
                    key, compile(member, language, location + "/" + key, diagnostics));
            }
        }
        const bool all_constant =
            std::all_of(result.members_.begin(), result.members_.end(),
                        [](const auto& member) { return member.second.is_constant(); });
        if (all_constant) {
            result.kind_ = Kind::Constant;
            result.constant_ = value;
            result.members_.clear();
        }
        return result;
    }
    if (value.is_array()) {
        result.kind_ = Kind::List;
        for (std::size_t i = 0; i < value.size(); ++i) {
            result.items_.push_back(
                compile(value[i], language, location + "[" + std::to_string(i) + "]", diagnostics));
        }
        const bool all_constant =
            std::all_of(result.items_.begin(), result.items_.end(),
                        [](const Template& item) { return item.is_constant(); });
        if (all_constant) {
            result.kind_ = Kind::Constant;
            result.constant_ = value;
            result.items_.clear();
        }
        return result;
    }
    if (language == QueryLanguage::jsonata && value.is_string()) {
        if (const auto text = expression_in(value.get_ref<const std::string&>())) {
            result.expression_ = compile_query(*text, location, diagnostics);
            if (result.expression_) result.kind_ = Kind::Expression;
            return result;
        }
    }
    if (language == QueryLanguage::jsonpath && value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        if (text.starts_with("$.") || text.starts_with("$$.") ||
            intrinsics::looks_like_call(text)) {
            diagnostics.warning("NO_DOLLAR",
                                "No .$ on a field that appears to be a JSONPath or Intrinsic "
                                "Function.",
                                location);
        }
    }
    result.constant_ = value;
    return result;
}

Json Template::evaluate(StateScope& scope, const std::string& field) const {
    switch (kind_) {
        case Kind::Constant:
            return constant_;
        case Kind::Path:
            return read_named(*path_, scope, key_);
        case Kind::Call:
            return call(*call_, scope);
        case Kind::Expression:
            return expression_->evaluate(scope, field);
        case Kind::List: {
            Json::array_t list;
            list.reserve(items_.size());
            for (std::size_t i = 0; i < items_.size(); ++i) {
                list.push_back(items_[i].evaluate(
                    scope,
                    items_[i].is_constant() ? field : field + "[" + std::to_string(i) + "]"));
            }
            return Json(std::move(list));
        }
        case Kind::Object:
            break;
    }
    Json::object_t object;
    object.reserve(members_.size());
    for (const auto& [key, member] : members_) {
        // Only expressions need the way to their field.
        const bool named =
            member.expression_ || member.kind_ == Kind::Object || member.kind_ == Kind::List;
        object.emplace(
            key, named ? member.evaluate(scope, field + "/" + key) : member.evaluate(scope, field));
    }
    return Json(std::move(object));
}

void Template::for_each_variable(const std::function<void(const std::string&)>& visit) const {
    if (path_) visit_variable(*path_, visit);
    if (call_) {
        call_->for_each_path([&](const jsonpath::JsonPath& path) { visit_variable(path, visit); });
    }
    if (expression_) {
        for (const std::string& name : variables_in(expression_->text())) visit(name);
    }
    for (const auto& [key, member] : members_) member.for_each_variable(visit);
    for (const Template& item : items_) item.for_each_variable(visit);
}

std::shared_ptr<const PathOrCall> PathOrCall::compile(std::string_view text) {
    auto result = std::make_shared<PathOrCall>();
    if (intrinsics::looks_like_call(text)) {
        result->call_ = std::make_shared<const intrinsics::Call>(intrinsics::Call::compile(text));
    } else {
        result->path_ = std::make_shared<const jsonpath::JsonPath>(
            jsonpath::JsonPath::compile(text, jsonpath::Dialect::States));
    }
    return result;
}

Json PathOrCall::evaluate(StateScope& scope, const std::string& field) const {
    if (call_) return call(*call_, scope);
    return read_named(*path_, scope, field);
}

void PathOrCall::for_each_variable(const std::function<void(const std::string&)>& visit) const {
    if (path_) visit_variable(*path_, visit);
    if (call_) {
        call_->for_each_path([&](const jsonpath::JsonPath& path) { visit_variable(path, visit); });
    }
}

}  // namespace skafu::stepfunctions
