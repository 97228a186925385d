#!/usr/bin/env python3
"""Compares the engine with the npm package over a suite's datasets.

usage: compare.py BENCH_JSONATA FOLDER [ID-PART]
Needs node and, in the folder JSONATA_HOME (or here), `npm install jsonata`.
"""
import math
import pathlib
import subprocess
import sys


def times(command):
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in output.splitlines()}


def main():
    bench, rest = sys.argv[1], sys.argv[2:]
    ours = times([bench, *rest])
    theirs = times(["node", str(pathlib.Path(__file__).with_name("bench.mjs")), *rest])
    ratios = sorted((theirs[case] / ours[case], case) for case in ours if case in theirs)
    print("slowest, relative to npm:")
    for ratio, case in ratios[:15]:
        print(f"  {ratio:8.1f} x  {ours[case]:10.0f} ns  {case}")
    print("longest:")
    for case in sorted(ours, key=ours.get)[-8:]:
        print(f"  {theirs[case] / ours[case]:8.1f} x  {ours[case]:10.0f} ns  {case}")
    mean = math.exp(sum(math.log(ratio) for ratio, _ in ratios) / len(ratios))
    total = sum(theirs.values()) / sum(ours.values())
    print(f"{len(ratios)} expressions: {mean:.1f} x geometric mean, "
          f"{ratios[len(ratios) // 2][0]:.1f} x median, {total:.1f} x in total")


if __name__ == "__main__":
    main()
