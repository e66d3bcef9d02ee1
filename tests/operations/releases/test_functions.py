"""A function is released from a source: its code is published, and its smoke checks come along."""

import json
from dataclasses import replace

import pytest
from support.functions_cutover import Function
from support.operations import ACTOR

from platformctl.errors import InvocationError
from platformctl.operations.cutover.begin import running_on
from platformctl.operations.releases.make import Maker, Wanted
from platformctl.operations.releases.store import Releases

SOURCE = """
def handle(event, context):
    return {"release": "RELEASE"}
"""
MANIFEST = """
image: {name}
function: {{handler: it.handle, runtime: python3.13}}
smoke:
  - name: it says which release it is
    body: {{}}
    expect: {{release: two}}
"""


class Bench:
    """A function behind its alias, and what makes releases of it."""

    def __init__(self, region, folder):
        function = Function(region, folder)
        self.folder, self.client, self.table = folder, function.client, function.table
        self.clients = function.clients
        # What the stack published last.
        self.service = replace(function.service, version="1")
        releases = Releases(self.table)
        self.maker = Maker(clients=self.clients, releases=releases, actor=ACTOR, root=folder)

    def checkout(self, release):
        """Return a project's folder with another version of the function."""
        app = self.folder / release / "apps" / "shop" / "function"
        (app / "it").mkdir(parents=True)
        (app / "app.yaml").write_text(MANIFEST.format(name=self.service.name) + "sources: [it]\n")
        (app / "it" / "__init__.py").write_text(SOURCE.replace("RELEASE", release))
        return self.folder / release


@pytest.fixture
def bench(region, tmp_path):
    return Bench(region, tmp_path)


def test_the_code_of_a_checkout_becomes_a_version_with_its_smoke_checks(bench):
    release = bench.maker.make(bench.service, Wanted(source=bench.checkout("two")))

    assert release.definition == {"version": "2"}
    assert [check["name"] for check in release.smoke] == ["it says which release it is"]
    said = bench.client.invoke(FunctionName=bench.service.name, Qualifier="2")
    assert json.load(said["Payload"]) == {"release": "two"}


def test_the_same_code_with_another_configuration_is_asked_the_same(bench):
    made = bench.maker.make(bench.service, Wanted(source=bench.checkout("two")))
    changed = bench.client.update_function_configuration(
        FunctionName=bench.service.name, Environment={"Variables": {"LEVEL": "debug"}}
    )
    number = bench.client.publish_version(FunctionName=changed["FunctionName"])["Version"]

    again = bench.maker.make(bench.service, Wanted(version=number))

    assert again.name != made.name
    assert again.digest == made.digest
    assert again.smoke == made.smoke


def test_a_version_that_was_released_is_known_by_its_release(bench):
    assert str(running_on(bench.service, "1", bench.clients, bench.table)) == "1"

    first = bench.maker.adopt(bench.service)

    found = running_on(bench.service, "1", bench.clients, bench.table)
    assert (found.release, found.version, found.function_version) == (first.name, "1", "1")


def test_a_source_without_the_function_is_the_mistake_of_whoever_named_it(bench, tmp_path):
    with pytest.raises(InvocationError, match="has no application"):
        bench.maker.make(bench.service, Wanted(source=tmp_path))
