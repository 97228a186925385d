#include "core/digest.h"

#include <doctest/doctest.h>

using namespace skafu;

TEST_CASE("digests agree with their published check values") {
    CHECK(digest::hex(digest::md5("")) == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(digest::hex(digest::sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(digest::hex(digest::sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(digest::crc32("123456789") == 0xcbf43926u);
    CHECK(digest::crc32c("123456789") == 0xe3069283u);
    CHECK(digest::crc64nvme("123456789") == 0xae8b14860a799888ull);
    CHECK(digest::hex(digest::big_endian(0x0102, 4)) == "00000102");
}
