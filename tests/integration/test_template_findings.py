"""What is wrong with a template: faults all at once with their lines, findings of what AWS would
refuse, the same by `validate` as by `start`."""
import json
import subprocess

import pytest

from conftest import FIXTURES, find_binary


@pytest.fixture
def project(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("def handler(event, context):\n    return 1\n")

    def write(text, name="template.yaml"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def run(*args):
    return subprocess.run([find_binary(), *map(str, args)], capture_output=True, text=True, timeout=30)


def refused(*args):
    done = run("start", "--port", "0", "--no-watch", *args)
    assert done.returncode != 0, done.stdout
    return done.stderr


def findings(server):
    return [line.split("template.yaml:", 1)[1] for line in server.output().splitlines()
            if line.startswith("    ") and "template.yaml:" in line]


MISSPELT = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Runtime: {Type: String, Default: ruby3.2}}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      Tablename: orders
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema:
        - AttributeName: id
          KeyType: HASH
          Order: 1
  Old:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code/
      Handler: app.handler
      Runtime: python2.7
      Policies: [AmazonSQSFullAcces, AWSStepFunctionsFullAccess, AmazonElasticTranscoder_FullAccess]
  Ruby:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: code/, Handler: app.handler, Runtime: !Ref Runtime}
  Socket:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: s, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}
"""


def test_what_aws_would_refuse_is_found_with_its_line_and_runs(fresh_server, project):
    server = fresh_server(project(MISSPELT))
    assert findings(server) == [
        "8: [Table] AWS::DynamoDB::Table has no property Tablename. On AWS: Properties validation failed for "
        "resource Table with message: [#: extraneous key [Tablename] is not permitted] Mend: write TableName.",
        "14: [Table] AWS::DynamoDB::Table/KeySchema/0 has no property Order. On AWS: Properties validation failed "
        "for resource Table with message: [#/KeySchema/0: extraneous key [Order] is not permitted]",
        "20: [Old] The runtime python2.7 is out of service. On AWS: The runtime parameter of python2.7 is no longer "
        "supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while "
        "creating or updating functions. Mend: write python3.14.",
        "24: [Ruby] The runtime ruby3.2 does not run here: each call of the function fails. Mend: use Python, "
        "Node.js or provided.* for what has to run here, or send the service elsewhere with --upstream lambda=URL.",
        "15: [OldRole] There is no managed policy AmazonSQSFullAcces: the role does without it. On AWS: ARN "
        "AmazonSQSFullAcces is not valid. Mend: write AmazonSQSFullAccess.",
        "25: [Socket] WebSocket APIs are known to the control plane, but not served: no client can connect.",
    ]
    roles = server.client("iam")
    role = roles.list_roles()["Roles"][0]["RoleName"]
    attached = roles.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert "AmazonElasticTranscoder_FullAccess" in [one["PolicyName"] for one in attached]


def test_strict_refuses_unknown_properties_and_runtimes(project):
    said = refused("--strict", project(MISSPELT))
    for words in ("[#: extraneous key [Tablename]", "[#/KeySchema/0: extraneous key [Order]", "python2.7"):
        assert words in said
    assert "ruby3.2" not in said and "WebSocket" not in said


def test_a_stack_of_the_api_fails_with_an_unknown_property(server, unique):
    client = server.client("cloudformation")
    name = unique("stack")
    client.create_stack(StackName=name, TemplateBody=json.dumps(
        {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"Name": "q"}}}}))
    reasons = [event.get("ResourceStatusReason") for event in
               client.describe_stack_events(StackName=name)["StackEvents"]]
    assert ("Properties validation failed for resource Q with message: "
            "[#: extraneous key [Name] is not permitted]") in reasons
    assert client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"


def test_an_unknown_property_explains_why_a_resource_cannot_be_made(project):
    said = refused(project("""
Resources:
  Rule: {Type: AWS::Events::Rule, Properties: {Pattern: {source: [a]}}}
  Other: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: x}}}
"""))
    assert "template.yaml:3: [Rule] Parameter(s) EventPattern or ScheduleExpression must be specified" in said
    assert "Mend: write EventPattern." in said
    assert "template.yaml:4: [Other]" in said, "all resources that cannot be made are told at once"


@pytest.mark.parametrize("section", ["Parameters", "Mappings", "Conditions", "Outputs", "Resources"])
def test_a_section_that_is_no_map_is_refused(project, section):
    resources = "Resources: {Q: {Type: AWS::SQS::Queue}}\n" if section != "Resources" else ""
    assert f"template.yaml:1: Template format error: {section} must be a map." in refused(
        project(f"{section}: 5\n{resources}"))
    assert f"template.yaml:1: Template format error: [/{section}] 'null' values are not allowed" in refused(
        project(f"{section}:\n{resources}"))


def test_faults_of_all_kinds_are_told_at_once(project):
    said = refused(project("""Transform: AWS::Serverless-2016-10-31
Parameters: {Number: {Type: Number}, Letter: {Type: String, AllowedValues: [a, b], Default: c}}
Resources:
  Unresolved: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Nope}}
  This: {Type: AWS::SQS::Queue, DependsOn: That}
  That: {Type: AWS::SQS::Queue, DependsOn: This}
  Machine: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: absent.json}}
  Function:
    Type: AWS::Serverless::Function
    Properties: {Handlr: app.handler, Runtime: python3.12, CodeUri: code/}
  Uses: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref FunctionRole}}
  Attribute: {Type: AWS::SQS::Queue, Propertys: {QueueName: x}}
