"""What a product is to the program that composes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from platformctl.stacks.products.context import Context


@dataclass(frozen=True)
class Product:
    """How a product is made, and what it tells the world about itself.

    Attributes:
        make: Makes its parts.
        outputs: Stack outputs: name without the product's own → the value, from the parts.
        recover: Makes what stands ready in the recovery region, from the parts here; None where
            nothing does.
        recovery_outputs: Likewise of what stands ready; `recovery_` comes before the name.
    """

    make: Callable[[Context[Any]], Any]
    outputs: Mapping[str, Callable[[Any], Any]]
    recover: Callable[[Context[Any], Any], Any] | None = None
    recovery_outputs: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
