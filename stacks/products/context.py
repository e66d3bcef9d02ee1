"""What every part of a product is given."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import pulumi

from platformctl.config.app import App
from platformctl.config.environment import Product
from platformctl.config.recovery import RecoveryConfig
from platformctl.naming.tags import DataClass, component_tags
from platformctl.stacks.layers.security import SECRETS
from platformctl.stacks.layers.shared import Shared, tags

Config = TypeVar("Config")
RECOVERY_TIER = "RecoveryTier"
"""Tag that says how data comes back on the other side, where it does not follow all the time."""


@dataclass(frozen=True)
class Context(Generic[Config]):
    """A product's name and configuration, and what it stands on.

    Attributes:
        product: Its name.
        shared: The shared layers.
        config: Its section of the stack file.
        project: Root of the project, for files that are uploaded.
    """

    product: Product
    shared: Shared
    config: Config
    project: Path

    def name(self, part: str) -> str:
        """Return the logical name of a part, different on either side of the environment."""
        return f"{self.product}-{self.shared.prefix}{part}"

    @property
    def options(self) -> pulumi.ResourceOptions | None:
        """Options of every part: the provider of the side that it is on."""
        return self.shared.options

    @property
    def recovery(self) -> "Context[Config] | None":
        """The product on the side that takes over; None where nothing of it stands ready."""
        objectives: RecoveryConfig | None = getattr(self.config, "recovery", None)
        if self.shared.recovery is None or objectives is None or not objectives.stands_ready:
            return None
        return replace(self, shared=self.shared.recovery)

    @property
    def replica_keys(self) -> dict[str, pulumi.Input[str] | None]:
        """Region → KMS key of copies of the product's secrets, for a side that takes over.

        Also where nothing of the product stands ready: no backup brings a secret back.
        """
        elsewhere = self.shared.recovery
        if elsewhere is None:
            return {}
        return {elsewhere.region: elsewhere.keys.arns[SECRETS]}

    def tags(self, component: str, data_class: DataClass = "internal") -> dict[str, str]:
        """Return the tags of one part of the product.

        Data of a product of which nothing stands ready is `restored`.
        """
        found = component_tags(tags(self.shared.config, self.product), component, data_class)
        if data_class == "confidential" and self.recovery is None:
            found |= self.restored
        return found

    @property
    def restored(self) -> dict[str, str]:
        """Tags of data that comes back from backups, which are copied to the recovery region."""
        return {RECOVERY_TIER: "backup"} if self.shared.recovery is not None else {}

    def app(self, name: str) -> App | None:
        """Return the application of a service; None while nobody has written it."""
        return self.shared.apps.get(f"{self.product}-{name}")

    def port(self, name: str, planned: int) -> int:
        """Return the port of a service.

        Args:
            name: The service.
            planned: Its port while there is no application that says one.
        """
        app = self.app(name)
        return app.port if app is not None and app.port is not None else planned
