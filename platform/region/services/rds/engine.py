"""Which engines and versions there are, and what runs locally for them."""

from platformctl.region.services.base import ServiceError

ENGINE = "postgres"
LATEST_MINOR = {13: 23, 14: 20, 15: 15, 16: 11, 17: 7, 18: 1}
"""Newest minor of each major version."""
CLASSES = tuple(
    f"db.{family}.{size}"
    for family, sizes in {
        "t3": ("micro", "small", "medium", "large", "xlarge", "2xlarge"),
        "t4g": ("micro", "small", "medium", "large", "xlarge", "2xlarge"),
        "m5": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge"),
        "m6g": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge"),
        "m6i": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge"),
        "m7g": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge"),
        "r5": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge"),
        "r6g": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge"),
        "r6i": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge"),
        "r7g": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge"),
    }.items()
    for size in sizes
)


def check_engine(engine: str) -> None:
    """Refuse engines other than PostgreSQL.

    Raises:
        ServiceError: Always the same AWS error, which names the engine.
    """
    if engine != ENGINE:
        raise ServiceError(
            "InvalidParameterValue",
            f"Invalid DB engine: {engine}. The local region has {ENGINE} only.",
        )


def full_version(asked: str | None) -> str:
    """Return the version an instance gets; a major version alone means its newest minor.

    Raises:
        ServiceError: There is no such version.
    """
    if asked is None:
        return f"17.{LATEST_MINOR[17]}"
    major, dot, minor = asked.partition(".")
    known = LATEST_MINOR.get(int(major)) if major.isdigit() else None
    if known is not None and not dot:
        return f"{major}.{known}"
    if known is not None and minor.isdigit() and int(minor) <= known:
        return asked
    raise ServiceError("InvalidParameterCombination", f"Cannot find version {asked} for {ENGINE}")


def major_of(version: str) -> int:
    """Return the major version of a full one."""
    return int(version.partition(".")[0])


def family_of(version: str) -> str:
    """Return the parameter group family of a version, such as `postgres15`."""
    return f"{ENGINE}{major_of(version)}"


def check_class(name: str) -> None:
    """Refuse what is no instance class.

    Raises:
        ServiceError: The class does not look like one.
    """
    if not name.startswith("db.") or name.count(".") != 2:
        raise ServiceError("InvalidParameterValue", f"Invalid DB Instance class: {name}")
