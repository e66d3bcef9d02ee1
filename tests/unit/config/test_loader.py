"""Stack files are read as a whole and refused as a whole."""

import copy
import json
import shutil

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stacks import REPOSITORY, stack_document

from platformctl.config.environment import EnvironmentConfig
from platformctl.config.loader import load_document, load_file, load_values
from platformctl.errors import ConfigurationError


@pytest.mark.parametrize("stack", ["local", "staging", "production"])
def test_the_repositorys_own_stack_files_are_valid(stack):
    config = load_file(REPOSITORY / f"Pulumi.{stack}.yaml")

    assert config.environment == stack


def test_every_mistake_of_a_file_is_reported_at_once(production, mistakes):
    production["platform:vpc"]["cidr"] = "8.8.8.0/24"
    production["platform:vpc"]["natGatways"] = "single"
    production["platform:analytics"]["api"]["desiredCount"] = -1
    production["platform:analytics"]["consumer"]["memory"] = 99
    production["vpc"] = {}

    assert mistakes(production) == [
        "Pulumi.test.yaml: vpc: has no namespace; did you mean platform:vpc?",
        "platform:vpc.natGatways: is not a known key; did you mean natGateways?",
        "platform:analytics.api.desiredCount is -1: must be at least 0",
        "platform:vpc.cidr is '8.8.8.0/24': must be a /16 to a /20",
        "platform:vpc.cidr is '8.8.8.0/24': must be private: in 10/8, 172.16/12 or 192.168/16",
        (
            "platform:analytics.consumer.memory is 99: must be one of 1024, 2048, 3072, 4096 "
            "where cpu is 512"
        ),
    ]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (
            ("platform:environment",),
            "prod",
            "platform:environment is 'prod': must be one of 'local', 'staging', 'production'",
        ),
        (
            ("platform:analytics", "api", "cpu"),
            "256",
            "platform:analytics.api.cpu is '256': must be a whole number",
        ),
        (
            ("platform:analytics", "api", "environment"),
            {"A": 1},
            "platform:analytics.api.environment.A is 1: must be text",
        ),
        (
            ("platform:vpc", "availabilityZones"),
            ["us-east-1a"],
            "platform:vpc.availabilityZones is ['us-east-1a']: must have at least 2 entries",
        ),
        (
            ("platform:products",),
            ["analitics"],
            "platform:products[0] is 'analitics': must be one of 'analytics', 'cloudweave'",
        ),
        (
            ("platform:products",),
            [],
            "platform:products is []: must have at least 1 entry",
        ),
        (
            ("platform:analytics", "database", "replica"),
            {},
            "platform:analytics.database.replica.instanceClass: is missing",
        ),
        (
            ("platform:analytics", "database", "backupWindow"),
            "3-4",
            "platform:analytics.database.backupWindow is '3-4': must look like 03:00-04:00",
        ),
        (
            ("platform:analytics", "database", "replica", "instanceClas"),
            "db.r5.large",
            (
                "platform:analytics.database.replica.instanceClas: is not a known key; "
                "did you mean instanceClass?"
            ),
        ),
        (
            ("platform:zzz",),
            1,
            "platform:zzz: is not a known key; known are",
        ),
        (
            ("aws:region",),
            "us-west-2",
            "aws:region is 'us-west-2': platform:region says us-east-1",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_key_value_and_what_is_allowed(
    path, value, sentence, production, mistakes
):
    (found,) = mistakes(production, path, value)

    assert found.removeprefix("Pulumi.test.yaml: ").startswith(sentence)


def test_an_error_names_the_file_and_where_to_look(tmp_path):
    shutil.copy(REPOSITORY / "Pulumi.local.yaml", tmp_path / "Pulumi.local.yaml")
    path = tmp_path / "Pulumi.local.yaml"
    path.write_text(path.read_text().replace("httpPort: 8080", "httpPort: 0"))

    with pytest.raises(ConfigurationError) as caught:
        load_file(path)

    assert str(caught.value) == (
        "Pulumi.local.yaml has a mistake: "
        "Pulumi.local.yaml: platform:edge.httpPort is 0: must be at least 1"
    )
    assert "docs/reference/configuration.md" in caught.value.remedy


@pytest.mark.parametrize("text", ["config: [", "- a", "name: x", ""])
def test_a_file_that_is_no_stack_file_is_refused(text, tmp_path):
    path = tmp_path / "Pulumi.broken.yaml"
    path.write_text(text)

    with pytest.raises(ConfigurationError, match=r"Pulumi\.broken\.yaml"):
        load_file(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"config: {\n  a: 1\n", "line 3, column 1: did not find expected ',' or '}'"),
        (b"config:\n\ta: 1\n", "line 2, column 1: .*indented with spaces"),
        (b"config:\n  a: 1\n  b: 2\n  a: 3\n", "line 4, column 3: a stands in line 2 already"),
        (b"\xff\xfeconfig:\n", "it is not text in UTF-8"),
    ],
    ids=["open bracket", "tab", "a key twice", "not text"],
)
def test_a_file_that_cannot_be_read_is_told_with_the_place(content, said, tmp_path):
    path = tmp_path / "Pulumi.broken.yaml"
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=rf"cannot read Pulumi\.broken\.yaml: {said}"):
        load_file(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"cannot read Pulumi\.none\.yaml"):
        load_file(tmp_path / "Pulumi.none.yaml")


