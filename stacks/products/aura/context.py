"""What every part of the product is given, and the names that all of them use."""

from dataclasses import dataclass
from typing import Literal

from platformctl.config.aura import AuraConfig, WorkloadConfig
from platformctl.stacks.products.context import Context

AuraContext = Context[AuraConfig]
Service = Literal["gateway", "auth", "entry-ingestor", "nlp-agent", "user", "notification", "web"]
Store = Literal["database", "documents", "cache"]

PORT = 8000
DATABASE, USERNAME = "aura_journal", "aura"
GATEWAY: Service = "gateway"


@dataclass(frozen=True)
class Purpose:
    """What distinguishes one service from the others.

    Attributes:
        calls: Services that it calls.
        stores: Stores that it uses.
        keys: Secrets that it uses: of tokens, of entries.
        internet: Whether it calls services outside, such as a language service or mail.
        exports: Whether it writes users' exports.
    """

    calls: tuple[Service, ...] = ()
    stores: tuple[Store, ...] = ()
    keys: tuple[Literal["tokens", "entries"], ...] = ()
    internet: bool = False
    exports: bool = False


SERVICES: dict[Service, Purpose] = {
    "auth": Purpose(stores=("database", "cache"), keys=("tokens",)),
    "nlp-agent": Purpose(stores=("database", "documents"), internet=True),
    "entry-ingestor": Purpose(
        calls=("nlp-agent",),
        stores=("database", "documents", "cache"),
        keys=("entries", "tokens"),
    ),
    "user": Purpose(stores=("database", "cache"), keys=("tokens",), exports=True),
    "notification": Purpose(stores=("database", "cache"), internet=True),
    "web": Purpose(),
    GATEWAY: Purpose(
        calls=("auth", "entry-ingestor", "nlp-agent", "user", "notification", "web"),
        stores=("cache",),
        keys=("tokens",),
    ),
}
"""Every service, those that are called before those that call them."""


def namespace(context: AuraContext) -> str:
    """Return the namespace of the services, which is also the cluster's name."""
    environment = context.shared.config.environment
    return f"aura-journal-{'prod' if environment == 'production' else environment}"


def workload(context: AuraContext, service: Service) -> WorkloadConfig:
    """Return the section of a service."""
    return getattr(context.config.services, service.replace("-", "_"))


def callers(service: Service) -> list[Service]:
    """Return the services that call a service."""
    return [other for other, purpose in SERVICES.items() if service in purpose.calls]
