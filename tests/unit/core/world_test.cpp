#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/event.h"

using namespace skafu;
using namespace std::chrono_literals;

namespace {

/// Runs one coroutine to its end on a loop of its own.
void run(boost::asio::io_context& io, Task<void> task) {
    std::exception_ptr failure;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) {
        failure = error;
        io.stop();
    });
    io.restart();
    io.run();
    if (failure) std::rethrow_exception(failure);
}

Task<void> sleep_and_count(Clock& clock, Duration time, int& count) {
    co_await clock.sleep_for(time);
    ++count;
}

Task<void> sleep_twice(Clock& clock, int& count) {
    co_await clock.sleep_for(1h);
    ++count;
    co_await clock.sleep_for(1h);
    ++count;
}

Task<void> advance_through_sleeps(boost::asio::io_context& io, Clock& clock, int& count) {
    TaskGroup tasks(io);
    tasks.spawn(sleep_twice(clock, count));
    co_await clock.advance(90min);
    CHECK(count == 1);
    co_await clock.advance(31min);
    CHECK(count == 2);
    co_await tasks.join();
}

Task<void> cancel_a_sleep(boost::asio::io_context& io, Clock& clock, int& count) {
    TaskGroup tasks(io);
    tasks.spawn(sleep_and_count(clock, 24h, count));
    co_await clock.quiet();
    CHECK(tasks.size() == 1);
    tasks.cancel();
    co_await tasks.join();
    CHECK(tasks.size() == 0);
}

Json echo(Context& context, const Json& input) {
    return {{"said", input.at("Word")}, {"account", context.caller.account}};
}

Task<Json> echo_later(Context& context, Json input) {
    co_await context.cloud.clock().quiet();
    co_return Json{{"said", input.at("Word")}};
}

Service test_service() {
    Service service;
    service.name = "echo";
    const Shape input = shape::structure({shape::required("Word", shape::string(1, 5)),
                                          shape::optional("MaxItems", shape::integer(1, 10))});
    Operation now;
    now.name = "Say";
    now.input = input;
    service.add(now, echo);
    Operation later;
    later.name = "SayLater";
    later.input = input;
    service.add_async(later, echo_later);
    return service;
}

Task<void> call_through_the_door(Cloud& cloud) {
    Json input = {{"Word", "hello"}};
    Caller caller;
    const Json later = co_await cloud.call_json("echo", "SayLater", input, caller, 0);
    CHECK(later == Json{{"said", "hello"}});
    CHECK(cloud.journal().open_work() == 0);
}

std::string message_of(Cloud& cloud, Json input) {
    try {
        cloud.call_now({"echo", "Say", Document(std::move(input)), Caller{}, 0, {}});
    } catch (const AwsError& error) {
        return error.code() + ": " + error.message();
    }
    return "";
}

Task<void> write_and_wait(Database& database) {
    database.write();
    database.execute("INSERT INTO t VALUES(1)");
    CHECK(database.pending());
    co_await database.durable();
    CHECK_FALSE(database.pending());
}

}  // namespace

TEST_CASE("a clock that is frozen stands still and fires timers when it is advanced") {
    boost::asio::io_context io;
    Clock clock(io);
    clock.freeze();
    const TimePoint start = clock.now();
    int count = 0;
    run(io, advance_through_sleeps(io, clock, count));
    CHECK(clock.now() - start == Duration(121min));
}

TEST_CASE("a running clock can be run ahead too") {
    boost::asio::io_context io;
    Clock clock(io);
    int count = 0;
    run(io, advance_through_sleeps(io, clock, count));
    CHECK(count == 2);
}

TEST_CASE("cancelling a group ends its sleeping children") {
    boost::asio::io_context io;
    Clock clock(io);
    int count = 0;
    run(io, cancel_a_sleep(io, clock, count));
    CHECK(count == 0);
}

