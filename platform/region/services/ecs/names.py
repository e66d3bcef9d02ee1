"""ECS names and ARNs: an operation may be given either."""

import secrets
from typing import Any

from platformctl.region.services.base import ServiceError


def invalid(message: str) -> ServiceError:
    """Return ECS's error for a parameter that cannot be."""
    return ServiceError("InvalidParameterException", message)


def last(reference: str) -> str:
    """Return what stands after the last slash of an ARN, or the name itself."""
    return reference.rsplit("/", 1)[-1]


def cluster_of(parameters: Any) -> str:
    """Return the name of the cluster a request is about (`default` if it names none)."""
    return last(parameters.get("cluster") or "default")


def arn(region: str, account: str, resource: str) -> str:
    """Return the ARN of an ECS resource such as `service/main/web`."""
    return f"arn:aws:ecs:{region}:{account}:{resource}"


def new_task_id() -> str:
    """Return 32 hexadecimal digits."""
    return secrets.token_hex(16)


def new_deployment_id() -> str:
    """Return an id such as `ecs-svc/1234567890123456789`."""
    return f"ecs-svc/{10**18 + secrets.randbelow(9 * 10**18)}"


def tags_from(parameters: Any) -> list[dict[str, str]]:
    """Return the tags of a request in ECS's form."""
    return [
        {"key": tag["key"], "value": tag.get("value", "")} for tag in parameters.get("tags") or ()
    ]
