"""Every resource type goes through its whole life in a real region."""

import pytest
from support.provider_cases import Case, World
from support.provider_lives import CASES

from platformctl.plugin.provider import Call, ResourceState
from platformctl.provider import registry
from platformctl.provider.aws import AwsProvider
from platformctl.provider.spec import Fidelity


class Life:
    """One resource, handled as the engine does."""

    def __init__(self, provider: AwsProvider, world: World, case: Case) -> None:
        self.provider = provider
        self.world = world
        self.call = Call(urn="", type=case.type, name=world.name("it"))

    def check(self, old: dict, new: dict) -> dict:
        checked = self.provider.check(self.call, old, new, self.world.prefix.encode())
        assert checked.failures == []
        return checked.inputs

    def diff(self, state: ResourceState, wanted: dict):
        return self.provider.diff(
            self.call, state.id, state.inputs, state.outputs, self.check(state.inputs, wanted), ()
        )

    def read(self, state: ResourceState) -> ResourceState:
        return self.provider.read(self.call, state.id, dict(state.inputs), dict(state.outputs))

    def update(self, state: ResourceState, wanted: dict) -> ResourceState:
        return self.provider.update(
            self.call,
            state.id,
            state.inputs,
            state.outputs,
            self.check(state.inputs, wanted),
            (),
        )

    def delete(self, state: ResourceState) -> None:
        self.provider.delete(self.call, state.id, state.inputs, state.outputs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_a_resource_lives_without_false_changes_and_is_gone_at_the_end(
    case: Case, world: World, provider: AwsProvider
):
    life = Life(provider, world, case)
    written = case.inputs(world)
    state = provider.create(life.call, life.check({}, written))
    try:
        assert state.id
        assert life.read(state).inputs == state.inputs, "a refresh right after finds a change"
        assert life.diff(life.read(state), written).changes == {}
        assert {"id", *registry.spec(case.type).outputs} <= set(state.outputs)

        state = _changed(life, case, state)
        _drifted(life, case, state)
    finally:
        life.delete(state)
    life.delete(state)
    _assert_gone(life, case, state)


def _changed(life: Life, case: Case, state: ResourceState) -> ResourceState:
    """Change it in place; afterwards the region says the same as the program."""
    wanted = case.changed(life.world)
    if wanted == case.inputs(life.world):
        return state
    difference = life.diff(state, wanted)
    assert difference.changes
    assert list(difference.replaces) == []
    state = life.update(state, wanted)
    assert life.read(state).inputs == state.inputs, "the update did not arrive"
    assert life.diff(life.read(state), wanted).changes == {}
    return state


def _drifted(life: Life, case: Case, state: ResourceState) -> None:
    """Change it behind the provider's back; a refresh shows it and an update repairs it."""
    if case.drift is None:
        return
    case.drift(life.world, state.id)
    wanted = case.changed(life.world)
    read = life.read(state)
    assert read.inputs.get(case.drifted) != state.inputs.get(case.drifted)
    difference = life.diff(read, wanted)
    assert {path.split(".")[0].split("[")[0] for path in difference.changes} == {case.drifted}
    repaired = life.update(read, wanted)
    assert life.diff(life.read(repaired), wanted).changes == {}


STAYS = {
    "aws:acm/certificateValidation:CertificateValidation": "validates what exists on its own",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "belongs to the VPC",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "is a setting of the cluster",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": "belongs to the proxy",
    "aws:s3/bucketVersioning:BucketVersioning": "can only be suspended",
    "aws:secretsmanager/secretVersion:SecretVersion": "stays as long as the secret",
    "aws:sns/topicPolicy:TopicPolicy": "falls back to AWS's own",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "falls back to AWS's own"
    ),
}
"""Types that can still be read after their deletion, and why; so can what the state alone has."""


def _assert_gone(life: Life, case: Case, state: ResourceState) -> None:
    in_state_only = registry.spec(case.type).fidelity is Fidelity.STATE
    if case.type not in STAYS and not in_state_only:
        assert life.read(state).id == ""


def test_every_type_of_the_table_has_a_life():
    assert {case.type for case in CASES} == set(registry.types())
