#!/usr/bin/env python3
"""Compares the JSONata engine with the npm package on expressions made at random.

usage: differential.py SKAFU_LOCAL [--suite FOLDER] [--seed N] [--count N]
Needs node and, in the folder JSONATA_HOME (or here), `npm install jsonata`. With a suite
(cases.jsonl and datasets/), its expressions are changed at random too. Prints what differs.
"""
import argparse
import json
import os
import pathlib
import random
import re
import subprocess

VALUES = """0|1|-1|2.5|-2.5|3|100|1e20|1e21|1e-7|0.1|12345.6789|"a"|""|"abc"|"12"|" 1"|"1e3"|"0x1F"
|null|true|false|[]|[1,2,3]|[3,1,2]|["b","a"]|["a",1]|[[1],[2]]|[null]|[1]|{}|{"a":1}
|{"a":{"b":2},"c":[1,2]}|[{"a":1},{"a":2,"b":3}]|nothing|$|a|a.b|*|**|%|function($x){$x}
|function($a,$b){$a+$b}|function($v,$i,$a){$i}|function($l,$r){$l>$r}|/a/|/b(c)?/i|/[a-z]+/m|$string
|$uppercase|$sum|"\u00e9\U0001f600\u00f6"|"a b  c"|"Hello World\"""".replace("\n", "").split("|")
FUNCTIONS = {name: int(count) for name, count in (pair.split(":") for pair in """
abs:1 append:2 average:1 base64decode:1 base64encode:1 boolean:1 ceil:1 contains:2 count:1
decodeUrl:1 decodeUrlComponent:1 distinct:1 each:2 encodeUrl:1 encodeUrlComponent:1 exists:1
filter:2 floor:1 formatBase:2 join:2 keys:1 length:1 lookup:2 lowercase:1 map:2 match:3 max:1
merge:1 min:1 not:1 number:1 pad:3 power:2 reduce:3 replace:4 reverse:1 round:2 sift:2 single:2
sort:2 split:3 spread:1 sqrt:1 string:2 substring:3 substringAfter:2 substringBefore:2 sum:1
trim:1 type:1 uppercase:1 zip:2 error:1 assert:2 formatNumber:2 formatInteger:2 parseInteger:2
fromMillis:3 toMillis:2""".split())}
OPERATORS = "+ - * / % & = != < <= > >= in and or . ~> ?: ?? ..".split()
SUFFIXES = ["[0]", "[-1]", "[]", "#$i", "@$v", "^(>$)", '{"k":$}', "{$string($):$}", "~>$string",
            ".*", "[$>1]", "[[0,1]]", ".$", "[$]", "?1:2", '~>|$|{"z":1},"a"|',
            "~>$map(function($v,$i){$i})", '#$i.{"i":$i,"v":$}', "@$v.%", ".%"]
INTEGERS = ["W", "w", "Ww", "I", "i", "A", "a", "1", "0001", "#,##0", "1;o", "w;o", "Ww;o", "\u0660",
            "#0", "1,000", "0.0", "x", "", "W;c(th)", "00,00", "#,#0,00"]
COMPONENTS = """Y Y0001 YI Yw Y,2 Y,2-2 M M01 MNn MN MNn,3-3 Mw D D01 D1o Dwo DWwo d d001 F FNn Fn F1
X X0001 W W01 w H H01 h hw P PN Pn m m01 s s01 f f001 f01 Z Z0 Z0101 Z01:01 Z01:01t z C E q YNn""".split()
PLACES = "0 1 -1 1521801216617 1510067557121 951782400000 -62135596800000 1583020799999".split()
TOKEN = re.compile(r"""/\*.*?\*/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\$+\w*|[A-Za-z_]\w*"""
                   r"""|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\s+|~>|:=|!=|<=|>=|\?\?|\?:|\.\.|\*\*|.""", re.S)


