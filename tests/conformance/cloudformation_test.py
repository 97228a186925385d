"""CloudFormation against its recordings: templates with the outputs, errors and events that AWS
gives. Each file has a floor: the number of cases that pass, which may only rise."""
import json
import os
import pathlib
import re
import sys
import uuid

import pytest
from botocore.exceptions import ClientError

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))
from conftest import Server  # noqa: E402

ALL_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
FLOORS = {"intrinsics": 97, "behaviour": 27, "error": 9, "outputs": 10, "models": 20}


def recordings():
    if os.environ.get("SKAFU_CONFORMANCE"):
        return pathlib.Path(os.environ["SKAFU_CONFORMANCE"])
    for folder in (ROOT.parent, ROOT.parent.parent):
        if (folder / "shared" / "conformance").exists():
            return folder / "shared" / "conformance"
    return None


def cases(name):
    folder = recordings()
    if folder is None or not (folder / "cloudformation" / f"{name}.jsonl").exists():
        pytest.skip("skipped, no recordings")
    with open(folder / "cloudformation" / f"{name}.jsonl") as lines:
        return [json.loads(line) for line in lines]


class Run:
    """One case in an account of its own, so that names never meet."""

    def __init__(self, server, case, number):
        self.case = case
        self.account = f"{100000000000 + number}"
        self.region = case.get("region", "us-east-1")
        self.server = server
        self.client = server.client("cloudformation", self.account, self.region)
        self.stack = "conf-" + uuid.uuid4().hex[:10]
        self.names = {"account": self.account, "region": self.region, "partition": "aws",
                      "stack": self.stack}

    def service(self, name):
        return self.server.client(name, self.account, self.region)

    def prepare(self):
        for name, value in self.case.get("ssm", {}).items():
            self.service("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
        for setup in self.case.get("setup", []):
            self.client.create_stack(StackName=setup["stack"], TemplateBody=setup["template"],
                                     Capabilities=ALL_CAPABILITIES)
        template = self.case["template"]
        for name, text in self.case.get("files", {}).items():
            bucket = "conf-files-" + self.account
            self.service("s3").create_bucket(Bucket=bucket)
            self.service("s3").put_object(Bucket=bucket, Key=name, Body=text.encode())
            url = f"https://{bucket}.s3.amazonaws.com/{name}"
            template = template.replace("{{file:%s}}" % name, url)
        for place, content in self.case.get("files_zip", {}).items():
            import io
            import zipfile
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr(content, "")
            bucket, key = place.split("/", 1)
            self.service("s3").create_bucket(Bucket=bucket)
            self.service("s3").put_object(Bucket=bucket, Key=key, Body=packed.getvalue())
        return template

    def create(self, template):
        parameters = [{"ParameterKey": k, "ParameterValue": str(v)}
                      for k, v in self.case.get("parameters", {}).items()]
        expected = self.case["expected"]
        operation = self.case.get("operation", "CreateStack")
        if operation == "ValidateTemplate":
            return self.client.validate_template(TemplateBody=template)
        extra = {}
        if operation == "CreateChangeSet":
            return self.client.create_change_set(
                StackName=self.stack, ChangeSetName="c", ChangeSetType="CREATE",
                TemplateBody=template, Parameters=parameters, Capabilities=ALL_CAPABILITIES)
        return self.client.create_stack(
            StackName=self.stack, TemplateBody=template, Parameters=parameters,
            Capabilities=expected.get("capabilities", ALL_CAPABILITIES), **extra)

    def failure(self):
        expected = self.case["expected"]
        try:
            template = self.prepare()
            self.create(template)
        except ClientError as error:
            return self.judge_error(error.response["Error"])
        stack = self.client.describe_stacks(StackName=self.stack)["Stacks"][0]
        reasons = [e.get("ResourceStatusReason", "") for e in
                   self.client.describe_stack_events(StackName=self.stack)["StackEvents"]]
        if "error" in expected or "error_contains" in expected:
            wanted = expected.get("error_contains", [expected.get("error")])
            found = any(all(part in reason for part in wanted) for reason in reasons)
            return None if found else f"{stack['StackStatus']} {reasons}; wanted {wanted}"
        if "rollback_or_error" in expected:
            wanted = expected["rollback_or_error"]
            return None if all(any(w in r for r in reasons) for w in wanted) else str(reasons)
        if "rollback" in expected:
            return self.judge_rollback(stack, expected["rollback"])
        if stack["StackStatus"] != "CREATE_COMPLETE":
            return f"{stack['StackStatus']}: {reasons}"
        return self.judge_outputs(stack, expected) or self.judge_events(expected)

    def judge_error(self, error):
        expected = self.case["expected"]
        wanted = expected.get("error_contains") or expected.get("rollback_or_error")
        if wanted is None:
            wanted = [expected["error"]] if "error" in expected else None
        if wanted is None:
            return "refused: " + error["Message"]
        if expected.get("code", error["Code"]) != error["Code"]:
            return f"code {error['Code']}"
        exact = "error" in expected
        good = (error["Message"] == expected["error"] if exact
                else all(part in error["Message"] for part in wanted))
        return None if good else f"{error['Message']!r}; wanted {wanted}"

    def judge_rollback(self, stack, wanted):
        events = self.client.describe_stack_events(StackName=self.stack)["StackEvents"]
        failed = {e["LogicalResourceId"] for e in events if e["ResourceStatus"] == "CREATE_FAILED"}
        text = " ".join(e.get("ResourceStatusReason", "") for e in events)
        good = (stack["StackStatus"] == wanted["status"] and failed >= set(wanted["failed"])
                and all(part in text for part in wanted["reason_contains"]))
        return None if good else f"{stack['StackStatus']} {failed} {text}"

    def judge_outputs(self, stack, expected):
        got = {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
        wanted = expected.get("outputs", {})
        if set(got) != set(wanted):
            return f"outputs {got}; wanted {wanted}"
        for key, pattern in sorted(wanted.items()):
            if not self.matches(pattern, got[key]):
                return f"output {key} is {got[key]!r}; wanted {pattern!r}"
        described = {p["ParameterKey"]: p["ParameterValue"] for p in stack.get("Parameters", [])}
        for key, value in expected.get("described_parameters", {}).items():
            if described.get(key) != value:
                return f"parameter {key} is shown as {described.get(key)!r}"
        return None

    def matches(self, pattern, text):
        pattern = pattern.replace("111111111111", "<account>")
        expression, bound = "", []
        for part in re.split(r"(<[^>]+>)", pattern):
            name = part[1:-1]
            if not (part.startswith("<") and part.endswith(">")):
                expression += re.escape(part)
            elif name in self.names:
                expression += re.escape(self.names[name])
            elif name in bound:
                expression += f"(?P={group(name)})"
            else:
                expression += f"(?P<{group(name)}>.+?)"
                bound.append(name)
        found = re.fullmatch(expression, text, re.S)
        if found:
            self.names.update({name: found[group(name)] for name in bound})
        return bool(found)

    def judge_events(self, expected):
        if "events" not in expected and "order" not in expected:
            return None
        events = self.client.describe_stack_events(StackName=self.stack)["StackEvents"][::-1]
        seen = [(("Stack" if e["LogicalResourceId"] == self.stack else e["LogicalResourceId"]),
                 e["ResourceStatus"]) for e in events]
        for name, wanted in expected.get("events", {}).items():
            got = [status for who, status in seen if who == name]
            if got != wanted:
                return f"events of {name}: {got}; wanted {wanted}"
        places = [seen.index(tuple(entry)) for entry in expected.get("order", [])]
        return None if places == sorted(places) else f"order {seen}"


def group(name):
    return "n_" + re.sub(r"\W", "_", name)


@pytest.fixture(scope="module")
def server():
    running = Server().start()
    yield running
    running.stop()


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_recorded_cases(server, name):
    failures = []
    all_cases = cases(name)
    for number, case in enumerate(all_cases):
        try:
            why = Run(server, case, number + 1000 * sorted(FLOORS).index(name)).failure()
        except Exception as error:  # a case that breaks the client has failed, too
            why = f"{type(error).__name__}: {error}"
        if why:
            failures.append(f"{case['id']}: {why}")
    passed = len(all_cases) - len(failures)
    print(f"{name}: {passed} of {len(all_cases)}")
    if os.environ.get("SKAFU_SHOW_FAILURES"):
        print("\n".join(failures))
    assert passed >= FLOORS[name], "\n".join(failures)
