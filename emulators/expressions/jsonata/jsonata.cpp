#include "expressions/jsonata/jsonata.h"

namespace skafu::jsonata {

struct Program {};

Bindings& Bindings::bind(std::string name, const Json& value) {
    bindings_.push_back({std::move(name), &value, {}});
    return *this;
}

Bindings& Bindings::bind_object(std::string name, Members members) {
    bindings_.push_back({std::move(name), nullptr, std::move(members)});
    return *this;
}

Expression::Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

Expression Expression::compile(std::string_view, Dialect) {
    return Expression(std::make_shared<const Program>());
}

std::optional<Json> Expression::evaluate(const Json*, const Bindings&, const Options&) const {
    throw JsonataError("S0500");
}

}  // namespace skafu::jsonata
