"""A deployment records what somebody wants to run, lets it serve, and goes on where it was left."""

import pytest
from support.operations import ACTOR
from support.versions import STOREFRONT, checkout, crashes, good

from platformctl.config.cutover import CutoverConfig
from platformctl.errors import LockedError
from platformctl.operations.cutover.begin import Wishes
from platformctl.operations.cutover.deployment import DEPLOY, Deployments
from platformctl.operations.cutover.group import deploy_in_order
from platformctl.operations.cutover.rollback import KIND
from platformctl.operations.kernel.outcome import require_success
from platformctl.operations.kernel.states import State
from platformctl.operations.releases.make import Maker, Wanted
from platformctl.operations.releases.store import Releases

AT_ONCE = {"weights": [100], "bakeSeconds": 0, "keepWarmSeconds": 0, "readySeconds": 0}


class Desk:
    """Where the storefront is deployed from."""

    def __init__(self, store, console):
        self.store, self.console = store, console
        self.deployments = Deployments(
            environment="dev",
            table=console.table,
            maker=Maker(
                clients=console.clients,
                releases=Releases(console.table),
                actor=ACTOR,
                root=store.folder / "checkout-1",
                push=self._push,
            ),
            timing=CutoverConfig.model_validate(AT_ONCE),
        )

    def _push(self, source, service):
        return self.store.region.controller.push(source, service.repository).digest

    def release(self, name, version):
        """Record a release of a checkout."""
        source = self.store.folder / f"desk-{name}"
        if not source.exists():
            checkout(source, version)
        return self.deployments.maker.make(self.store.service, Wanted(source=source))

    def deploy(self, release, kind=DEPLOY, **timing):
        wanted = CutoverConfig.model_validate({**AT_ONCE, **timing})
        return self.deployments.cut_over(
            self.console.runner(), self.store.service, release, Wishes(timing=wanted), kind=kind
        )

    def serves(self, release):
        return self.deployments.serves(self.console.runner(), self.store.service, release)


@pytest.fixture
def desk(store, console):
    return Desk(store, console)


def test_what_the_stack_started_is_the_first_release_and_the_way_back(store, desk):
    release = desk.release("2", good("2", STOREFRONT))
    operation = desk.deploy(release)

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert (release.name, desk.console.standing.running.release) == ("r2", "r2")
    assert desk.console.standing.other.release == "r1"
    assert store.ask().headers["x-release"] == "r2"
    assert desk.serves(release)


def test_the_same_again_records_nothing_and_has_nothing_to_do(store, desk):
    release = desk.release("2", good("2", STOREFRONT))
    assert not desk.serves(release)
    desk.deploy(release)

    again = desk.release("2", good("2", STOREFRONT))

    assert again == release
    assert desk.serves(again)


def test_one_that_waits_is_gone_on_with_and_another_is_refused(store, desk):
    release = desk.release("2", good("2", STOREFRONT))
    held = desk.deploy(release, weights=[50, 100], stepSeconds=1, analysis={"periodSeconds": 1})
    assert held.state is State.PAUSED_BY_FAILED_STEP, "nobody asks for anything"
    other = desk.release("3", good("3", STOREFRONT))

    with pytest.raises(LockedError, match=r"store r3 .* is asked for now"):
        desk.deploy(other)
    assert not desk.serves(release)
    desk.console.runner().skip(held.id, "analyse-50", "nobody is there at night")
    ended = desk.deploy(release)
    assert ended.id == held.id
    assert ended.state is State.SUCCEEDED_WITH_EXCEPTIONS


def test_a_rollback_to_a_named_release_is_gone_on_with_by_whatever_asks_for_that_release(
    store, desk
):
    release = desk.release("2", good("2", STOREFRONT))
    halves = {"weights": [50, 100], "stepSeconds": 1, "analysis": {"periodSeconds": 1}}
    held = desk.deploy(release, kind=KIND, **halves)
    assert held.plan.kind == "rollback"
    assert held.state is State.PAUSED_BY_FAILED_STEP
    desk.console.runner().skip(held.id, "analyse-50", "nobody is there at night")

    ended = desk.deploy(release)

    assert (ended.id, ended.plan.kind) == (held.id, "rollback")
    assert desk.serves(release)


def test_a_release_that_was_given_up_is_not_tried_again_unasked(store, desk):
    bad = desk.release("crashes", crashes(STOREFRONT))
    operation = desk.deploy(bad)

    assert operation.state is State.ROLLED_BACK
    standing = desk.console.standing
    assert (standing.running.release, standing.desired) == ("r1", bad.name)
    assert standing.degraded
    assert list(desk.deployments.waiting([store.service])) == []
    good_one = desk.release("4", good("4", STOREFRONT))
    assert desk.deploy(good_one).state is State.SUCCEEDED
    assert not desk.console.standing.degraded


@pytest.mark.fault(30)
def test_of_several_deployed_together_the_failed_one_goes_back_and_the_rest_is_told(store, desk):
    """What is done stays, what comes after the failure is not begun."""
    fine, bad = desk.release("2", good("2", STOREFRONT)), desk.release("x", crashes(STOREFRONT))
    never = desk.release("5", good("5", STOREFRONT))
    begun = []

    def deploy(service, release):
        begun.append(release.name)
        require_success(desk.deploy(release))

    outcome = deploy_in_order([(store.service, each) for each in (fine, bad, never)], deploy)

    assert begun == [fine.name, bad.name]
    assert (outcome.done, outcome.failed, outcome.left) == (["store"], "store", ["store"])
    assert "does not start" in outcome.error.why
    assert store.ask().headers["x-release"] == fine.name
