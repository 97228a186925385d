// Evaluates each case of a suite (a folder with cases.jsonl and datasets/) again and again.
// One line a case: its id and the nanoseconds of one evaluation.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "expressions/jsonata/jsonata.h"
#include "expressions/jsonata/relaxed_json.h"

using namespace skafu;
using Timer = std::chrono::steady_clock;
namespace fs = std::filesystem;

namespace {

constexpr int kWindows = 6;  // the best of them counts: others on the machine disturb some
constexpr std::chrono::microseconds kWindow{500};

Json read_json(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return parse_json(text);
}

double nanoseconds(const jsonata::Expression& expression, const Json* input,
                   const jsonata::Bindings& bindings) {
    jsonata::Options options;
    options.random = [] { return 0.5; };
    double best = 1e18;
    for (int window = 0; window < kWindows; ++window) {
        std::size_t rounds = 0;
        const auto start = Timer::now();
        auto elapsed = Timer::now() - start;
        for (; elapsed < kWindow; elapsed = Timer::now() - start) {
            for (int i = 0; i < 8; ++i) {
                const auto result = expression.evaluate(input, bindings, options);
                static_cast<void>(result);
            }
            rounds += 8;
        }
        const double all = std::chrono::duration<double, std::nano>(elapsed).count();
        best = std::min(best, all / static_cast<double>(rounds));
    }
    return best;
}

void measure(const Json& test, const Json* input) {
    jsonata::Bindings bindings;
    for (const auto& [name, value] : test["bindings"].get_ref<const Json::object_t&>()) {
        bindings.bind(name, value);
    }
    const auto expression = jsonata::Expression::compile(string_member(test, "expr"));
    std::printf("%s %.1f\n", string_member(test, "id").c_str(),
                nanoseconds(expression, input, bindings));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: bench_jsonata FOLDER [ID-PART]\n");
        return 2;
    }
    const fs::path folder = argv[1];
    const std::string wanted = argc > 2 ? argv[2] : "";
    std::map<std::string, Json> datasets;
    std::ifstream cases(folder / "cases.jsonl");
    for (std::string line; std::getline(cases, line);) {
        const Json test = jsonata::parse_relaxed_json(line);
        const std::string name = string_member(test, "dataset");
        const bool measured = !name.empty() && !test["expected"].contains("error");
        if (!measured || string_member(test, "id").find(wanted) == std::string::npos) continue;
        if (!datasets.contains(name)) {
            datasets[name] = read_json(folder / "datasets" / (name + ".json"));
        }
        measure(test, &datasets[name]);
    }
    return 0;
}
