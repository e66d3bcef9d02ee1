"""What a product is to the program that composes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.stacks.products.context import Context


@dataclass(frozen=True)
class Product:
    """How a product is made, and what it tells the world about itself.

    Attributes:
        make: Makes its parts.
        outputs: Stack outputs: name without the product's own → the value, from the parts.
    """

    make: Callable[[Context[Any]], Any]
    outputs: Mapping[str, Callable[[Any], Any]]
