"""Images: pushed once, found by tag and digest, and the same whatever becomes of their source."""

import shutil
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from support.ecs import SERVER, Stage, url, wait_for

from platformctl.errors import RegionError
from platformctl.region.pushed import Pushed

REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"


class Shelf:
    """A repository of its own, and checkouts of its application in as many versions as asked."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.name = f"shop-{uuid.uuid4().hex[:8]}"
        self.folder = folder
        self.ecr.create_repository(repositoryName=self.name, imageTagMutability="IMMUTABLE")

    @property
    def ecr(self) -> Any:
        """The boto3 client."""
        return self.stage.region.client("ecr")

    def checkout(self, version: str) -> Path:
        """Return a project whose application answers with a version."""
        project = self.folder / f"checkout-{version}"
        app = project / "apps" / "test" / "shop"
        app.mkdir(parents=True)
        answer = SERVER.replace('"VERSION", "1"', f'"VERSION", "{version}"')
        (app / "__main__.py").write_text(answer)
        manifest = f"image: {self.name}\ncommand: [python, -m, shop]\nport: 8080\n"
        (app / "app.yaml").write_text(manifest)
        return project

    def push(self, source: Path, **more: str) -> Pushed:
        """Push what a source holds."""
        return self.stage.region.controller.push(source, self.name, **more)

    def start(self, reference: str, version: str) -> str:
        """Start a task of an image and return its ARN."""
        image = f"{REGISTRY}/{self.name}{reference}"
        container = self.stage.container(
            image=image, command=["python", "-m", "shop"], variables={"WANTED": version}
        )
        return self.stage.run(self.stage.define(container))

    def details(self, **asked: str) -> list[dict[str, Any]]:
        """Describe images."""
        wanted = {"imageIds": [asked]} if asked else {}
        return self.ecr.describe_images(repositoryName=self.name, **wanted)["imageDetails"]


@pytest.fixture
def shelf(stage: Stage, tmp_path: Path) -> Iterator[Shelf]:
    """Yield a repository of its own."""
    made = Shelf(stage, tmp_path)
    yield made
    made.ecr.delete_repository(repositoryName=made.name, force=True)


def _running(stage: Stage, arn: str) -> dict[str, Any]:
    def answers() -> dict[str, Any] | None:
        task = stage.task(arn)
        assert task["lastStatus"] != "STOPPED", task["stoppedReason"]
        try:
            httpx.get(url(task), timeout=2)
        except (httpx.TransportError, IndexError):
            return None
        return task

    return wait_for(answers, what="an answer of the task")


def test_two_builds_run_side_by_side_after_both_checkouts_are_gone(shelf: Shelf) -> None:
    pushed = {}
    for version in ("one", "two"):
        project = shelf.checkout(version)
        pushed[version] = shelf.push(project)
        shutil.rmtree(project)
    arns = {
        "one": shelf.start(f":{pushed['one'].tag}", "one"),
        "two": shelf.start(f"@{pushed['two'].digest}", "two"),
    }

    for version, arn in arns.items():
        task = _running(shelf.stage, arn)
        assert task["containers"][0]["imageDigest"] == pushed[version].digest
        stream = shelf.stage.region.controller.logs(_process(shelf.stage, task))
        assert f"serving version {version}" in list(stream)


def _process(stage: Stage, task: dict[str, Any]) -> str:
    short = task["taskArn"].rpartition("/")[2][:8]
    names = [row["name"] for row in stage.region.controller.processes()]
    return next(name for name in names if f"/{short}/web" in name)


def test_a_pushed_image_is_described_by_tag_and_by_digest(shelf: Shelf) -> None:
    pushed = shelf.push(shelf.checkout("one"), tag="1.0.0")
    by_tag, by_digest = shelf.details(imageTag="1.0.0"), shelf.details(imageDigest=pushed.digest)

    assert by_tag == by_digest == shelf.details()
    assert by_tag[0]["imageDigest"] == pushed.digest
    assert by_tag[0]["imageTags"] == ["1.0.0"]
    assert by_tag[0]["imageSizeInBytes"] > 0
    assert by_tag[0]["imagePushedAt"]
    assert len(pushed.digest) == len("sha256:") + 64


def test_an_image_that_does_not_exist_is_not_found(shelf: Shelf) -> None:
    shelf.push(shelf.checkout("one"))

    for wanted in ({"imageTag": "2.0.0"}, {"imageDigest": f"sha256:{'0' * 64}"}):
        with pytest.raises(shelf.ecr.exceptions.ImageNotFoundException, match=shelf.name):
            shelf.details(**wanted)
    with pytest.raises(shelf.ecr.exceptions.RepositoryNotFoundException):
        shelf.ecr.describe_images(repositoryName=f"{shelf.name}-none")


def test_pushing_the_same_source_again_gives_the_same_image(shelf: Shelf) -> None:
    project = shelf.checkout("one")
    first = shelf.push(project)

    assert shelf.push(project) == first
    assert len(shelf.details()) == 1


def test_an_immutable_tag_stays_with_its_image(shelf: Shelf) -> None:
    first = shelf.push(shelf.checkout("one"), tag="1.0.0")

    with pytest.raises(RegionError, match="cannot be overwritten"):
        shelf.push(shelf.checkout("two"), tag="1.0.0")
    assert shelf.details(imageTag="1.0.0")[0]["imageDigest"] == first.digest


def test_an_image_gets_another_tag_by_its_manifest(shelf: Shelf) -> None:
    pushed = shelf.push(shelf.checkout("one"))
    answer = shelf.ecr.batch_get_image(
        repositoryName=shelf.name, imageIds=[{"imageTag": pushed.tag}, {"imageTag": "none"}]
    )
    manifest = answer["images"][0]["imageManifest"]
    shelf.ecr.put_image(repositoryName=shelf.name, imageManifest=manifest, imageTag="stable")

    assert answer["failures"][0]["failureCode"] == "ImageNotFound"
    assert shelf.details(imageTag="stable")[0]["imageTags"] == [pushed.tag, "stable"]
    with pytest.raises(shelf.ecr.exceptions.ImageAlreadyExistsException):
        shelf.ecr.put_image(repositoryName=shelf.name, imageManifest=manifest, imageTag="stable")
    with pytest.raises(shelf.ecr.exceptions.LayersNotFoundException):
        shelf.ecr.put_image(repositoryName=shelf.name, imageManifest="{}", imageTag="other")


def test_a_wheel_is_a_source_too(shelf: Shelf) -> None:
    project = shelf.checkout("wheel")
    wheel = shelf.folder / "shop-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path in project.rglob("*"):
            archive.write(path, path.relative_to(project))
    pushed = shelf.push(wheel)

    assert pushed == shelf.push(project)
    task = _running(shelf.stage, shelf.start(f":{pushed.tag}", "wheel"))
    assert task["containers"][0]["imageDigest"] == pushed.digest


def test_a_deleted_image_cannot_be_pulled_any_more(shelf: Shelf) -> None:
    pushed = shelf.push(shelf.checkout("one"))
    shelf.ecr.batch_delete_image(
        repositoryName=shelf.name, imageIds=[{"imageDigest": pushed.digest}]
    )
    task = shelf.stage.await_stopped(shelf.start(f":{pushed.tag}", "one"))

    assert shelf.details() == []
    assert task["stoppedReason"].startswith("CannotPullContainerError")
    assert "was deleted" in task["stoppedReason"]


def test_the_current_source_is_in_its_repository_once_a_task_has_used_it(stage: Stage) -> None:
    ecr = stage.region.client("ecr", "eu-west-1")
    image = stage.image.replace("us-east-1", "eu-west-1")
    ecr.create_repository(repositoryName="web")
    _running(stage, stage.run(stage.define(stage.container(image=image))))
    details = ecr.describe_images(repositoryName="web")["imageDetails"]
    with pytest.raises(ecr.exceptions.RepositoryNotEmptyException):
        ecr.delete_repository(repositoryName="web")
    ecr.delete_repository(repositoryName="web", force=True)

    assert [one["imageTags"] for one in details] == [[image.rpartition(":")[2]]]


def test_what_is_pushed_is_copied_to_the_regions_of_the_registrys_rules(shelf: Shelf) -> None:
    west = shelf.stage.region.client("ecr", "us-west-2")
    rule = {
        "destinations": [{"region": "us-west-2", "registryId": "000000000000"}],
        "repositoryFilters": [{"filter": shelf.name, "filterType": "PREFIX_MATCH"}],
    }
    shelf.ecr.put_replication_configuration(replicationConfiguration={"rules": [rule]})
    pushed = shelf.push(shelf.checkout("one"))
    copied = west.describe_images(repositoryName=shelf.name)["imageDetails"]
    shelf.ecr.put_replication_configuration(replicationConfiguration={"rules": []})
    west.delete_repository(repositoryName=shelf.name, force=True)

    assert [one["imageDigest"] for one in copied] == [pushed.digest]
    assert shelf.details()[0]["imageDigest"] == pushed.digest


@pytest.mark.parametrize(
    ("name", "said"), [("none", "has no application"), ("no-repository", "has no repository")]
)
def test_what_cannot_be_pushed_is_refused_with_the_reason(
    shelf: Shelf, name: str, said: str
) -> None:
    if name == "none":
        shelf.ecr.create_repository(repositoryName=name)
    try:
        with pytest.raises(RegionError, match=said):
            shelf.stage.region.controller.push(shelf.checkout("one"), name)
    finally:
        if name == "none":
            shelf.ecr.delete_repository(repositoryName=name)


def test_errors_of_ecr_are_client_errors_with_its_codes(shelf: Shelf) -> None:
    with pytest.raises(ClientError) as caught:
        shelf.details(imageTag="none")

    assert caught.value.response["Error"]["Code"] == "ImageNotFoundException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
