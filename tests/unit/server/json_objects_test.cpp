#include "cli/json_objects.h"

#include <doctest/doctest.h>

#include "cli/event_store.h"

using namespace skafu;
using namespace skafu::server;

namespace {

/// "line:text" of each object, "line!" of each problem.
std::string read(std::string_view text) {
    std::string all;
    JsonObjects objects = JsonObjects::of_text(text);
    while (const auto piece = objects.next()) {
        if (!all.empty()) all += ' ';
        all += std::to_string(piece->line);
        all += piece->problem.empty() ? ":" + std::string(piece->text) : "!";
    }
    return all;
}

}  // namespace

TEST_CASE("objects are found however they are set apart") {
    CHECK(read("{\"a\":1}\n{\"b\":[]}\n") == "1:{\"a\":1} 2:{\"b\":[]}");
    CHECK(read("{\"a\":1}{\"b\":{}}{}") == "1:{\"a\":1} 1:{\"b\":{}} 1:{}");
    CHECK(read("[{\"a\":1},\n {\"b\":\"}{\"}]") == "1:{\"a\":1} 2:{\"b\":\"}{\"}");
    CHECK(read("2026-01-01T00:00:00Z {\"a\":-1.5e3}\n\n{\n\"b\":\n null}") ==
          "1:{\"a\":-1.5e3} 3:{\n\"b\":\n null}");
    CHECK(read("").empty());
}

TEST_CASE("the elements of a list of records stand for themselves") {
    CHECK(read("{\"x\":1,\"events\":[{\"a\":1},{\"b\":[{}]}],\"token\":\"t\"}{\"c\":1}") ==
          "1:{\"a\":1} 1:{\"b\":[{}]} 1:{\"c\":1}");
    CHECK(read("{\n\"Records\": [\n{\"a\":1},\n{\"b\":2}\n]\n}") == "3:{\"a\":1} 4:{\"b\":2}");
    CHECK(read("{\"events\":[]}").empty());
    CHECK(read("{\"detail\":{\"events\":[{}]}}") == "1:{\"detail\":{\"events\":[{}]}}");
}

TEST_CASE("what is broken costs its own line only") {
    CHECK(read("{\"a\":1}\nno object\n{\"b\":1}") == "1:{\"a\":1} 2! 3:{\"b\":1}");
    CHECK(read("{\"a\":\n{\"b\":1}\n{\"c\":1}\n") == "1! 2:{\"b\":1} 3:{\"c\":1}");
    CHECK(read("{\"a\":\"cut\n{\"b\":1}\n") == "1! 2:{\"b\":1}");
    CHECK(read("{\"a\":{\"b\":1{\"c\":1}{\"d\":1}") == "1! 1:{\"c\":1} 1:{\"d\":1}");
    CHECK(read("{\"a\":1,}{\"b\":1}\n{\"c\":1}") == "1! 1:{\"b\":1} 2:{\"c\":1}");
    CHECK(read("{\"a\":1}\n{\"b\":") == "1:{\"a\":1} 2!");
    CHECK(read("{\"a\" 1}\n{\"b\":[}]}\n{\"c\":1]\n{\"d\":1}") == "1! 2! 3! 4:{\"d\":1}");
}

TEST_CASE("an event store gives its events in sequence") {
    StoreSorter sorter;
    const auto add = [&](const char* aggregate, const char* sequence, double time) {
        sorter.add({std::string(aggregate) + sequence, {aggregate, sequence, time}});
    };
    add("a", "10", 30);
    add("b", "1", 15);
    add("a", "2", 10);  // by a clock that was late
    add("a", "1", 20);
    add("", "", 12);
    add("c", "x#0002", 1);
    add("c", "x#0001", 1);
    std::string order;
    sorter.for_each([&](StoredEvent stored) {
        order += stored.event + " ";
        return true;
    });
    CHECK(order == "cx#0001 cx#0002  b1 a1 a2 a10 ");
}

TEST_CASE("items of an event store become events") {
    const auto event = [](const char* item) {
        const auto stored = event_of_item(parse_json(item));
        return stored ? stored->event : std::string();
    };
    CHECK(event(R"({"aggregateId":{"S":"p"},"eventType":{"S":"T"},
                    "event":{"S":"{\"source\":\"s\",\"n\":1}"}})") ==
          R"({"version":"0","id":"","detail-type":"T","source":"s","time":"","resources":[],)"
          R"("detail":{"source":"s","n":1}})");
    CHECK(event(R"({"event":{"M":{"detail-type":{"S":"T"},"source":{"S":"s"},
                    "detail":{"M":{"n":{"N":"1.50"}}}}}})") ==
          R"({"detail-type":"T","source":"s","detail":{"n":1.5}})");
    CHECK(event(R"({"pk":"x","snapshot":"{}"})").empty());
}
