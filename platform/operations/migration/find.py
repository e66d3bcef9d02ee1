"""What migrates a product's database, by what was deployed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

from platformctl.errors import InvocationError
from platformctl.operations.services.checkpoint import Checkpoint, Resource, outputs, region_of

TASK = "platformctl:compute:StandaloneTask"
DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
INSTANCE = "aws:rds/instance:Instance"
FAMILY = "-migrations"
"""How the family of a task definition ends that migrates a database."""


@dataclass(frozen=True, kw_only=True)
class Migrator:
    """A task that migrates a database.

    Attributes:
        product: The product.
        region: Region of both.
        cluster: Cluster to run the task in.
        container: Name of its container.
        task_definition_arn: The revision that was deployed.
        subnet_ids: Subnets to run it in.
        security_group_ids: Groups to run it with.
        log_group: Where it logs.
        database: Identifier of the primary instance; "" where it is not known.
    """

    product: str
    region: str
    cluster: str
    container: str
    task_definition_arn: str
    subnet_ids: Sequence[str]
    security_group_ids: Sequence[str]
    log_group: str
    database: str

    @property
    def target(self) -> str:
        """What an operation on it holds while it works."""
        return f"product/{self.product}"

    def document(self) -> dict[str, Any]:
        """Return it as a plan has it."""
        document = asdict(self)
        lists = ("subnet_ids", "security_group_ids")
        return {**document, **{name: list(document[name]) for name in lists}}


def find_migrators(checkpoint: Mapping[str, Any], region: str) -> list[Migrator]:
    """Return what migrates the databases of an environment, by product.

    Args:
        checkpoint: The stack's checkpoint as `pulumi stack export` prints it.
        region: Region that serves; databases elsewhere follow the ones there.
    """
    found = _migrators(Checkpoint(checkpoint))
    return sorted((each for each in found if each.region == region), key=lambda each: each.product)


def choose(migrators: Sequence[Migrator], product: str) -> Migrator:
    """Return what migrates a product's database.

    Raises:
        InvocationError: The environment has no such product, or it has nothing to migrate.
    """
    for each in migrators:
        if each.product == product:
            return each
    names = [each.product for each in migrators]
    near = get_close_matches(product, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names) or 'none'}"
    raise InvocationError(f"no database of {product!r} is migrated", why=hint)


def _migrators(deployed: Checkpoint) -> Iterator[Migrator]:
    for component in deployed.of_type(TASK):
        definition, said = deployed.child(component, DEFINITION), outputs(component)
        # One whose making failed half-way is not there yet.
        if definition is None or "cluster_name" not in said:
            continue
        made = outputs(definition)
        if not made["family"].endswith(FAMILY):
            continue
        product, region = (made.get("tags") or {}).get("Product", ""), region_of(made["arn"])
        yield Migrator(
            product=product,
            region=region,
            cluster=said["cluster_name"],
            container=said["container_name"],
            task_definition_arn=made["arn"],
            subnet_ids=tuple(said["subnet_ids"]),
            security_group_ids=tuple(said["security_group_ids"]),
            log_group=said["log_group_name"],
            database=_primary(deployed, product, region),
        )


def _primary(deployed: Checkpoint, product: str, region: str) -> str:
    """Return the identifier of a product's database that is written to."""
    for instance in deployed.of_type(INSTANCE):
        made: Resource = outputs(instance)
        mine = (made.get("tags") or {}).get("Product") == product
        if mine and region_of(made["arn"]) == region and not made.get("replicateSourceDb"):
            return str(made["identifier"])
    return ""
