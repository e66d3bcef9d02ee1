"""The published schema and the reference page say what the models say."""

import json

import pytest
from jsonschema import Draft202012Validator
from support.stacks import REPOSITORY, stack_document

from platformctl.config.environment import EnvironmentConfig
from platformctl.config.reference import page
from platformctl.config.schema import json_schema

SCHEMA = "docs/reference/pulumi-stack.schema.json"


@pytest.fixture(scope="module")
def editor():
    """What an editor does: the published text judges a file."""
    schema = json.loads(json.dumps(json_schema()))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    return lambda document: [
        f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)
    ]


@pytest.mark.parametrize("stack", ["local", "staging", "production"])
def test_the_repositorys_own_stack_files_are_valid(stack, editor):
    assert editor({"config": stack_document(stack)}) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("platform:vpc", "natGatways"), "single", "'natGatways' was unexpected"),
        (("platform:cloudweave", "compute", "backend", "cpus"), 1024, "'cpus' was unexpected"),
        (("platform:produkts",), ["analytics"], "'platform:produkts' does not match"),
        (("platform:environment",), "prod", "'prod' is not one of"),
        (("platform:products",), ["analytic"], "'analytic' is not one of"),
        (("platform:analytics", "kafka", "brokers"), "three", "'three' is not of type 'integer'"),
        (("platform:analytics", "database", "backupWindow"), "3-4", "'3-4' does not match"),
    ],
)
def test_a_typo_is_seen_while_it_is_typed(path, value, said, editor):
    document = stack_document("production")
    *parents, last = path
    section = document
    for key in parents:
        section = section[key]
    section[last] = value

    assert any(said in sentence for sentence in editor({"config": document}))


def test_a_file_without_what_is_required_is_refused(editor):
    document = stack_document("production")
    del document["platform:vpc"]

    assert editor({"config": document}) == ["$.config: 'platform:vpc' is a required property"]


def test_keys_of_other_namespaces_and_of_pulumi_itself_are_left_alone(editor):
    document = {
        "secretsprovider": "awskms://alias/platform",
        "encryptedkey": "AQ==",
        "config": {**stack_document("local"), "other:thing": {"any": ["thing"]}},
    }

    assert editor(document) == []


@pytest.mark.parametrize("stack", ["local", "staging", "production"])
def test_stack_files_tell_editors_where_their_schema_is(stack):
    first = (REPOSITORY / f"Pulumi.{stack}.yaml").read_text().splitlines()[0]

    assert first == f"# yaml-language-server: $schema={SCHEMA}"


def test_the_published_schema_is_the_current_one():
    assert json.loads((REPOSITORY / SCHEMA).read_text()) == json_schema()


def test_every_field_has_its_description_in_the_schema():
    schema = json_schema()
    sections = [*schema["$defs"].values(), schema["properties"]["config"]]

    assert [
        name
        for section in sections
        for name, field in section["properties"].items()
        if "description" not in field
    ] == []


def test_the_reference_lists_every_key():
    text = page()

    def missing(model):
        for name, field in model.model_fields.items():
            if f"| `{field.alias or name}` |" not in text:
                yield field.alias
            for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if isinstance(kind, type) and hasattr(kind, "model_fields"):
                    yield from missing(kind)

    assert list(missing(EnvironmentConfig)) == []
