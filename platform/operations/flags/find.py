"""Which products of an environment have flags, by what was deployed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from platformctl.errors import InvocationError
from platformctl.operations.services.checkpoint import Checkpoint, outputs, region_of

COMPONENT = "platformctl:compute:FeatureFlags"
PARAMETER = "aws:ssm/parameter:Parameter"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where services of a product read its flags.

    Attributes:
        region: AWS region.
        parameter: Name of the parameter.
    """

    region: str
    parameter: str


@dataclass(frozen=True, kw_only=True)
class FlagSet:
    """The flags of a product.

    Attributes:
        product: The product.
        places: Where they are read, the primary region's first.
    """

    product: str
    places: Sequence[Place]


def flag_sets(checkpoint: Mapping[str, Any], primary: str) -> list[FlagSet]:
    """Return the flags of every product that has some, by product.

    Args:
        checkpoint: The checkpoint as `pulumi stack export` prints it.
        primary: The environment's primary region.
    """
    deployed = Checkpoint(checkpoint)
    places: dict[str, list[Place]] = {}
    for component in deployed.of_type(COMPONENT):
        parameter = deployed.child(component, PARAMETER)
        made = outputs(parameter) if parameter else {}
        # One whose making failed half-way is not there yet.
        if "arn" in made:
            product = (made.get("tags") or {}).get("Product", "")
            place = Place(region=region_of(made["arn"]), parameter=made["name"])
            places.setdefault(product, []).append(place)
    return [
        FlagSet(
            product=product,
            places=sorted(found, key=lambda place: (place.region != primary, place.region)),
        )
        for product, found in sorted(places.items())
    ]


def choose(sets: Sequence[FlagSet], product: str) -> FlagSet:
    """Return the flags of a product.

    Raises:
        InvocationError: It has none.
    """
    known = {each.product: each for each in sets}
    if product in known:
        return known[product]
    near = get_close_matches(product, known, n=1)
    there = f"products with flags: {', '.join(known) or 'none'}"
    raise InvocationError(
        f"{product!r} has no flags", why=f"did you mean {near[0]!r}?" if near else there
    )
