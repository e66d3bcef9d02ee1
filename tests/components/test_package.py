"""The components as a package for other languages: its schema, and `Construct` over gRPC."""

import json
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from support import pulumi_cli
from support.paper import Plan

from platformctl.components.package.schema import components_left_out, exported, schema
from platformctl.components.package.shapes import Shape, camel, object_of, shape_of, value_of
from platformctl.components.reference import all_components
from platformctl.errors import PlatformError

REPOSITORY = Path(__file__).resolve().parents[2]
REMOTE = """
class Remote(pulumi.ComponentResource):
    def __init__(self, token, name, outputs, inputs, opts=None):
        super().__init__(token, name, dict.fromkeys(outputs) | inputs, opts, remote=True)
"""


def run(paper, source):
    paper.write(source)
    paper.engine().up()
    return Plan(paper.stack.read().resources)


@pytest.fixture
def plugin():
    """Start the provider as an engine does, and return a stub of its protocol."""
    process = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "components"), "127.0.0.1:0"], stdout=subprocess.PIPE
    )
    port = int(process.stdout.readline())
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    yield provider_pb2_grpc.ResourceProviderStub(channel)
    channel.close()
    process.terminate()
    process.wait()
    process.stdout.close()


def test_every_component_is_in_the_package_but_those_that_need_a_function_or_a_choice():
    # StoredSecret takes a text or a mapping as its value, which a schema cannot say.
    assert list(components_left_out()) == ["StoredSecret"]
    assert len(exported()) == len(all_components()) - 1


def test_the_schema_is_answered_over_the_protocol(plugin):
    answer = plugin.GetSchema(provider_pb2.GetSchemaRequest(), wait_for_ready=True)
    told = json.loads(answer.schema)

    assert told == schema(told["version"])
    assert plugin.GetPluginInfo(empty_pb2.Empty()).version == told["version"]


def test_the_schema_says_what_the_arguments_are():
    network = schema("1.0.0")["resources"]["platformctl:network:Network"]

    assert network["isComponent"] is True
    assert network["requiredInputs"] == ["region", "zones"]
    zones = network["inputProperties"]["zones"]
    assert (zones["type"], zones["items"]["type"], zones["plain"]) == ("array", "string", True)
    # A key's ARN may come from a resource that does not exist yet.
    assert "plain" not in network["inputProperties"]["logKeyArn"]
    assert "`perZone`" in network["inputProperties"]["nat"]["description"]
    assert "transform" not in network["inputProperties"]
    assert network["properties"]["publicSubnetIds"]["items"] == {"type": "string"}
    assert "endpointSecurityGroupId" not in network["required"]


def test_every_reference_of_the_schema_leads_somewhere():
    document = schema("1.0.0")

    def references(value):
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"]
            for item in value.values():
                yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    own = {each for each in references(document) if each.startswith("#/types/")}
    assert own
    assert own <= {f"#/types/{token}" for token in document["types"]}


def test_a_remote_component_makes_what_the_python_one_makes(paper, tmp_path):
    local = run(paper, 'Queue("orders", QueueArgs(queue_name="orders", key_arn="arn:key"))\n')
    remote = run(
        type(paper)(tmp_path / "remote"),
        REMOTE
        + """
Remote("platformctl:streaming:Queue", "orders", ["url", "deadLetterArn"],
       {"queueName": "orders", "keyArn": "arn:key"})
""",
    )

    def shown(plan):
        return sorted(
            (each.type, each.name, json.dumps(each.inputs, sort_keys=True))
            for each in plan.resources
            if each.type != "pulumi:pulumi:Stack"
        )

    assert shown(remote) == shown(local)


def test_nested_arguments_reach_the_component_as_its_own_classes(paper):
    plan = run(
        paper,
        REMOTE
        + """
Remote("platformctl:streaming:KafkaCluster", "clicks", ["arn"], {
    "clusterName": "clicks", "subnetIds": ["s-1", "s-2", "s-3"], "securityGroupIds": ["sg-1"],
    "instanceType": "kafka.m5.large", "topics": [{"name": "clicks", "partitions": 4}]})
""",
    )

    (topic,) = plan.all("msk/topic:Topic")
    assert (topic.inputs["name"], topic.inputs["partitionCount"]) == ("clicks", 4)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"region": "us-east-1"}, "zones is missing"),
        ({"region": "us-east-1", "zones": ["us-east-1a"]}, "at least two are needed"),
        ({"region": "us-east-1", "zones": ["us-east-1a", "us-east-1b"], "zone": 1}, "no zone"),
    ],
)
def test_arguments_that_cannot_be_are_refused_in_the_components_own_words(paper, inputs, said):
    paper.write(REMOTE + f'Remote("platformctl:network:Network", "net", [], {inputs!r})\n')

    with pytest.raises(PlatformError, match=said):
        paper.engine().up()


def test_an_unknown_component_names_the_known_ones(paper):
    paper.write(REMOTE + 'Remote("platformctl:network:Netwrok", "net", [], {})\n')

    with pytest.raises(PlatformError, match="platformctl:network:Network"):
        paper.engine().up()


def test_numbers_of_the_wire_become_whole_where_python_wants_them_whole():
    assert repr(value_of(Shape("integer"), 3.0)) == "3"
    assert value_of(Shape("array", item=Shape("integer")), [1.0, 2.0]) == [1, 2]


@pytest.mark.parametrize("token", exported())
def test_every_exported_component_takes_its_required_arguments_by_their_schema_names(token):
    component, shape = exported()[token]
    resource = schema("1.0.0")["resources"][token]

    with pytest.raises(ValueError, match="there is no surely-not") as caught:
        object_of(shape, {"surely-not": 1})

    assert all(f"{name} is missing" in str(caught.value) for name in resource["requiredInputs"])
    assert shape_of(shape.of) == shape
    assert camel("subnet_ids") == "subnetIds"
    assert component.__name__ == token.rpartition(":")[2]


@pytest.mark.pulumi_cli
@pytest.mark.skipif(pulumi_cli.real_cli() is None, reason="pulumi is not on PATH")
def test_the_official_generator_makes_a_library_that_works(paper, tmp_path, monkeypatch):
    document = tmp_path / "schema.json"
    document.write_text(json.dumps(schema("1.0.0")))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    folder = tmp_path / "library"
    subprocess.run(
        ["pulumi", "package", "gen-sdk", document, "--language", "python", "--out", folder],
        check=True,
        capture_output=True,
    )
    # The library asks for its version among what is installed.
    information = folder / "python" / "pulumi_platformctl-1.0.0.dist-info" / "METADATA"
    information.parent.mkdir()
    information.write_text("Metadata-Version: 2.1\nName: pulumi_platformctl\nVersion: 1.0.0\n")
    # A generated library names a plugin; the embedded engine finds the provider by its package.
    monkeypatch.setenv("PYTHONPATH", str(folder / "python"))

    plan = run(
        paper,
        """
        from pulumi_platformctl.streaming import Queue as GeneratedQueue

        queue = GeneratedQueue("orders", queue_name="orders", key_arn="arn:key")
        pulumi.export("url", queue.url)
        """,
    )

    assert plan.one("sqs/queue:Queue", "orders").inputs["name"] == "orders"
    assert plan.outputs["url"]
