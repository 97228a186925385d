"""The main job, end to end: the sample application runs from its template, a command goes in at
the API, and its event reaches every consumer; every kind of failure reaches the error bus."""
import json
import uuid

import pytest

from conftest import FIXTURES, Server, wait_until

TEMPLATE = FIXTURES / "skafu" / "template.yaml"


class App:
    """The deployed sample application, with a signed-in user."""

    def __init__(self, server):
        self.server = server
        stacks = server.client("cloudformation").describe_stacks(StackName="skafu")["Stacks"]
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in stacks[0]["Outputs"]}
        self.api_id = self.outputs["ApiEndpoint"].split("//")[1].split(".")[0]
        self.dynamodb = server.client("dynamodb")
        self.token, self.user_id = self.sign_in("ada@example.com")

    def sign_in(self, email):
        cognito = self.server.client("cognito-idp")
        pool, client = self.outputs["UserPoolId"], self.outputs["UserPoolClientId"]
        cognito.admin_create_user(
            UserPoolId=pool, Username=email, MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": email},
                            {"Name": "email_verified", "Value": "true"}])
        cognito.admin_set_user_password(UserPoolId=pool, Username=email,
                                        Password="Corr3ct-horse", Permanent=True)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email,
                                        GroupName="project-managers")
        tokens = cognito.initiate_auth(
            ClientId=client, AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": "Corr3ct-horse"})
        user = cognito.admin_get_user(UserPoolId=pool, Username=email)
        sub = next(a["Value"] for a in user["UserAttributes"] if a["Name"] == "sub")
        return tokens["AuthenticationResult"]["IdToken"], sub

    def call(self, method, path, body=None, token=None, correlation=None):
        headers = {"Content-Type": "application/json", "Authorization": token or self.token}
        if correlation:
            headers["X-Correlation-Id"] = correlation
        status, _, data = self.server.request(
            method, f"/_aws/execute-api/{self.api_id}/development{path}", body, headers)
        return status, json.loads(data) if data else None

    def create_project(self, **command):
        correlation = str(uuid.uuid4())
        status, answer = self.call("POST", "/api/v1/projects", command, correlation=correlation)
        return status, answer, correlation

    def rest(self, correlation):
        """Waits until all that the correlation id caused has ended."""
        status, answer = self.server.admin(
            "POST", "/await", {"until": {"correlationId": correlation}, "timeout": 30})
        assert status == 200, answer
        self.server.await_idle()

    def errors_of(self, correlation):
        found = self.dynamodb.query(
            TableName=self.outputs["ErrorTableName"],
            KeyConditionExpression="correlationId = :c",
            ExpressionAttributeValues={":c": {"S": correlation}})
        return [item["errorType"]["S"] for item in found["Items"]]


@pytest.fixture(scope="module")
def app():
    server = Server(TEMPLATE).start()
    yield App(server)
    server.stop()


def test_a_command_becomes_an_event_that_reaches_every_consumer(app):
    project_id = f"bridge-{uuid.uuid4().hex[:6]}"
    status, answer, correlation = app.create_project(projectId=project_id, name="Bridge")
    assert status == 202, answer
    assert answer == {"correlationId": correlation, "projectId": project_id, "status": "accepted"}
    app.rest(correlation)

    stored = app.dynamodb.query(
        TableName=app.outputs["EventStoreName"], KeyConditionExpression="aggregateId = :a",
        ExpressionAttributeValues={":a": {"S": project_id}})["Items"]
    assert [i["eventSequence"]["N"] for i in stored] == ["1"]
    assert stored[0]["correlationId"]["S"] == correlation

    read_model = app.dynamodb.get_item(TableName=app.outputs["ProjectTableName"],
                                       Key={"projectId": {"S": project_id}})["Item"]
    assert read_model["name"]["S"] == "Bridge"
    assert read_model["ownerId"]["S"] == app.user_id

    sqs = app.server.client("sqs")
    messages = sqs.receive_message(QueueUrl=app.outputs["AuditQueueUrl"],
                                   MaxNumberOfMessages=10)["Messages"]
    audited = [json.loads(m["Body"]) for m in messages]
    created = [a for a in audited if a["correlationId"] == correlation
               and a["type"] == "ProjectCreated"]
    assert len(created) == 1
    assert created[0]["note"] == f"ProjectCreated by {app.user_id}"

    tasks = app.dynamodb.scan(TableName="skafu-onboarding-development")["Items"]
    assert any(project_id in json.dumps(task) for task in tasks)
    assert app.errors_of(correlation) == []


def test_the_journal_shows_the_tree_of_causes(app):
    _, _, correlation = app.create_project(name="Journal")
    app.rest(correlation)
    _, journal = app.server.admin("GET", f"/journal?correlationId={correlation}")
    text = json.dumps(journal)
    for part in ("POST /api/v1/projects", "execute-api:Invoke", "states:StartSyncExecution",
                 "dynamodb:PutItem", "events:PutEvents", "lambda:Invoke"):
        assert part in text, part


def test_the_read_side_answers_through_the_api(app):
    project_id = f"tower-{uuid.uuid4().hex[:6]}"
    _, _, correlation = app.create_project(projectId=project_id, name="Tower")
    app.rest(correlation)
    status, projects = app.call("GET", "/api/v1/projects")
    assert status == 200
    assert project_id in [p["projectId"] for p in projects["projects"]]
    status, project = app.call("GET", f"/api/v1/projects/{project_id}")
    assert (status, project["name"]) == (200, "Tower")


def test_a_request_without_a_token_is_refused(app):
    status, _, body = app.server.request(
        "POST", f"/_aws/execute-api/{app.api_id}/development/api/v1/projects",
        {"name": "Bridge"}, {"Content-Type": "application/json"})
    assert (status, json.loads(body)["message"]) == (401, "Unauthorized")
    assert app.call("POST", "/api/v1/projects", {"name": "Bridge"}, token="nonsense")[0] == 401


def test_a_request_that_breaks_the_model_is_refused_by_the_gateway(app):
    status, answer, _ = app.create_project(name="")
    assert (status, answer["message"]) == (400, "Invalid request body")


def test_an_invalid_command_ends_on_the_error_bus(app):
    status, answer, correlation = app.create_project(
        name="Bridge", startDate="2030-01-02", endDate="2030-01-01")
    assert (status, answer["status"]) == (400, "rejected")
    assert answer["correlationId"] == correlation
    app.rest(correlation)
    assert app.errors_of(correlation) == ["CommandRejected"]


def test_a_duplicate_event_ends_on_the_error_bus(app):
    project_id = f"twice-{uuid.uuid4().hex[:6]}"
    assert app.create_project(projectId=project_id, name="Once")[0] == 202
    status, _, correlation = app.create_project(projectId=project_id, name="Twice")
    assert status == 409
    app.rest(correlation)
    assert app.errors_of(correlation) == ["DuplicateEvent"]


def test_a_failing_consumer_ends_on_the_error_bus(app):
    status, _, correlation = app.create_project(name="Unknown kind", templateId="unknown")
    assert status == 202
    app.rest(correlation)
    wait_until(lambda: app.errors_of(correlation), what="the consumer's error in the table")
    assert "ConsumerFailed" in app.errors_of(correlation)


def test_the_status_api_answers_without_a_token(app):
    apis = app.server.client("apigateway").get_rest_apis()["items"]
    status_api = next(a["id"] for a in apis if a["name"] == "Skafu status")
    status, _, body = app.server.request(
        "GET", f"/restapis/{status_api}/development/_user_request_/health")
    assert status == 200, body
