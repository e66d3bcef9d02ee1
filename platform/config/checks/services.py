"""Services: sizes, counts, health checks, variables."""

from collections.abc import Iterator

from platformctl.config import tables
from platformctl.config.checks.mistake import Mistake, sections
from platformctl.config.compute import ServiceConfig
from platformctl.config.environment import EnvironmentConfig

_OWNED_VARIABLES = frozenset(
    {"AWS_REGION", "HOST", "INTAKE_PARAMETER", "PORT", "RELEASE", "SERVICE_NAME", "SIDE"}
)
_SECRET_WORDS = ("PASSWORD", "SECRET", "TOKEN", "PRIVATE_KEY", "API_KEY")


def fargate_sizes(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a CPU size of Fargate and on memory that goes with it."""
    for key, service in sections(config, ServiceConfig):
        memory = tables.FARGATE_MEMORY.get(service.cpu)
        if memory is None:
            allowed = ", ".join(map(str, tables.FARGATE_MEMORY))
            yield Mistake(f"{key}.cpu", service.cpu, f"must be one of {allowed}")
        elif service.memory not in memory:
            allowed = ", ".join(map(str, memory))
            yield Mistake(
                f"{key}.memory",
                service.memory,
                f"must be one of {allowed} where cpu is {service.cpu}",
            )


def counts_in_order(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on minCount ≤ desiredCount ≤ maxCount, and on no minCount without maxCount."""
    for key, service in sections(config, ServiceConfig):
        if service.bounds is None:
            if service.min_count is not None:
                yield Mistake(f"{key}.maxCount", None, "is missing: autoscaling needs both bounds")
            continue
        (low, high), wanted = service.bounds, service.desired_count
        if service.min_count is not None and low > high:
            yield Mistake(f"{key}.minCount", low, f"must not exceed maxCount, which is {high}")
        elif not low <= wanted <= high:
            yield Mistake(f"{key}.desiredCount", wanted, f"must be from {low} to {high}")


def health_check_times(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on probes that end before the next begins."""
    for key, service in sections(config, ServiceConfig):
        check = service.health_check
        if check.timeout >= check.interval:
            yield Mistake(
                f"{key}.healthCheck.timeout",
                check.timeout,
                f"must be less than interval, which is {check.interval}",
            )


def variables_hold_no_secrets(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist that secrets are not written into stack files, and platform variables not replaced."""
    for key, service in sections(config, ServiceConfig):
        for name in service.environment:
            where = f"{key}.environment.{name}"
            if any(word in name.upper() for word in _SECRET_WORDS):
                yield Mistake(where, None, "looks like a secret, and stack files are not secret")
            if name in _OWNED_VARIABLES:
                yield Mistake(where, None, "is set by the platform")
