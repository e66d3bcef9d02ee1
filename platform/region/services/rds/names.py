"""ARNs, identifiers and times as RDS writes them."""

import datetime as dt
import random
import re
import string

from platformctl.region.services.base import ServiceError

_IDENTIFIER = re.compile(r"^[a-z](?:-?[a-z0-9])*$")


def arn(region: str, account: str, kind: str, name: str) -> str:
    """Return an ARN; `kind` is `db`, `snapshot`, `subgrp`, `pg`, `db-proxy` and so on."""
    return f"arn:aws:rds:{region}:{account}:{kind}:{name}"


def last(reference: str) -> str:
    """Return the name in an ARN, or the name itself, in lower case."""
    if reference.startswith("arn:"):
        reference = reference.split(":", 6)[6]
    return reference.lower()


def region_of(reference: str, default: str) -> str:
    """Return the region an ARN names; a plain name is in the `default` one."""
    return reference.split(":")[3] if reference.startswith("arn:") else default


def resource_id(prefix: str) -> str:
    """Return a new id such as `db-ABCDEFGHIJKLMNOPQRSTUVWXYZ`, unique within AWS."""
    return f"{prefix}-" + "".join(random.choices(string.ascii_uppercase + string.digits, k=26))


def moment(seconds: float) -> dt.datetime:
    """Return a time as API answers carry it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def identifier(value: str, member: str = "DBInstanceIdentifier") -> str:
    """Return an identifier in lower case.

    Raises:
        ServiceError: It is not one that RDS accepts.
    """
    name = value.lower()
    if not _IDENTIFIER.match(name) or len(name) > 63:
        raise ServiceError(
            "InvalidParameterValue",
            f"The parameter {member} is not a valid identifier. Identifiers must begin with a "
            "letter; must contain only ASCII letters, digits, and hyphens; and must not end with "
            "a hyphen or contain two consecutive hyphens.",
        )
    return name
