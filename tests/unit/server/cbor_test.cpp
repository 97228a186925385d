#include "fronts/cbor.h"

#include <doctest/doctest.h>

#include "core/aws_error.h"

using namespace skafu;
using namespace skafu::server;

namespace {

std::string bytes(std::initializer_list<int> list) {
    std::string text;
    for (const int byte : list) text.push_back(static_cast<char>(byte));
    return text;
}

bool no_times(std::string_view) {
    return false;
}

}  // namespace

TEST_CASE("CBOR: what is written reads back the same") {
    const Json value = {{"none", Json::array()},
                        {"numbers", {0, 23, 24, 255, 256, 65536, 4294967296, -1, -25, -70000}},
                        {"large", std::uint64_t(18446744073709551615U)},
                        {"fraction", 1.1},
                        {"text", "für"},
                        {"flags", {true, false}},
                        {"deep", {{"map", {{"a", "b"}}}}}};
    CHECK(from_cbor(to_cbor(value, no_times)) == value);
    CHECK(from_cbor(to_cbor(Json{{"gone", nullptr}}, no_times)) == Json::object());
}

TEST_CASE("CBOR: the examples of RFC 8949, appendix A") {
    CHECK(from_cbor(bytes({0x19, 0x03, 0xe8})) == 1000);
    CHECK(from_cbor(bytes({0x39, 0x03, 0xe7})) == -1000);
    CHECK(from_cbor(bytes({0xf9, 0x3c, 0x00})) == 1.0);
    CHECK(from_cbor(bytes({0xf9, 0x00, 0x01})) == 5.960464477539063e-8);
    CHECK(from_cbor(bytes({0xf9, 0xc4, 0x00})) == -4.0);
    CHECK(from_cbor(bytes({0xfa, 0x47, 0xc3, 0x50, 0x00})) == 100000.0);
    CHECK(from_cbor(bytes({0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a})) == 1.1);
    CHECK(from_cbor(bytes({0xc1, 0x1a, 0x51, 0x4b, 0x67, 0xb0})) == 1363896240);
    CHECK(from_cbor(bytes({0x44, 1, 2, 3, 4})) == "AQIDBA==");
    CHECK(from_cbor(bytes({0x7f, 0x65, 's', 't', 'r', 'e', 'a', 0x64, 'm', 'i', 'n', 'g', 0xff})) ==
          "streaming");
    CHECK(from_cbor(bytes({0x9f, 0x01, 0x82, 0x02, 0x03, 0xff})) == Json{1, {2, 3}});
    CHECK(from_cbor(bytes({0xbf, 0x61, 'a', 0x01, 0xff})) == Json{{"a", 1}});
    CHECK(to_cbor(Json{{"a", {1, 2}}}, no_times) == bytes({0xa1, 0x61, 'a', 0x82, 1, 2}));
}

TEST_CASE("CBOR: times are tagged seconds") {
    const auto is_time = [](std::string_view name) { return name == "Timestamps"; };
    const std::string written = to_cbor(Json{{"Timestamps", {"1970-01-01T00:00:01Z"}}}, is_time);
    CHECK(written.substr(12) == bytes({0x81, 0xc1, 0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0}));
    CHECK(from_cbor(written) == Json{{"Timestamps", {1.0}}});
}

TEST_CASE("CBOR: hostile input is refused") {
    CHECK_THROWS_AS(from_cbor(""), AwsError);
    CHECK_THROWS_AS(from_cbor(bytes({0x01, 0x01})), AwsError);
    CHECK_THROWS_AS(from_cbor(bytes({0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})),
                    AwsError);
    CHECK_THROWS_AS(from_cbor(bytes({0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})),
                    AwsError);
    CHECK_THROWS_AS(from_cbor(bytes({0xa1, 0x01, 0x01})), AwsError);
    CHECK_THROWS_AS(from_cbor(bytes({0xff})), AwsError);
    CHECK_THROWS_AS(from_cbor(bytes({0x1c})), AwsError);
    CHECK_THROWS_AS(from_cbor(bytes({0x7f, 0x44, 1, 2, 3, 4, 0xff})), AwsError);
    CHECK_THROWS_AS(from_cbor(bytes({0x61, 0xff})), AwsError);                 // a text, not UTF-8
    CHECK_THROWS_AS(from_cbor(bytes({0xa1, 0x62, 0xc3, 0x28, 1})), AwsError);  // a key likewise
    CHECK_THROWS_AS(from_cbor(std::string(1'000'000, '\x81')), AwsError);
    CHECK_THROWS_AS(from_cbor(std::string(1'000'000, '\xc1')), AwsError);
}
