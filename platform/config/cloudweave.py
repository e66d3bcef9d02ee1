"""`platform:cloudweave`: the console and API that manage cloud environments."""

from typing import Literal

from pydantic import Field

from platformctl.config.base import Section
from platformctl.config.compute import CpuScaledServiceConfig
from platformctl.config.data import CacheConfig, DatabaseConfig
from platformctl.config.recovery import RecoveryConfig


class CloudweaveComputeConfig(Section):
    """The services of the product."""

    frontend: CpuScaledServiceConfig = Field(description="Nginx with the console.")
    backend: CpuScaledServiceConfig = Field(description="The API that the console asks.")


class CloudweaveAlarmsConfig(Section):
    """When people are told."""

    target_errors: int = Field(
        default=10, ge=1, description="Server errors in a period, above it twice in a row."
    )
    latency_seconds: float = Field(
        default=1.0, gt=0, strict=False, description="95th percentile of the answers, above it."
    )
    database_cpu: int = Field(
        default=80, ge=1, le=100, description="CPU of the database in percent, above it."
    )
    cache_memory: int = Field(
        default=80, ge=1, le=100, description="Memory of the cache in percent, above it."
    )


class CloudweaveConfig(Section):
    """A console behind Nginx, an API behind it, PostgreSQL and Redis behind that."""

    compute: CloudweaveComputeConfig = Field(description="The services.")
    database: DatabaseConfig = Field(description="PostgreSQL with everything the API knows.")
    cache: CacheConfig = Field(description="Redis with sessions and the API's answers.")
    api_behind: Literal["frontend", "balancer"] = Field(
        default="frontend",
        description="Who sends requests to the API: the frontend's Nginx, so that nothing else "
        "reaches it, or the public load balancer by the path `/api/*`.",
    )
    alarms: CloudweaveAlarmsConfig = Field(
        default_factory=CloudweaveAlarmsConfig, description="Thresholds of the alarms."
    )
    recovery: RecoveryConfig | None = Field(
        default=None, description="What a lost region may cost, if there is a recovery region."
    )
