"""Flags as they shall be, in the operations table, and as services read them, in parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.aws.clients import Clients
from platformctl.errors import InvocationError, LockedError, ResourceError, StateError
from platformctl.operations.flags.find import FlagSet, Place
from platformctl.operations.flags.model import NONE, Flag, Flags, decode
from platformctl.operations.kernel.table import ABSENT, Condition, OperationsTable, RefusedError

PARTITION = "flags"
MOST_BYTES = 4096
"""Of a standard parameter (Systems Manager's quotas)."""
ATTEMPTS = 20
"""At a write while others write, too; each attempt that fails is a success of somebody else."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """The flags of a product, and who knows them.

    Attributes:
        product: The product.
        flags: The flags as they shall be.
        behind: Regions whose services read others.
    """

    product: str
    flags: Flags
    behind: Sequence[str]

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        flags = {name: flag.document() for name, flag in sorted(self.flags.flags.items())}
        return {
            "product": self.product,
            "revision": self.flags.revision,
            "flags": flags,
            "behind": list(self.behind),
        }


class FlagStore:
    """The flags of one product.

    Args:
        table: The operations table.
        clients: Makes boto3 clients.
        flag_set: The product, and where its services read the flags.
    """

    def __init__(self, table: OperationsTable, clients: Clients, flag_set: FlagSet) -> None:
        self._table = table
        self._clients = clients
        self._set = flag_set

    def wanted(self) -> Flags:
        """Return the flags as they shall be."""
        item = self._table.get(PARTITION, self._set.product)
        return decode(item["document"]) if item else NONE

    def published(self, place: Place) -> Flags:
        """Return the flags as services read them in one place."""
        answer = self._ssm(place).get_parameter(Name=place.parameter)
        return decode(answer["Parameter"]["Value"])

    def look(self) -> Situation:
        """Return the flags as they shall be, and where services read others."""
        wanted = self.wanted()
        behind = [place.region for place in self._set.places if not self._knows(place, wanted)]
        return Situation(product=self._set.product, flags=wanted, behind=behind)

    def change(self, flag: Flag) -> tuple[Flags, Flags]:
        """Record a flag as it shall be; return all flags before and after.

        Raises:
            InvocationError: There are more flags than a parameter can hold.
            LockedError: So many others change flags at the same time that it was never our turn.
        """
        for _ in range(ATTEMPTS):
            before = self.wanted()
            if before.flags.get(flag.name) == flag:
                return before, before
            after = Flags(revision=before.revision + 1, flags={**before.flags, flag.name: flag})
            document = after.encode()
            if len(document.encode()) > MOST_BYTES:
                raise InvocationError(
                    f"{flag.name} cannot be set",
                    why=f"the flags of {self._set.product} would be more than {MOST_BYTES} bytes",
                    remedy="make audiences smaller, or take flags out of the code and out of here",
                )
            item = {
                "pk": PARTITION,
                "sk": self._set.product,
                "revision": after.revision,
                "document": document,
            }
            try:
                self._table.put(item, _still(before))
            except RefusedError:
                continue
            return before, after
        raise LockedError(
            f"{flag.name} is not set",
            why=f"others change the flags of {self._set.product} all the time",
            remedy="run the same command again",
        )

    def publish(self, place: Place) -> None:
        """Let services of one place read the flags as they shall be.

        Whoever publishes looks afterwards whether it was the newest, so of several who publish at
        the same time the last one has the newest.

        Raises:
            ResourceError: Systems Manager does not take them.
        """
        ssm = self._ssm(place)
        while True:
            flags = self.wanted()
            try:
                ssm.put_parameter(
                    Name=place.parameter, Value=flags.encode(), Type="String", Overwrite=True
                )
            except (BotoCoreError, ClientError) as error:
                raise ResourceError(
                    f"the flags of {self._set.product} are not published in {place.region}",
                    why=str(error),
                    remedy="they are recorded: run the same command again to publish them",
                ) from error
            if self.wanted().revision == flags.revision:
                return

    def _knows(self, place: Place, wanted: Flags) -> bool:
        try:
            return self.published(place) == wanted
        except (StateError, self._ssm(place).exceptions.ParameterNotFound):
            return False

    def _ssm(self, place: Place) -> Any:
        return self._clients("ssm", place.region)


def _still(flags: Flags) -> Condition:
    """Return the condition that nobody has changed the flags since they were read."""
    if not flags.revision:
        return ABSENT
    return Condition(
        expression="#revision = :revision",
        names=["revision"],
        values={"revision": flags.revision},
    )
