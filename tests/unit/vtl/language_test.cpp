#include <doctest/doctest.h>

#include "expressions/vtl/gateway_objects.h"
#include "expressions/vtl/vtl.h"

// The language: Apache Velocity 1.7 with API Gateway's changes, a template and its text a line.

namespace skafu::vtl {
namespace {

struct Case {
    std::string_view text;
    std::string_view expected;
};

void check(std::initializer_list<Case> cases) {
    const Value util(std::shared_ptr<Object>(std::make_shared<Util>()));
    for (const Case& one : cases) {
        INFO(one.text);
        CHECK(Template(one.text).render({{"util", util}}) == one.expected);
    }
}

}  // namespace

TEST_CASE("white space around directives") {
    check({{"#set($a = 1) #set($b = 2)\nx", "x"},
           {"#set($f = [1]) $f.isEmpty()", " false"},
           {"#set($a = 1)\t \t#set($b = 2)x", "x"},
           // What stands before the blanks keeps them: the text is one piece up to its end.
           {"a #set($b = 2)c", "a c"},
           {"a\n  #set($b = 2)  \nc", "a\n  c"},
           {"a\n  #if(true) \t\n  b\n  #else  \nc\n  #end  \nd", "a\n    b\n  d"},
           {"#if(false) #elseif(true) \n x#end \ny", " xy"},
           {"#if(true) x#end y", " x y"},
           {"#foreach($i in [1, 2]) \n$i\n#end \nx", "1\n2\nx"},
           {" #foreach($i in [1, 2]) $i #end x", "  1  2  x"},
           {"#macro(m $a) \n<$a>#end \n#m('x')", "<x>"},
           {"#define($d) \nx#end \n[$d]", "[x]"},
           {"#set($a = 1) \r\n\nx", "\nx"},
           {"a ## note\nb", "a b"},
           {"a #* note *#\nb", "a \nb"}});
}

TEST_CASE("string literals and escapes") {
    check({{"#set($x = 'v')#set($s = '$x')$s#set($s = \"<$x>\")$s", "$x<v>"},
           {R"(#set($s = "a""b")$s)", R"(a"b)"},
           {R"(#set($s = 'a\nb')$s $s.length())", R"(a\nb 4)"},
           {R"(#set($s = "a\nb\\")$s $s.length())", R"(a\nb\\ 6)"},
           {R"(#set($x = 1)\$x \\$x \\\$x)", R"($x \1 \$x)"},
           {R"(\#end \#set \#else \#nothing \a \)", R"(#end #set #else \#nothing \a \)"}});
}

TEST_CASE("what is plain text, and what is a reference") {
    check({{"$ $100 $$ # #nothing #1 x}", "$ $100 $$ # #nothing #1 x}"},
           {"#set($x = 1)$x} ${x}y $!x $!{x}", "1} 1y 1 1"},
           {"#set($x = {'k': [1, 2]})${x.k}$x.k[0]$x['k'][1]$x[\"k\"]", "[1, 2]12[1, 2]"},
           {"#set($x = {'k': [1, 2]})$x.get(\"k\").get(1).toString().length()", "1"}});
}

TEST_CASE("what a loop tells of itself") {
    check({{"#foreach($i in ['a', 'b'])$i$velocityCount$velocityHasNext #end", "a1true b2false "},
           {"#foreach($i in [7, 8])$foreach.index$foreach.count$foreach.hasNext"
            "$foreach.first$foreach.last #end",
            "01truetruefalse 12falsefalsetrue "},
           {"#foreach($i in [1, 2])#foreach($j in [1, 2])$velocityCount$foreach.count"
            "#end;$velocityCount$foreach.count #end",
            "1122;11 1122;22 "}});
}

TEST_CASE("ranges, arithmetic and comparisons") {
    check({{"#set($r = [1..5])$r#set($r = [5..-2])$r", "[1, 2, 3, 4, 5][5, 4, 3, 2, 1, 0, -1, -2]"},
           {"#set($r = 7 / 2)$r#set($r = 7 % 3)$r#set($r = 1 - 2 - 3)$r", "31-4"},
           {"#set($r = 100.0 / 50)$r", "2.0"},
           {"#set($r = 1 + 2 * 3)$r#set($r = (1 + 2) * 3)$r", "79"},
           {"#if(3 > 1 + 1)a#end#if(1 + 1 == 2)b#end#if(2 >= 3)c#end#if(1 != 2)d#end", "abd"},
           {"#if(2 eq 2)a#end#if(1 ne 2)b#end#if(2 gt 1)c#end#if(2 ge 2)d#end#if(1 lt 2)e#end"
            "#if(1 le 1)f#end#if(true and true)g#end#if(false or true)h#end#if(not false)i#end",
            "abcdefghi"},
           {"#if(1 == '1')a#end#if('true' == true)b#end#if(1 == 'one')c#end", "ab"}});
}

TEST_CASE("maps, lists and Java's methods") {
    check({{"#set($m = {'k2': 'v', 'k1': {'l': [1, 'x']}})$m", "{k2=v, k1={l=[1, x]}}"},
           {"#set($l = ['a', 'b'])$l", "[a, b]"},
           {"#set($s = 'abcb')$s.length()$s.substring(1, 3)$s.replaceAll('b', '-')"
            "$s.matches('a.*')$s.split('b').size()$s.contains('cb')$s.toString()",
            "4bca-c-true2trueabcb"},
           {"#set($l = [1])$l.isEmpty()$l.add(2)$l.contains(2)$l.get(1)$l.size()$l.toString()",
            "falsetruetrue22[1, 2]"},
           {"#set($m = {})#set($x = $m.put('b', 1))#set($x = $m.putAll({'a': 2}))$m.get('a')"
            "$m.keySet()$m.values()$m.entrySet()$m.size()$m.isEmpty()$m.toString()",
            "2[b, a][1, 2][b=1, a=2]2false{b=1, a=2}"},
           {"#set($m = {'b': 1, 'a': 2})#foreach($e in $m.entrySet())$e.key$e.getValue() #end",
            "b1 a2 "}});
}

TEST_CASE("blocks that are named, and the end") {
    check({{"#define($d)<$n>#end#set($n = 1)$d#set($n = 2)$d", "<1><2>"},
           {"a#stop b", "a"},
           {"a#{stop}b", "a"},
           {"a#if(false)x#{else}y#{end}z", "ayz"}});
}

TEST_CASE("a reference to nothing") {
    check({{"[$no][${no}][$no.a.b][$no.call()][$!no]", "[][][][][]"},
           {"#if($no)a#end#if($no.member)b#end#if(false)c#end#if(!$no)d#end", "ab"},
           {"#set($m = $util.parseJson('{\"k\": null}'))#if($m.k)a#end#if(!$m.k)b#end", "a"},
           {"#if($no == $null)a#end#if($no == \"\")b#end#if($no != \"\")c#end", "ab"},
           {"#set($d = {})#set($d[\"$nokey\"] = \"foo\")$d", "{=foo}"},
           {"#foreach($i in [1])$i#end[$i]", "1[]"},
           {"#set($m = {'k': 1})#set($x = $m.put('k', $null))#if(\"$m.k\" == \"\")a#end", "a"}});
}

TEST_CASE("JSON that was parsed") {
    check(
        {{"#set($o = $util.parseJson('{\"a\": {\"b\": [1]}}'))$o.a.b[0]$o['a']['b'][0]"
          "$o.get('a').get('b').get(0)",
          "111"}});
}

}  // namespace skafu::vtl
