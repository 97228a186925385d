#include <doctest/doctest.h>

#include "expressions/vtl/gateway_objects.h"
#include "expressions/vtl/vtl.h"

namespace skafu::vtl {
namespace {

std::string render(const std::string& text) {
    return Template(text).render({});
}

}  // namespace

TEST_CASE("a template that would not end is stopped") {
    CHECK_THROWS_AS(render("#foreach($i in [1..1001])x#end"), TemplateError);
    CHECK_THROWS_AS(render("#macro(m)#m()#end#m()"), TemplateError);
    CHECK_THROWS_AS(
        render("#foreach($a in [1..999])#foreach($b in [1..999])#foreach($c in [1..999])$c#end"
               "#end#end"),
        TemplateError);
    CHECK_THROWS_AS(
        render("#set($s = 'xxxxxxxxxx')#foreach($i in [1..100])#set($s = \"$s$s\")#end"),
        TemplateError);
}

TEST_CASE("a value that holds itself cannot be printed, and says so") {
    CHECK_THROWS_AS(render("#set($l = [])#set($x = $l.add($l))$l"), TemplateError);
    CHECK_THROWS_AS(render("#set($m = {})#set($x = $m.put('m', $m))$m"), TemplateError);
}

TEST_CASE("faulty templates are refused when they are parsed") {
    for (const char* text : {"#if(true)x", "#end", "#set($x = )", "#foreach($x $y)#end",
                             "#set($x = 'open)", "#* open", "#set($x = [1, 2)"}) {
        INFO(text);
        CHECK_THROWS_AS(Template{text}, TemplateError);
    }
}

TEST_CASE("text of people is escaped for JavaScript as Java does it") {
    CHECK(escape_java_script("a\"b'c\\d\n\t/\x01") == "a\\\"b\\'c\\\\d\\n\\t\\/\\u0001");
    CHECK(escape_java_script("é€😀") == "\\u00E9\\u20AC\\uD83D\\uDE00");
}

TEST_CASE("strings have Java's methods") {
    CHECK(render("#set($s = 'a.b.c')$s.replace('.', '-') $s.split('\\.').size()") == "a-b-c 3");
    CHECK(render("#set($s = 'abc')$s.substring(1)$s.charAt(0)$s.toUpperCase()") == "bcaABC");
    CHECK(render("#set($s = 'x1y22')$s.replaceAll('([0-9]+)', '<$1>')") == "x<1>y<22>");
    CHECK(render("#set($s = 'aXbX')$s.split('X').size()$s.indexOf('b')$s.lastIndexOf('X')") ==
          "223");
    CHECK_THROWS_AS(render("#set($s = 'abc')$s.substring(5)"), TemplateError);
    CHECK_THROWS_AS(render("#set($s = 'abc')$s.matches('(')"), TemplateError);
}

}  // namespace skafu::vtl
