#include "s3/wire.h"

#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "s3/checksums.h"

using namespace skafu;
using namespace skafu::s3;

TEST_CASE("bucket names") {
    for (const std::string_view good : {"abc", "my-bucket.logs", "1-2", "a--b"}) {
        CAPTURE(good);
        CHECK(is_bucket_name(good));
    }
    for (const std::string_view bad : {"ab", "Abc", "a_b", "-abc", "abc-", "a..b", "192.168.0.1",
                                       "xn--abc", "abc-s3alias", ""}) {
        CAPTURE(bad);
        CHECK_FALSE(is_bucket_name(bad));
    }
}

TEST_CASE("ranges") {
    const auto range = [](std::string_view header) {
        const auto parsed = parse_range(header, 10);
        return parsed ? fmt::format("{}-{}", parsed->first, parsed->last) : "none";
    };
    CHECK(range("bytes=0-0") == "0-0");
    CHECK(range("bytes=5-") == "5-9");
    CHECK(range("bytes=5-99") == "5-9");
    CHECK(range("bytes=-3") == "7-9");
    CHECK(range("bytes=-30") == "0-9");
    for (const std::string_view ignored :
         {"", "items=0-1", "bytes=0-1,3-4", "bytes=4-3", "bytes=-", "bytes=a-b", "bytes=1-x"}) {
        CAPTURE(ignored);
        CHECK(range(ignored) == "none");
    }
    CHECK_THROWS_AS(parse_range("bytes=10-", 10), AwsError);
    CHECK_THROWS_AS(parse_range("bytes=-0", 10), AwsError);
    CHECK_THROWS_AS(parse_range("bytes=0-", 0), AwsError);
}

TEST_CASE("conditions of reads") {
    const TimePoint modified = *parse_date("Wed, 21 Oct 2015 07:28:00 GMT");
    const auto status = [&](const char* name, const char* value) {
        Json input = Json::object();
        input[name] = value;
        try {
            check_read_conditions(input, "\"tag\"", modified);
            return 200;
        } catch (const AwsError& error) {
            return error.status();
        }
    };
    CHECK(status("IfMatch", "\"tag\"") == 200);
    CHECK(status("IfMatch", "\"x\", \"tag\"") == 200);
    CHECK(status("IfMatch", "\"x\"") == 412);
    CHECK(status("IfNoneMatch", "tag") == 304);
    CHECK(status("IfNoneMatch", "*") == 304);
    CHECK(status("IfModifiedSince", "Wed, 21 Oct 2015 07:28:00 GMT") == 304);
    CHECK(status("IfModifiedSince", "Wed, 21 Oct 2015 07:27:59 GMT") == 200);
    CHECK(status("IfUnmodifiedSince", "Wed, 21 Oct 2015 07:27:59 GMT") == 412);
    CHECK(status("IfUnmodifiedSince", "nonsense") == 200);
}

TEST_CASE("aws-chunked bodies") {
    const ChunkedBody body = decode_chunked(
        "5;chunk-signature=ab\r\nhello\r\n3\r\n\r\n!\r\n0\r\nX-Amz-Checksum-CRC32: abc\r\n\r\n");
    CHECK(body.bytes == "hello\r\n!");
    CHECK(body.trailers["x-amz-checksum-crc32"] == "abc");
    for (const std::string_view bad :
         {"", "5\r\nhel", "5\r\nhelloXX", "zz\r\n", "ffffffffffffffff\r\n"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(decode_chunked(bad), AwsError);
    }
}

TEST_CASE("checksums are computed, and refused where they do not agree") {
    const Json none = Json::object();
    const Json asked = {{"ChecksumAlgorithm", "CRC32"}};
    CHECK(checked_checksums(asked, none, "123456789")["ChecksumCRC32"] == "y/Q5Jg==");
    const Json trailers = {{"x-amz-checksum-crc32c", "4waSgw=="}};
    CHECK(checked_checksums(none, trailers, "123456789").size() == 1);
    CHECK_THROWS_AS(checked_checksums(none, trailers, "12345678"), AwsError);
    CHECK(composite_checksum(*find_checksum("sha256"), {"", ""}).ends_with("-2"));
}
