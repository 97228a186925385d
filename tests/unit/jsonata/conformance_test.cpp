// Runs the cases of the official JSONata suite, where they are at hand.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <doctest/doctest.h>

#include "expressions/jsonata/jsonata.h"
#include "expressions/jsonata/relaxed_json.h"

using namespace skafu;
namespace fs = std::filesystem;

namespace {

fs::path cases_folder() {
    const char* set = std::getenv("SKAFU_CONFORMANCE");
    return fs::path(set != nullptr ? set : "../shared/conformance") / "jsonata";
}

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

jsonata::Options options_of(const Json& test) {
    jsonata::Options options;
    options.now_millis = 1700000000000;
    options.random = [] { return 0.5; };
    if (const Json* time = find_member(test, "timelimit")) {
        options.limits.milliseconds = time->get<std::uint64_t>();
    }
    if (const Json* depth = find_member(test, "depth")) {
        options.limits.depth = depth->get<std::size_t>();
    }
    return options;
}

/// What the engine answers, in the form of the cases' `expected`.
Json answer(const Json& test, const Json* input) {
    jsonata::Bindings bindings;
    if (const Json* given = find_member(test, "bindings")) {
        for (const auto& [name, value] : given->get_ref<const Json::object_t&>()) {
            bindings.bind(name, value);
        }
    }
    try {
        const auto expression = jsonata::Expression::compile(string_member(test, "expr"));
        const auto result = expression.evaluate(input, bindings, options_of(test));
        if (!result) return Json{{"undefined", true}};
        return Json{{"result", *result}};
    } catch (const jsonata::JsonataError& error) {
        return Json{{"error", {{"code", error.code()}, {"message", error.message()}}}};
    } catch (const jsonata::FunctionResult&) {
        return Json{{"function", true}};
    }
}

bool same(const Json& answer, const Json& expected, bool unordered) {
    if (const Json* error = find_member(expected, "error")) {
        const Json* got = find_member(answer, "error");
        return got != nullptr && string_member(*got, "code") == string_member(*error, "code");
    }
    if (!unordered || !answer.contains("result") || !answer["result"].is_array()) {
        return answer == expected;
    }
    std::vector<std::string> a;
    std::vector<std::string> b;
    for (const Json& item : answer["result"]) a.push_back(to_text(item));
    for (const Json& item : expected["result"]) b.push_back(to_text(item));
    return std::is_permutation(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

TEST_CASE("the official suite") {
    const fs::path folder = cases_folder();
    if (!fs::exists(folder / "cases.jsonl")) {
        std::cout << "JSONata suite: skipped, no recordings\n";
        return;
    }
    std::map<std::string, Json> datasets;
    std::ifstream cases(folder / "cases.jsonl");
    std::size_t passed = 0;
    std::size_t all = 0;
    for (std::string line; std::getline(cases, line);) {
        const Json test = jsonata::parse_relaxed_json(line);
        const Json* input = find_member(test, "data");
        if (const std::string name = string_member(test, "dataset"); !name.empty()) {
            if (!datasets.contains(name)) {
                datasets[name] = parse_json(read_file(folder / "datasets" / (name + ".json")));
            }
            input = &datasets[name];
        }
        const Json got = answer(test, input);
        ++all;
        if (same(got, test["expected"], test.value("unordered", false))) {
            ++passed;
        } else {
            MESSAGE(string_member(test, "id") << " " << string_member(test, "expr") << "\n  got "
                                              << to_text(got).substr(0, 400) << "\n  not "
                                              << to_text(test["expected"]).substr(0, 400));
        }
    }
    std::cout << "JSONata suite: " << passed << " of " << all << " cases pass\n";
    CHECK(passed == all);
}
