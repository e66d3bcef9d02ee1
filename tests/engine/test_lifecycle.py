"""Create, same, update, replace and delete, as a program changes."""

import pytest
from support.engine_program import Project


def test_a_program_creates_its_resources_and_exports_their_outputs(project: Project) -> None:
    result = project.up(
        """
        a = Thing("a", value=1)
        b = Thing("b", source=a.arn)
        export("arn", a.arn)
        export("source", b.source)
        """
    )

    (a,) = project.cloud.named("a")
    assert a["inputs"]["value"] == 1
    assert result.changes == {"create": 3}
    assert result.outputs["arn"] == project.resource("a").outputs["arn"]
    assert result.outputs["source"] == result.outputs["arn"]
    assert project.stack.outputs() == result.outputs


def test_an_unchanged_program_changes_nothing(project: Project) -> None:
    project.up('Thing("a", value=1)')
    before = project.resource("a")

    result = project.up()

    assert result.changes == {"same": 2}
    assert project.cloud.count("create") == 1
    assert project.resource("a") == before
