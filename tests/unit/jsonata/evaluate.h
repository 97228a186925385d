#pragma once

#include <string>
#include <string_view>

#include "expressions/jsonata/jsonata.h"

/// Evaluates and shows: the result as JSON text, "undefined", "function", or the error's code.
inline std::string evaluate(std::string_view expression, std::string_view input = "",
                            skafu::jsonata::Dialect dialect = {},
                            skafu::jsonata::Limits limits = {}) {
    using namespace skafu;
    jsonata::Options options;
    options.limits = limits;
    options.now_millis = 1521801216617;  // 2018-03-23T10:33:36.617Z
    options.random = [] { return 0.5; };
    options.uuid = [] { return std::string("7f1d1dd4-6a5d-4d2c-9e93-1c1d9ba0e7a1"); };
    try {
        const auto compiled = jsonata::Expression::compile(expression, dialect);
        const Json json = input.empty() ? Json() : parse_json(input);
        const auto result =
            compiled.evaluate(input.empty() ? nullptr : &json, jsonata::Bindings(), options);
        return result ? to_text(*result) : "undefined";
    } catch (const jsonata::JsonataError& error) {
        return error.code();
    } catch (const jsonata::FunctionResult&) {
        return "function";
    }
}