TEST_CASE("times have AWS's forms") {
    const TimePoint time = parse_iso8601("2026-01-31T12:00:00.250Z");
    CHECK(iso8601_seconds(time) == "2026-01-31T12:00:00Z");
    CHECK(iso8601_millis(time) == "2026-01-31T12:00:00.250Z");
    CHECK(epoch_seconds(time) == 1769860800.25);
    CHECK(http_date(time) == "Sat, 31 Jan 2026 12:00:00 GMT");
    CHECK(parse_iso8601("2026-01-31T13:00:00+01:00") == parse_iso8601("2026-01-31T12:00:00Z"));
    CHECK_THROWS_AS(parse_iso8601("yesterday"), std::invalid_argument);
}

TEST_CASE("the door finds operations, checks input, and answers in AWS's words") {
    boost::asio::io_context io;
    Cloud cloud(io, Settings{}, nullptr);
    cloud.add_service(test_service());
    Call call{"echo", "Say", Document(Json{{"Word", "hi"}}), Caller{}, 0, {}};
    CHECK(cloud.call_now(std::move(call)).value().at("said") == "hi");
    run(io, call_through_the_door(cloud));
    CHECK(message_of(cloud, Json::object()) ==
          "ValidationException: 1 validation error detected: Value null at 'word' failed to "
          "satisfy constraint: Member must not be null");
    CHECK(message_of(cloud, Json{{"Word", "too long"}, {"MaxItems", 11}}) ==
          "ValidationException: 2 validation errors detected: Value 'too long' at 'word' failed to "
          "satisfy constraint: Member must have length less than or equal to 5; Value '11' at "
          "'maxItems' failed to satisfy constraint: Member must have value less than or equal to "
          "10");
    CHECK(message_of(cloud, Json{{"Word", 5}}) ==
          "SerializationException: NUMBER_VALUE cannot be converted to String");
    CHECK_THROWS_AS(cloud.call_now({"echo", "Shout", Document(), Caller{}, 0, {}}), AwsError);
    CHECK_THROWS_AS(cloud.call_now({"nobody", "Say", Document(), Caller{}, 0, {}}), AwsError);
}

TEST_CASE("the journal keeps the tree of causes and counts what is open") {
    boost::asio::io_context io;
    Clock clock(io);
    Journal journal(io, clock, 3);
    Activity request = journal.begin(ActivityKind::request, "POST /projects", 0);
    request.correlate("c-1");
    {
        Activity call = journal.begin_call("events", "PutEvents", request.id(), Counting::work);
        call.note("matched 2 of 7 rules");
        CHECK(journal.open_work() == 2);
        CHECK(journal.correlation_of(call.id()) == "c-1");
    }
    CHECK(journal.open_work("c-1") == 1);
    const Json trees = journal.trees("c-1");
    CHECK(trees.size() == 1);
    CHECK(trees[0]["caused"][0]["name"] == "events:PutEvents");
    for (int i = 0; i < 5; ++i) journal.begin(ActivityKind::timer, "tick", 0).finish();
    CHECK(journal.open_work() == 1);  // pushed out of memory, still counted
    request.finish();
    CHECK(journal.open_work() == 0);
}

TEST_CASE("writes of a turn are committed together, and durable() waits for it") {
    boost::asio::io_context io;
    Database database(io, {});
    database.migrate("test", {"CREATE TABLE t(v INTEGER)"});
    run(io, write_and_wait(database));
    CHECK_THROWS(database.atomically([&] {
        database.execute("INSERT INTO t VALUES(2)");
        throw std::runtime_error("no");
    }));
    Statement count = database.prepare("SELECT count(*) FROM t");
    CHECK(count.step());
    CHECK(count.integer(0) == 1);
}

TEST_CASE("a collection keeps documents per account and region") {
    boost::asio::io_context io;
    Database database(io, {});
    Collection queues(database, "sqs", "queue");
    const Scope here{"000000000000", "us-east-1"};
    const Scope there{"000000000000", "eu-west-1"};
    queues.put(here, "orders", Json{{"Delay", 1}});
    CHECK(queues.find(there, "orders") == nullptr);
    Collection again(database, "sqs", "queue");
    REQUIRE(again.find(here, "orders") != nullptr);
    CHECK(again.find(here, "orders")->at("Delay") == 1);
    CHECK(queues.erase(here, "orders"));
    CHECK_FALSE(queues.erase(here, "orders"));
}
