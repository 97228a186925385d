// Matching alone: events a CPU second of the compiled matcher on a workload of rules.jsonl and
// events.jsonl (one {"id", "pattern"} a line; one event a line), for growing sets of rules.
//
//   eventbridge_patterns FOLDER [RULES]
//
// Prints the count of matches and their checksum too: the sum, mod 2^47, of
// (event x 10007 + rule + 1) x 2654435761.
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "core/json.h"
#include "eventbridge/rule_matcher.h"

using namespace skafu;
using namespace skafu::eventbridge;

namespace {

double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

std::vector<std::string> lines(const std::string& file) {
    std::vector<std::string> all;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    const std::vector<std::string> rules = lines(folder + "/rules.jsonl");
    const std::vector<std::string> events = lines(folder + "/events.jsonl");
    std::printf("%8s %10s %16s %14s %10s\n", "rules", "matches", "sum", "events/cpu-s", "build ms");
    for (const std::size_t count :
         {std::size_t{1}, std::size_t{100}, std::size_t{1000}, rules.size()}) {
        if (count > rules.size() || (argc > 2 && count != std::stoul(argv[2]))) continue;
        const double building = cpu_seconds();
        RuleMatcher matcher;
        for (std::size_t i = 0; i < count; ++i) {
            const Json rule = parse_json(rules[i]);
            matcher.put(rule["id"].get<std::uint32_t>(),
                        parse_pattern(string_member(rule, "pattern")));
        }
        const double built = cpu_seconds();
        std::uint64_t matches = 0;
        std::uint64_t sum = 0;
        EventTape tape;
        double best = 0;
        for (int run = 0; run < 6; ++run) {
            matches = sum = 0;
            const double start = cpu_seconds();
            for (std::size_t e = 0; e < events.size(); ++e) {
                tape.read(events[e]);
                for (const std::uint32_t rule : matcher.match(tape)) {
                    ++matches;
                    sum += (e * 10007 + rule + 1) * 2654435761ULL;
                }
            }
            const double rate = static_cast<double>(events.size()) / (cpu_seconds() - start);
            best = rate > best ? rate : best;
        }
        std::printf("%8zu %10llu %16llu %14.0f %10.1f\n", count,
                    static_cast<unsigned long long>(matches),
                    static_cast<unsigned long long>(sum & ((1ULL << 47) - 1)), best,
                    (built - building) * 1000);
    }
}