class Maker:
    """Makes requests as `eval --lines` takes them."""

    def __init__(self, chance, suite):
        self.chance, self.cases, self.data = chance, [], {}
        if suite:
            lines = pathlib.Path(suite, "cases.jsonl").read_text().splitlines()
            self.cases = [c for c in map(json.loads, lines) if len(c["expr"]) < 400]
            self.data = {path.stem: json.loads(path.read_text())
                         for path in pathlib.Path(suite, "datasets").glob("*.json")}

    def request(self):
        if self.cases and self.chance.random() < 0.6:
            return self.changed(self.chance.choice(self.cases))
        pick = self.chance.random()
        expression = (self.call() if pick < 0.35 else self.number() if pick < 0.5 else
                      self.integer() if pick < 0.65 else self.date() if pick < 0.85 else
                      f"{self.value()} {self.chance.choice(OPERATORS)} {self.value()}")
        return {"expr": expression, "data": {"a": {"b": [1, {"c": 2}]}}, "bindings": {}}

    def value(self):
        return self.chance.choice(VALUES) if self.chance.random() < 0.85 else self.call()

    def call(self):
        name = self.chance.choice(list(FUNCTIONS))
        count = FUNCTIONS[name] if self.chance.random() < 0.8 else self.chance.randrange(4)
        return f"${name}({', '.join(self.value() for _ in range(count))})"

    def number(self):
        picture = "".join(self.chance.choice("##0000,,...%\u2030e- $;x")
                          for _ in range(self.chance.randrange(1, 10)))
        value = self.chance.choice("0 1 -1 12345.6789 -0.5 0.00123 1e10 1234567 99.995 1e-10".split())
        return f"$formatNumber({value}, {json.dumps(picture)})"

    def integer(self):
        picture = json.dumps(self.chance.choice(INTEGERS))
        value = self.chance.choice("0 1 4 12 19 21 99 101 112 1000 1999 2021 1e6 1234567 -5".split())
        text = f"$formatInteger({value}, {picture})"
        return text if self.chance.random() < 0.6 else f"$parseInteger({text}, {picture})"

    def date(self):
        picture = json.dumps("".join(
            f"[{self.chance.choice(COMPONENTS)}]{self.chance.choice(['-', '/', ' ', ':', '', ' of '])}"
            for _ in range(self.chance.randrange(1, 6))))
        text = f"$fromMillis({self.chance.choice(PLACES)}, {picture})"
        return text if self.chance.random() < 0.6 else f"$toMillis({text}, {picture})"

    def changed(self, case):
        tokens = TOKEN.findall(case["expr"])
        for _ in range(self.chance.choice([1, 1, 1, 2, 3])):
            self.change(tokens, case["group"])
        request = {"expr": "".join(tokens), "bindings": case.get("bindings", {})}
        if "data" in case or case.get("dataset"):
            request["data"] = case["data"] if "data" in case else self.data[case["dataset"]]
        return request

    def change(self, tokens, group):
        at = self.chance.randrange(len(tokens)) if tokens else 0
        literals = [i for i, t in enumerate(tokens) if re.match(r"^[\"'\d]|^(true|false|null)$", t)]
        pick = self.chance.randrange(8)
        if pick == 0 and tokens:
            del tokens[at]
        elif pick == 1:
            other = self.chance.choice([c for c in self.cases if c["group"] == group])
            tokens[at:at + 1] = TOKEN.findall(other["expr"])[:self.chance.randrange(1, 6)]
        elif pick == 2 and tokens:
            tokens[at] = self.chance.choice(OPERATORS + VALUES)
        elif pick < 5 and literals:
            tokens[self.chance.choice(literals)] = self.chance.choice(VALUES)
        elif pick == 5:
            tokens[:] = ["$" + self.chance.choice(list(FUNCTIONS)) + "(", *tokens, ")"]
        else:
            tokens[:] = ["(", *tokens, ")", self.chance.choice(SUFFIXES)]


def plain(value):
    """Objects without order, numbers without kind."""
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [plain(item) for item in value]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) + 0.0 if is_number else value


def shown(answer):
    if "error" in answer:
        return answer["error"].get("code", "")
    return "undefined" if "undefined" in answer else json.dumps(plain(answer["result"]))


def answers(command, requests):
    text = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("skafu_local")
    parser.add_argument("--suite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=5000)
    options = parser.parse_args()
    os.environ.setdefault("JSONATA_HOME", os.getcwd())
    maker = Maker(random.Random(options.seed), options.suite)
    unsteady = re.compile(r"\$(now|millis|random|shuffle|eval)\b")
    requests = [{**r, "timelimit": 2000, "depth": 600} for r in
                (maker.request() for _ in range(options.count)) if not unsteady.search(r["expr"])]
    reference = pathlib.Path(__file__).with_name("reference.mjs")
    theirs = answers(["node", str(reference)], requests)
    ours = answers([options.skafu_local, "eval", "jsonata", "--lines"], requests)
    compared = [(r, t, o) for r, t, o in zip(requests, theirs, ours) if "skip" not in t]
    different = [(r, shown(t), shown(o)) for r, t, o in compared if shown(t) != shown(o)]
    for request, their, our in different:
        print(f"{request['expr']}\n  npm:  {their[:300]}\n  ours: {our[:300]}")
    print(f"{len(different)} of {len(compared)} differ")
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
