#!/usr/bin/env python3
"""The include rule of the house: server -> emulators/<service> -> emulators/expressions ->
emulators/core. No emulator includes another; core and expressions include no service; and nobody
but core asks the operating system for the time."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
RAW_TIME = re.compile(r"system_clock::now|steady_clock::now|std::time\(|gettimeofday")


def layer_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "emulators" else parts[0]


def main():
    emulators = ROOT / "emulators"
    services = {p.name for p in emulators.iterdir() if p.is_dir()} - {"core", "expressions"}
    languages = {p.name for p in (emulators / "expressions").iterdir() if p.is_dir()}
    faults = []
    files = [p for top in ("emulators", "server") for p in (ROOT / top).rglob("*")
             if p.suffix in (".h", ".cpp")]
    for path in files:
        layer = layer_of(path)
        text = path.read_text()
        shown = path.relative_to(ROOT)
        for include in INCLUDE.findall(text):
            first = include.split("/")[0]
            if layer == "server" or first == layer or first == "core":
                continue
            if layer == "core":
                faults.append(f"{shown}: core includes {include}")
            elif layer == "expressions" and first in services:
                faults.append(f"{shown}: an expression language includes {include}")
            elif layer in services and first in services:
                faults.append(f"{shown}: emulator {layer} includes {include}")
            elif layer in services and first == "expressions" and \
                    include.split("/")[1] not in languages:
                faults.append(f"{shown}: {include} is no expression language")
        if layer in services | {"expressions"} and RAW_TIME.search(text):
            faults.append(f"{shown}: takes the time past core's Clock")
    for fault in faults:
        print(fault)
    print(f"include rule: {len(files)} files, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
