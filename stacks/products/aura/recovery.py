"""What stands ready of AURA Journal in the recovery region: what people wrote.

The database follows within seconds, exports likewise, keys are copied, images are replicated;
documents come back from copied backups. The cluster itself is made when it is needed: its nodes
are most of the price, and a day is what the product may take to come back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from platformctl.components import Bucket, PostgresReplica
from platformctl.errors import ConfigurationError
from platformctl.stacks.building import stores
from platformctl.stacks.building.groups import chain
from platformctl.stacks.building.stores import DATABASE_GROUP, copied_arn
from platformctl.stacks.products.aura.context import AuraContext
from platformctl.stacks.products.aura.groups import GROUPS
from platformctl.stacks.products.aura.parts import Aura


@dataclass(frozen=True)
class Standby:
    """The parts that stand ready.

    Attributes:
        database: Follows the other side's database.
        exports: Follows the other side's bucket.
        secret_arns: What a secret is for → its copy.
    """

    database: PostgresReplica
    exports: Bucket
    secret_arns: Mapping[str, pulumi.Output[str]]


def standby(context: AuraContext, primary: Aura) -> Standby:
    """Make what stands ready.

    Args:
        context: The product, on the side that takes over.
        primary: Its parts on the side that serves.

    Raises:
        ConfigurationError: The exports have no copy on this side.
    """
    config, kept = context.config, primary.stores
    if kept.exports_copy is None:
        raise ConfigurationError(
            f"{context.product} cannot stand ready in {context.shared.region}",
            why="its exports are not replicated there",
        )
    # Nobody may connect yet: whoever makes the cluster lets its pods in.
    groups = chain(context, {DATABASE_GROUP: GROUPS[DATABASE_GROUP]}, [])
    secrets = {
        "database": kept.database.secret_arn,
        "documents": kept.documents.secret_arn,
        "jwt": kept.tokens.arn,
        "entries": kept.entries.arn,
    }
    return Standby(
        database=stores.postgres_replica(
            context, config.database, config.recovery, groups, kept.database
        ),
        exports=kept.exports_copy,
        secret_arns={name: copied_arn(context, arn) for name, arn in secrets.items()},
    )


OUTPUTS: Mapping[str, Callable[[Standby], Any]] = {
    "database_endpoint": lambda made: made.database.address,
    "database_identifier": lambda made: made.database.identifier,
    "exports_bucket": lambda made: made.exports.bucket_name,
    "secret_arns": lambda made: made.secret_arns,
}
