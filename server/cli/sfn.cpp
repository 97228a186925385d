#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/program.h"
#include "cli/sfn_host.h"
#include "cli/sfn_progress.h"
#include "core/arn.h"
#include "core/http.h"
#include "core/log.h"

namespace skafu::server {
namespace {

constexpr const char* kRole = "arn:aws:iam::000000000000:role/skafu-local-sfn-run";

struct SfnOptions {
    std::string machine;
    std::string input = "{}";
    std::string endpoint;
    std::string mock;
    std::string name;
    std::string type = "STANDARD";
    std::string region = "us-east-1";
    bool advance = false;
    bool quiet = false;
};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// JSON as it stands, "-" for standard input, or else a file of it.
std::string input_text(const std::string& given) {
    if (given == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    try {
        parse_json(given);
        return given;
    } catch (const JsonError& error) {
        std::error_code none;
        if (std::filesystem::is_regular_file(given, none)) return read_file(given);
        throw std::runtime_error(std::string("--input is neither JSON (") + error.what() +
                                 ") nor a file");
    }
}

/// What --mock names: the mock file's content and the test case.
struct MockChoice {
    Json file;
    std::string test_case;

    /// The machine of the file that has the test case, where it is the only one.
    std::string machine() const {
        std::string found;
        const Json* machines = find_member(file, "StateMachines");
        if (machines == nullptr || !machines->is_object()) return found;
        for (const auto& [name, machine] : machines->items()) {
            const Json* cases = find_member(machine, "TestCases");
            if (cases == nullptr || find_member(*cases, test_case) == nullptr) continue;
            if (!found.empty()) return "";
            found = name;
        }
        return found;
    }
};

std::optional<MockChoice> read_mock(const std::string& given) {
    if (given.empty()) return std::nullopt;
    const std::size_t mark = given.rfind('#');
    if (mark == std::string::npos || mark + 1 == given.size()) {
        throw std::runtime_error("--mock takes FILE#TestCase, got " + given);
    }
    MockChoice choice;
    choice.test_case = given.substr(mark + 1);
    const std::string path = given.substr(0, mark);
    try {
        choice.file = parse_json(read_file(path));
    } catch (const JsonError& error) {
        throw std::runtime_error(path + " is not JSON: " + error.what());
    }
    return choice;
}

std::string endpoint_of(const SfnOptions& options) {
    if (!options.endpoint.empty()) return options.endpoint;
    for (const char* name : {"AWS_ENDPOINT_URL_SFN", "AWS_ENDPOINT_URL"}) {
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
    }
    return "http://localhost:4566";
}

/// A name for the machine of a file: the file's, as far as names allow.
std::string machine_name(const std::filesystem::path& file) {
    std::string name = file.stem().string();
    name.erase(std::min(name.size(), name.find('.')));
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_') c = '-';
    }
    return name.empty() ? "machine" : name.substr(0, 80);
}

/// One run: where, of what, and the execution that was started.
class SfnRun {
  public:
    explicit SfnRun(const SfnOptions& options)
        : options_(options), mock_(read_mock(options.mock)) {}

    int run() {
        const std::string input = input_text(options_.input);
        std::error_code none;
        const bool is_arn = options_.machine.starts_with("arn:");
        const bool is_file = !is_arn && std::filesystem::is_regular_file(options_.machine, none);
        if (is_file) {
            open_file();
        } else if (!is_arn && options_.machine.find_first_of("/.") != std::string::npos) {
            throw std::runtime_error("there is no file " + options_.machine +
                                     "; a machine on a server is given by its name or ARN");
        } else {
            open_server(is_arn);
        }
        Json start = {{"stateMachineArn", machine_arn_}, {"input", input}};
        if (mock_) {
            host_->admin("PUT", "/mocks", "", mock_->file);
            start["stateMachineArn"] = machine_arn_ + "#" + mock_->test_case;
        }
        if (!options_.name.empty()) start["name"] = options_.name;
        execution_arn_ = string_member(host_->call("StartExecution", start), "executionArn");
        const int status = follow();
        if (is_file) host_->call("DeleteStateMachine", {{"stateMachineArn", machine_arn_}});
        return status;
    }

