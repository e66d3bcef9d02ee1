"""`platformctl init`: a new stack file is valid, keeps its comments and overwrites nothing."""

import json
import shutil

import pytest
import yaml
from support.stacks import REPOSITORY
from typer.testing import CliRunner

from platformctl.cli.main import app
from platformctl.config.loader import load_file
from platformctl.config.scaffold import SCHEMA_LINE
from platformctl.errors import ConfigurationError, InvocationError, StackNotFoundError

STACKS = ("local", "staging", "production")


@pytest.fixture
def project(tmp_path):
    shutil.copy(REPOSITORY / "Pulumi.yaml", tmp_path)
    for stack in STACKS:
        shutil.copy(REPOSITORY / f"Pulumi.{stack}.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def init(project):
    """Run the command; an error is raised as it is, and otherwise the file's text is returned."""

    def run(*arguments):
        result = CliRunner().invoke(app, ["init", *arguments, "--cwd", str(project)])
        if result.exception is not None:
            raise result.exception
        return (project / f"Pulumi.{arguments[0]}.yaml").read_text()

    return run


def config(text):
    return yaml.safe_load(text)["config"]


@pytest.mark.parametrize("source", STACKS)
def test_a_new_file_says_what_its_source_says_with_another_domain(source, init, project):
    text = init("qa", "--from", source)
    expected = config((project / f"Pulumi.{source}.yaml").read_text())
    if "domain" in expected["platform:edge"]:
        expected["platform:edge"]["domain"] = "qa.example.com"

    assert config(text) == expected
    assert load_file(project / "Pulumi.qa.yaml").environment == source


def test_comments_stay_where_they_explain_something(init, project):
    text = init("qa", "--from", "production")
    comments = [
        line.strip()
        for line in (project / "Pulumi.production.yaml").read_text().splitlines()
        if line.startswith("  ") and "#" in line and "domain:" not in line
    ]

    assert comments
    assert all(comment in text for comment in comments)
    assert text.startswith(f"{SCHEMA_LINE}\n# qa: made from Pulumi.production.yaml.")


def test_only_the_wanted_products_have_a_section(init):
    found = config(init("demo", "--from", "local", "--products", "cloudweave, analytics"))

    assert found["platform:products"] == ["cloudweave", "analytics"]
    assert "platform:analytics" in found
    assert "platform:cloudweave" in found
    assert "platform:journey" not in found
    assert "platform:aura" not in found


def test_another_region_moves_its_zones_and_the_region_of_recovery(init):
    found = config(init("production-west", "--from", "production", "--region", "us-west-2"))

    assert found["aws:region"] == found["platform:region"] == "us-west-2"
    assert found["platform:recoveryRegion"] == "us-east-1"
    assert found["platform:vpc"]["availabilityZones"] == ["us-west-2a", "us-west-2b", "us-west-2c"]


def test_a_third_region_leaves_the_region_of_recovery_alone(init):
    found = config(init("production-eu", "--from", "production", "--region", "eu-central-1"))

    assert found["platform:recoveryRegion"] == "us-west-2"
    assert found["platform:vpc"]["availabilityZones"][0] == "eu-central-1a"


def test_the_encryption_of_the_source_stays_behind(init, project):
    path = project / "Pulumi.staging.yaml"
    path.write_text(
        f"secretsprovider: awskms://x\nencryptedkey: AQ==\n{path.read_text()}other: 1\n"
    )
    text = init("qa")

    assert yaml.safe_load(text).keys() == {"config"}
    assert "AQ==" not in text


def test_what_comes_next_is_said_as_json_too(project):
    result = CliRunner().invoke(
        app, ["init", "qa", "--from", "production", "--json", "--cwd", str(project)]
    )

    assert json.loads(result.stdout) == {
        "environment": "qa",
        "file": "Pulumi.qa.yaml",
        "region": "us-east-1",
        "products": ["analytics", "cloudweave", "journey", "aura"],
        "next": ["platformctl preview qa", "platformctl bootstrap qa", "platformctl up qa"],
    }


def test_a_file_that_exists_is_never_overwritten(init, project):
    before = (project / "Pulumi.local.yaml").read_text()

    with pytest.raises(InvocationError, match=r"Pulumi\.local\.yaml exists"):
        init("local", "--from", "staging")
    assert (project / "Pulumi.local.yaml").read_text() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("QA",), "cannot be called 'QA'"),
        (("../x",), "cannot be called"),
        (("qa", "--products", "analytic"), "there is no product 'analytic'"),
        (("qa", "--from", "production", "--region", "mars"), "must look like us-east-1"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_file(arguments, said, init, project):
    with pytest.raises(ConfigurationError, match=said):
        init(*arguments)
    assert sorted(path.name for path in project.glob("Pulumi.*.yaml")) == [
        f"Pulumi.{stack}.yaml" for stack in sorted(STACKS)
    ]


def test_a_source_that_is_not_there_is_named_with_those_that_are(init):
    with pytest.raises(StackNotFoundError, match="nowhere"):
        init("qa", "--from", "nowhere")
