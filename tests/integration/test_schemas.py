"""EventBridge's schema registry by behaviour, with boto3."""
import json

import pytest
from botocore.exceptions import ClientError

from test_eventbridge import put

OPENAPI = json.dumps({
    "openapi": "3.0.0", "info": {"version": "1.0.0", "title": "Paid"}, "paths": {},
    "components": {"schemas": {
        "AWSEvent": {"type": "object", "properties": {
            "detail": {"$ref": "#/components/schemas/Paid"}}},
        "Paid": {"type": "object", "properties": {"amount": {"type": "number"}}}}}})


@pytest.fixture
def schemas(server):
    return server.client("schemas")


@pytest.fixture
def registry(schemas, unique):
    name = unique("registry")
    schemas.create_registry(RegistryName=name, Description="d", Tags={"a": "b"})
    return name


def code(caught):
    return caught.value.response["Error"]["Code"]


def test_registries_are_made_described_listed_and_deleted(schemas, registry):
    described = schemas.describe_registry(RegistryName=registry)
    assert described["RegistryArn"] == \
        f"arn:aws:schemas:us-east-1:000000000000:registry/{registry}"
    assert (described["Description"], described["Tags"]) == ("d", {"a": "b"})
    with pytest.raises(ClientError) as caught:
        schemas.create_registry(RegistryName=registry)
    assert code(caught) == "ConflictException"
    assert schemas.update_registry(RegistryName=registry, Description="e")["Description"] == "e"
    listed = schemas.list_registries(RegistryNamePrefix=registry, Scope="LOCAL")["Registries"]
    assert [r["RegistryName"] for r in listed] == [registry]
    schemas.delete_registry(RegistryName=registry)
    with pytest.raises(ClientError) as caught:
        schemas.describe_registry(RegistryName=registry)
    assert code(caught) == "NotFoundException"
    with pytest.raises(ClientError) as caught:
        schemas.create_registry(RegistryName="aws.mine")
    assert code(caught) == "ForbiddenException"


def test_a_schema_has_versions(schemas, registry):
    here = {"RegistryName": registry, "SchemaName": "shop@Paid"}
    made = schemas.create_schema(Content=OPENAPI, Type="OpenApi3", **here)
    assert made["SchemaVersion"] == "1"
    assert made["SchemaArn"].endswith(f":schema/{registry}/shop@Paid")
    second = OPENAPI.replace("amount", "total")
    assert schemas.update_schema(Content=second, **here)["SchemaVersion"] == "2"
    assert schemas.describe_schema(**here)["Content"] == second
    assert schemas.describe_schema(SchemaVersion="1", **here)["Content"] == OPENAPI
    versions = schemas.list_schema_versions(**here)["SchemaVersions"]
    assert [v["SchemaVersion"] for v in versions] == ["1", "2"]
    [listed] = schemas.list_schemas(RegistryName=registry, SchemaNamePrefix="shop")["Schemas"]
    assert listed["VersionCount"] == 2
    schemas.delete_schema_version(SchemaVersion="1", **here)
    with pytest.raises(ClientError) as caught:
        schemas.describe_schema(SchemaVersion="1", **here)
    assert code(caught) == "NotFoundException"
    schemas.delete_schema(**here)
    assert schemas.list_schemas(RegistryName=registry)["Schemas"] == []


def test_what_is_no_schema_is_refused(schemas, registry):
    for content, kind in (("{", "OpenApi3"), ("{}", "OpenApi3"), (OPENAPI, "Avro")):
        with pytest.raises(ClientError) as caught:
            schemas.create_schema(RegistryName=registry, SchemaName="s", Content=content,
                                  Type=kind)
        assert code(caught) == "BadRequestException"


@pytest.mark.parametrize("content, message", [
    ("not json", "Content is not valid JSON"),
    ('{"openapi":"2.0"}', r"'openapi' does not match pattern '^3\.0\.\d(-.+)?$'"),
    ('{"openapi":"3.1.0"}', r"'openapi' does not match pattern '^3\.0\.\d(-.+)?$'"),
    ('{"openapi":"3.0.0","$schema":"x"}', "additionalProperties '$schema' not allowed")])
