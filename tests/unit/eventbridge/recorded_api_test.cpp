#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "house.h"
#include "recordings.h"

using namespace skafu;
using skafu::eventbridge::testing::House;

namespace {

std::string with_names(std::string text) {
    const std::pair<const char*, const char*> names[] = {
        {"{bus_arn}", "arn:aws:events:us-east-1:000000000000:event-bus/the-bus"},
        {"{archive_arn}", "arn:aws:events:us-east-1:000000000000:archive/the-archive"},
        {"{bus}", "the-bus"},
        {"{rule}", "the-rule"},
        {"{archive}", "the-archive"},
        {"{replay}", "the-replay"},
        {"{queue}", "the-queue"}};
    for (const auto& [from, to] : names) {
        for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
            text.replace(at, std::string_view(from).size(), to);
        }
    }
    return text;
}

Json named(const Json& value) {
    return parse_json(with_names(to_text(value)));
}

bool is_mask(const Json& wanted) {
    if (!wanted.is_string()) return false;
    const auto text = wanted.get<std::string>();
    return text == "datetime" || text == "event-id" ||
           (text.starts_with('<') && text.ends_with('>'));
}

/// Equal, where masks stand for any value and an object for JSON text.
bool like(const Json& wanted, const Json& got) {
    if (is_mask(wanted)) return true;
    if (wanted.is_object() && got.is_string()) return wanted == parse_json(got.get<std::string>());
    if (wanted.type() != got.type() && !(wanted.is_number() && got.is_number())) return false;
    if (wanted.is_object()) {
        if (wanted.size() != got.size()) return false;
        for (const auto& [name, value] : wanted.items()) {
            if (!got.contains(name) || !like(value, got[name])) return false;
        }
        return true;
    }
    if (wanted.is_array()) {
        if (wanted.size() != got.size()) return false;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (!like(wanted[i], got[i])) return false;
        }
        return true;
    }
    return wanted == got;
}

}  // namespace

TEST_CASE("recorded calls are answered as AWS does") {
    for (const Json& row : eventbridge::testing::recordings("api.jsonl")) {
        CAPTURE(string_member(row, "title"));
        House house;
        for (const Json& step : row["setup"]) {
            house.events(step["op"].get<std::string>(), named(step["input"]));
        }
        Json answer;
        std::string code;
        std::string message;
        try {
            answer = house.events(row["op"].get<std::string>(), named(row["input"]));
        } catch (const AwsError& error) {
            code = error.code();
            message = error.message();
        }
        if (row.contains("error")) {
            CHECK(code == string_member(row["error"], "code"));
            CHECK(message == with_names(string_member(row["error"], "message")));
        } else {
            CAPTURE(code);
            CAPTURE(message);
            CAPTURE(to_text(answer));
            CHECK(like(named(row["response"]), answer));
        }
    }
}
