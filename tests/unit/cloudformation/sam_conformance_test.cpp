#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include <doctest/doctest.h>

#include "cloudformation/sam/transform.h"
#include "cloudformation/template_source.h"

using namespace skafu;
using namespace skafu::cloudformation;

namespace {

/// Cases that pass today: the number may only rise.
constexpr int kFloorTranslator = 465;
constexpr int kFloorPublic = 251;

std::filesystem::path recordings() {
    if (const char* folder = std::getenv("SKAFU_CONFORMANCE")) return folder;
    // Beside the repository, or beside the folder of its worktrees.
    const std::filesystem::path beside = std::filesystem::path(SKAFU_SOURCE_DIR).parent_path();
    const std::filesystem::path near = beside / "shared/conformance";
    return std::filesystem::exists(near) ? near : beside.parent_path() / "shared/conformance";
}

/// Ids of deployments, versions and layers end in a digest that some bodies cannot give.
std::string without_digest(std::string text) {
    constexpr std::string_view kinds[] = {"Deployment"};
    for (const std::string_view kind : kinds) {
        for (std::size_t at = text.find(kind); at != std::string::npos;
             at = text.find(kind, at + 1)) {
            const std::size_t start = at + kind.size();
            if (start + 10 <= text.size() &&
                text.find_first_not_of("0123456789abcdef", start) >= start + 10) {
                text.replace(start, 10, "##########");
            }
        }
    }
    constexpr std::string_view description = "RestApi deployment id: ";
    if (text.starts_with(description)) return std::string(description);
    return text;
}

/// Lists that CloudFormation and the services take as sets are put in one order. That of some is
/// the order of Python's sets, which changes from run to run of the translator.
Json normal(const Json& value, const std::string& name) {
    static const std::set<std::string_view> sets = {
        "Tags",   "Statement", "ManagedPolicyArns", "DependsOn", "LambdaConfigurations", "Policies",
        "Action", "Fn::Or",    "RecordSets",        "tags"};
    if (value.is_string()) return without_digest(value.get<std::string>());
    if (value.is_array()) {
        std::vector<Json> items;
        for (const Json& item : value) items.push_back(normal(item, ""));
        if (sets.contains(name)) {
            std::sort(items.begin(), items.end(),
                      [](const Json& a, const Json& b) { return to_text(a) < to_text(b); });
        }
        return Json(items);
    }
    if (value.is_number_float() && value == static_cast<double>(value.get<std::int64_t>())) {
        return value.get<std::int64_t>();
    }
    if (!value.is_object()) return value;
    std::map<std::string, Json> members;
    for (const auto& [key, member] : value.items()) {
        members[without_digest(key)] = normal(member, key);
    }
    Json result = Json::object();
    for (auto& [key, member] : members) result[key] = std::move(member);
    return result;
}

/// The first difference between two documents, for a person who looks for it.
std::string difference(const Json& wanted, const Json& got, const std::string& path) {
    if (wanted == got) return "";
    if (wanted.is_object() && got.is_object()) {
        for (const auto& [key, member] : wanted.items()) {
            if (!got.contains(key))
                return path + "/" + key + " missing: " + to_text(member).substr(0, 300);
            const std::string inner = difference(member, got[key], path + "/" + key);
            if (!inner.empty()) return inner;
        }
        for (const auto& [key, member] : got.items()) {
            if (!wanted.contains(key))
                return path + "/" + key + " extra: " + to_text(member).substr(0, 300);
        }
    }
    if (wanted.is_array() && got.is_array() && wanted.size() == got.size()) {
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const std::string inner = difference(wanted[i], got[i], path + "/" + std::to_string(i));
            if (!inner.empty()) return inner;
        }
    }
    return path + "\n   wanted " + to_text(wanted).substr(0, 600) + "\n   got    " +
           to_text(got).substr(0, 600);
}

std::string failure(const Json& entry) {
    const Json* error = find_member(entry, "error");
    try {
        const TemplateSource source = read_template(entry["template"].get<std::string>(), "t.yaml");
        const Json result =
            sam::transform(source.value, entry["parameters"], entry["region"].get<std::string>());
        if (error != nullptr) return "accepted; wanted " + to_text(*error).substr(0, 300);
        return difference(normal(entry["expected"], ""), normal(result, ""), "");
    } catch (const std::exception& problem) {
        if (error != nullptr && *error == problem.what()) return "";
        return std::string("refused: ") + problem.what() +
               (error != nullptr ? "\n   wanted   " + error->get<std::string>() : "");
    }
}

int score(const std::string& file) {
    std::ifstream in(recordings() / "sam" / file);
    if (!in) {
        std::cout << "skipped, no recordings\n";
        return -1;
    }
    int passed = 0;
    int total = 0;
    const char* show = std::getenv("SKAFU_SHOW_FAILURES");
    for (std::string line; std::getline(in, line); ++total) {
        const Json entry = parse_json(line);
        const std::string why = failure(entry);
        if (why.empty())
            ++passed;
        else if (show != nullptr)
            std::cout << "FAIL " << entry["id"] << ": " << why << '\n';
    }
    std::cout << file << ": " << passed << " of " << total << '\n';
    return passed;
}

}  // namespace

TEST_CASE("the SAM transform gives what the translator gives") {
    const int translator = score("transform.jsonl");
    if (translator >= 0) CHECK(translator >= kFloorTranslator);
    const int published = score("transform-public.jsonl");
    if (published >= 0) CHECK(published >= kFloorPublic);
}
