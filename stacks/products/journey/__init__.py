"""User journey analytics: events through Kinesis into DynamoDB."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.config.journey import JourneyConfig
from platformctl.stacks.products.context import Context
from platformctl.stacks.products.product import Product


@dataclass(frozen=True)
class Journey:
    """The parts of the product.

    Attributes:
        context: What it was made from.
    """

    context: Context[JourneyConfig]


def journey(context: Context[JourneyConfig]) -> Journey:
    """Make the product."""
    return Journey(context)


OUTPUTS: Mapping[str, Callable[[Journey], Any]] = {}

PRODUCT = Product(make=journey, outputs=OUTPUTS)
