"""Setting a flag: recorded, published in every region, in the audit log."""

from dataclasses import dataclass

from platformctl.aws.clients import Clients
from platformctl.errors import PlatformError
from platformctl.operations.flags.find import FlagSet
from platformctl.operations.flags.model import Flag, require_usable
from platformctl.operations.flags.store import FlagStore
from platformctl.operations.kernel import audit
from platformctl.operations.kernel.operation import Actor
from platformctl.operations.kernel.table import OperationsTable

ACTION = "flag set"


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who sets flags, and why.

    Attributes:
        actor: Who.
        reason: Why.
    """

    actor: Actor
    reason: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of a flag.

    Attributes:
        before: What it was; None if there was none.
        after: What it is.
        revision: Number of the product's flags since.
    """

    before: Flag | None
    after: Flag
    revision: int


def set_flag(
    table: OperationsTable, clients: Clients, flag_set: FlagSet, flag: Flag, author: Author
) -> Change:
    """Set a flag; saying the same again publishes it again.

    Args:
        table: The operations table.
        clients: Makes boto3 clients.
        flag_set: The flags of a product.
        flag: The flag as it shall be.
        author: Who does it and why.

    Raises:
        InvocationError: The flag cannot be set.
        ResourceError: It is recorded, but not published in every region.
    """
    require_usable(flag)
    store = FlagStore(table, clients, flag_set)
    before, after = store.change(flag)
    change = Change(before=before.flags.get(flag.name), after=flag, revision=after.revision)
    mistakes: list[PlatformError] = []
    for place in flag_set.places:
        try:
            store.publish(place)
        except PlatformError as error:
            # The other regions' services need not wait for this one's.
            mistakes.append(error)
    outcome = "; ".join(error.what for error in mistakes) or "done"
    audit.note(
        table,
        author.actor,
        ACTION,
        f"flag/{flag_set.product}/{flag.name}",
        outcome,
        reason=author.reason,
        details={
            "before": change.before.document() if change.before else None,
            "after": flag.document(),
            "revision": change.revision,
        },
    )
    if mistakes:
        raise mistakes[0]
    return change
