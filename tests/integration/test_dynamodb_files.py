"""`skafu-local export table` and `import table`: whole tables in files and back."""
import contextlib
import gzip
import json
import os
import pty
import signal
import subprocess
import threading

import pytest

from conftest import find_binary, wait_until
from dynamodb_support import N, S, make_table

EVERY_TYPE = {
    "p": S("a \"quoted\" ü\n"), "c": N("12345678901234567890.000000000000000001"),
    "b": {"B": b"\x00\xff"}, "t": {"BOOL": True}, "z": {"NULL": True},
    "l": {"L": [S(""), N(1), {"L": []}, {"M": {"x": {"NULL": True}}}]},
    "m": {"M": {"deep": {"M": {"n": N("-0.5")}}}},
    "ss": {"SS": ["x", "y"]}, "ns": {"NS": ["1", "2.5"]}, "bs": {"BS": [b"\x01"]}}


def run(*args, **more):
    return subprocess.run([find_binary(), *map(str, args)], capture_output=True, text=True,
                          timeout=120, **more)


def fails(*args, **more):
    """The one sentence with which the command refuses."""
    done = run(*args, **more)
    assert done.returncode == 1 and done.stdout == "", done
    assert done.stderr.startswith("skafu-local: ") and done.stderr.count("\n") == 1, done.stderr
    return done.stderr[len("skafu-local: "):].strip()


def sorted_items(table):
    return sorted(table.scan(ConsistentRead=True)["Items"], key=str)


@pytest.fixture
def tables(server, unique):
    db = server.client("dynamodb")
    return [make_table(db, unique("files"), "p:S c:N") for _ in range(2)]


@pytest.mark.parametrize("name", ["items.json", "items.json.gz"])
def test_there_and_back(server, tables, tmp_path, name):
    source, target = tables
    items = [EVERY_TYPE] + [{"p": S(f"k{i % 7}"), "c": N(i), "x": S("é" * i)} for i in range(300)]
    for item in items:
        source.put(item)
    file = tmp_path / name
    done = run("export", "table", source.name, "-o", file, "--endpoint", server.url)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"301 items of {source.name} exported\n"
    text = gzip.open(file, "rt").read() if name.endswith(".gz") else file.read_text()
    assert text.count("\n") == 301
    assert all(list(json.loads(line)) == ["Item"] for line in text.splitlines())
    assert os.listdir(tmp_path) == [name]
    done = run("import", "table", target.name, file, "--endpoint", server.url)
    assert (done.returncode, done.stderr) == (0, f"301 items imported into {target.name}\n")
    assert sorted_items(target) == sorted_items(source)


def test_plain_json(server, tables):
    source, target = tables
    source.put(EVERY_TYPE)
    done = run("export", "table", source.name, "--format", "jsonl", "--endpoint", server.url)
    assert json.loads(done.stdout) == {
        "p": "a \"quoted\" ü\n", "c": 12345678901234567890.0, "b": "AP8=", "t": True, "z": None,
        "l": ["", 1, [], {"x": None}], "m": {"deep": {"n": -0.5}},
        "ss": ["x", "y"], "ns": [1, 2.5], "bs": ["AQ=="]}
    assert '"c":12345678901234567890.000000000000000001' in done.stdout
    done = run("import", "table", target.name, "-", "--endpoint", server.url, input=done.stdout)
    assert done.returncode == 0, done.stderr
    expected = {**EVERY_TYPE, "b": S("AP8="), "ss": {"L": [S("x"), S("y")]},
                "ns": {"L": [N(1), N("2.5")]}, "bs": {"L": [S("AQ==")]}}
    assert target.scan()["Items"] == [expected]


