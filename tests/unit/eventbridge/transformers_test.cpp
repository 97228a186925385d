#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "eventbridge/input_transformer.h"
#include "recordings.h"

using namespace skafu;
using namespace skafu::eventbridge;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
        text.replace(at, what.size(), by);
        at += by.size();
    }
    return text;
}

std::string with_rule_names(const std::string& text) {
    return replaced(replaced(replaced(text, "{bus}", "the-bus"), "{rule}", "the-rule"),
                    "{ingestion}", "2026-03-04T05:06:08Z");
}

}  // namespace

TEST_CASE("recorded transformers deliver what AWS delivers") {
    const std::string arn =
        with_rule_names("arn:aws:events:us-east-1:000000000000:rule/{bus}/{rule}");
    const DeliveryFacts facts{arn, "the-rule", "2026-03-04T05:06:08Z"};
    for (const Json& row : eventbridge::testing::recordings("transformers.jsonl")) {
        CAPTURE(string_member(row, "id"));
        Json target = {{"Id", "t"}};
        if (row.contains("input_path")) {
            target["InputPath"] = row["input_path"];
        } else {
            target["InputTransformer"] = {{"InputTemplate", row["template"]},
                                          {"InputPathsMap", row["paths_map"]}};
        }
        const std::string text = to_text(row["event"]);
        EventTape event;
        REQUIRE(event.read(text));
        const auto delivered = TargetInput::compile(target).render(event, text, facts);
        if (!row.contains("expected")) {
            CHECK_FALSE(delivered.has_value());
            continue;
        }
        REQUIRE(delivered.has_value());
        if (string_member(row, "compare") == "text") {
            CHECK(*delivered == with_rule_names(row["expected"].get<std::string>()));
        } else {
            CHECK(parse_json(*delivered) == parse_json(with_rule_names(to_text(row["expected"]))));
        }
    }
}

TEST_CASE("a target takes one way of input, and only known placeholders") {
    const auto refusal = [](const char* target) {
        try {
            TargetInput::compile(parse_json(target));
        } catch (const AwsError& error) {
            return error.message();
        }
        return std::string("accepted");
    };
    CHECK(refusal(R"({"Id":"t1","InputPath":"$.detail","Input":"{}"})") ==
          "Only one of Input, InputPath, or InputTransformer must be provided for target t1.");
    CHECK(refusal(R"({"Id":"t1","InputTransformer":{"InputTemplate":"\"<a> <b>\"",
                      "InputPathsMap":{"a":"$.detail"}}})") ==
          "InputTemplate for target t1 contains invalid placeholder b.");
    CHECK(refusal(R"({"Id":"t1","InputPath":"detail"})") == "InputPath for target t1 is invalid.");
}
