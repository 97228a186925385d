#include "lambda/handler_check.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

namespace skafu::lambda {

namespace {

namespace fs = std::filesystem;

/// What is said of `handler` where the code is one file.
std::optional<HandlerProblem> check(const std::string& file, const std::string& text,
                                    const std::string& handler, const std::string& runtime) {
    std::string pattern = (fs::temp_directory_path() / "skafu-check-XXXXXX").string();
    const fs::path folder = ::mkdtemp(pattern.data());
    std::ofstream(folder / file) << text;
    const auto problem = check_handler(runtime, handler, {folder.string()});
    fs::remove_all(folder);
    return problem;
}

std::optional<HandlerProblem> python(const std::string& text) {
    return check("app.py", text, "app.lambda_handler", "python3.12");
}

}  // namespace

TEST_CASE("a Python handler that is there, in whatever way") {
    for (const char* text :
         {"def lambda_handler(event, context):\n  pass", "async def lambda_handler(e, c): pass",
          "lambda_handler = Mangum(app)", "from routes import lambda_handler",
          "from routes import *", "from routes import (\n    other,\n    lambda_handler,\n)"}) {
        CAPTURE(text);
        CHECK_FALSE(python(text).has_value());
    }
}

TEST_CASE("a Python handler of another name") {
    const auto problem = python("import os\n\ndef handler(event, context):\n    pass\n");
    REQUIRE(problem.has_value());
    CHECK(problem->candidate == "app.handler");
    CHECK(problem->finding.starts_with("app.py has no lambda_handler; it has handler (line 3)"));
    const auto two = python("def a(event, context): pass\ndef b(event, context): pass\n");
    CHECK(two->candidate.empty());
}

TEST_CASE("a module that is not there") {
    const auto problem = check("main.py", "", "app.handler", "python3.12");
    REQUIRE(problem.has_value());
    CHECK(problem->finding.starts_with("there is no app.py for handler app.handler"));
}

TEST_CASE("Node.js handlers") {
    for (const char* text : {"exports.handler = async () => {}", "module.exports = { handler }",
                             "export const handler = 1", "export async function handler() {}",
                             "export { main as handler }"}) {
        CAPTURE(text);
        CHECK_FALSE(check("index.mjs", text, "index.handler", "nodejs20.x").has_value());
    }
    CHECK(check("index.js", "exports.main = 1", "index.handler", "nodejs20.x").has_value());
}

}  // namespace skafu::lambda