def test_staging_larger_than_production_is_refused(tmp_path):
    for stack in ("staging", "production"):
        shutil.copy(REPOSITORY / f"Pulumi.{stack}.yaml", tmp_path)
    document = {"config": stack_document("staging")}
    analytics = document["config"]["platform:analytics"]
    analytics["database"]["instanceClass"] = "db.r5.2xlarge"
    analytics["api"]["desiredCount"] = 4
    path = tmp_path / "Pulumi.staging.yaml"
    path.write_text(yaml.safe_dump(document))

    with pytest.raises(ConfigurationError) as caught:
        load_file(path)

    assert caught.value.why.split("; ") == [
        (
            "Pulumi.staging.yaml: platform:analytics.api.desiredCount is 4: "
            "must not exceed production, which has 3"
        ),
        (
            "Pulumi.staging.yaml: platform:analytics.database.instanceClass is 'db.r5.2xlarge': "
            "must not exceed production, which has db.r5.xlarge"
        ),
    ]


SIZES = [
    ("platform:aura", "documents", "instances"),
    ("platform:aura", "kubernetes", "nodeGroups", "main", "maximum"),
    ("platform:aura", "services", "gateway", "replicas"),
    ("platform:journey", "tables", "writeMaximum"),
    ("platform:journey", "compute", "api", "maxCount"),
]


@pytest.mark.parametrize("path", SIZES, ids=".".join)
def test_no_product_may_be_larger_in_staging_than_in_production(path, tmp_path):
    shutil.copy(REPOSITORY / "Pulumi.production.yaml", tmp_path)
    document = {"config": stack_document("staging")}
    *parents, last = path
    section = document["config"]
    for key in parents:
        section = section[key]
    section[last] = 5000 if path[1] == "tables" else 16
    if path[-1] == "maxCount":
        section[last] = 21
    (tmp_path / "Pulumi.staging.yaml").write_text(yaml.safe_dump(document))

    with pytest.raises(ConfigurationError) as caught:
        load_file(tmp_path / "Pulumi.staging.yaml")

    (mistake,) = caught.value.mistakes
    assert mistake.startswith(f"{'.'.join(path)} is {section[last]}: must not exceed production")


def test_machines_of_staging_are_no_larger_than_production(tmp_path):
    shutil.copy(REPOSITORY / "Pulumi.production.yaml", tmp_path)
    document = {"config": stack_document("staging")}
    main = document["config"]["platform:aura"]["kubernetes"]["nodeGroups"]["main"]
    main["instanceTypes"] = ["m6i.large", "m6i.2xlarge"]
    (tmp_path / "Pulumi.staging.yaml").write_text(yaml.safe_dump(document))

    with pytest.raises(ConfigurationError, match=r"main\.instanceTypes is .* must not exceed"):
        load_file(tmp_path / "Pulumi.staging.yaml")


def test_a_size_above_production_is_told_with_every_other_mistake(tmp_path):
    shutil.copy(REPOSITORY / "Pulumi.production.yaml", tmp_path)
    document = {"config": stack_document("staging")}
    document["config"]["platform:products"].append("aura")
    document["config"]["platform:vpc"]["natGatways"] = "single"
    document["config"]["platform:analytics"]["api"]["desiredCount"] = 4
    (tmp_path / "Pulumi.staging.yaml").write_text(yaml.safe_dump(document))

    with pytest.raises(ConfigurationError) as caught:
        load_file(tmp_path / "Pulumi.staging.yaml")

    assert caught.value.mistakes == (
        "platform:vpc.natGatways: is not a known key; did you mean natGateways?",
        "platform:products is 'aura': is listed more than once",
        "platform:analytics.api.desiredCount is 4: must not exceed production, which has 3",
    )


def test_own_mistakes_of_staging_come_before_those_of_production(tmp_path):
    for stack in ("staging", "production"):
        document = {"config": stack_document(stack)}
        document["config"]["platform:products"].append("aura")
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(document))

    with pytest.raises(ConfigurationError, match=r"^Pulumi\.staging\.yaml has a mistake"):
        load_file(tmp_path / "Pulumi.staging.yaml")


def test_values_from_pulumi_mean_the_same_as_the_file(production):
    values = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in production.items()
    }

    assert load_values(values, "x") == load_document(production, "x")


def test_text_that_looks_like_json_stays_text(production):
    production["platform:costCenter"] = "4711"

    assert (
        load_values(
            {k: v if isinstance(v, str) else json.dumps(v) for k, v in production.items()}, "x"
        ).cost_center
        == "4711"
    )


def test_keys_of_other_namespaces_are_left_alone(production, mistakes):
    assert mistakes(production, ("other:thing",), {"any": "thing"}) == []


def test_a_configuration_cannot_be_changed_after_it_was_judged(production):
    config = load_document(production, "x")

    with pytest.raises(ValueError, match="frozen"):
        config.region = "us-west-2"


def mistakes_of(document):
    try:
        load_document(document, "Pulumi.test.yaml")
    except ConfigurationError as error:
        return error.why.split("; Pulumi.test.yaml")
    return []


def leaves(document, path=()):
    """Yield the path of every key at any depth."""
    for key, value in document.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**6), st.text(max_size=8), st.lists(st.integers())
)


PRODUCTION = stack_document("production")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_stands_at_a_key_it_is_accepted_or_refused_with_sentences(data):
    document = copy.deepcopy(PRODUCTION)
    path = data.draw(st.sampled_from([p for p in leaves(document) if p[0] != "aws:region"]))
    *parents, last = path
    section = document
    for key in parents:
        section = section[key]
    section[last] = data.draw(JUNK)

    assert all("platform:" in sentence for sentence in mistakes_of(document))


def test_every_field_of_the_configuration_says_what_it_means():
    def silent(model, path):
        for name, field in model.model_fields.items():
            if not field.description:
                yield f"{path}.{name}"
            for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if isinstance(kind, type) and hasattr(kind, "model_fields"):
                    yield from silent(kind, f"{path}.{name}")

    assert list(silent(EnvironmentConfig, "platform")) == []
