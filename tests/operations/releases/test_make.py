"""Releases are made of what runs, of what was pushed, and of other checkouts, and they run."""

import shutil
from dataclasses import replace

import httpx
import pytest
from support.ecs import wait_for
from support.operations import ACTOR, create_table
from support.region import running_region
from support.shop import Shop

from platformctl.errors import InvocationError
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.releases.compare import compare
from platformctl.operations.releases.make import Maker, Wanted
from platformctl.operations.releases.revisions import register
from platformctl.operations.releases.store import Releases


class Bench:
    """A shop whose service is released."""

    def __init__(self, folder, region):
        self.shop = Shop(folder, region)
        self.shop.up("1")
        create_table(region.client("dynamodb"), "operations")
        region.client("ecr").create_repository(repositoryName="web")
        self.folder = folder
        self.releases = Releases(OperationsTable(region.client("dynamodb"), "operations"))
        self.web = self.shop.found("web")
        self.maker = Maker(
            clients=self.shop.clients,
            releases=self.releases,
            actor=ACTOR,
            root=region.project,
            push=self.push,
        )

    def push(self, source, service):
        pushed = self.shop.region.controller.push(source, service.repository, region="us-east-1")
        return pushed.digest

    def make(self, **wanted):
        return self.maker.make(self.web, Wanted(**wanted))

    def run(self, release, side):
        """Run a release on a side and return what its test listener's tasks say of themselves."""
        arn = register(self.shop.clients, self.releases, self.web, release, side)
        name = self.web.sides[side].name
        ecs = self.shop.region.client("ecs")
        ecs.update_service(cluster="shop", service=name, desiredCount=1, taskDefinition=arn)

        def answer():
            response = httpx.get(f"{self.web.balancing.test_url}/it", timeout=5)
            said = response.json() if response.status_code == 200 else {}
            return said if said.get("RELEASE") == release.name else None

        return wait_for(answer, what=f"{release} runs on {side}")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases")
    with running_region(folder / "region") as region:
        yield Bench(folder / "shop", region)


@pytest.fixture(scope="module")
def first(bench):
    return bench.maker.adopt(bench.web)


def test_what_the_stack_started_becomes_the_first_release(bench, first):
    assert (first.name, first.actor) == ("r1", ACTOR)
    assert first.reason == "what the stack was deployed with"
    assert first.image == f"000000000000.dkr.ecr.us-east-1.amazonaws.com/web@{first.digest}"
    assert first.version == bench.shop.image.rpartition(":")[2]
    assert bench.releases.revision(first, "blue") == bench.web.task_definition_arn
    assert bench.maker.adopt(bench.web) is None, "only once"


def test_what_runs_is_not_behind_what_the_stack_was_deployed_with(bench, first):
    assert bench.releases.by_revision("web", bench.web.task_definition_arn) == first
    assert bench.releases.by_revision("web", "arn:another") is None
    assert not bench.maker.behind(bench.web)


def test_the_same_again_is_the_same_release(bench, first):
    assert bench.make() == first


def test_a_release_runs_with_the_variables_that_were_given_and_knows_its_side(bench, first):
    release = bench.make(overrides={"LOG_LEVEL": "debug"}, reason="to see more")
    said = bench.run(release, "green")

    assert (said["LOG_LEVEL"], said["SIDE"], said["VERSION"]) == ("debug", "green", "1")
    assert (release.digest, release.reason) == (first.digest, "to see more")
    assert release.overrides == {"LOG_LEVEL": "debug"}
    assert [vars(each) for each in compare(bench.web, first, release)] == [
        {"what": "variable LOG_LEVEL", "before": None, "after": "debug"}
    ]


def test_a_revision_is_registered_once_for_each_side(bench, first):
    arns = {register(bench.shop.clients, bench.releases, bench.web, first, "green") for _ in "ab"}

    (arn,) = arns
    assert arn != bench.releases.revision(first, "blue")
    bench.shop.region.client("ecs").deregister_task_definition(taskDefinition=arn)
    again = register(bench.shop.clients, bench.releases, bench.web, first, "green")
    assert again not in arns, "one that cannot be started any more is made anew"


def test_another_checkout_runs_beside_the_first(bench, first):
    checkout = bench.folder / "checkout"
    shutil.copytree(bench.shop.region.project / "apps", checkout / "apps")
    program = checkout / "apps" / "test" / "web" / "__main__.py"
    program.write_text(program.read_text().replace("wanted = {", 'wanted = {"NEW": "yes"} | {'))

    release = bench.make(source=checkout)
    said = bench.run(release, "green")

    assert said["NEW"] == "yes"
    assert release.digest != first.digest
    assert bench.make(version=release.version) == bench.make(image=release.digest) == release
    assert {each.what for each in compare(bench.web, first, release)} == {"version", "image"}


def test_an_image_that_does_not_exist_is_answered_with_those_that_do(bench, first):
    with pytest.raises(InvocationError, match=f"web has no image 9.9.9: it has .*{first.version}"):
        bench.make(version="9.9.9")
    with pytest.raises(InvocationError, match="web has no image sha256:"):
        bench.make(image="sha256:" + "0" * 64)


def test_more_than_one_thing_to_run_is_refused():
    with pytest.raises(InvocationError, match="--version and --image were given: name one"):
        Wanted(version="1", image="sha256:1")


def test_where_images_come_from_a_pipeline_no_source_is_deployed(bench, first):
    elsewhere = replace(bench.maker, push=None)

    with pytest.raises(InvocationError, match="only the local region makes images of sources"):
        elsewhere.make(bench.web, Wanted(source=bench.folder))


def test_a_release_of_another_service_is_not_registered(bench, first):
    worker = bench.shop.found("worker")

    with pytest.raises(InvocationError, match="worker cannot run web r1"):
        register(bench.shop.clients, bench.releases, worker, first, "green")


@pytest.mark.parametrize(
    ("name", "why"), [("DB_PASSWORD", "looks like a secret"), ("PORT", "the platform sets it")]
)
def test_variables_that_are_not_the_operators_to_set_are_refused(name, why, bench, first):
    with pytest.raises(InvocationError, match=why):
        bench.make(overrides={name: "x"})


def test_what_the_stack_configures_later_is_part_of_the_next_release(bench, first):
    bench.shop.up("2")
    web = bench.shop.found("web")

    assert bench.maker.behind(web)
    release = bench.maker.make(web, Wanted())
    assert [vars(each) for each in compare(web, first, release)] == [
        {"what": "variable VERSION", "before": "1", "after": "2"}
    ]
    bench.shop.up("1")
