#include "core/utf8.h"

#include <doctest/doctest.h>

using namespace skafu;

TEST_CASE("well-formed UTF-8 is told from what is not, wherever it stands") {
    const char* const well_formed[] = {"",       "a",      "é",      "€",         "😀",
                                       "\u07FF", "\uD7FF", "\uE000", "\U0010FFFF"};
    const char* const ill_formed[] = {"\xFF",              // no such byte
                                      "\x80",              // goes on with nothing
                                      "\xC0\x80",          // too long for its character
                                      "\xE0\x9F\xBF",      // likewise
                                      "\xF0\x8F\xBF\xBF",  // likewise
                                      "\xED\xA0\x80",      // a surrogate
                                      "\xF4\x90\x80\x80",  // behind the last character
                                      "\xC3",              // ends too early
                                      "\xE2\x82",
                                      "\xF0\x9F\x98",
                                      "\xE2\x28\xA1"};
    // The look through plain text goes by eight and by thirty-two bytes.
    for (std::size_t before = 0; before < 70; ++before) {
        for (const std::size_t behind : {0, 1, 7, 8, 40}) {
            const auto text = [&](const char* middle) {
                return std::string(before, 'x') + middle + std::string(behind, 'y');
            };
            for (const char* middle : well_formed) CHECK(is_utf8(text(middle)));
            for (const char* middle : ill_formed) CHECK_FALSE(is_utf8(text(middle)));
        }
    }
}

TEST_CASE("what is not UTF-8 is replaced") {
    CHECK(repaired_utf8("é") == "é");
    CHECK(repaired_utf8("a\xFF"
                        "b\xE2\x82") == "a\uFFFDb\uFFFD");
    CHECK(repaired_utf8("\xE2\x82!\xC0\x80") == "\uFFFD!\uFFFD\uFFFD");
}

TEST_CASE("a character is read back as it was written") {
    for (const char32_t code : {U'a', U'\x7F', U'\u0080', U'\u07FF', U'\u0800', U'\uFFFF',
                                U'\U00010000', U'\U0010FFFF'}) {
        std::string text;
        append_utf8(text, code);
        const Utf8Character read = read_utf8(text + "z");
        CHECK(read.whole);
        CHECK(read.code == code);
        CHECK(read.bytes == text.size());
    }
}
