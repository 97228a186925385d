#include <cmath>
#include <optional>
#include <random>

#include <doctest/doctest.h>

#include "house.h"

using namespace skafu;

namespace {

constexpr double kRounding = 0.002;  // the times of two calls are told in milliseconds

struct RetryCase {
    double interval = 1;
    double rate = 2;
    int attempts = 3;
    std::optional<double> most;
    bool has_jitter = false;

    double delay(int attempt) const {
        const double computed = interval * std::pow(rate, attempt);
        return most ? std::min(computed, *most) : computed;
    }
    std::string definition() const {
        Json retrier = {{"ErrorEquals", {"Echo.ThrottlingException"}},
                        {"IntervalSeconds", static_cast<int>(interval)},
                        {"BackoffRate", rate},
                        {"MaxAttempts", attempts}};
        if (most) retrier["MaxDelaySeconds"] = static_cast<int>(*most);
        if (has_jitter) retrier["JitterStrategy"] = "FULL";
        Json task = {{"Type", "Task"},
                     {"Resource", "arn:aws:states:::aws-sdk:echo:say"},
                     {"Retry", Json::array({retrier})},
                     {"End", true}};
        return to_text({{"StartAt", "T"}, {"States", {{"T", task}}}});
    }
};

RetryCase random_case(std::mt19937& random) {
    const auto below = [&random](int limit) {
        return static_cast<int>(random() % static_cast<unsigned>(limit));
    };
    RetryCase made;
    made.interval = 1 + below(60);
    made.rate = 1 + below(12) / 4.0;
    made.attempts = below(7);
    if (below(2) == 0) made.most = made.interval + 1 + below(300);
    made.has_jitter = below(2) == 0;
    return made;
}

/// The pauses between the calls of an execution whose every call fails.
std::vector<double> pauses(const RetryCase& tried, std::uint64_t seed) {
    Settings settings;
    settings.seed = seed;
    House house(std::move(settings));
    house.failures_left = 1000;
    const std::string arn = house.start(house.machine("m", tried.definition()));
    while (house.cloud.clock().next_due() != TimePoint::max()) {
        house.cloud.clock().set(house.cloud.clock().next_due());
        house.poll();
    }
    CHECK(house.describe(arn)["status"] == "FAILED");
    std::vector<double> found;
    for (std::size_t i = 1; i < house.call_times.size(); ++i) {
        found.push_back(house.call_times[i] - house.call_times[i - 1]);
    }
    return found;
}

}  // namespace

TEST_CASE("every pause before a retry is interval times rate to the attempt, capped and jittered") {
    std::mt19937 random(5);
    double shares = 0;
    int jittered = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const RetryCase tried = random_case(random);
        CAPTURE(tried.definition());
        const std::vector<double> found = pauses(tried, seed);
        REQUIRE(found.size() == static_cast<std::size_t>(tried.attempts));
        for (int i = 0; i < tried.attempts; ++i) {
            const double most = tried.delay(i);
            const double pause = found[static_cast<std::size_t>(i)];
            if (!tried.has_jitter) {
                CHECK(pause == doctest::Approx(most).epsilon(0.001));
                continue;
            }
            CHECK(pause >= 0);
            CHECK(pause <= most + kRounding);
            shares += pause / most;
            ++jittered;
        }
        if (!tried.has_jitter) continue;
        const std::vector<double> again = pauses(tried, seed);
        for (std::size_t i = 0; i < found.size(); ++i) {
            CHECK(std::fabs(again[i] - found[i]) < kRounding);
        }
    }
    // Uniform between nothing and the computed delay: half of it on average.
    CHECK(shares / jittered > 0.4);
    CHECK(shares / jittered < 0.6);
}
