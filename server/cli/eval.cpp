#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>

#include "cli/program.h"
#include "core/clock.h"
#include "core/entropy.h"
#include "expressions/intrinsics/intrinsics.h"
#include "expressions/jsonata/jsonata.h"
#include "expressions/jsonata/relaxed_json.h"
#include "expressions/jsonpath/jsonpath.h"

namespace skafu::server {
namespace {

struct EvalOptions {
    std::string language = "jsonata";
    std::string expression;
    std::string input_file;
    bool lines = false;
    bool step_functions = false;
};

/// What an intrinsic function sees: the input, which is also the context object.
class EvalScope : public intrinsics::Scope {
  public:
    EvalScope(const Json& input, Entropy& entropy) : input_(input), entropy_(entropy) {}
    const Json& root_of(const jsonpath::JsonPath& path) const override {
        if (path.root() != jsonpath::Root::Variable) return input_;
        throw intrinsics::Failure("States.Runtime", "There is no variable " + path.variable());
    }
    std::string uuid() override { return entropy_.uuid(); }
    std::uint64_t random() override { return entropy_.next(); }

  private:
    const Json& input_;
    Entropy& entropy_;
};

/// One expression to try, and its answer: {"result": …}, {"undefined": true} or {"error": …}.
class Trial {
  public:
    explicit Trial(const EvalOptions& options) : options_(options), clock_(io_) {}

    /// `request` has expr, and may have data, bindings, timelimit and depth.
    Json answer(const Json& request) {
        const Json* text = find_member(request, "expr");
        if (text == nullptr || !text->is_string()) {
            return failure("InvalidLine", "expr must be a string");
        }
        const std::string& expression = text->get_ref<const std::string&>();
        const Json* data = find_member(request, "data");
        try {
            if (options_.language == "jsonata") return jsonata_answer(expression, data, request);
            const Json nothing = Json::object();
            const Json& input = data != nullptr ? *data : nothing;
            if (options_.language == "jsonpath") {
                return result(jsonpath::JsonPath::compile(expression).read(input));
            }
            EvalScope scope(input, entropy_);
            return result(intrinsics::Call::compile(expression).evaluate(scope));
        } catch (const jsonata::JsonataError& error) {
            return failure(error.code(), error.message());
        } catch (const jsonata::FunctionResult& error) {
            return failure("", error.what());
        } catch (const intrinsics::Failure& error) {
            return failure(error.error(), error.what());
        } catch (const std::exception& error) {
            return failure("", error.what());
        }
    }

  private:
    static Json result(Json value) { return Json{{"result", std::move(value)}}; }
    static Json failure(const std::string& code, const std::string& message) {
        return Json{{"error", {{"code", code}, {"message", message}}}};
    }

    Json jsonata_answer(const std::string& text, const Json* data, const Json& request) {
        jsonata::Bindings bindings;
        const Json* given = find_member(request, "bindings");
        if (given != nullptr && given->is_object()) {
            for (const auto& [name, value] : given->get_ref<const Json::object_t&>()) {
                bindings.bind(name, value);
            }
        }
        jsonata::Options options;
        const auto number = [&](const char* name, std::uint64_t fallback) {
            const Json* member = find_member(request, name);
            if (member == nullptr || !member->is_number()) return fallback;
            // What no double of JavaScript counts exactly is no limit.
            constexpr double kMost = 9007199254740991.0;
            return static_cast<std::uint64_t>(std::clamp(member->get<double>(), 0.0, kMost));
        };
        options.limits.milliseconds = number("timelimit", options.limits.milliseconds);
        options.limits.depth = number("depth", options.limits.depth);
        options.now_millis =
            std::chrono::floor<std::chrono::milliseconds>(clock_.now()).time_since_epoch().count();
        options.random = [this] { return entropy_.unit(); };
        options.uuid = [this] { return entropy_.uuid(); };
        const auto dialect =
            options_.step_functions ? jsonata::Dialect::step_functions : jsonata::Dialect::standard;
        auto value = jsonata::Expression::compile(text, dialect).evaluate(data, bindings, options);
        return value ? result(std::move(*value)) : Json{{"undefined", true}};
    }

    const EvalOptions& options_;
    boost::asio::io_context io_;
    Clock clock_;
    Entropy entropy_;
};

/// Answers each line of standard input by a line, in order.
int answer_lines(Trial& trial) {
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        Json answer;
        try {
            const Json request = jsonata::parse_relaxed_json(line);
            answer = trial.answer(request);
        } catch (const std::exception& error) {
            answer = Json{{"error", {{"code", "InvalidLine"}, {"message", error.what()}}}};
        }
        std::cout << to_text(answer) << '\n' << std::flush;
    }
    return 0;
}

int answer_one(const EvalOptions& options, Trial& trial) {
    Json request{{"expr", options.expression}};
    if (!options.input_file.empty()) {
        std::ifstream file;
        if (options.input_file != "-") file.open(options.input_file, std::ios::binary);
        std::istream& from = options.input_file == "-" ? std::cin : file;
        if (!from) throw std::runtime_error("cannot read " + options.input_file);
        const std::string text{std::istreambuf_iterator<char>(from), {}};
        try {
            request["data"] = jsonata::parse_relaxed_json(text);
        } catch (const std::exception&) {
            throw std::runtime_error(options.input_file + " is not JSON");
        }
    }
    const Json answer = trial.answer(request);
    if (const Json* value = find_member(answer, "result")) {
        std::puts(to_pretty_text(*value).c_str());
        return 0;
    }
    if (answer.contains("undefined")) {
        std::fputs("undefined: the expression selects nothing\n", stderr);
        return 0;
    }
    const Json& error = answer["error"];
    const std::string code = string_member(error, "code");
    std::fprintf(stderr, "%s%s%s\n", code.c_str(), code.empty() ? "" : ": ",
                 string_member(error, "message").c_str());
    return 1;
}

}  // namespace

void add_eval_command(CLI::App& app, Command& chosen) {
    auto options = std::make_shared<EvalOptions>();
    CLI::App* eval = app.add_subcommand("eval", "Try an expression on a JSON input.");
    eval->add_option("language", options->language, "jsonata, jsonpath or intrinsic")
        ->capture_default_str()
        ->check(CLI::IsMember({"jsonata", "jsonpath", "intrinsic"}));
    eval->add_option("expression", options->expression, "Such as '$sum(Account.Order.Price)'");
    eval->add_option("--input,-i", options->input_file,
                     "File with the JSON input (- for standard input)");
    eval->add_flag(
        "--lines", options->lines,
        "Answer each line {\"expr\", \"data\", \"bindings\"} of standard input by a line");
    eval->add_flag("--step-functions", options->step_functions,
                   "JSONata with the functions of AWS Step Functions ($partition, $uuid, ...)");
    eval->callback([options, &chosen] {
        if (!options->lines && options->expression.empty()) {
            throw CLI::RequiredError("expression (or --lines)");
        }
        chosen = [options] {
            Trial trial(*options);
            return options->lines ? answer_lines(trial) : answer_one(*options, trial);
        };
    });
}

}  // namespace skafu::server
