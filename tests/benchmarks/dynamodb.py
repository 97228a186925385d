#!/usr/bin/env python3
"""Measures DynamoDB against what this machine can do, in one and the same run.

    tests/benchmarks/dynamodb.py [--rounds 3] [--seconds 2] [--connections 64] [--only REGEX]
                                 [--dynalite] [--items 10000000]

Each operation as a share of a bare Beast server (answering a fixed body), PutItem with --data-dir
as a share of the floor (a minimal server that stores a row per request); with --dynalite side by
side with dynalite (npm, in memory); with --items what a large table costs. One core for the server
under test, the other for the load. Cases are interleaved over the rounds and shown as medians; CPU
time per request is the figure to trust on a machine that is not quiet. It measures and never
judges; every case is checked before it is measured.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request

import run as bench
from run import AUTH, BARE_PORT, BUILD, MARK, PORT, Process, ROOT, aws_plan, load

DYNALITE_PORT, FLOOR_PORT = 14588, 14577
TICKS = os.sysconf("SC_CLK_TCK")
PAYLOAD = json.dumps({"orderId": "o-1", "customer": {"id": "c-77", "name": "Ada Lovelace"},
                      "lines": [{"sku": f"sku-{i:03}", "qty": i, "price": "12.50"}
                                for i in range(14)], "note": "n" * 70})


def item(aggregate, sequence):
    return {"aggregateId": {"S": aggregate}, "eventSequence": {"S": f"{sequence:010}"},
            "eventType": {"S": "OrderPlaced"}, "eventTime": {"S": "2026-01-01T00:00:00.000Z"},
            "version": {"N": "1"}, "payload": {"S": PAYLOAD}}


def key(aggregate, sequence):
    return {name: item(aggregate, sequence)[name] for name in ("aggregateId", "eventSequence")}


def plan(action, **body):
    made = aws_plan("dynamodb", action, body)
    made["headers"]["X-Amz-Date"] = "20260101T000000Z"  # dynalite wants one
    return made


def puts(aggregate, count):
    return [{"PutRequest": {"Item": item(aggregate, n)}} for n in range(1, count + 1)]


UPDATE = {
    "TableName": "bench", "Key": key("agg-000000000007", 7), "ReturnValues": "ALL_NEW",
    "UpdateExpression": "SET #v = #v + :one, #t = :t",
    "ConditionExpression": "attribute_exists(aggregateId) AND #v < :max",
    "ExpressionAttributeNames": {"#v": "version", "#t": "eventTime"},
    "ExpressionAttributeValues": {":one": {"N": "1"}, ":max": {"N": "100000000"},
                                  ":t": {"S": "2026-01-02T00:00:00.000Z"}}}
TRANSACTION = [{"Put": {"TableName": "bench", "Item": item(f"agg-{MARK}", n),
                        "ConditionExpression": "attribute_not_exists(aggregateId)"}}
               for n in (1, 2, 3)] + [{"Update": {
                   "TableName": "bench", "Key": key(f"agg-{MARK}", 0),
                   "UpdateExpression": "SET lastSequence = :s",
                   "ExpressionAttributeValues": {":s": {"N": "3"}}}}]
# name -> plan, items per request
CASES = {
    "PutItem": (plan("PutItem", TableName="bench", Item=item(f"agg-{MARK}", 1)), 1),
    "UpdateItem, conditional": (plan("UpdateItem", **UPDATE), 1),
    "GetItem": (plan("GetItem", TableName="bench", Key=key("agg-000000000007", 9),
                     ConsistentRead=True), 1),
    "Query of 20": (plan("Query", TableName="bench", Limit=20,
                         KeyConditionExpression="aggregateId = :a",
                         ExpressionAttributeValues={":a": {"S": "agg-000000000003"}}), 1),
    "TransactWriteItems of 4": (plan("TransactWriteItems", TransactItems=TRANSACTION), 1),
    "BatchWriteItem of 25": (plan("BatchWriteItem",
                                  RequestItems={"bench": puts(f"agg-{MARK}", 25)}), 25),
}
COMPARED = ("PutItem", "GetItem", "UpdateItem, conditional", "Query of 20")


def call(port, action, **body):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/", json.dumps(body).encode(),
        {"X-Amz-Target": f"DynamoDB_20120810.{action}", "Authorization": AUTH.format("dynamodb"),
         "X-Amz-Date": "20260101T000000Z", "Content-Type": "application/x-amz-json-1.0"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or "{}")


def create_table(port):
    call(port, "CreateTable", TableName="bench", BillingMode="PAY_PER_REQUEST",
         AttributeDefinitions=[{"AttributeName": "aggregateId", "AttributeType": "S"},
                               {"AttributeName": "eventSequence", "AttributeType": "S"}],
         KeySchema=[{"AttributeName": "aggregateId", "KeyType": "HASH"},
                    {"AttributeName": "eventSequence", "KeyType": "RANGE"}])


def prepare(port):
    """The table with what is read, and a look whether the operations do what they should."""
    create_table(port)
    for n in range(50):
        call(port, "BatchWriteItem", RequestItems={"bench": puts(f"agg-{n:012}", 25)})
    got = call(port, "GetItem", TableName="bench", Key=key("agg-000000000007", 9))
    assert got["Item"] == item("agg-000000000007", 9)
    page = call(port, "Query", **json.loads(CASES["Query of 20"][0]["body"]))
    assert page["Items"] == [item("agg-000000000003", n) for n in range(1, 21)]
    assert call(port, "UpdateItem", **UPDATE)["Attributes"]["version"] == {"N": "2"}


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Figures:
    """Rates and CPU times per case and target, over the rounds."""

    def __init__(self, args):
        self.args, self.rows = args, {}

    def measure(self, case, target, process, port):
        if not re.search(self.args.only, case):
            return
        before, started = cpu_seconds(process), time.monotonic()
        rate, p50 = load(port, CASES[case][0], self.args.connections, self.args.seconds)
        spent = cpu_seconds(process) - before
        requests = rate * (time.monotonic() - started)
        self.rows.setdefault(case, {}).setdefault(target, []).append(
            (rate, p50, spent / requests * 1e6))

    def median(self, case, target, column):
        rounds = self.rows.get(case, {}).get(target)
        return statistics.median(r[column] for r in rounds) if rounds else None

    def ratio(self, case, target, reference):
        pairs = zip(self.rows[case][target], self.rows[case][reference])
        return statistics.median(ours[0] / theirs[0] for ours, theirs in pairs)

    def table(self, title, target, reference):
        cases = [c for c in CASES if {target, reference} <= set(self.rows.get(c, {}))]
        if not cases:
            return
        print(f"\n| {title} | requests/s | items/s | p50 ms | CPU µs | {reference}/s | ratio "
              f"| by CPU |\n|---|---:|---:|---:|---:|---:|---:|---:|")
        for case in cases:
            rate, p50, cpu = (self.median(case, target, column) for column in range(3))
            print(f"| {case} | {rate:,.0f} | {rate * CASES[case][1]:,.0f} | {p50:.2f} | {cpu:.1f} "
                  f"| {self.median(case, reference, 0):,.0f} "
                  f"| {self.ratio(case, target, reference):.2f} "
                  f"| {self.median(case, reference, 2) / cpu:.2f} |")


def start_floor(folder):
    return Process([str(BUILD / "tests/benchmarks/floor_server"), str(FLOOR_PORT),
                    str(pathlib.Path(folder, "floor.db"))], FLOOR_PORT)


def start_dynalite():
    program = ROOT / "tests/integration/js/node_modules/dynalite/cli.js"
    if not program.exists():
        raise SystemExit("dynalite is not installed: npm ci in tests/integration/js")
    running = Process(["node", str(program), "--port", str(DYNALITE_PORT), "--host", "127.0.0.1",
                       "--createTableMs", "0"], DYNALITE_PORT)
    prepare(DYNALITE_PORT)
    return running


def one_round(figures, args):
    bare = Process([str(BUILD / "tests/benchmarks/bare_server"), str(BARE_PORT)], BARE_PORT)
    running = bench.server()
    prepare(PORT)
    for case in CASES:
        figures.measure(case, "bare", bare, BARE_PORT)
        figures.measure(case, "memory", running, PORT)
    if args.dynalite:
        other = start_dynalite()
        for case in COMPARED:
            figures.measure(case, "dynalite", other, DYNALITE_PORT)
        other.stop()
    running.stop()
    bare.stop()
    with tempfile.TemporaryDirectory(prefix="skafu-bench-") as folder:
        running, floor = bench.server("--data-dir", folder), start_floor(folder)
        prepare(PORT)
        for case in CASES:
            figures.measure(case, "disk", running, PORT)
        figures.measure("PutItem", "floor", floor, FLOOR_PORT)
        floor.stop()
        running.stop()


# ---- a large table ----

def raw_bytes(count):
    one = {"Item": item("agg-000000000001", 1)}
    return count * len(json.dumps(one["Item"], separators=(",", ":")))


def import_items(folder, count):
    """Fills a table in a data folder by the import command, which need not hold it."""
    line = json.dumps({"Item": item("agg-@@@@@@@@@@@@", 0)}, separators=(",", ":")) + "\n"
    head, _, rest = line.partition("@" * 12)
    middle, _, tail = rest.partition("0000000000")
    importing = subprocess.Popen(
        [str(BUILD / "server/skafu-local"), "import", "table", "bench", "-", "--data-dir", folder],
        stdin=subprocess.PIPE, text=True)
    chance = random.Random(1)
    for start in range(0, count, 5):
        aggregate = f"{chance.getrandbits(48):012x}"
        importing.stdin.write("".join(f"{head}{aggregate}{middle}{n:010}{tail}"
                                      for n in range(start, min(start + 5, count))))
    importing.stdin.close()
    assert importing.wait() == 0
    return keys_of(count)


def keys_of(count):
    """Some of the keys that were imported, over the whole table."""
    chance, keys = random.Random(1), []
    for start in range(0, count, 5):
        aggregate = f"{chance.getrandbits(48):012x}"
        if start % (max(count // 5000, 1) * 5) == 0:
            keys.append((f"agg-{aggregate}", start))
    random.Random(2).shuffle(keys)
    return keys


def read_points(keys):
    """Milliseconds of a GetItem, one after the other over one connection: (median, 99 %)."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    times = []
    for aggregate, n in keys:
        body = json.dumps({"TableName": "bench", "Key": key(aggregate, n)})
        started = time.perf_counter()
        connection.request("POST", "/", body, {
            "X-Amz-Target": "DynamoDB_20120810.GetItem", "Authorization": AUTH.format("dynamodb"),
            "Content-Type": "application/x-amz-json-1.0"})
        answer = json.loads(connection.getresponse().read())
        times.append((time.perf_counter() - started) * 1000)
        assert answer["Item"]["eventSequence"]["S"] == f"{n:010}"
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def scan_all():
    found, start = 0, {}
    started = time.monotonic()
    while True:
        page = call(PORT, "Scan", TableName="bench", Select="COUNT", **start)
        found += page["Count"]
        if "LastEvaluatedKey" not in page:
            return found, time.monotonic() - started
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def measure_table(count):
    folder = tempfile.mkdtemp(prefix="skafu-large-")
    running = bench.server("--data-dir", folder)
    create_table(PORT)
    running.stop()
    started = time.monotonic()
    keys = import_items(folder, count)
    imported = time.monotonic() - started
    size = pathlib.Path(folder, "skafu.db").stat().st_size
    running = bench.server("--data-dir", folder)
    median, slow = read_points(keys)
    found, scanned = scan_all()
    assert found == count
    peak = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(
        f"/proc/{running.process.pid}/status").read_text())[1]) / 1024
    running.stop()
    shutil.rmtree(folder)
    print(f"| {count:,} | {count / imported:,.0f} | {median:.3f} | {slow:.3f} "
          f"| {size / raw_bytes(count):.2f} | {count / scanned:,.0f} | {peak:.0f} |", flush=True)


def large_tables(count):
    print("\n| items | imported/s | GetItem p50 ms | p99 ms | file / raw items | scanned/s "
          "| peak RSS MiB |\n|---:|---:|---:|---:|---:|---:|---:|")
    for size in (10_000, count):
        measure_table(size)


def build():
    for command in (["cmake", "--preset", BUILD.name],
                    ["cmake", "--build", "--preset", BUILD.name, "--target", "skafu-local",
                     "bare_server", "floor_server"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=2)
    options.add_argument("--connections", type=int, default=64)
    options.add_argument("--only", default="")
    options.add_argument("--dynalite", action="store_true")
    options.add_argument("--items", type=int, default=0, help="also measure a table of so many")
    options.add_argument("--no-build", action="store_true", help="measure what is built")
    args = options.parse_args()
    if not args.no_build:
        build()
    figures = Figures(args)
    for _ in range(args.rounds):
        one_round(figures, args)
    figures.table(f"in memory, {args.connections} connections", "memory", "bare")
    figures.table("with --data-dir", "disk", "floor")
    figures.table("beside dynalite", "memory", "dynalite")
    if args.items:
        large_tables(args.items)


if __name__ == "__main__":
    main()