def test_key_attributes_take_their_own_type(server, unique, tmp_path):
    table = make_table(server.client("dynamodb"), unique("typed"), "p:B c:N")
    (tmp_path / "a.jsonl").write_text('{"p": "AP8=", "c": "7", "Item": {"x": 1}}\n\n'
                                      '{"Item": {"p": {"B": "AQ=="}, "c": {"N": "8"}}}')
    done = run("import", "table", table.name, tmp_path / "a.jsonl", "--endpoint", server.url)
    assert done.returncode == 0, done.stderr
    assert sorted_items(table) == [
        {"p": {"B": b"\x00\xff"}, "c": N(7), "Item": {"M": {"x": N(1)}}},
        {"p": {"B": b"\x01"}, "c": N(8)}]


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz"])
def test_csv(server, tables, tmp_path, name):
    text = '\ufeffp,c,note\r\n"a,b",1.50,"two\nlines, ""quoted"""\r\n\r\nc,2,\r\n'
    file = tmp_path / name
    file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    done = run("import", "table", tables[0].name, file, "--endpoint", server.url)
    assert (done.returncode, done.stderr) == (0, f"2 items imported into {tables[0].name}\n")
    assert sorted_items(tables[0]) == [{"p": S("a,b"), "c": N("1.5"), "note": S('two\nlines, "quoted"')},
                                       {"p": S("c"), "c": N(2), "note": S("")}]
    file = tmp_path / "short.csv"
    file.write_text("p,c\nx,1\ny\n")
    said = fails("import", "table", tables[0].name, file, "--endpoint", server.url)
    assert said == f"{file}:3: the row has 1 columns, the header has 2 (1 items are in the table)"


def test_the_last_of_equal_keys_wins(server, tables, tmp_path):
    lines = [json.dumps({"p": "same", "c": 1, "n": n}) for n in range(10)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    done = run("import", "table", tables[0].name, tmp_path / "a.jsonl", "--endpoint", server.url)
    assert done.returncode == 0, done.stderr
    assert tables[0].scan()["Items"] == [{"p": S("same"), "c": N(1), "n": N(9)}]


@pytest.mark.parametrize("bad, why", [
    ("{", "not a JSON object"), ("[1]", "not a JSON object"), ('{"p":"x"} {"p":"y"}', "not a JSON"),
    ('{"p": "x", "c": "seven"}', "cannot be converted to a numeric value"),
    ('{"p": "x"}', "Missing the key c in the item"),
    ('{"Item":{"p":{"S":"x"},"c":{"N":"1"},"q":{"Q":"1"}}}', "Supplied AttributeValue"),
    ('{"p": "x", "c": 1, "d": ' + "[" * 40 + "]" * 40 + "}", "nested deeper than 32 levels")])
def test_a_bad_line_is_named(server, tables, tmp_path, bad, why):
    lines = [json.dumps({"p": "good", "c": n}) for n in range(60)]
    lines.insert(40, bad)
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(lines))
    said = fails("import", "table", tables[0].name, file, "--endpoint", server.url)
    assert said.startswith(f"{file}:41: ") and why in said, said
    count = tables[0].scan(Select="COUNT")["Count"]
    assert f"({count} items are in the table)" in said and 40 <= count


