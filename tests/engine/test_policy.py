"""Policy packs, run as they are by Pulumi's own executor."""

import textwrap
from pathlib import Path

import pytest
from support.engine_program import Project

from platformctl.errors import ConfigurationError, PolicyViolationError

PACK = """
import pulumi
from pulumi_policy import (
    EnforcementLevel, PolicyPack, ReportViolation, ResourceValidationArgs,
    ResourceValidationPolicy, StackValidationArgs, StackValidationPolicy,
)


def no_size_nine(args: ResourceValidationArgs, report: ReportViolation):
    if args.resource_type == "test:index:Thing" and args.props.get("size") == 9:
        report(f"{args.name} is of size nine in {pulumi.get_stack()}")


def owner(args: ResourceValidationArgs, report: ReportViolation):
    if args.resource_type == "test:index:Thing" and "owner" not in args.props:
        report("nobody owns it")


def few(args: StackValidationArgs, report: ReportViolation):
    things = [each for each in args.resources if each.resource_type == "test:index:Thing"]
    if len(things) > args.get_config().get("most", 2):
        report(f"there are {len(things)} things")


def tag(args: ResourceValidationArgs):
    if args.resource_type == "test:index:Thing" and "tag" not in args.props:
        args.props["tag"] = "by policy"
        return args.props


PolicyPack(
    name="house-rules",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy("no-nine", "No size nine.", no_size_nine),
        ResourceValidationPolicy("owner", "Things have owners.", owner, EnforcementLevel.ADVISORY),
        StackValidationPolicy("few", "Not many.", few),
        ResourceValidationPolicy(
            "tagged", "Things are tagged.", remediate=tag,
            enforcement_level=EnforcementLevel.REMEDIATE,
        ),
    ],
)
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.3\n")
    (folder / "__main__.py").write_text(textwrap.dedent(PACK))
    return folder


def violations(project: Project) -> list[tuple[str, str, str]]:
    found = [event.policy_event for event in project.events if event.policy_event]
    return sorted(
        (each.policy_name, each.enforcement_level, (each.resource_urn or "").split("::")[-1])
        for each in found
    )


def test_a_mandatory_violation_stops_the_update_before_anything_is_done(
    project: Project, pack: Path
) -> None:
    with pytest.raises(PolicyViolationError, match="no-nine"):
        project.up('Thing("a", size=9, owner="me")', policy_packs=[pack])

    assert violations(project) == [("no-nine", "mandatory", "a")]
    (event,) = [event.policy_event for event in project.events if event.policy_event]
    assert event.message == "No size nine.\na is of size nine in dev"
    assert (event.policy_pack_name, event.policy_pack_version) == ("house-rules", "1.2.3")
    assert project.cloud.things == {}


def test_a_preview_shows_all_violations_at_once(project: Project, pack: Path) -> None:
    program = """
        a = Thing("a", size=9, owner="me")
        b = Thing("b", size=9, source=a.arn)
        Thing("c", owner="me", source=b.arn)
    """
    with pytest.raises(PolicyViolationError, match="no-nine, few"):
        project.preview(program, policy_packs=[pack])

    assert violations(project) == [
        ("few", "mandatory", "shop-dev"),
        ("no-nine", "mandatory", "a"),
        ("no-nine", "mandatory", "b"),
        ("owner", "advisory", "b"),
    ]


def test_advice_does_not_stop_the_update_and_corrections_apply(
    project: Project, pack: Path
) -> None:
    result = project.up('Thing("a", key=Output.secret("hidden-1"))', policy_packs=[pack])

    assert violations(project) == [("owner", "advisory", "a")]
    assert project.cloud.named("a")[0]["inputs"]["tag"] == "by policy"
    assert repr(project.resource("a").inputs["key"]) == "Secret()"
    assert result.changes == {"create": 2}
    summary = project.events[-2].summary_event
    assert summary.policy_packs == {"house-rules": "1.2.3"}
    assert project.up(policy_packs=[pack]).changes == {"same": 2}


def test_a_corrected_resource_stays_corrected_when_it_is_replaced(
    project: Project, pack: Path
) -> None:
    project.up('Thing("a", fixed=1, owner="me")', policy_packs=[pack])

    project.up('Thing("a", fixed=2, owner="me")', policy_packs=[pack])

    assert project.inputs("a")["tag"] == "by policy"


def test_a_pack_that_does_not_start_says_why(project: Project, pack: Path) -> None:
    (pack / "__main__.py").write_text("import missing_module_of_the_pack\n")

    with pytest.raises(ConfigurationError, match="missing_module_of_the_pack"):
        project.preview('Thing("a")', policy_packs=[pack])


def test_a_folder_without_a_pack_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"PulumiPolicy\.yaml is missing"):
        project.preview('Thing("a")', policy_packs=[tmp_path])
