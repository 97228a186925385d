#include "stepfunctions/scope.h"

#include "stepfunctions/failure.h"

namespace skafu::stepfunctions {

const Json* Variables::find(std::string_view name) const {
    for (const Variables* scope = this; scope != nullptr; scope = scope->outer) {
        const auto found = scope->own.find(name);
        if (found != scope->own.end()) return &found->second;
    }
    return nullptr;
}

const Json& StateScope::root_of(const jsonpath::JsonPath& path) const {
    switch (path.root()) {
        case jsonpath::Root::Document:
            return *input_;
        case jsonpath::Root::Context:
            return context();
        case jsonpath::Root::Variable:
            break;
    }
    const Json* value = variables_->find(path.variable());
    if (value == nullptr) {
        throw runtime_failure("Variable '" + path.variable() + "' referenced by '" + path.text() +
                              "' is not defined.");
    }
    return *value;
}

Json read_plain(const jsonpath::JsonPath& path, const StateScope& scope) {
    const Json& root = scope.root_of(path);
    Json value;
    if (path.try_read(root, value)) return value;
    throw runtime_failure("Invalid path '" + path.text() + "' : " + path.explain_miss(root));
}

}  // namespace skafu::stepfunctions
