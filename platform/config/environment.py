"""A whole stack file: one environment of the platform.

Each field is one key `platform:<field>` of `Pulumi.<stack>.yaml`. A further product is one further
optional section here and one name in `Product`.
"""

from typing import Annotated, Literal, get_args

from pydantic import Field

from platformctl.config.analytics import AnalyticsConfig
from platformctl.config.aura import AuraConfig
from platformctl.config.base import Section
from platformctl.config.cloudweave import CloudweaveConfig
from platformctl.config.cutover import CutoverConfig
from platformctl.config.journey import JourneyConfig
from platformctl.config.network import EdgeConfig, VpcConfig
from platformctl.config.recovery import BackupConfig

Product = Literal["analytics", "cloudweave", "journey", "aura"]
PRODUCTS: tuple[Product, ...] = get_args(Product)


class LogsConfig(Section):
    """Logs of everything in the environment."""

    retention_days: int = Field(
        default=365, description="Days to keep them; one of the periods CloudWatch Logs offers."
    )


class AlertsConfig(Section):
    """Where alarms go besides the queue that platformctl reads."""

    emails: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Addresses that get every alarm; each must confirm once.",
    )
    queue_retention: int = Field(
        default=1_209_600,
        ge=60,
        le=1_209_600,
        description="Seconds that the queue keeps an alarm nobody has read.",
    )


class RotationConfig(Section):
    """Secrets that change by themselves."""

    signing_key_days: int | None = Field(
        default=None,
        ge=1,
        le=90,
        description="Days between two keys that a product signs tokens with; the one before stays "
        "in the secret, to verify with. Not at all without it.",
    )


class GrafanaConfig(Section):
    """Who looks at metrics, logs and traces in managed Grafana."""

    members: dict[Literal["ADMIN", "EDITOR", "VIEWER"], tuple[str, ...]] = Field(
        default_factory=dict,
        strict=False,
        description="Role → ids of groups of IAM Identity Center. Nobody without any.",
        examples=[{"ADMIN": ["a4c8b4f8-1111-4c4a-9d6e-000000000000"]}],
    )


Dollars = Annotated[float, Field(gt=0, strict=False)]


class BudgetsConfig(Section):
    """US dollars a month; people are told when that much is forecast."""

    total: Dollars | None = Field(default=None, description="For the whole environment.")
    analytics: Dollars | None = Field(default=None, description="For the analytics product.")
    cloudweave: Dollars | None = Field(default=None, description="For CloudWeave.")
    journey: Dollars | None = Field(default=None, description="For user journey analytics.")
    aura: Dollars | None = Field(default=None, description="For AURA Journal.")


class EnvironmentConfig(Section):
    """One environment of the platform."""

    environment: Literal["local", "staging", "production"] = Field(
        description="What it is for. `local` lives in the local region, never in an AWS account."
    )
    region: str = Field(
        description="AWS region; the same as `aws:region`.",
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$",
        examples=["us-east-1"],
    )
    recovery_region: str | None = Field(
        default=None,
        description="AWS region that takes over when `region` is lost.",
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$",
        examples=["us-west-2"],
    )
    products: tuple[Product, ...] = Field(
        default=PRODUCTS,
        min_length=1,
        strict=False,
        description="Products to run; each has a section of its own name.",
    )
    cost_center: str = Field(
        default="platform",
        description="Whom the resources are charged to (tag `CostCenter`).",
        max_length=256,
        pattern=r"^[A-Za-z0-9 .:/=+@_-]+$",
    )
    owner: str = Field(
        default="platform-team",
        description="Whom to ask about the resources (tag `Owner`).",
        max_length=256,
        pattern=r"^[A-Za-z0-9 .:/=+@_-]+$",
    )
    rehearsal: bool = Field(
        default=False,
        description="Whether it runs in a local region although it is not local. Set by "
        "`platformctl up ENV --target local`, never in a file.",
    )
    deletion_protection: bool = Field(
        default=True,
        description="Refuse to delete stores and load balancers, and take a final snapshot of what "
        "is deleted after all. Turn it off only where data may be lost.",
    )
    deployment: Literal["rolling", "blueGreen"] = Field(
        default="rolling",
        description="How services get a new version: `rolling` replaces their tasks one by one at "
        "`up`; `blueGreen` gives each one two sides, between which a cutover moves the traffic.",
    )
    cutover: CutoverConfig = Field(
        default_factory=CutoverConfig,
        description="How a new version takes over where there are two sides.",
    )
    vpc: VpcConfig = Field(description="The network.")
    edge: EdgeConfig = Field(default_factory=EdgeConfig, description="What the internet sees.")
    logs: LogsConfig = Field(default_factory=LogsConfig, description="Logs.")
    alerts: AlertsConfig = Field(default_factory=AlertsConfig, description="Alarms.")
    rotation: RotationConfig = Field(
        default_factory=RotationConfig, description="How often secrets change by themselves."
    )
    grafana: GrafanaConfig = Field(
        default_factory=GrafanaConfig, description="Who may use managed Grafana."
    )
    backup: BackupConfig | None = Field(
        default=None, description="Backups of all stores, if wanted."
    )
    budgets: BudgetsConfig = Field(
        default_factory=BudgetsConfig, description="What it may cost, before people are told."
    )
    analytics: AnalyticsConfig | None = Field(
        default=None, description="The analytics product, if it is one of `products`."
    )
    cloudweave: CloudweaveConfig | None = Field(
        default=None, description="CloudWeave, if it is one of `products`."
    )
    journey: JourneyConfig | None = Field(
        default=None, description="User journey analytics, if it is one of `products`."
    )
    aura: AuraConfig | None = Field(
        default=None, description="AURA Journal, if it is one of `products`."
    )
