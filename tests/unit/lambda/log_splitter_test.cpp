#include "lambda/log_splitter.h"

#include <vector>

#include <doctest/doctest.h>

namespace skafu::lambda {

namespace {

using Events = std::vector<std::string>;

std::string frame(const std::string& text) {
    std::string head("\xa5\x5a\x00\x03", 4);
    const auto size = static_cast<std::uint32_t>(text.size());
    for (int shift = 24; shift >= 0; shift -= 8) head.push_back(static_cast<char>(size >> shift));
    return head + std::string(8, '\0') + text;
}

/// Feeds the bytes in pieces of `step`.
Events split(const std::string& bytes, std::size_t step) {
    Events events;
    LogSplitter splitter([&](std::string event) { events.push_back(std::move(event)); });
    for (std::size_t at = 0; at < bytes.size(); at += step) splitter.take(bytes.substr(at, step));
    splitter.flush();
    return events;
}

}  // namespace

TEST_CASE("lines and frames, however they arrive") {
    const std::string bytes = "one\n" + frame("two\nlines") + "three\nfour";
    for (std::size_t step : {1u, 2u, 3u, 7u, 1000u}) {
        CAPTURE(step);
        CHECK(split(bytes, step) == Events{"one\n", "two\nlines", "three\n", "four"});
    }
}

TEST_CASE("a frame in the middle of a line ends the line") {
    CHECK(split("no end" + frame("framed") + "\n", 1000) == Events{"no end", "framed", "\n"});
}

TEST_CASE("what only looks like a frame is text") {
    const std::string huge = std::string("\xa5\x5a\x00\x03\xff\xff\xff\xff", 8) + "12345678tail\n";
    const Events events = split(huge, 5);
    REQUIRE(events.size() == 2);
    CHECK(events[1] == "tail\n");
    CHECK(split(std::string("\xa5\x5a", 2) + " no\n", 1) ==
          Events{std::string("\xa5\x5a", 2) + " no\n"});
}

TEST_CASE("a line without end is cut") {
    const Events events = split(std::string(600 * 1024, 'x'), 64 * 1024);
    CHECK(events.size() == 3);
}

}  // namespace skafu::lambda
