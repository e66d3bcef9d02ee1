"""A domain that points at something of AWS's."""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

# The hosted zone of every distribution (Route 53 API Reference, AliasTarget).
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


@dataclass(frozen=True, kw_only=True)
class DomainAliasArgs(Args):
    """What points where.

    Attributes:
        domain: The domain.
        hosted_zone_id: Route 53 zone that it is in.
        target_name: Host name of the load balancer or distribution.
        target_zone_id: Hosted zone of that host name.
        evaluate_target_health: Whether the domain counts as ill while the target is. A
            distribution is never ill to Route 53: it must be off there.
    """

    domain: str
    hosted_zone_id: pulumi.Input[str]
    target_name: pulumi.Input[str]
    target_zone_id: pulumi.Input[str]
    evaluate_target_health: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if self.target_zone_id == CLOUDFRONT_ZONE and self.evaluate_target_health:
            yield "evaluate_target_health is True: must be False for a distribution of CloudFront"


class DomainAlias(Component):
    """A Route 53 alias record: follows the target's addresses, costs nothing to ask.

    Example::

        DomainAlias("shop", DomainAliasArgs(domain="shop.example.com", hosted_zone_id="Z0123",
            target_name=balancer.dns_name, target_zone_id=balancer.zone_id))

    Costs nothing; the hosted zone is $0.50 a month.

    Attributes:
        domain: The domain, known once the record exists.
    """

    domain: pulumi.Output[str]

    def __init__(
        self, name: str, args: DomainAliasArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("edge:DomainAlias", name, args, opts)
        self.record = self.child(
            "",
            aws.route53.Record,
            zone_id=args.hosted_zone_id,
            name=args.domain,
            type="A",
            aliases=[
                {
                    "name": args.target_name,
                    "zone_id": args.target_zone_id,
                    "evaluate_target_health": args.evaluate_target_health,
                }
            ],
        )
        self.domain = self.record.name
        self.finish("domain")
