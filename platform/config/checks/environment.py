"""The environment as a whole: products, protection, logs, names."""

from collections.abc import Iterator

from platformctl.config import tables
from platformctl.config.checks.mistake import Mistake
from platformctl.config.environment import EnvironmentConfig

# ACM puts the first domain of a certificate into its common name, which X.509 limits.
LONGEST_COMMON_NAME = 64


def recovery_region_differs(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a recovery region that does not fail with the first."""
    if config.recovery_region == config.region:
        yield Mistake(
            "platform:recoveryRegion", config.recovery_region, "must differ from platform:region"
        )


def products_configured(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a section for each product, and on no section without its product."""
    for product in dict.fromkeys(config.products):
        if config.products.count(product) > 1:
            yield Mistake("platform:products", product, "is listed more than once")
        if getattr(config, product) is None:
            yield Mistake("platform:products", product, f"needs a section platform:{product}")


def log_retention(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a period that CloudWatch Logs offers."""
    value = config.logs.retention_days
    if value not in tables.LOG_RETENTION_DAYS:
        allowed = ", ".join(map(str, tables.LOG_RETENTION_DAYS))
        yield Mistake("platform:logs.retentionDays", value, f"must be one of {allowed}")


def protected_in_production(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist in production on deletion protection; a rehearsal is thrown away."""
    kept = config.environment == "production" and not config.rehearsal
    if kept and not config.deletion_protection:
        yield Mistake("platform:deletionProtection", False, "must be true in production")


def names_fit(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a domain whose longest product name still fits into a certificate."""
    domain = config.edge.domain
    if domain is None:
        return
    longest = max(config.products, key=len)
    name = f"origin.{longest}.{domain}"
    if len(name) > LONGEST_COMMON_NAME:
        yield Mistake(
            "platform:edge.domain",
            domain,
            f"must be {len(name) - LONGEST_COMMON_NAME} characters shorter: certificates are made "
            f"for {name}, and ACM takes at most {LONGEST_COMMON_NAME}",
        )