def test_what_is_not_there_is_said(server, unique, tmp_path, data_dir):
    name = unique("none")
    at = ["--endpoint", server.url]
    file = tmp_path / "x"
    said = f"there is no table {name} in us-east-1 of {server.url}"
    assert fails("export", "table", name, "-o", file, *at) == said
    assert not file.exists()
    file.write_text("{}")
    assert fails("import", "table", name, file, *at) == said
    table = make_table(server.client("dynamodb"), name)
    assert fails("import", "table", table.name, tmp_path / "no", *at) == \
        f"cannot read {tmp_path}/no"
    assert fails("export", "table", name, "-o", tmp_path / "no" / "x", *at).startswith(
        f"cannot write {tmp_path}/no/x")
    assert fails("export", "table", name, "--endpoint", "http://127.0.0.1:1") == \
        "no answer from http://127.0.0.1:1: Connection refused [system:111]"
    assert fails("export", "table", name, "--data-dir", data_dir) == \
        f"there is no data of skafu-local in {data_dir}"
    cut = gzip.compress(b'{"p":"x"}\n' * 10000)[:-20]
    (tmp_path / "cut.gz").write_bytes(cut)
    assert fails("import", "table", name, tmp_path / "cut.gz", *at) == \
        f"{tmp_path}/cut.gz is damaged or cut short"
    table.put({"p": S("a")})
    with open("/dev/full", "w") as full:
        done = subprocess.run([find_binary(), "export", "table", name, *at], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1 and "cannot write standard output: No space left" in done.stderr


def test_accounts_and_regions(server, unique):
    name = unique("mine")
    for account, region in (("111111111111", "us-east-1"), ("000000000000", "eu-west-1")):
        db = server.client("dynamodb", account=account, region=region)
        make_table(db, name).put({"p": S(account + region)})
    env = {**os.environ, "AWS_ACCESS_KEY_ID": "111111111111", "AWS_DEFAULT_REGION": "us-east-1"}
    at = ["--endpoint", server.url]
    assert "111111111111us-east-1" in run("export", "table", name, *at, env=env).stdout
    assert "000000000000eu-west-1" in run("export", "table", name, *at, "--region",
                                          "eu-west-1").stdout


def test_in_a_data_folder(fresh_server, data_dir, tmp_path):
    server = fresh_server("--data-dir", data_dir)
    db = server.client("dynamodb")
    make_table(db, "kept", "p:S", StreamSpecification={
        "StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    assert "is in use by another skafu-local" in fails("export", "table", "kept", "--data-dir",
                                                       data_dir)
    server.stop()
    lines = "".join(json.dumps({"p": str(n), "x": "y" * 1000}) + "\n" for n in range(3000))
    done = run("import", "table", "kept", "-", "--data-dir", data_dir, input=lines)
    assert done.returncode == 0, done.stderr
    done = run("export", "table", "kept", "--data-dir", data_dir, "--format", "jsonl")
    assert sorted(done.stdout.splitlines()) == sorted(
        json.dumps(json.loads(line), separators=(",", ":")) for line in lines.splitlines())
    db = fresh_server("--data-dir", data_dir).client("dynamodb")
    assert db.scan(TableName="kept", Select="COUNT")["Count"] < 3000
    assert db.describe_table(TableName="kept")["Table"]["ItemCount"] == 3000


def test_progress_only_on_a_terminal(server, unique, tmp_path):
    table = make_table(server.client("dynamodb"), unique("bar"))
    file = tmp_path / "many.jsonl"
    with open(file, "w") as out:
        for n in range(40000):
            out.write(json.dumps({"p": str(n), "x": "y" * 100}) + "\n")
    master, slave = pty.openpty()
    process = subprocess.Popen([find_binary(), "import", "table", table.name, file,
                                "--endpoint", server.url], stderr=slave)
    os.close(slave)
    shown = b""
    while True:
        try:
            shown += os.read(master, 4096)
        except OSError:
            break
    os.close(master)
    assert process.wait() == 0
    assert b"%" in shown and b"items, " in shown and b"[#" in shown, shown
    assert shown.endswith(b"40000 items imported into " + table.name.encode() + b"\r\n")


def test_interrupted(server, unique, tmp_path):
    table = make_table(server.client("dynamodb"), unique("cut"))
    lines = tmp_path / "lines"
    os.mkfifo(lines)
    process = subprocess.Popen([find_binary(), "import", "table", table.name, lines,
                                "--endpoint", server.url], stderr=subprocess.PIPE, text=True)

    def feed():
        with contextlib.suppress(BrokenPipeError), open(lines, "wb") as out:
            for n in range(10 ** 9):
                out.write(b'{"p":"%d"}\n' % n)

    feeder = threading.Thread(target=feed)
    feeder.start()
    wait_until(lambda: table.scan(Select="COUNT")["Count"] >= 400, what="some items")
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[1]
    feeder.join()
    count = table.db.describe_table(TableName=table.name)["Table"]["ItemCount"]
    assert process.returncode == 1
    assert said.startswith("skafu-local: interrupted at line ") and said.count("\n") == 1, said
    assert f" {count} items are in the table" in said


def peak_mib(*args):
    """The most memory that a command took."""
    process = subprocess.Popen([find_binary(), *map(str, args)], stderr=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return usage.ru_maxrss / 1024


def test_memory_does_not_grow_with_the_table(server, unique, tmp_path):
    db = server.client("dynamodb")
    peaks = []
    for count in (1000, 20000):
        table = make_table(db, unique("large"))
        file = tmp_path / "items.json"
        with open(file, "w") as out:
            for n in range(count):
                out.write(f'{{"p":"{n}","x":"{"y" * 1000}"}}\n')
        at = ["--endpoint", server.url]
        peaks.append((peak_mib("import", "table", table.name, file, *at),
                      peak_mib("export", "table", table.name, "-o", file, *at)))
        assert db.describe_table(TableName=table.name)["Table"]["ItemCount"] == count
        db.delete_table(TableName=table.name)
    (few_in, few_out), (many_in, many_out) = peaks
    assert many_in < few_in + 8 and many_out < few_out + 8, peaks
