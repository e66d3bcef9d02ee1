"""The example as a newcomer meets it: copied, brought up, used, brought down."""

import shutil

import httpx
import pytest
from support.platform import REPOSITORY, Platform, alive
from support.ports import free_port

EXAMPLE = REPOSITORY / "examples" / "service-with-database"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("newcomer") / "shop"
    shutil.copytree(EXAMPLE, folder)
    platform = Platform(folder, free_port())
    stack = folder / "Pulumi.local.yaml"
    stack.write_text(stack.read_text().replace("8081", str(free_port())))
    platform.run("up", "local", timeout=170)
    processes = platform.region_processes()
    yield platform
    platform.run("destroy", "local", "--yes")
    assert alive(processes) == []


@pytest.mark.slow
def test_an_order_goes_in_at_the_load_balancer_and_comes_out_of_the_database(shop):
    url = shop.outputs()["orders_url"]

    stored = httpx.post(f"{url}/orders", json={"item": "tea"}, timeout=10)

    assert stored.status_code == 201
    assert {"id": stored.json()["id"], "item": "tea"} in httpx.get(f"{url}/orders").json()


@pytest.mark.slow
def test_a_second_up_changes_nothing(shop):
    shop.run("up", "local", "--expect-no-changes")


@pytest.mark.slow
def test_no_mandatory_policy_is_violated(shop):
    shop.run("policy", "check", "local")


def test_the_program_is_about_thirty_lines():
    program = (EXAMPLE / "__main__.py").read_text().splitlines()
    code = [line for line in program if line and not line.startswith(("import", "from", '"""'))]

    assert len(code) <= 35


def test_the_example_imports_nothing_but_the_library_and_pulumi():
    source = (EXAMPLE / "__main__.py").read_text()
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    imported = {line.split()[1].partition(".")[0] for line in imports}

    assert imported <= {"pathlib", "pulumi", "platformctl"}
