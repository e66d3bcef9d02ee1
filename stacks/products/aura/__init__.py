"""AURA Journal: an encrypted journal on Kubernetes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.config.aura import AuraConfig
from platformctl.stacks.products.context import Context
from platformctl.stacks.products.product import Product


@dataclass(frozen=True)
class Aura:
    """The parts of the product.

    Attributes:
        context: What it was made from.
    """

    context: Context[AuraConfig]


def aura(context: Context[AuraConfig]) -> Aura:
    """Make the product."""
    return Aura(context)


OUTPUTS: Mapping[str, Callable[[Aura], Any]] = {}

PRODUCT = Product(make=aura, outputs=OUTPUTS)