def test_contents_are_refused_in_aws_words(schemas, registry, content, message):
    with pytest.raises(ClientError) as caught:
        schemas.create_schema(RegistryName=registry, SchemaName="s", Type="OpenApi3",
                              Content=content)
    assert caught.value.response["Error"]["Code"] == "BadRequestException"
    assert message in str(caught.value)


@pytest.mark.parametrize("source, message", [
    ("arn:aws:sqs:us-east-1:000000000000:q", "Source ARN must be a valid event bus ARN"),
    ("arn:aws:events:us-west-2:000000000000:event-bus/default",
     "Cross region Event Bus sourcing is not supported.")])
def test_a_discoverer_listens_to_a_bus_of_its_region(schemas, source, message):
    with pytest.raises(ClientError) as caught:
        schemas.create_discoverer(SourceArn=source)
    assert message in str(caught.value)


def test_search_goes_by_name_and_content(schemas, registry):
    for name in ("orders", "invoices"):
        schemas.create_schema(RegistryName=registry, SchemaName=name, Type="OpenApi3",
                              Content=OPENAPI.replace("amount", f"{name}Amount"))
    found = schemas.search_schemas(RegistryName=registry, Keywords="ordersamount")["Schemas"]
    assert [f["SchemaName"] for f in found] == ["orders"]
    assert found[0]["SchemaVersions"][0]["SchemaVersion"] == "1"
    both = schemas.search_schemas(RegistryName=registry, Keywords="awsevent", Limit=1)
    rest = schemas.search_schemas(RegistryName=registry, Keywords="awsevent", Limit=1,
                                  NextToken=both["NextToken"])
    assert [f["SchemaName"] for f in both["Schemas"] + rest["Schemas"]] == ["invoices", "orders"]


