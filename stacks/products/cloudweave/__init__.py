"""CloudWeave: a console and an API that manage cloud environments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.config.cloudweave import CloudweaveConfig
from platformctl.stacks.products.context import Context
from platformctl.stacks.products.product import Product


@dataclass(frozen=True)
class Cloudweave:
    """The parts of the product.

    Attributes:
        context: What it was made from.
    """

    context: Context[CloudweaveConfig]


def cloudweave(context: Context[CloudweaveConfig]) -> Cloudweave:
    """Make the product."""
    return Cloudweave(context)


OUTPUTS: Mapping[str, Callable[[Cloudweave], Any]] = {}

PRODUCT = Product(make=cloudweave, outputs=OUTPUTS)
