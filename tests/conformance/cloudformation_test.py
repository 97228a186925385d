"""CloudFormation against its recordings: templates with the outputs, errors and events that AWS
gives. Each file has a floor: the number of cases that pass, which may only rise."""
import json
import os
import pathlib
import re
import sys
import uuid
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ClientError

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))
from conftest import Server  # noqa: E402

ALL_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
FLOORS = {"intrinsics": 97, "behaviour": 27, "error": 9, "outputs": 11, "models": 22, "update": 46}


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
        if "{{resolve:ssm:" in template and "ssm" not in self.case:
            # The recordings leave out what they put into the parameter store before.
            for name in set(self.case["parameters"].values()):
                self.service("ssm").put_parameter(Name=name, Value="stored", Type="String", Overwrite=True)
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


class UpdateRun(Run):
    """A stack that is created by a change set and then updated by others."""

    def failure(self):
        for number, step in enumerate(self.case["steps"]):
            why = self.take(number, step)
            if why:
                return f"step {number}: {why}"
        return self.judge_all_events()

    def store_parameters(self, step):
        """The recordings leave out what they put into the parameter store before."""
        declared = json.loads(step["template"]).get("Parameters", {})
        for key, declaration in declared.items():
            name = step.get("parameters", {}).get(key)
            if name and declaration["Type"].startswith("AWS::SSM::Parameter::Value"):
                self.service("ssm").put_parameter(Name=name, Value="stored", Type="String",
                                                  Overwrite=True)

    def take(self, number, step):
        self.store_parameters(step)
        parameters = [{"ParameterKey": k, "ParameterValue": str(v)}
                      for k, v in step.get("parameters", {}).items()]
        self.client.create_change_set(
            StackName=self.stack, ChangeSetName=f"c{number}", TemplateBody=step["template"],
            ChangeSetType="UPDATE" if number else "CREATE", Parameters=parameters,
            Capabilities=ALL_CAPABILITIES)
        shown = describe_with_values(self.client, self.stack, f"c{number}")
        why = self.judge_changes(step["changes"], shown)
        if why:
            return why
        self.client.execute_change_set(StackName=self.stack, ChangeSetName=f"c{number}")
        stack = self.client.describe_stacks(StackName=self.stack)["Stacks"][0]
        if stack["StackStatus"] != step["status"]:
            return f"{stack['StackStatus']}; wanted {step['status']}"
        return self.judge_outputs(stack, step) if "outputs" in step else None

    def judge_changes(self, wanted, shown):
        got = {change["id"]: change for change in shown}
        if sorted(got) != sorted(change["id"] for change in wanted):
            return f"changes of {sorted(got)}; wanted {[c['id'] for c in wanted]}"
        for change in wanted:
            found = got[change["id"]]
            for part in ("action", "type", "replacement"):
                if found.get(part) != change.get(part):
                    return f"{part} of {change['id']} is {found.get(part)}"
            for part in ("before", "after"):
                if not self.alike(change.get(part), found.get(part)):
                    return f"{part} is {found.get(part)}; wanted {change.get(part)}"
        return None

    def alike(self, wanted, found):
        if isinstance(wanted, dict) and isinstance(found, dict):
            return set(wanted) == set(found) and all(
                self.alike(value, found[key]) for key, value in wanted.items())
        if isinstance(wanted, list) and isinstance(found, list):
            return len(wanted) == len(found) and all(map(self.alike, wanted, found))
        if isinstance(wanted, str) and isinstance(found, str):
            return self.matches(wanted, found)
        return wanted == found

    def judge_all_events(self):
        """The events of stack and resources, each without the same status twice in a row (AWS
        tells of a resource that is being made when its id is known, too). Some recordings end
        with the deletion of the stack."""
        wanted = self.case.get("events", {})
        stack_id = self.client.describe_stacks(StackName=self.stack)["Stacks"][0]["StackId"]
        if "DELETE_COMPLETE" in wanted.get("Stack", []):
            self.client.delete_stack(StackName=stack_id)
        seen = {}
        for event in self.client.describe_stack_events(StackName=stack_id)["StackEvents"][::-1]:
            name = event["LogicalResourceId"]
            seen.setdefault("Stack" if name == self.stack else name, []).append(
                event["ResourceStatus"])
        for name, statuses in wanted.items():
            got = [s for s in without_repeats(seen.get(name, [])) if s not in OPTIONAL or
                   s in statuses]
            if got != statuses:
                return f"events of {name}: {got}; wanted {statuses}"
        return None


# Told of by AWS at once or not at all, depending on how fast the cleanup is.
OPTIONAL = {"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"}


def without_repeats(statuses):
    return [s for place, s in enumerate(statuses) if place == 0 or statuses[place - 1] != s]


def describe_with_values(client, stack, name):
    """DescribeChangeSet with IncludePropertyValues, which older boto3 do not know."""
    def add_flag(params, **_):
        params["body"]["IncludePropertyValues"] = "true"

    seen = []
    client.meta.events.register("before-call.cloudformation.DescribeChangeSet", add_flag)
    client.meta.events.register("after-call.cloudformation.DescribeChangeSet",
                                lambda http_response, **_: seen.append(http_response.content))
    client.describe_change_set(StackName=stack, ChangeSetName=name)
    changes = []
    tag = "{http://cloudformation.amazonaws.com/doc/2010-05-15/}"
    for change in ElementTree.fromstring(seen[-1]).iter(tag + "ResourceChange"):
        entry = {}
        for key, part in (("id", "LogicalResourceId"), ("action", "Action"),
                          ("type", "ResourceType"), ("replacement", "Replacement")):
            if change.findtext(tag + part):
                entry[key] = change.findtext(tag + part)
        for key, part in (("before", "BeforeContext"), ("after", "AfterContext")):
            if change.findtext(tag + part):
                entry[key] = json.loads(change.findtext(tag + part)).get("Properties", {})
        changes.append(entry)
    return changes


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
            kind = UpdateRun if "steps" in case else Run
            why = kind(server, case, number + 1000 * sorted(FLOORS).index(name)).failure()
        except Exception as error:  # a case that breaks the client has failed, too
            why = f"{type(error).__name__}: {error}"
        if why:
            failures.append(f"{case['id']}: {why}")
    passed = len(all_cases) - len(failures)
    print(f"{name}: {passed} of {len(all_cases)}")
    if os.environ.get("SKAFU_SHOW_FAILURES"):
        print("\n".join(failures))
    assert passed >= FLOORS[name], "\n".join(failures)
