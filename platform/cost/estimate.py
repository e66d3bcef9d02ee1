"""An estimate: lines by product and service, with what was assumed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field

from platformctl.cost.book import PriceBook
from platformctl.cost.meters import METERS, Use
from platformctl.cost.resources import Plan
from platformctl.errors import InvocationError

HOURS = 730
SERVICES = {
    "alb": "Load balancers",
    "backup": "Backup storage",
    "cloudfront": "CloudFront",
    "docdb": "DocumentDB",
    "dynamodb": "DynamoDB",
    "grafana": "Managed Grafana",
    "kinesis": "Kinesis",
    "lambda": "Lambda",
    "logs": "CloudWatch Logs",
    "msk": "MSK",
    "nat": "NAT gateways",
    "prometheus": "Managed Prometheus",
    "s3": "S3",
    "sqs": "SQS",
    "transfer": "Data transfer",
    "waf": "WAF",
    "xray": "X-Ray",
}
"""First word of a meter of traffic → the service as AWS's bill names it."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of an estimate.

    Attributes:
        product: Whose it is; `platform` for what products share.
        service: The AWS service.
        name: The resource, or "" for traffic.
        meter: What is metered.
        quantity: How much of it.
        unit: Unit of the price.
        monthly: Dollars a month.
        assumed: Whether the quantity is an assumption.
        saving: What made it cheaper, if anything did.
    """

    product: str
    service: str
    name: str
    meter: str
    quantity: float
    unit: str
    monthly: float
    assumed: bool = False
    saving: str = ""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What an environment costs.

    Attributes:
        lines: Every line, by product, service and name.
        unpriced: Meters and regions that the price book does not have, with how often they occur.
    """

    lines: tuple[Line, ...]
    unpriced: Mapping[str, int]

    @property
    def monthly(self) -> float:
        """Dollars a month in all."""
        return sum(line.monthly for line in self.lines)

    def only(self, product: str | None) -> "Estimate":
        """Return the lines of one product; all of them for None.

        Raises:
            InvocationError: Nothing in the plan belongs to that product.
        """
        if product is None:
            return self
        lines = tuple(line for line in self.lines if line.product == product)
        if not lines:
            raise InvocationError(
                f"there is no product {product!r} in the estimate",
                why=f"there are {', '.join(sorted(self.by_product()))}",
            )
        return Estimate(lines=lines, unpriced=self.unpriced)

    def by_service(self) -> dict[tuple[str, str], float]:
        """Return dollars a month by product and service, in the order of the lines."""
        sums: dict[tuple[str, str], float] = {}
        for line in self.lines:
            key = (line.product, line.service)
            sums[key] = sums.get(key, 0.0) + line.monthly
        return sums

    def by_product(self) -> dict[str, float]:
        """Return dollars a month by product."""
        sums: dict[str, float] = {}
        for line in self.lines:
            sums[line.product] = sums.get(line.product, 0.0) + line.monthly
        return sums


class Traffic(BaseModel):
    """An assumption about one meter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quantity: float = Field(ge=0, description="How much a month in production.")
    type: str = Field(alias="with", description="Type that must be there for it to count.")


class Assumptions(BaseModel):
    """Traffic that no plan can know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: Mapping[str, float] = Field(description="Environment → share of production's traffic.")
    products: Mapping[str, Mapping[str, Traffic]] = Field(description="Product → meter → traffic.")


@cache
def assumptions() -> Assumptions:
    """Read the assumptions that come with the library."""
    text = files("platformctl.cost").joinpath("assumptions.yaml").read_text()
    return Assumptions.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))


def estimate(plan: Plan, book: PriceBook, environment: str, *, optimised: bool = False) -> Estimate:
    """Estimate what the resources of a plan cost a month.

    Args:
        plan: The resources.
        book: The prices.
        environment: Kind of environment, for the share of traffic (`share` in assumptions.yaml).
        optimised: Whether to count with the book's ways to pay less.
    """
    found: list[Line] = []
    unpriced: dict[str, int] = {}
    for product, service, name, use, assumed in (
        *_resources(plan, book, unpriced),
        *_traffic(plan, environment),
    ):
        meter, quantity = _priced(use, book)
        price = book.prices.get(meter)
        if price is None and quantity:
            unpriced[meter] = unpriced.get(meter, 0) + 1
        if price is None or not quantity * price.price:
            continue
        hours = HOURS if price.unit.endswith("-hour") else 1
        measures = [each for each in book.measures if optimised and each.covers(meter, name)]
        found.append(
            Line(
                product=product,
                service=service,
                name=name,
                meter=meter,
                quantity=quantity,
                unit=price.unit,
                monthly=quantity
                * hours
                * price.each
                * (1 - (measures[0].saving if measures else 0.0)),
                assumed=assumed,
                saving=measures[0].name if measures else "",
            )
        )
    lines = sorted(found, key=lambda line: (line.product, line.service, line.name, line.meter))
    return Estimate(lines=tuple(lines), unpriced=unpriced)


Found = tuple[str, str, str, Use, bool]


def _resources(plan: Plan, book: PriceBook, unpriced: dict[str, int]) -> Iterator[Found]:
    for resource in plan.resources:
        if resource.type not in METERS:
            continue
        region = plan.region(resource)
        if region and region not in book.regions:
            unpriced[region] = unpriced.get(region, 0) + 1
            continue
        service, meter = METERS[resource.type]
        for use in meter(resource, plan):
            yield plan.product(resource), service, resource.name, use, False


def _traffic(plan: Plan, environment: str) -> Iterator[Found]:
    assumed = assumptions()
    share = assumed.share.get(environment, 1.0)
    present = {(plan.product(resource), resource.type) for resource in plan.resources}
    for product, meters in assumed.products.items():
        for meter, traffic in meters.items():
            if (product, traffic.type) in present:
                service = SERVICES[meter.partition(".")[0]]
                yield product, service, "", Use(meter, traffic.quantity * share), True


def _priced(use: Use, book: PriceBook) -> tuple[str, float]:
    """Choose the meter that the book has: of the whole, or of the part."""
    if use.whole in book.prices:
        return use.whole, use.whole_quantity
    return use.meter, use.quantity