  private:
    /// A definition: its machine is made in this process, or on the server for this run.
    void open_file() {
        std::string name = machine_name(options_.machine);
        if (mock_ && !mock_->machine().empty()) name = mock_->machine();
        if (options_.endpoint.empty()) {
            host_ = host_sfn(options_.advance ? SfnTime::ahead : SfnTime::real);
        } else {
            host_ = connect_sfn(options_.endpoint, "000000000000", options_.region);
            if (!mock_) name = name.substr(0, 60) + "-" + std::to_string(getpid());
        }
        const Json made =
            host_->call("CreateStateMachine", {{"name", name},
                                               {"definition", read_file(options_.machine)},
                                               {"roleArn", kRole},
                                               {"type", options_.type}});
        machine_arn_ = string_member(made, "stateMachineArn");
    }

    void open_server(bool is_arn) {
        machine_arn_ = is_arn ? options_.machine
                              : "arn:aws:states:" + options_.region +
                                    ":000000000000:stateMachine:" + options_.machine;
        const std::optional<Arn> arn = Arn::parse(machine_arn_);
        if (!arn) throw std::runtime_error(machine_arn_ + " is no ARN");
        host_ = connect_sfn(endpoint_of(options_), arn->account, arn->region);
    }

    int follow() {
        const bool is_terminal = isatty(STDOUT_FILENO) == 1;
        SfnProgress progress(is_terminal ? SfnProgress::Look::terminal : SfnProgress::Look::plain);
        const std::string path = "/executions/" + execution_arn_;
        int idle = 0;
        while (true) {
            const Json drawing = host_->admin(
                "GET", path, "?after=" + std::to_string(progress.last_event()), nullptr);
            const std::string lines = progress.lines(drawing);
            if (!options_.quiet) print(lines);
            const std::string status = string_member(drawing, "status");
            if (status != "RUNNING") {
                if (!options_.quiet) {
                    print(progress.end(drawing));
                } else if (const Json* output = find_member(drawing, "output")) {
                    print(output->get<std::string>() + "\n");
                }
                return status == "SUCCEEDED" ? 0 : 1;
            }
            // What the last step of the clock did may not have been seen yet.
            idle = host_->pause() ? 0 : idle + 1;
            if (idle > 1) throw std::runtime_error("the execution waits for what will not come");
        }
    }

    static void print(const std::string& text) {
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
    }

    const SfnOptions& options_;
    std::optional<MockChoice> mock_;
    std::unique_ptr<SfnHost> host_;
    std::string machine_arn_;
    std::string execution_arn_;
};

}  // namespace

void add_sfn_command(CLI::App& app, Command& chosen) {
    auto options = std::make_shared<SfnOptions>();
    CLI::App* sfn = app.add_subcommand("sfn", "Step Functions from the command line.");
    sfn->require_subcommand(1);
    CLI::App* run = sfn->add_subcommand(
        "run",
        "Run a state machine and print its states as they run; exit status 0 if it succeeds.");
    run->add_option("machine", options->machine,
                    "ARN or name on a running server, or a definition file (JSON or YAML)")
        ->required();
    run->add_option("--input,-i", options->input, "JSON, a file of it, or - for standard input")
        ->capture_default_str();
    run->add_option("--endpoint", options->endpoint,
                    "The server (default: AWS_ENDPOINT_URL, http://localhost:4566; a file runs in "
                    "this process)");
    run->add_option("--mock", options->mock,
                    "FILE#TestCase of a mock file (MockConfigFile.json) to answer the tasks");
    run->add_option("--name", options->name, "Name of the execution");
    run->add_option("--type", options->type, "STANDARD or EXPRESS, of a definition file")
        ->check(CLI::IsMember({"STANDARD", "EXPRESS"}))
        ->capture_default_str();
    run->add_option("--region", options->region, "AWS region")
        ->envname("AWS_DEFAULT_REGION")
        ->capture_default_str();
    run->add_flag("--advance", options->advance,
                  "Waits and retries of a definition file cost no time");
    run->add_flag("--quiet,-q", options->quiet, "Print the output alone");
    run->callback([options, &chosen] {
        chosen = [options] {
            log::configure("error", "text");
            return SfnRun(*options).run();
        };
    });
}

}  // namespace skafu::server
