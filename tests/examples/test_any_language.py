"""The YAML example says what the package's schema knows, and makes what it says.

What Pulumi's YAML host does with such a program is little: it registers each resource as a remote
component with its properties, references replaced by outputs. `PROGRAM` does the same, so that the
example runs on the engine against the real provider of the package.
"""

import re

import pytest
import yaml
from support.paper import REPOSITORY, PaperProject, Plan

from platformctl.components.package.schema import schema

EXAMPLE = REPOSITORY / "examples" / "any-language"
DOCUMENT = yaml.safe_load((EXAMPLE / "Pulumi.yaml").read_text())
RESOURCES = DOCUMENT["resources"]
REFERENCE = re.compile(r"\$\{(\w+)\.(\w+)(?:\[\"(\w+)\"\])?\}")
PROGRAM = f"""
import re
import yaml
from pathlib import Path

DOCUMENT = yaml.safe_load(Path({str(EXAMPLE / "Pulumi.yaml")!r}).read_text())
REFERENCE = re.compile({REFERENCE.pattern!r})
made = {{}}

class Remote(pulumi.ComponentResource):
    def __init__(self, token, name, inputs, outputs):
        super().__init__(token, name, {{**dict.fromkeys(outputs), **inputs}}, None, remote=True)

def resolved(value):
    if isinstance(value, dict):
        return {{key: resolved(item) for key, item in value.items()}}
    if isinstance(value, list):
        return [resolved(item) for item in value]
    found = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    output = getattr(made[found[1]], found[2])
    return output.apply(lambda known: known[found[3]]) if found[3] else output

for name, resource in DOCUMENT["resources"].items():
    wanted = [o for n, o, _ in REFERENCE.findall(Path({str(EXAMPLE / "Pulumi.yaml")!r}).read_text())
              if n == name]
    made[name] = Remote(resource["type"], name, resolved(resource["properties"]), wanted)
for name, value in DOCUMENT["outputs"].items():
    pulumi.export(name, resolved(value))
"""


def known():
    return schema("1.0.0")["resources"]


@pytest.mark.parametrize("name", RESOURCES)
def test_every_resource_has_a_type_and_properties_that_the_schema_knows(name):
    component = known()[RESOURCES[name]["type"]]
    given = set(RESOURCES[name]["properties"])

    assert given <= set(component["inputProperties"])
    assert set(component["requiredInputs"]) <= given


def test_every_reference_names_an_output_of_an_earlier_resource():
    order = list(RESOURCES)
    for index, name in enumerate(order):
        for other, output, _ in REFERENCE.findall(str(RESOURCES[name]["properties"])):
            assert other in order[:index]
            assert output in known()[RESOURCES[other]["type"]]["properties"]
    for other, output, _ in REFERENCE.findall(str(DOCUMENT["outputs"])):
        assert output in known()[RESOURCES[other]["type"]]["properties"]


def test_what_must_be_known_at_once_is_not_taken_from_an_output():
    for resource in RESOURCES.values():
        inputs = known()[resource["type"]]["inputProperties"]
        for name, value in resource["properties"].items():
            if REFERENCE.search(str(value)):
                assert not inputs[name].get("plain"), name


def test_the_package_that_it_names_is_the_library():
    assert (EXAMPLE / DOCUMENT["packages"]["platformctl"] / "PulumiPlugin.yaml").is_file()


def test_it_makes_an_encrypted_queue_with_dead_letters_and_a_private_bucket(tmp_path):
    paper = PaperProject(tmp_path)
    paper.write(PROGRAM)
    paper.engine().up()
    plan = Plan(paper.stack.read().resources)
    queues = {each.name: each.inputs for each in plan.all("sqs/queue:Queue")}

    assert len(queues) == 2
    assert all(each["kmsMasterKeyId"].startswith("arn:aws:Key/") for each in queues.values())
    (block,) = plan.all("s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert block.inputs["blockPublicPolicy"] is True
    assert set(plan.outputs) == {"queue", "deadLetters", "bucket"}
    assert all(plan.outputs.values())
