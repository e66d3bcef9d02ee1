"""Names that fit AWS's limits."""

import hashlib

# Longest name by kind, in characters; what Pulumi appends to automatic names included.
LIMITS = {
    "cache": 40,
    "database": 63,
    "load balancer": 32,
    "log delivery": 60,
    "proxy": 60,
    "role": 64,
    "target group": 32,
}
AUTOMATIC_SUFFIX = len("-1234567")
_DIGEST = 5


def operations_table(project: str, environment: str) -> str:
    """Return the DynamoDB table that keeps what operators do to an environment.

    Args:
        project: Name of the project in `Pulumi.yaml`.
        environment: Name of the stack.
    """
    return f"{project}-{environment}-operations"


def fit(name: str, kind: str, *, automatic: bool = False, ending: str = "") -> str:
    """Return a name that AWS accepts for a kind of resource, shortened where it is too long.

    A shortened name has a digest of the whole in it, so that two long names that begin alike stay
    different.

    Args:
        name: The wanted name.
        kind: A key of `LIMITS`.
        automatic: Pulumi will append its random suffix, which needs room too.
        ending: Follows the name and is never shortened, such as `-blue`.
    """
    limit = LIMITS[kind] - (AUTOMATIC_SUFFIX if automatic else 0) - len(ending)
    if len(name) <= limit:
        return f"{name}{ending}"
    digest = hashlib.sha256(f"{name}{ending}".encode()).hexdigest()[:_DIGEST]
    return f"{name[: limit - _DIGEST - 1].rstrip('-')}-{digest}{ending}"
