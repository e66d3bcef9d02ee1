"""What a change does to the bill."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.cost.book import PriceBook
from platformctl.cost.estimate import estimate
from platformctl.cost.resources import planned, present

CENT = 0.005


@dataclass(frozen=True, kw_only=True)
class Change:
    """One service of one product whose cost changes.

    Attributes:
        product: The product.
        service: The AWS service.
        before: Dollars a month before.
        after: Dollars a month afterwards.
    """

    product: str
    service: str
    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a change does to the bill.

    Attributes:
        before: Dollars a month before, in all.
        after: Dollars a month afterwards, in all.
        changes: What changes, the largest change first.
    """

    before: float
    after: float
    changes: tuple[Change, ...]

    @property
    def delta(self) -> float:
        """Dollars a month more, or less."""
        return self.after - self.before


def difference(steps: Iterable[Mapping[str, Any]], book: PriceBook, environment: str) -> Difference:
    """Compare the cost before and after the steps of a preview.

    Args:
        steps: Steps as `pulumi preview --json` prints them, unchanged resources included.
        book: The prices.
        environment: Kind of environment; see `estimate`.
    """
    steps = list(steps)
    before = estimate(present(steps), book, environment).by_service()
    after = estimate(planned(steps), book, environment).by_service()
    changes = [
        Change(
            product=product,
            service=service,
            before=before.get((product, service), 0.0),
            after=after.get((product, service), 0.0),
        )
        for product, service in {**before, **after}
    ]
    changed = [each for each in changes if abs(each.after - each.before) >= CENT]
    return Difference(
        before=sum(before.values()),
        after=sum(after.values()),
        changes=tuple(sorted(changed, key=lambda each: -abs(each.after - each.before))),
    )
