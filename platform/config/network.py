"""`platform:vpc` and `platform:edge`: the network and what of it the internet sees."""

from typing import Literal

from pydantic import Field

from platformctl.config.base import Port, Section


class VpcConfig(Section):
    """The private network of the environment."""

    cidr: str = Field(
        default="10.0.0.0/16",
        description="Address block of the VPC, /16 to /20. Subnets get fixed slots in it.",
        examples=["10.0.0.0/16"],
    )
    recovery_cidr: str = Field(
        default="10.1.0.0/16",
        description="Address block of the VPC in the recovery region; its zones have the same "
        "letters.",
        examples=["10.1.0.0/16"],
    )
    availability_zones: tuple[str, ...] = Field(
        description="Zones to spread over; adding one moves nothing that exists.",
        min_length=2,
        max_length=9,
        strict=False,
        examples=[["us-east-1a", "us-east-1b", "us-east-1c"]],
    )
    nat_gateways: Literal["none", "single", "perZone"] = Field(
        default="perZone",
        description="NAT gateways: `perZone` survives the loss of a zone, `single` costs a third, "
        "`none` leaves tasks without a way out (use interface endpoints).",
    )
    interface_endpoints: tuple[str, ...] = Field(
        default=(),
        description="AWS services reached inside the VPC, such as `ecr.api` or `secretsmanager`.",
        strict=False,
    )
    flow_logs: bool = Field(default=True, description="Record accepted and rejected traffic.")


class EdgeConfig(Section):
    """Where the internet comes in."""

    domain: str | None = Field(
        default=None,
        description="Public domain of the environment. A product is at its own name below it, such "
        "as `analytics.example.com`; certificates and DNS records are made for it.",
        pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$",
        examples=["example.com"],
    )
    hosted_zone_id: str | None = Field(
        default=None,
        description="Route 53 hosted zone that the domain is in; without it, one is made for the "
        "domain, whose name servers your registrar must be told of.",
        pattern=r"^Z[A-Z0-9]+$",
        examples=["Z0123456789ABCDEFGHIJ"],
    )
    http_port: Port | None = Field(
        default=None,
        description="Serve plain HTTP on this port instead of HTTPS; only in a local environment.",
        examples=[8080],
    )
    test_cidrs: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Networks of your operators and runners, from which a new version is tried at "
        "the test listener before anybody else gets it. Nobody else reaches that listener.",
        examples=[["203.0.113.0/24"]],
    )
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = Field(
        default="PriceClass_100", description="How many of CloudFront's edge locations to use."
    )
    rate_limit: int = Field(
        default=2000,
        ge=10,
        le=2_000_000_000,
        description="Requests that one address may make at CloudFront in five minutes.",
    )
    origin_rate_limit: int = Field(
        default=200_000,
        ge=10,
        le=2_000_000_000,
        description="Likewise at a load balancer, where addresses are CloudFront's and those of "
        "programs that send many requests.",
    )
