#include <doctest/doctest.h>

#include "evaluate.h"

TEST_CASE("texts are counted in code points") {
    CHECK(evaluate("$length('日本😀')") == "3");
    CHECK(evaluate("$substring('日本😀x', 2, 1)") == "\"😀\"");
    CHECK(evaluate("$split('é😀', '')") == R"(["é","😀"])");
    CHECK(evaluate("$uppercase('straße é')") == "\"STRASSE É\"");
    CHECK(evaluate("$pad('x', -3, '日本')") == "\"日本x\"");
}

TEST_CASE("numbers are shown as JavaScript shows them") {
    CHECK(evaluate("$string(1/3)") == "\"0.333333333333333\"");
    CHECK(evaluate("$string(0.1+0.2)") == "\"0.3\"");
    CHECK(evaluate("$string(1e21)") == "\"1e+21\"");
    CHECK(evaluate("$string(1e-7)") == "\"1e-7\"");
    CHECK(evaluate("$string(123456789012345680000)") == "\"123456789012345680000\"");
    CHECK(evaluate("$string(1/0)") == "D3001");
}

TEST_CASE("rounding goes to the even side") {
    CHECK(evaluate("$round(2.5)") == "2");
    CHECK(evaluate("$round(-1.5)") == "-2");
    CHECK(evaluate("$round(125.456, -1)") == "130");
    CHECK(evaluate("$round(2.675, 2)") == "2.68");
}

TEST_CASE("numbers by a picture") {
    CHECK(evaluate("$formatNumber(12345.6, '#,###.00')") == "\"12,345.60\"");
    CHECK(evaluate("$formatNumber(-6, '0;(0)')") == "\"(6)\"");
    CHECK(evaluate("$formatNumber(0.14, '01%')") == "\"14%\"");
    CHECK(evaluate("$formatNumber(1234.5678, '00.000e0')") == "\"12.346e2\"");
    CHECK(evaluate("$formatNumber(1, '0.0.0')") == "D3081");
    CHECK(evaluate("$formatInteger(1234, 'w')") == "\"one thousand, two hundred and thirty-four\"");
    CHECK(evaluate("$formatInteger(1999, 'I')") == "\"MCMXCIX\"");
    CHECK(evaluate("$parseInteger('twelfth', 'w;o')") == "12");
    CHECK(evaluate("$formatBase(-255, 16)") == "\"-ff\"");
}

TEST_CASE("dates by a picture") {
    CHECK(evaluate("$now()") == "\"2018-03-23T10:33:36.617Z\"");
    CHECK(evaluate("$fromMillis(0, '[FNn], [D1o] [MNn] [Y]')") == "\"Thursday, 1st January 1970\"");
    CHECK(evaluate("$fromMillis(0, '[H01]:[m01][Z]', '-0530')") == "\"18:30-05:30\"");
    CHECK(evaluate("$fromMillis(1104537600000, '[X]-W[W]')") == "\"2004-W53\"");
    CHECK(evaluate("$toMillis('2018-03-23T10:33:36+01:00')") == "1521797616000");
    CHECK(evaluate("$toMillis('23 March 2018', '[D] [MNn] [Y]')") == "1521763200000");
    CHECK(evaluate("$toMillis('10:30 PM', '[h]:[m] [P]')") == "1521844200000");
    CHECK(evaluate("$toMillis('yesterday')") == "D3110");
    CHECK(evaluate("$fromMillis(0, '[q]')") == "D3132");
}

TEST_CASE("patterns") {
    CHECK(evaluate("$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1')") == "\"Smith, John\"");
    CHECK(evaluate("$match('ab1', /(x)?[a-z]/)[1]") ==
          R"({"match":"b","index":1,"groups":[null]})");
    CHECK(evaluate("$split('a, b;c', /[,;]\\s*/)") == R"(["a","b","c"])");
    CHECK(evaluate("$match('abc', /x*/)") == "D1004");
    CHECK(evaluate("$contains('aBc', /b/i)") == "true");
}

TEST_CASE("higher-order functions give as many arguments as are wanted") {
    CHECK(evaluate("$map(['a','b'], function($v,$i){$v & $i})") == R"(["a0","b1"])");
    CHECK(evaluate("$reduce([1,2,3], function($a,$b){$a*10+$b})") == "123");
    CHECK(evaluate("$single([1,2], function($v){$v>1})") == "2");
    CHECK(evaluate("$single([1,2])") == "D3138");
    CHECK(evaluate("$sort([3,1,2], function($l,$r){$l<$r})") == "[3,2,1]");
    CHECK(evaluate("$map([1,2], $string)") == R"(["1","2"])");
}

TEST_CASE("what the reference does at the edges") {
    CHECK(evaluate("$toMillis('2018-03-27T15:16:60Z')") == "D3110");
    CHECK(evaluate("$toMillis('2018-03-27T15:16:17+01:60')") == "D3110");
    CHECK(evaluate("$toMillis('2019-366', '[Y]-[d]')") == "1546300800000");
    CHECK(evaluate("$toMillis('2018-086', '[Y]-[d]')") == "1522108800000");
    CHECK(evaluate("$parseInteger('1,234', '#,##0')") == "1234");
    CHECK(evaluate("$parseInteger('1-234', '#-##0')") == "1");
    CHECK(evaluate("$substring('Hello', nothing, 3)") == "\"\"");
    CHECK(evaluate("$sift()", "{\"a\":1}") == "T1006");
    CHECK(evaluate("([1..3].$string())#$i") != "");
    CHECK(evaluate("([1..3])#$i.$i") == "[0,1,2]");
}
