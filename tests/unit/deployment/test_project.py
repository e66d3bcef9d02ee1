import json

import pytest

from platformctl.deployment.project import Project, find_project
from platformctl.errors import ConfigurationError, InvocationError, StackNotFoundError


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: platform\nruntime: python\nmain: stacks\n")
    return Project(tmp_path)


def write(project, text, stack="local"):
    (project.root / f"Pulumi.{stack}.yaml").write_text(text)


def test_the_project_is_found_from_a_folder_below_it(project):
    below = project.root / "a" / "b"
    below.mkdir(parents=True)

    assert find_project(below).root == project.root


def test_a_folder_without_a_project_says_what_is_missing(tmp_path):
    with pytest.raises(InvocationError, match=r"Pulumi\.yaml"):
        find_project(tmp_path)


def test_values_reach_the_program_as_pulumi_hands_them_over(project):
    write(
        project,
        "config:\n  aws:region: us-east-1\n  platform:vpc: {cidr: 10.0.0.0/16}\n"
        "  platform:count: 3\n  platform:on: true\n  plain: x\n",
    )
    values = project.configuration("local").values

    assert values["aws:region"] == "us-east-1"
    assert json.loads(values["platform:vpc"]) == {"cidr": "10.0.0.0/16"}
    assert values["platform:count"] == "3"
    assert values["platform:on"] == "true"
    assert values["platform:plain"] == "x"


def test_an_unknown_environment_names_the_known_ones(project):
    write(project, "", "local")
    write(project, "", "staging")

    with pytest.raises(StackNotFoundError, match="local, staging"):
        project.configuration("production")


@pytest.mark.parametrize("text", ["config: [", "- a list", "config:\n  a: 'open"])
def test_a_broken_stack_file_is_named(project, text):
    write(project, text)

    with pytest.raises(ConfigurationError, match=r"Pulumi\.local\.yaml"):
        project.configuration("local")


def test_a_value_encrypted_by_the_cli_is_refused_by_name(project):
    write(project, "config:\n  platform:token:\n    secure: v1:abc\n")

    with pytest.raises(ConfigurationError, match="platform:token"):
        project.configuration("local")
