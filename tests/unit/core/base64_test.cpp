#include "core/base64.h"

#include <doctest/doctest.h>

using namespace skafu;

TEST_CASE("base64 encodes and decodes RFC 4648's examples") {
    const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : cases) {
        CHECK(base64_encode(plain) == encoded);
        CHECK(base64_decode(encoded) == plain);
    }
    CHECK(base64url_encode("\xff\xfe") == "__4");
    CHECK(base64_decode("__4") == "\xff\xfe");
    CHECK(base64_decode("//4=") == "\xff\xfe");
    CHECK_FALSE(base64_decode("a").has_value());
    CHECK_FALSE(base64_decode("ab c").has_value());
}
