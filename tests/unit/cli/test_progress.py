from pulumi.automation.events import (
    DiffKind,
    OpType,
    PropertyDiff,
    StepEventMetadata,
    StepEventStateMetadata,
)

from platformctl.cli.views.progress import Progress

STACK = "urn:pulumi:local::platform::pulumi:pulumi:Stack::platform-local"
NETWORK = "urn:pulumi:local::platform::platformctl:network:Network::main"
VPC = "urn:pulumi:local::platform::platformctl:network:Network$aws:ec2/vpc:Vpc::main"


def step(urn, kind, parent, operation=OpType.CREATE, custom=True, old=None, new=None, **more):
    def state(inputs):
        return StepEventStateMetadata(
            type=kind,
            urn=urn,
            id="",
            parent=parent,
            provider="",
            inputs=inputs or {},
            outputs={},
            custom=custom,
        )

    return StepEventMetadata(
        op=operation,
        urn=urn,
        type=kind,
        provider="",
        old=state(old) if old is not None else None,
        new=state(new),
        **more,
    )


def test_resources_stand_below_their_component_and_are_counted_there():
    progress = Progress(clock=lambda: 5.0)
    progress.started(step(STACK, "pulumi:pulumi:Stack", "", custom=False))
    network = progress.started(step(NETWORK, "platformctl:network:Network", STACK, custom=False))
    vpc = progress.started(step(VPC, "aws:ec2/vpc:Vpc", NETWORK))

    assert progress.roots == [network]
    assert network.children == [vpc]
    assert network.counted() == (0, 1)

    progress.ended(step(VPC, "aws:ec2/vpc:Vpc", NETWORK))

    assert network.counted() == (1, 1)
    assert progress.counts() == (1, 1)


def test_a_failed_resource_is_remembered_with_its_place():
    progress = Progress()
    broken = progress.broke(step(VPC, "aws:ec2/vpc:Vpc", ""))

    assert progress.failed == [broken]
    assert not broken.running


def test_a_change_knows_the_old_and_the_new_value_of_a_nested_property():
    progress = Progress()
    resource = progress.started(
        step(
            VPC,
            "aws:ec2/vpc:Vpc",
            "",
            operation=OpType.UPDATE,
            old={"tags": {"Owner": "a"}, "rules": [{"port": 1}]},
            new={"tags": {"Owner": "b"}, "rules": [{"port": 2}]},
            diffs=["tags", "rules"],
            detailed_diff={
                "tags.Owner": PropertyDiff(DiffKind.UPDATE, True),
                "rules[0].port": PropertyDiff(DiffKind.UPDATE, True),
            },
        )
    )

    assert resource.details == {
        "tags.Owner": ("update", "a", "b"),
        "rules[0].port": ("update", 1, 2),
    }
