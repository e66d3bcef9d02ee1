"""What is mended rather than reported: pure defaults, outside of production.

Never encryption, networks or names: changing those replaces the resource.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from platformctl.policies.settings import Settings
from platformctl.policies.tokens import BALANCER, is_taggable
from platformctl.policies.values import MISSING, UNKNOWN
from platformctl.policies.view import ResourceView

_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


@dataclass(frozen=True, kw_only=True)
class Mended:
    """A property that was filled in.

    Attributes:
        rule: The rule that it would have broken.
        path: The property.
        value: What it was set to.
    """

    urn: str
    rule: str
    path: str
    value: Any


def mend(resource: ResourceView, settings: Settings) -> Iterator[Mended]:
    """Yield the defaults that a resource lacks; none in production."""
    if settings.environment not in ("local", "staging"):
        return
    # 0 is what providers fill in where nothing is said: for ever.
    if resource.type == _LOG_GROUP and resource.get("retentionInDays") in (MISSING, 0):
        yield _set(resource, "log-group-retention", "retentionInDays", settings.log_retention_days)
    if _is_application_balancer(resource) and resource.get("dropInvalidHeaderFields") is MISSING:
        yield _set(resource, "alb-drops-invalid-headers", "dropInvalidHeaderFields", value=True)
    tags = resource.get("tags")
    if is_taggable(resource.type) and tags is not UNKNOWN:
        own = {} if tags is MISSING else dict(tags)
        defaults = {"Environment": settings.environment, "ManagedBy": "pulumi"}
        carried = own.keys() | resource.default_tags.keys()
        absent = {key: value for key, value in defaults.items() if key not in carried}
        if absent:
            yield _set(resource, "required-tags", "tags", {**own, **absent})


def _is_application_balancer(resource: ResourceView) -> bool:
    return resource.type == BALANCER and (
        resource.get("loadBalancerType") in (MISSING, "application")
    )


def _set(resource: ResourceView, rule: str, path: str, value: Any) -> Mended:
    return Mended(urn=resource.urn, rule=rule, path=path, value=value)
