"""botocore's service models as the endpoint needs them: loaded when first used, then kept."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader
from moto.core import model as moto_model

# botocore's cached properties are opaque to type checkers, so what has them is not checked.
ServiceModel = Any
OperationModel = Any


@dataclass(frozen=True)
class Route:
    """One REST operation: what its requests look like."""

    operation: str
    method: str
    path: re.Pattern[str]
    query: tuple[tuple[str, str], ...]
    literals: int
    """Characters of the path outside placeholders: more of them is the better match."""


@cache
def loader() -> Loader:
    """Return the one loader of model files; it keeps what it has read."""
    return botocore.session.get_session().get_component("data_loader")


@cache
def service_model(service: str) -> ServiceModel:
    """Return a service's model."""
    return moto_model.ServiceModel(loader().load_service_model(service, "service-2"), service)


@cache
def paginators(service: str) -> dict[str, Any]:
    """Return how a service's operations are cut into pages, by operation name."""
    try:
        return loader().load_service_model(service, "paginators-1")["pagination"]
    except (DataNotFoundError, UnknownServiceError):
        return {}


@cache
def routes(service: str) -> list[Route]:
    """Return the routes of a REST service, best match first."""
    model = service_model(service)
    found = [_route(model.operation_model(name)) for name in model.operation_names]
    return sorted(found, key=lambda route: (len(route.query), route.literals), reverse=True)


def _route(operation: OperationModel) -> Route:
    trait = operation.http_trait
    pattern, literals = "", 0
    for part in re.split(r"(\{[^}]+\})", trait.path.rstrip("/")):
        if part.startswith("{"):
            name = part[1:-1]
            pattern += f"(?P<{_group(name)}>{'.+' if name.endswith('+') else '[^/]+'})"
        else:
            pattern += re.escape(part)
            literals += len(part)
    return Route(
        operation.name,
        trait.method,
        re.compile(pattern + "/?$"),
        tuple(trait.query_args.items()),
        literals,
    )


def _group(name: str) -> str:
    """Name a placeholder as a regular expression may."""
    return name.removesuffix("+").replace("-", "_HYPHEN_")


def placeholder(group: str) -> str:
    """Return the placeholder's name again."""
    return group.replace("_HYPHEN_", "-")
