"""The tags every resource carries: who owns it, what it belongs to, how delicate its data is."""

from collections.abc import Mapping
from typing import Literal

DataClass = Literal["public", "internal", "confidential"]

REQUIRED = ("Environment", "Product", "ManagedBy", "CostCenter")


def resource_tags(
    *, environment: str, product: str, cost_center: str, owner: str
) -> dict[str, str]:
    """Return the tags of everything in one product of one environment."""
    return {
        "Environment": environment,
        "Product": product,
        "ManagedBy": "platformctl",
        "CostCenter": cost_center,
        "Owner": owner,
    }


def component_tags(
    tags: Mapping[str, str], component: str, data_class: DataClass = "internal"
) -> dict[str, str]:
    """Return tags extended by the part of the product and the class of data it holds."""
    return {**tags, "Component": component, "DataClass": data_class}