"""))
    for words in ("template.yaml:2: Parameter 'Letter' must be one of AllowedValues",
                  "template.yaml:2: Parameters: [Number] must have values",
                  "template.yaml:4: [Unresolved] Template format error: Unresolved resource dependencies [Nope]",
                  "template.yaml:5: [This] Circular dependency between resources: [This, That]",
                  "template.yaml:7: [Machine] DefinitionUri: there is no file or folder",
                  "template.yaml:10: [Function] Resource with id [Function] is invalid. property Handlr not defined "
                  "for resource of type AWS::Serverless::Function. Mend: write Handler.",
                  "template.yaml:12: [Attribute] Invalid template resource property 'Propertys'. Mend: write "
                  "Properties."):
        assert words in said, said
    assert "FunctionRole" not in said, "what the transform would have made is not missing"


def test_validate_finds_what_start_finds(fresh_server, project):
    template = project(MISSPELT + """
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine.json}
""")
    project('{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::nowhere:go", '
            '"End": true}}}', "machine.json")
    done = run("validate", template)
    started = run("start", "--port", "0", "--no-watch", template)
    assert done.returncode == started.returncode == 1
    assert done.stderr and done.stderr in started.stderr, (done.stderr, started.stderr)
    assert "[Machine]" in done.stderr
    project('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', "machine.json")
    good = run("validate", template)
    assert good.returncode == 0 and good.stdout.startswith(f"{template} is valid.")
    server = fresh_server(template)
    told = [line for line in server.output().splitlines() if "template.yaml:" in line]
    assert told and all(line in good.stdout for line in told)
    strict = run("validate", "--strict", template)
    assert strict.returncode == 1 and "Tablename" in strict.stderr


def test_the_sample_application_is_valid():
    done = run("validate", FIXTURES / "skafu/template.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "finding" not in done.stdout


def test_resources_that_are_not_emulated_have_attributes_of_their_shape(fresh_server, project):
    server = fresh_server(project("""
Resources:
  Api: {Type: AWS::AppSync::GraphQLApi, Properties: {Name: g, AuthenticationType: API_KEY}}
  Key: {Type: AWS::AppSync::ApiKey, Properties: {ApiId: !GetAtt Api.ApiId}}
Outputs:
  Ref: {Value: !Ref Api}
  Id: {Value: !GetAtt Api.ApiId}
  Url: {Value: !GetAtt Api.GraphQLUrl}
  Realtime: {Value: !GetAtt Api.RealtimeUrl}
  Key: {Value: !GetAtt Key.ApiKey}
"""))
    stack = server.client("cloudformation").describe_stacks()["Stacks"][0]
    values = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    api = values["Id"]
    assert len(api) == 26 and api.isalnum() and api == api.lower()
    assert values["Ref"] == f"arn:aws:appsync:us-east-1:000000000000:apis/{api}"
    assert values["Url"].startswith("https://")
    assert values["Url"].endswith(".appsync-api.us-east-1.amazonaws.com/graphql")
    assert values["Realtime"].startswith("wss://")
    assert values["Realtime"].endswith(".appsync-realtime-api.us-east-1.amazonaws.com/graphql")
    assert values["Key"].startswith("da2-")


def test_an_absent_init_folder_is_refused(tmp_path):
    assert f"--init-dir: Directory does not exist: {tmp_path / 'nope'}" in refused(
        "--init-dir", tmp_path / "nope")


def test_keep_going_leaves_out_each_fault_and_tells_it_once(fresh_server, project):
    server = fresh_server("--keep-going", project("""
Resources:
  Unresolved: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Nope}}
  Refused: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 99999}}
  Good: {Type: AWS::SQS::Queue, Properties: {QueueName: good}}
Outputs:
  Absent: {Value: !Ref Missing}
  Name: {Value: !GetAtt Good.QueueName}
"""))
    told = [line for line in server.output().splitlines() if "left out:" in line]
    assert len(told) == 3, told
    for words in ("template.yaml:3: [Unresolved]", "template.yaml:4: [Refused]", "template.yaml:7: [Absent]"):
        assert sum(words in line for line in told) == 1, told
    assert "Name = good" in server.output()


API = """
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: spread}}
Outputs:
  Api: {Value: !Ref Api}
  Root: {Value: !GetAtt Api.RootResourceId}
"""
METHODS = """
Parameters: {Api: {Type: String}, Root: {Type: String}}
Resources:
  Path: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !Ref Root, PathPart: hi}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Path
      HttpMethod: GET
      AuthorizationType: NONE
      Integration:
        Type: MOCK
        RequestTemplates: {application/json: '{"statusCode": 200}'}
        IntegrationResponses: [{StatusCode: "200"}]
      MethodResponses: [{StatusCode: "200"}]
"""
SPREAD = """
Resources:
  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: api.yaml}}
  B:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: methods.yaml
      Parameters: {Api: !GetAtt A.Outputs.Api, Root: !GetAtt A.Outputs.Root}
"""


@pytest.mark.parametrize("options, status, words", [
    ([], 200, "has no stage: it is served under any stage name."),
    (["--strict"], 403, "has no stage: it is not served."),
])
def test_an_api_spread_over_stacks_without_a_deployment(fresh_server, project, options, status, words):
    project(API, "api.yaml")
    project(METHODS, "methods.yaml")
    server = fresh_server(*options, project(SPREAD))
    api = server.client("apigateway").get_rest_apis()["items"][0]["id"]
    answered, _, body = server.request("GET", f"/_aws/execute-api/{api}/anything/hi")
    assert answered == status
    assert status == 200 or json.loads(body) == {"message": "Forbidden"}
    assert server.output().count(words) == 1
