"""A source with newer migrations brings them along: they run before its release starts."""

import shutil
from contextlib import suppress
from dataclasses import replace

import pytest
from support.analytics import APPS
from support.migrating import Shop
from support.operations import ACTOR
from support.versions import STOREFRONT, checkout, good

from platformctl.config.cutover import CutoverConfig
from platformctl.operations.cutover.begin import Wishes
from platformctl.operations.cutover.deployment import DEPLOY, Deployments
from platformctl.operations.kernel.states import State
from platformctl.operations.migration.steps import UP
from platformctl.operations.releases.make import Maker, Wanted
from platformctl.operations.releases.store import Releases

AT_ONCE = CutoverConfig.model_validate(
    {"weights": [100], "bakeSeconds": 0, "keepWarmSeconds": 0, "readySeconds": 0}
)
COUNTRY = '''"""Events know the country they came from."""

from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE events ADD COLUMN country text")


def downgrade() -> None:
    op.execute("ALTER TABLE events DROP COLUMN country")
'''


class Desk:
    """Where the storefront is deployed from, which has a database that is migrated."""

    def __init__(self, store, console, shop):
        self.store, self.console, self.shop = store, console, shop
        # One journal: what a migration reports is what a deployment knows.
        shop.table = console.table.name
        self.service = replace(store.service, product=shop.name)
        self.deployments = Deployments(
            environment="dev",
            table=console.table,
            maker=Maker(
                clients=console.clients,
                releases=Releases(console.table),
                actor=ACTOR,
                root=store.folder / "checkout-1",
                push=self._push,
                migrators=[shop.migrator],
            ),
            timing=AT_ONCE,
        )

    def _push(self, source, service):
        return self.store.region.controller.push(source, service.repository).digest

    def deploy(self, source):
        """Deploy a checkout; return its release and the operation."""
        release = self.deployments.maker.make(self.service, Wanted(source=source))
        operation = self.deployments.cut_over(
            self.console.runner(), self.service, release, Wishes(timing=AT_ONCE), kind=DEPLOY
        )
        assert operation.state is State.SUCCEEDED, operation.outcome
        return release, operation

    def columns(self):
        with self.shop.connect() as connection:
            query = "SELECT column_name FROM information_schema.columns WHERE table_name = 'events'"
            return {name for (name,) in connection.execute(query)}


@pytest.fixture
def shop(region):
    ecr = region.client("ecr")
    with suppress(ecr.exceptions.RepositoryAlreadyExistsException):  # of another test's shop
        ecr.create_repository(repositoryName="analytics-migrations")
    shop = Shop(region)
    yield shop
    shop.close()


@pytest.fixture
def desk(store, console, shop):
    return Desk(store, console, shop)


@pytest.fixture
def source(tmp_path):
    """Return what writes a checkout with a version of the program and its migrations."""

    def write(marker, *migrations):
        folder = checkout(tmp_path / marker, good(marker, STOREFRONT))
        product = folder / "apps" / STOREFRONT.folder.name
        for name in ("database", "telemetry"):
            left_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(APPS / name, product / name, ignore=left_out)
        for text in migrations:
            (product / "database" / "migrations" / "expand" / "0005_country.py").write_text(text)
        return folder

    return write


def names(operation):
    return [step.name for step in operation.steps]


def test_newer_migrations_of_a_source_run_before_its_release_and_older_ones_not_again(desk, source):
    desk.shop.run(UP)
    assert "country" not in desk.columns()

    release, operation = desk.deploy(source("newer", COUNTRY))

    assert release.migration_head == "0005"
    assert "/analytics-migrations@sha256:" in release.migration_image
    assert names(operation)[:4] == ["preflight", "expand", "schema", "start"]
    assert operation.step("expand").facts["done"] == ["0005"]
    assert "country" in desk.columns()
    assert desk.store.ask().headers["x-version"] == "newer"

    known, again = desk.deploy(source("newer-still", COUNTRY))
    assert "expand" not in names(again), "its migrations are there"
    assert desk.store.ask().headers["x-version"] == "newer-still"
    assert known.migration_head == "0005"

    old, back = desk.deploy(source("older"))
    assert (old.migration_head, old.migration_image) == ("0004", "")
    assert "expand" not in names(back)
    assert "country" in desk.columns(), "what has expanded stays"


def test_a_source_brings_everything_where_the_deployed_migrations_have_never_run(desk, source):
    _, operation = desk.deploy(source("newer", COUNTRY))

    assert operation.step("expand").facts["done"] == ["0001", "0002", "0003", "0005"]
    _, again = desk.deploy(source("without"))
    assert again.step("expand").facts["done"] == [], "the deployed ones are asked, and are there"
    _, once_more = desk.deploy(source("without-still"))
    assert "expand" not in names(once_more), "a deployment has expanded for them"


def test_a_source_of_before_there_were_migrations_is_released_without(desk, source, tmp_path):
    desk.shop.run(UP)

    release, operation = desk.deploy(checkout(tmp_path / "plain", good("plain", STOREFRONT)))

    assert (release.migration_head, release.migration_image) == ("", "")
    assert "expand" not in names(operation)