def test_a_schema_is_exported_as_json_schema(schemas, registry):
    schemas.create_schema(RegistryName=registry, SchemaName="s", Type="OpenApi3", Content=OPENAPI)
    exported = schemas.export_schema(RegistryName=registry, SchemaName="s",
                                     Type="JSONSchemaDraft4")
    document = json.loads(exported["Content"])
    assert document["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert document["properties"]["detail"] == {"$ref": "#/definitions/Paid"}
    assert document["definitions"]["Paid"]["properties"] == {"amount": {"type": "number"}}


def test_a_schema_is_discovered_from_events(schemas):
    events = [json.dumps({
        "version": "0", "id": "1", "detail-type": "Order Created", "source": "shop",
        "account": "1", "time": "2026-01-01T00:00:00Z", "region": "r", "resources": [],
        "detail": detail}) for detail in (
            {"id": 1, "at": "2026-01-01T00:00:00Z", "lines": [{"sku": "a", "n": 2}]},
            {"id": 2, "at": "2026-01-01T00:00:00Z", "note": None, "lines": []})]
    openapi = json.loads(schemas.get_discovered_schema(Events=events, Type="OpenApi3")["Content"])
    components = openapi["components"]["schemas"]
    assert components["AWSEvent"]["x-amazon-events-source"] == "shop"
    assert components["AWSEvent"]["x-amazon-events-detail-type"] == "Order Created"
    order = components["OrderCreated"]
    assert order["required"] == ["id", "at", "lines"]
    assert order["properties"]["at"] == {"type": "string", "format": "date-time"}
    assert order["properties"]["id"] == {"type": "number"}
    assert components["LinesItem"]["required"] == ["sku", "n"]
    draft = json.loads(
        schemas.get_discovered_schema(Events=events, Type="JSONSchemaDraft4")["Content"])
    assert draft["properties"]["detail"] == {"$ref": "#/definitions/OrderCreated"}
    plain = json.loads(
        schemas.get_discovered_schema(Events=['{"a":[true]}'], Type="OpenApi3")["Content"])
    assert plain["components"]["schemas"]["Event"]["properties"]["a"] == {
        "type": "array", "items": {"type": "boolean"}}


def test_a_discoverer_learns_from_its_bus(server, schemas, unique):
    events = server.client("events")
    bus = unique("bus")
    arn = events.create_event_bus(Name=bus)["EventBusArn"]
    made = schemas.create_discoverer(SourceArn=arn)
    assert (made["State"], made["DiscovererId"]) == ("STARTED", f"events-event-bus-{bus}")
    source = unique("shop")
    put(events, bus, {"id": 1}, source=source, kind="Order Created")
    put(events, bus, {"id": 2}, source=source, kind="Order Created")
    here = {"RegistryName": "discovered-schemas", "SchemaName": f"{source}@OrderCreated"}
    described = schemas.describe_schema(**here)
    assert described["SchemaVersion"] == "1"
    put(events, bus, {"id": 3, "more": True}, source=source, kind="Order Created")
    content = json.loads(schemas.describe_schema(**here)["Content"])
    order = content["components"]["schemas"]["OrderCreated"]
    assert set(order["properties"]) == {"id", "more"} and order["required"] == ["id"]
    assert len(schemas.list_schema_versions(**here)["SchemaVersions"]) == 2

    [rule] = events.list_rules(EventBusName=bus)["Rules"]
    assert rule["ManagedBy"] == "schemas.amazonaws.com"
    with pytest.raises(ClientError) as caught:
        events.remove_targets(Rule=rule["Name"], EventBusName=bus, Ids=["discoverer"])
    assert code(caught) == "ManagedRuleException"
    assert schemas.stop_discoverer(DiscovererId=made["DiscovererId"])["State"] == "STOPPED"
    assert events.list_rules(EventBusName=bus)["Rules"] == []
    put(events, bus, {"new": 1}, source=source, kind="Order Created")
    assert len(schemas.list_schema_versions(**here)["SchemaVersions"]) == 2
    schemas.start_discoverer(DiscovererId=made["DiscovererId"])
    schemas.delete_discoverer(DiscovererId=made["DiscovererId"])
    assert schemas.list_discoverers(SourceArnPrefix=arn)["Discoverers"] == []
    events.delete_event_bus(Name=bus)


def test_tags_and_policies_of_a_registry(schemas, registry):
    arn = schemas.describe_registry(RegistryName=registry)["RegistryArn"]
    schemas.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    schemas.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert schemas.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"c": "d"}
    put_policy = schemas.put_resource_policy(RegistryName=registry, Policy='{"Statement":[]}')
    assert schemas.get_resource_policy(RegistryName=registry)["RevisionId"] == \
        put_policy["RevisionId"]
    with pytest.raises(ClientError) as caught:
        schemas.put_resource_policy(RegistryName=registry, Policy="{}", RevisionId="other")
    assert code(caught) == "PreconditionFailedException"
    schemas.delete_resource_policy(RegistryName=registry)
    with pytest.raises(ClientError) as caught:
        schemas.get_resource_policy(RegistryName=registry)
    assert code(caught) == "NotFoundException"


def test_a_stack_has_a_registry_a_schema_and_a_discoverer(server, schemas, unique):
    name = unique("stack")
    template = {"Resources": {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}},
        "Registry": {"Type": "AWS::EventSchemas::Registry",
                     "Properties": {"RegistryName": name, "Tags": [{"Key": "a", "Value": "b"}]}},
        "Schema": {"Type": "AWS::EventSchemas::Schema", "Properties": {
            "RegistryName": {"Fn::GetAtt": ["Registry", "RegistryName"]}, "SchemaName": "paid",
            "Type": "OpenApi3", "Content": OPENAPI}},
        "Discoverer": {"Type": "AWS::EventSchemas::Discoverer", "Properties": {
            "SourceArn": {"Fn::GetAtt": ["Bus", "Arn"]}}}}}
    stacks = server.client("cloudformation")
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    assert schemas.describe_registry(RegistryName=name)["Tags"] == {"a": "b"}
    assert schemas.describe_schema(RegistryName=name, SchemaName="paid")["SchemaVersion"] == "1"
    found = schemas.list_discoverers(DiscovererIdPrefix=f"events-event-bus-{name}")
    assert found["Discoverers"][0]["State"] == "STARTED"
    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    with pytest.raises(ClientError):
        schemas.describe_registry(RegistryName=name)
